// What a list of access rules says about one record, and about what is known already. Pure.
//
// A record is decided by itself, the others of its report are not touched (P1, P2 of the design).
// In the lists of IS_IN, TO_IN, ALLOW and BLOCK every source is decided; IS_EX and TO_EX ask for
// any source. A leave without sources is heard of whoever may have anything of the group at all.
#pragma once

#include "claim.h"
#include "group.h"

#include "mcast/igmp/access.h"

#include <cstddef>

namespace mcast::igmp {

// No source: any.
bool permits(AccessList const& rules, Ipv4 host, Ipv4 group, std::optional<Ipv4> source);

struct Judgement {
    bool heard = true;           // false: the record is dropped
    std::size_t sources_cut = 0; // from the lists of a record that is heard
};
// Leaves denied sources out of the claim. One whose list has none left is dropped: it must not turn
// into an empty one, a leave.
Judgement judge(AccessList const& rules, Claim& claim, Ipv4 host);

// Takes from the group what no host whatsoever may have; true when its wish is another now. Which
// host asked for what is not known here: what one host is denied ends with its own timer.
bool withdraw(AccessList const& rules, Group& group);

} // namespace mcast::igmp
