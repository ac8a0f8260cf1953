#include "schedule.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace mcast::igmp {

namespace {

using Queries = std::vector<SpecificQuery>;

// Of all queries still owed.
std::optional<TimePoint> first_owed(Group const& group) {
    std::optional<TimePoint> first;
    auto const consider = [&](auto const& asked) {
        if (asked.queries_left > 0 && (!first || asked.next_query < *first)) {
            first = asked.next_query;
        }
    };
    consider(group);
    std::ranges::for_each(group.sources, consider);
    return first;
}

// The first query goes out now.
void owe_the_others(auto& asked, Timing const& timing, TimePoint now) {
    asked.queries_left = static_cast<std::uint8_t>(timing.last_member_count - 1);
    asked.next_query = now + timing.last_member_interval;
}

bool take_due(auto& asked, Timing const& timing, TimePoint now) {
    if (asked.queries_left == 0 || asked.next_query > now) {
        return false;
    }
    --asked.queries_left;
    asked.next_query = next_on_cadence(asked.next_query, timing.last_member_interval, now);
    return true;
}

void start_group(Group& group, Timing const& timing, TimePoint now, Queries& out) {
    TimePoint const last = now + timing.last_member_time;
    if (group.mode != FilterMode::exclude || (group.checking && group.deadline <= last)) {
        return;
    }
    lower_group_timer(group, last);
    group.checking = true;
    owe_the_others(group, timing, now);
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
            owe_the_others(source, timing, now);
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
    group.next_tick = first_owed(group);
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
    bool const ask_group = take_due(group, timing, now);
    if (ask_group) {
        out.push_back({.suppress = group.deadline > last});
    }
    SpecificQuery saved{.suppress = true};
    SpecificQuery doubtful;
    for (Source& source : group.sources) {
        if (take_due(source, timing, now)) {
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
    group.next_tick = first_owed(group);
    return out;
}

} // namespace mcast::igmp
