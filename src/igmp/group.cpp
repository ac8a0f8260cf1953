#include "group.h"

#include <algorithm>

namespace mcast::igmp {

namespace {

Source const* find(std::vector<Source> const& sources, Ipv4 address) {
    auto const at = std::ranges::lower_bound(sources, address, {}, &Source::address);
    return at != sources.end() && at->address == address ? &*at : nullptr;
}

std::optional<TimePoint> sooner(std::optional<TimePoint> a, TimePoint b) {
    return a ? std::min(*a, b) : b;
}

// Asked for rising addresses, it walks a set once instead of searching it each time.
class Walk {
public:
    explicit Walk(SourceSet const& set) : at_(set.begin()), end_(set.end()) {}
    bool meets(Ipv4 address) {
        while (at_ != end_ && *at_ < address) {
            ++at_;
        }
        return at_ != end_ && *at_ == address;
    }

private:
    std::vector<Ipv4>::const_iterator at_;
    std::vector<Ipv4>::const_iterator end_;
};

// The sources of the next state, with the timers they had and those that the transition sets.
std::vector<Source> rebuild(Group const& group, Transition const& transition, TimePoint restarted,
                            TimePoint group_deadline, TimePoint now) {
    SourceFilter const& next = transition.next;
    SourceSet const all = next.wanted + next.excluded;
    std::vector<Source> result;
    result.reserve(all.size()); // no more: memory is counted
    Walk wanted(next.wanted);
    Walk restart(transition.restart);
    Walk to_group_timer(transition.to_group_timer);
    auto known = group.sources.begin();
    for (Ipv4 const address : all) {
        while (known != group.sources.end() && known->address < address) {
            ++known;
        }
        bool const is_known = known != group.sources.end() && known->address == address;
        Source source = is_known ? *known : Source{.address = address, .created = now};
        if (!wanted.meets(address)) {
            source.stop();
        } else if (restart.meets(address)) {
            source.running = true;
            source.checking = false;
            source.deadline = restarted;
        } else if (to_group_timer.meets(address)) {
            source.running = true;
            source.deadline = group_deadline;
        }
        result.push_back(source);
    }
    return result;
}

} // namespace

std::uint8_t Group::compatibility(TimePoint now) const {
    if (v1_host_until && *v1_host_until > now) {
        return 1;
    }
    return v2_host_until && *v2_host_until > now ? 2 : 3;
}

SourceFilter filter_of(Group const& group) {
    SourceFilter filter{.mode = group.mode};
    for (Source const& source : group.sources) {
        (source.running ? filter.wanted : filter.excluded).append(source.address);
    }
    return filter;
}

Wish wish_of(Group const& group) {
    SourceFilter const filter = filter_of(group);
    if (group.mode == FilterMode::exclude) {
        return {.any_source = true, .exclude = filter.excluded.sorted()};
    }
    return {.include = filter.wanted.sorted()};
}

bool wants(Group const& group, Ipv4 source) {
    Source const* const known = find(group.sources, source);
    return known != nullptr ? known->running : group.mode == FilterMode::exclude;
}

GroupView view_of(Group const& group, TimePoint now) {
    GroupView view{.group = group.address,
                   .mode = group.mode,
                   .compatibility = group.compatibility(now),
                   .v1_host_until = group.v1_host_until,
                   .v2_host_until = group.v2_host_until,
                   .created = group.created,
                   .last_reporter = group.last_reporter,
                   .checking = group.checking,
                   .queries_left = group.queries_left,
                   .next_query = group.next_tick};
    if (group.mode == FilterMode::exclude) {
        view.expires = group.deadline;
    }
    for (Source const& source : group.sources) {
        view.sources.push_back({.source = source.address,
                                .created = source.created,
                                .last_reporter = source.last_reporter,
                                .queries_left = source.queries_left});
        if (source.running) {
            view.sources.back().expires = source.deadline;
        }
    }
    return view;
}

bool take(Group& group, Transition const& transition, Timing const& timing, TimePoint now) {
    SourceFilter const before = filter_of(group);
    TimePoint const restarted = now + timing.membership;
    TimePoint const group_deadline = std::max(group.deadline, now);
    group.sources = rebuild(group, transition, restarted, group_deadline, now);
    group.mode = transition.next.mode;
    if (transition.restart_group_timer) {
        group.deadline = restarted;
        // Saved: what is still owed goes out with the S flag. Version 2 has none, and stops.
        group.checking = false;
        if (timing.version < 3) {
            group.queries_left = 0;
        }
    }
    if (before.mode != group.mode) {
        return true;
    }
    return group.mode == FilterMode::exclude ? before.excluded != transition.next.excluded
                                             : before.wanted != transition.next.wanted;
}

void forget_excluded(Group& group) {
    std::erase_if(group.sources, [](Source const& source) { return !source.running; });
}

void note_reporter(Group& group, SourceSet const& named, Ipv4 reporter) {
    Walk walk(named);
    for (Source& source : group.sources) {
        source.last_reporter = walk.meets(source.address) ? reporter : source.last_reporter;
    }
}

void end_exclude_mode(Group& group) {
    group.mode = FilterMode::include;
    group.checking = false;
    group.queries_left = 0;
    forget_excluded(group);
}

Expiry expire(Group& group, TimePoint now) {
    Expiry result;
    for (Source& source : group.sources) {
        if (source.running && source.deadline <= now) {
            source.stop();
            ++result.sources;
        }
    }
    result.wish_changed = result.sources > 0;
    if (group.mode == FilterMode::exclude && group.deadline <= now) {
        end_exclude_mode(group);
        result.wish_changed = true;
    }
    // Only exclude mode remembers sources whose timers stand at zero.
    if (group.mode == FilterMode::include) {
        std::erase_if(group.sources, [](Source const& source) { return !source.running; });
    }
    return result;
}

void lower_group_timer(Group& group, TimePoint at_most) {
    group.deadline = std::min(group.deadline, at_most);
}

void lower_source_timers(Group& group, SourceSet const& sources, TimePoint at_most) {
    for (Source& source : group.sources) {
        if (source.running && sources.contains(source.address)) {
            source.deadline = std::min(source.deadline, at_most);
        }
    }
}

std::optional<TimePoint> next_expiry(Group const& group) {
    TimePoint first = TimePoint::max();
    if (group.mode == FilterMode::exclude) {
        first = group.deadline;
    }
    for (Source const& source : group.sources) {
        first = source.running ? std::min(first, source.deadline) : first;
    }
    return first == TimePoint::max() ? std::nullopt : std::optional{first};
}

std::optional<TimePoint> next_due(Group const& group) {
    auto result = next_expiry(group);
    if (group.next_tick) {
        result = sooner(result, *group.next_tick);
    }
    return group.members.hosts.empty() ? result : sooner(result, group.members.due);
}

} // namespace mcast::igmp
