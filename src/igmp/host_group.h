// One group as a host reports it: what is wanted, and which changes are owed to the routers. RFC
// 9776 section 5.1. Values and pure functions; version 3 but for the last members.
#pragma once

#include "source_set.h"

#include "mcast/igmp/engine.h"
#include "mcast/timer/handle.h"
#include "mcast/wire/igmp.h"

#include <cstdint>
#include <map>
#include <vector>

namespace mcast::igmp {

struct HostGroup {
    Ipv4 group{};
    Wish wish{};
    // Reports owed: for a change of the filter mode, and for each source that came or went.
    std::uint8_t mode_left = 0;
    std::map<Ipv4, std::uint8_t> sources_left{};
    // The answer to a specific query (version 3), or the next report (versions 1 and 2).
    timer::Handle due{};
    SourceSet asked{}; // empty: the whole group
    // Versions 1 and 2.
    std::uint8_t repeats_left = 0;
    bool last_reporter = false;
    bool leaving = false;

    bool owes() const { return mode_left != 0 || !sources_left.empty(); }
};

// Notes the change from the present wish to `next`, to be reported `times` times.
void change(HostGroup& group, Wish const& next, std::uint8_t times);
// What is owed, as it stands now.
std::vector<wire::GroupRecord> owed_records(HostGroup const& group);
// It has been reported once more.
void count_report(HostGroup& group);
void forget_owed(HostGroup& group);

// The answer to a general query and to one for the group.
wire::GroupRecord state_record(HostGroup const& group);
// The answer to a query for these sources; no sources: nothing to say.
wire::GroupRecord state_record(HostGroup const& group, SourceSet const& asked);

} // namespace mcast::igmp
