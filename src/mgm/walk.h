// A change that concerns many entries, carried out a few entries at a time. Control thread.
//
// Walks have tickets in the order in which the changes happened, and each entry notes the last one
// that it has seen. Whoever is about to touch a single entry lets it catch up first, so an entry
// sees all changes in their order and each once, no matter how they are cut up.
#pragma once

#include "clients.h"

#include "mcast/base/flow.h"
#include "mcast/base/ids.h"
#include "mcast/base/ipv4.h"
#include "mcast/mgm/component.h"

#include <cstdint>
#include <optional>
#include <variant>

namespace mcast::mgm {

struct Walk {
    enum class Change : std::uint8_t {
        added,   // a membership on `index`
        removed, // a membership on `index`
        on,      // the output `index` of one entry is switched
        off,
        reask_igmp,  // IGMP's exclude lists on `index`
        reask_owner, // what the owner of `index` lets out there
        facts,       // thresholds, boundaries, SSM ranges
        taken,       // `index` has a new owner
        released,    // `client` has left `index`
        igmp_left,   // IGMP has left `index`, whose owner stays
        gone,        // `index` has gone
        rerouted,    // the route to the sources
        anything,    // not known what: there was no memory to note it
    };

    Change change{};
    // Which entries: those that a membership matches, or those with sources in a prefix.
    std::variant<MembershipKey, Ipv4Prefix> over{MembershipKey::any()};
    IfIndex index = k_no_interface;
    ClientSerial client = k_nobody;
    bool by_igmp = false;
    std::uint64_t ticket = 0;
    std::optional<FlowKey> after{}; // the last entry that was visited

    bool covers(FlowKey key) const {
        auto const* membership = std::get_if<MembershipKey>(&over);
        return membership != nullptr ? membership->matches(key)
                                     : std::get<Ipv4Prefix>(over).contains(key.source);
    }
};

} // namespace mcast::mgm
