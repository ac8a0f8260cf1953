// Join and prune alerts: who must hear that somebody else wants a group, or no longer does.
//
// For each component and key there is one question: does anybody else want it? A component is told
// exactly when that answer changes. With one component it changes for all others, with two for the
// first alone, after that for nobody: the counting rules of RFC 2715 section 3.1.1. It also gives
// the net difference when a membership moves from one account to another.
// A component's own account and what IGMP wants beside it on its interfaces are one.
//
// Nothing fails half-way: what can run out of memory does so before anything changes. Control
// thread.
#pragma once

#include "clients.h"
#include "membership.h"
#include "news.h"
#include "ownership.h"

#include "mcast/mgm/component.h"
#include "mcast/mgm/route_view.h"

#include <cstddef>
#include <vector>

namespace mcast::mgm {

class Alerts {
public:
    Alerts(RouteView const& routes, Clients& clients, Ownership const& ownership,
           Membership const& membership, News& news)
        : routes_(routes), clients_(clients), ownership_(ownership), membership_(membership),
          news_(news) {}

    // Runs `change`, which adds, removes or moves one membership of this key, and tells whom it
    // concerns. `where`: the interface on which it happens. std::bad_alloc: nothing has changed.
    template <class F>
    auto around(MembershipKey const& key, InterfaceRef where, F&& change) {
        prepare(key);
        auto const result = change();
        compare(key, where);
        return result;
    }

    // Tells components of single groups again, after looking at `limit` groups at most, or at many
    // more places where there is none at present. Returns how many of both.
    std::size_t work(std::size_t limit);
    bool idle() const { return repeats_.empty(); }

    // News by a cached entry to the owner of its arrival interface; room is made before the entry
    // changes.
    void make_room_for_entry() { news_.make_room(2); }
    void entry_join(ClientSerial owner, FlowKey key);
    // `entry_serial`: of the entry whose lifetime the answer sets; 0: of none.
    void entry_prune(ClientSerial owner, FlowKey key, InterfaceRef arrival,
                     std::uint64_t entry_serial);

    // The interface as ownership knows it: one link of a shared index when the route names it.
    InterfaceRef toward(Route const& route) const;

private:
    // While somebody wanted everything, nobody was told of single groups. Now that this has ended
    // for a component, the groups that others still want have to be told.
    struct Repeat {
        ClientSerial client = k_nobody;
        std::uint32_t next = 0; // slot of the interests that is looked at next
    };

    void prepare(MembershipKey const& key);
    bool repeat_will_tell(ClientSerial client, MembershipKey const& key, std::uint32_t slot) const;
    std::uint32_t slot_of(MembershipKey const& key) const;
    void compare(MembershipKey const& key, InterfaceRef where);
    void find_audience(MembershipKey const& key);

    RouteView const& routes_;
    Clients& clients_;
    Ownership const& ownership_;
    Membership const& membership_;
    News& news_;
    std::vector<Repeat> repeats_;   // at most one for each component
    std::uint32_t slot_before_ = 0; // of the key that changes
    // Kept for their memory.
    std::vector<Wish> before_;
    std::vector<Wish> after_;
    std::vector<ClientSerial> audience_;
};

} // namespace mcast::mgm
