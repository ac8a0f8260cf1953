// Who may say what; whether there is room for what a host says, and whether it comes at a bearable
// rate. A group that is known is always refreshed; only what is new can be refused (IGMP-158,
// IGMP-160).
#include "access.h"
#include "interface.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace mcast::igmp {

namespace {

using Which = LimitReached::Which;

SourceSet addresses_of(Group const* group) {
    SourceSet result;
    if (group != nullptr) {
        for (Source const& source : group->sources) {
            result.append(source.address);
        }
    }
    return result;
}

std::uint64_t left(std::uint64_t limit, std::uint64_t used) {
    return limit > used ? limit - used : 0;
}

Counter counter_of(Which which) {
    switch (which) {
    case Which::groups:
        return &Counters::limit_groups;
    case Which::sources:
        return &Counters::limit_sources;
    case Which::entries:
        return &Counters::limit_entries;
    case Which::memory:
        return &Counters::limit_memory;
    case Which::rate:
        return &Counters::limit_rate;
    case Which::host_rate:
        return &Counters::limit_host_rate;
    case Which::host_groups:
        break;
    }
    return &Counters::limit_host_groups;
}

// Whether the mark is passed, in whichever direction. Falling back means well below, so that a
// group that comes and goes does not fill the log.
bool crosses(bool& above, std::uint64_t used, std::uint64_t limit, std::uint8_t percent) {
    std::uint64_t const mark = limit * percent;
    std::uint64_t const now = used * 100;
    bool const is_above = mark > 0 && (above ? now * 8 >= mark * 7 : now >= mark);
    return std::exchange(above, is_above) != is_above;
}

} // namespace

void Interface::refuse(Which which, std::size_t times, Ipv4 group, TimePoint now, Output& out) {
    counters_.*counter_of(which) += times;
    if (limit_warnings_[static_cast<std::size_t>(which)].pass(now)) {
        note(LimitReached{index_, group, which}, out);
    }
}

// Where there are several interfaces, none may take more than half: a flood on one link leaves room
// for the others.
std::uint64_t Interface::share_left(std::uint64_t limit, std::uint64_t all,
                                    std::uint64_t here) const {
    std::uint64_t const share =
        shared_.interfaces > 1 ? std::max<std::uint64_t>(limit / 2, 1) : limit;
    return std::min(left(limit, all), left(share, here));
}

Footprint Interface::room() const {
    std::uint64_t const budget = std::uint64_t{shared_.config.max_megabytes} << 20;
    return {.entries = share_left(shared_.config.max_entries, shared_.used.entries, used_.entries),
            .bytes = share_left(budget, shared_.used.bytes, used_.bytes)};
}

bool Interface::may_say(Claim& claim, Ipv4 reporter) {
    Judgement const judgement = judge(querier_.config().access, claim, reporter);
    counters_.access_denied += judgement.heard ? 0 : 1;
    counters_.access_denied_sources += judgement.sources_cut;
    return judgement.heard;
}

// IGMP-163: what the rules in force now deny to everybody goes at once.
void Interface::apply_access(Output& out) {
    for (auto at = groups_.begin(); at != groups_.end();) {
        auto const next = std::next(at);
        Footprint const before = at->second.footprint();
        if (withdraw(querier_.config().access, at->second)) {
            changed(at->first, out);
            settle(at, before, out);
        }
        at = next;
    }
}

// What new state costs, once for each record that makes some.
bool Interface::in_time(Ipv4 group, Ipv4 reporter, TimePoint now, Output& out) {
    // A switch may report for many hosts from 0.0.0.0.
    bool const one_host = !reporter.is_unspecified();
    if (!new_state_.ready(now)) {
        refuse(Which::rate, 1, group, now, out);
        return false;
    }
    if (one_host && !new_state_by_host_.ready(reporter, now)) {
        refuse(Which::host_rate, 1, group, now, out);
        return false;
    }
    new_state_.spend(1, now);
    if (one_host) {
        new_state_by_host_.spend(reporter, now);
    }
    return true;
}

bool Interface::has_room_for_group(Ipv4 group, TimePoint now, Output& out) {
    Footprint const free = room();
    if (groups_.size() >= querier_.config().max_groups) {
        refuse(Which::groups, 1, group, now, out);
    } else if (free.entries == 0) {
        refuse(Which::entries, 1, group, now, out);
    } else if (free.bytes < k_group_bytes + k_source_bytes) {
        refuse(Which::memory, 1, group, now, out);
    } else {
        return true;
    }
    return false;
}

bool Interface::admit(Claim& claim, Group const* known, Ipv4 reporter, TimePoint now, Output& out) {
    if (has_too_many_groups(claim, known, reporter)) {
        refuse(Which::host_groups, 1, claim.group, now, out);
        return false;
    }
    if (known == nullptr && (!joins(claim) || !has_room_for_group(claim.group, now, out))) {
        return false;
    }
    bool const adds_nothing = claim.type == wire::RecordType::block && known != nullptr &&
                              known->mode == FilterMode::include;
    if (!adds_nothing && !claim.sources.empty()) {
        SourceSet const present = addresses_of(known);
        limit_sources(claim, present, known == nullptr, now, out);
        bool const grows = known != nullptr && !(claim.sources - present).empty();
        if (grows && !in_time(claim.group, reporter, now, out)) {
            limit_new_sources(claim, present, 0); // what is there is refreshed all the same
        }
    }
    return known != nullptr || (joins(claim) && in_time(claim.group, reporter, now, out));
}

void Interface::limit_sources(Claim& claim, SourceSet const& present, bool new_group, TimePoint now,
                              Output& out) {
    // An exclude record replaces the list, all others add to it.
    std::uint64_t const kept = excludes(claim) ? (claim.sources * present).size() : present.size();
    Footprint const free = room();
    std::uint64_t const by_group = left(querier_.config().max_sources, kept);
    std::uint64_t const by_entries = left(free.entries, new_group ? 1 : 0);
    std::uint64_t const by_memory =
        left(free.bytes, new_group ? k_group_bytes : 0) / k_source_bytes;
    std::uint64_t const most = std::min({by_group, by_entries, by_memory});
    std::size_t const refused = limit_new_sources(claim, present, static_cast<std::size_t>(most));
    if (refused > 0) {
        Which const which = most == by_group     ? Which::sources
                            : most == by_entries ? Which::entries
                                                 : Which::memory;
        refuse(which, refused, claim.group, now, out);
    }
}

// Warnings of what comes near its limit.
void Interface::watch(Output& out) {
    InterfaceConfig const& config = querier_.config();
    if (crosses(many_groups_, groups_.size(), config.max_groups, config.group_warning_percent)) {
        note(GroupWarning{index_, many_groups_, groups_.size(), config.max_groups}, out);
    }
    Config const& all = shared_.config;
    using What = UsageWarning::What;
    if (crosses(shared_.marks.entries, shared_.used.entries, all.max_entries,
                all.warning_percent)) {
        note(UsageWarning{What::entries, shared_.marks.entries, shared_.used.entries,
                          all.max_entries},
             out);
    }
    std::uint64_t const budget = std::uint64_t{all.max_megabytes} << 20;
    if (crosses(shared_.marks.bytes, shared_.used.bytes, budget, all.warning_percent)) {
        note(UsageWarning{What::bytes, shared_.marks.bytes, shared_.used.bytes, budget}, out);
    }
}

} // namespace mcast::igmp
