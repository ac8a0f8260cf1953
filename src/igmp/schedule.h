// The one schedule of specific queries that a group has: RFC 9776 sections 6.6.1 and 6.6.3. It
// says which queries are to go out and lowers the timers; it formats and sends nothing.
//
// A leave during a check starts nothing (the state Checking of RFC 2236 section 7), so a storm of
// leaves costs one schedule. A source that joins a running schedule gets its first query at once
// and its others one interval apart, as the group does when it is checked anew. Queries closer
// together would be one to a host, which answers both at once: its answer lost, all are. What falls
// due at the same moment shares a query.
#pragma once

#include "group.h"
#include "source_set.h"
#include "timing.h"

#include "mcast/base/time.h"

#include <vector>

namespace mcast::igmp {

// Without sources it asks about the whole group.
struct SpecificQuery {
    bool suppress = false;
    SourceSet sources{};

    bool operator==(SpecificQuery const&) const = default;
};

struct Check {
    bool group = false;
    SourceSet sources{};

    bool empty() const { return !group && sources.empty(); }
};

// Begins what a record asked for. With a `wait` the first query goes out no sooner than at the next
// tick, and the timers end so much later. Precondition: we are querier.
std::vector<SpecificQuery> start(Group& group, Check const& check, Timing const& timing,
                                 TimePoint now, Duration wait = {});
// The same without waiting for answers (immediate leave): the timers end now, and one query tells
// other members that they should report again.
std::vector<SpecificQuery> end_at_once(Group& group, Check const& check, TimePoint now);
// At next_tick: the queries still owed.
std::vector<SpecificQuery> tick(Group& group, Timing const& timing, TimePoint now);
// Instead of tick(): all that is owed goes out one interval later, and the timers that it was to
// warn of end as much later, so that nothing ends unasked (IGMP-100).
void defer(Group& group, Timing const& timing, TimePoint now);

} // namespace mcast::igmp
