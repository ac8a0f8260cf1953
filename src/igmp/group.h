// One group on one interface: filter mode, timers, sources; and what records and time do to them.
// Owned by its Interface; the schedule of specific queries is in schedule.h.
#pragma once

#include "source_filter.h"
#include "source_set.h"
#include "timing.h"
#include "tracking.h"

#include "mcast/base/ipv4.h"
#include "mcast/base/time.h"
#include "mcast/igmp/engine.h"
#include "mcast/igmp/view.h"
#include "mcast/timer/handle.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace mcast::igmp {

struct Source {
    Ipv4 address{};
    Ipv4 last_reporter{};          // who named it
    TimePoint created{};           // in this group; the timer may have started and ended since
    TimePoint deadline{};          // while running
    TimePoint next_query{};        // while any is owed
    bool running = false;          // false: the timer stands at zero, the source is excluded
    std::uint8_t queries_left = 0; // specific queries still owed
    bool checking = false;         // its timer was lowered and no report has saved it since

    // The timer stands at zero: what it was is known no more.
    void stop() {
        *this = {.address = address, .last_reporter = last_reporter, .created = created};
    }
};

// Entries are groups and sources. Bytes are what they take in memory, nodes of the map and of the
// timer included: an estimate on the safe side.
struct Footprint {
    std::uint64_t entries = 0;
    std::uint64_t bytes = 0;
};

struct Group {
    Ipv4 address{};
    FilterMode mode = FilterMode::include;
    TimePoint deadline{};          // the group timer; in exclude mode only
    std::vector<Source> sources{}; // sorted by address
    std::optional<TimePoint> v1_host_until{};
    std::optional<TimePoint> v2_host_until{};
    TimePoint created{};
    Ipv4 last_reporter{};
    std::uint8_t counted_compatibility = 3; // when a change of it was last counted

    bool checking = false;                // a last-member check of the whole group runs
    std::uint8_t queries_left = 0;        // Q(G) still owed
    TimePoint next_query{};               // while any is
    std::optional<TimePoint> next_tick{}; // the first of these and of the sources'

    Members members{}; // with explicit tracking

    timer::Handle timer{};

    // INCLUDE with no source: this is no group, and is not kept.
    bool gone() const { return mode == FilterMode::include && sources.empty(); }
    Footprint footprint() const;
    // The version of the oldest host heard lately: RFC 9776 section 7.3.2.
    std::uint8_t compatibility(TimePoint now) const;
};

// With the overhead of the allocator, of a tree node and of a timer.
inline constexpr std::uint64_t k_group_bytes = sizeof(Group) + 192;
inline constexpr std::uint64_t k_source_bytes = sizeof(Source);

inline Footprint Group::footprint() const {
    return gone() ? Footprint{}
                  : Footprint{1 + sources.size(),
                              k_group_bytes + sources.size() * k_source_bytes + members.bytes()};
}

SourceFilter filter_of(Group const& group);
Wish wish_of(Group const& group);
bool wants(Group const& group, Ipv4 source);
GroupView view_of(Group const& group, TimePoint now);

// Carries out what a record did. True when the wish is another now.
bool take(Group& group, Transition const& transition, Timing const& timing, TimePoint now);
// Who named these sources, as far as the group has them.
void note_reporter(Group& group, SourceSet const& named, Ipv4 reporter);

struct Expiry {
    bool wish_changed = false;
    std::size_t sources = 0; // timers of sources that ran out
};
// Sources whose timers stand at zero.
void forget_excluded(Group& group);
// Exclude mode ends with the group timer: what is left are the sources that somebody wants.
void end_exclude_mode(Group& group);
// Source timers first, then the group timer: a source due at the same moment counts as expired.
Expiry expire(Group& group, TimePoint now);

// "Lowered" means the minimum: nothing is raised, and a timer at zero stays there.
void lower_group_timer(Group& group, TimePoint at_most);
void lower_source_timers(Group& group, SourceSet const& sources, TimePoint at_most);

// Of group and source timers; with the schedule and the tracked hosts.
std::optional<TimePoint> next_expiry(Group const& group);
std::optional<TimePoint> next_due(Group const& group);

} // namespace mcast::igmp
