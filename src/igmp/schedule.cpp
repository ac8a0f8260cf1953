#include "schedule.h"

#include <algorithm>
#include <utility>

namespace mcast::igmp {

namespace {

using Queries = std::vector<SpecificQuery>;

bool anything_owed(Group const& group) {
    return group.queries_left > 0 ||
           std::ranges::any_of(group.sources, [](Source const& s) { return s.queries_left > 0; });
}

void start_group(Group& group, Timing const& timing, TimePoint now, Queries& out) {
    TimePoint const last = now + timing.last_member_time;
    if (group.mode != FilterMode::exclude || (group.checking && group.deadline <= last)) {
        return;
    }
    lower_group_timer(group, last);
    group.checking = true;
    group.queries_left = static_cast<std::uint8_t>(timing.last_member_count - 1);
    out.push_back({});
}

// Only sources with more than the last-member time left are asked about.
void start_sources(Group& group, SourceSet const& sources, Timing const& timing, TimePoint now,
                   Queries& out) {
    TimePoint const last = now + timing.last_member_time;
    SpecificQuery query;
    for (Source& source : group.sources) {
        if (source.running && source.deadline > last && sources.contains(source.address)) {
            source.deadline = last;
            source.queries_left = static_cast<std::uint8_t>(timing.last_member_count - 1);
            query.sources.append(source.address);
        }
    }
    if (!query.sources.empty()) {
        out.push_back(std::move(query));
    }
}

} // namespace

std::vector<SpecificQuery> start(Group& group, Check const& check, Timing const& timing,
                                 TimePoint now) {
    Queries out;
    if (timing.version == 1) {
        return out; // version 1 asks about no group: memberships end by their timers
    }
    if (check.group) {
        start_group(group, timing, now, out);
    }
    if (timing.version >= 3) {
        start_sources(group, check.sources, timing, now, out);
    }
    if (!group.next_tick && anything_owed(group)) {
        group.next_tick = now + timing.last_member_interval;
    }
    return out;
}

std::vector<SpecificQuery> end_at_once(Group& group, Check const& check, TimePoint now) {
    Queries out;
    if (check.group && group.mode == FilterMode::exclude) {
        lower_group_timer(group, now);
        out.push_back({});
    }
    lower_source_timers(group, check.sources, now);
    if (!check.sources.empty()) {
        out.push_back({.sources = check.sources});
    }
    return out;
}

std::vector<SpecificQuery> tick(Group& group, Timing const& timing, TimePoint now) {
    TimePoint const last = now + timing.last_member_time;
    Queries out;
    bool const ask_group = group.queries_left > 0;
    if (ask_group) {
        --group.queries_left;
        out.push_back({.suppress = group.deadline > last});
    }
    SpecificQuery saved{.suppress = true};
    SpecificQuery doubtful;
    for (Source& source : group.sources) {
        if (source.queries_left > 0) {
            --source.queries_left;
            (source.deadline > last ? saved : doubtful).sources.append(source.address);
        }
    }
    // A query for the whole group asks about the saved sources too.
    for (SpecificQuery* const query : {&saved, &doubtful}) {
        bool const covered = ask_group && query->suppress;
        if (timing.version >= 3 && !covered && !query->sources.empty()) {
            out.push_back(std::move(*query));
        }
    }
    group.next_tick =
        anything_owed(group)
            ? std::optional{next_on_cadence(*group.next_tick, timing.last_member_interval, now)}
            : std::nullopt;
    return out;
}

} // namespace mcast::igmp
