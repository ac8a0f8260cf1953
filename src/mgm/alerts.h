// Join and prune alerts: who must hear that somebody else wants a group, or no longer does.
//
// For each component and key there is one question: does anybody else want it? A component is told
// exactly when that answer changes. With one component it changes for all others, with two for the
// first alone, after that for nobody: the counting rules of RFC 2715 section 3.1.1. It also gives
// the net difference when a membership moves from one account to another. Control thread.
#pragma once

#include "clients.h"
#include "membership.h"
#include "news.h"
#include "ownership.h"

#include "mcast/mgm/component.h"
#include "mcast/mgm/route_view.h"

#include <optional>
#include <vector>

namespace mcast::mgm {

class Alerts {
public:
    Alerts(RouteView const& routes, Clients& clients, Ownership const& ownership,
           Membership const& membership, News& news)
        : routes_(routes), clients_(clients), ownership_(ownership), membership_(membership),
          news_(news) {}

    // Runs `change`, which adds, removes or moves memberships of this key alone, and tells whom it
    // concerns. `where`: the interface on which it happens.
    template <class F>
    auto around(MembershipKey const& key, InterfaceRef where, F&& change) {
        auto const before = membership_.counted(key);
        auto const result = change();
        compare(key, where, before);
        return result;
    }

    // News by a cached entry to the owner of its arrival interface.
    void entry_join(ClientSerial owner, FlowKey key);
    // `entry_serial`: of the entry whose lifetime the answer sets; 0: of none.
    void entry_prune(ClientSerial owner, FlowKey key, InterfaceRef arrival,
                     std::uint64_t entry_serial);

    // The interface as ownership knows it: one link of a shared index when the route names it.
    InterfaceRef toward(Route const& route) const;

private:
    void compare(MembershipKey const& key, InterfaceRef where, std::vector<Wish> const& before);
    std::vector<ClientSerial> audience(MembershipKey const& key) const;
    void repeat_group_joins(ClientSerial client);

    RouteView const& routes_;
    Clients& clients_;
    Ownership const& ownership_;
    Membership const& membership_;
    News& news_;
};

} // namespace mcast::mgm
