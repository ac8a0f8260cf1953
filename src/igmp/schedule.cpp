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

// Without a wait, the first query goes out now.
void owe(auto& asked, Timing const& timing, TimePoint now, Duration wait) {
    int const sent = wait == Duration{} ? 1 : 0;
    asked.queries_left = static_cast<std::uint8_t>(timing.last_member_count - sent);
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

void start_group(Group& group, Timing const& timing, TimePoint now, Duration wait, Queries& out) {
    if (group.mode != FilterMode::exclude || group.checking) {
        return;
    }
    lower_group_timer(group, now + wait + timing.last_member_time);
    group.checking = true;
    owe(group, timing, now, wait);
    out.push_back({});
}

// Only sources with more than the last-member time left are asked about.
void start_sources(Group& group, SourceSet const& sources, Timing const& timing, TimePoint now,
                   Duration wait, Queries& out) {
    TimePoint const last = now + timing.last_member_time;
    SpecificQuery query;
    for (Source& source : group.sources) {
        bool const enough = source.running && source.deadline > last && !source.checking;
        if (enough && sources.contains(source.address)) {
            source.deadline = std::min(source.deadline, last + wait);
            source.checking = true;
            owe(source, timing, now, wait);
            query.sources.append(source.address);
        }
    }
    if (!query.sources.empty()) {
        out.push_back(std::move(query));
    }
}

} // namespace

std::vector<SpecificQuery> start(Group& group, Check const& check, Timing const& timing,
                                 TimePoint now, Duration wait) {
    Queries out;
    if (timing.version == 1) {
        return out; // version 1 asks about no group: memberships end by their timers
    }
    if (check.group) {
        start_group(group, timing, now, wait, out);
    }
    if (timing.version >= 3) {
        start_sources(group, check.sources, timing, now, wait, out);
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
        out.push_back({.suppress = !group.checking && group.deadline > last});
    }
    SpecificQuery saved{.suppress = true};
    SpecificQuery doubtful;
    for (Source& source : group.sources) {
        if (take_due(source, timing, now)) {
            bool const was_saved = !source.checking && source.deadline > last;
            (was_saved ? saved : doubtful).sources.append(source.address);
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

void defer(Group& group, Timing const& timing, TimePoint now) {
    auto const put_off = [&](auto& asked) {
        if (asked.queries_left == 0 || asked.next_query > now) {
            return;
        }
        TimePoint const next = next_on_cadence(asked.next_query, timing.last_member_interval, now);
        if (asked.checking) {
            asked.deadline += next - asked.next_query;
        }
        asked.next_query = next;
    };
    put_off(group);
    std::ranges::for_each(group.sources, put_off);
    group.next_tick = first_owed(group);
}

} // namespace mcast::igmp
