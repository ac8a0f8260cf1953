// What hosts say of groups, and what time does to them.
#include "interface.h"

#include <algorithm>
#include <utility>

namespace mcast::igmp {

namespace {

SourceSet addresses_of(Group const* group) {
    SourceSet result;
    if (group != nullptr) {
        for (Source const& source : group->sources) {
            result.append(source.address);
        }
    }
    return result;
}

bool excludes(Claim const& claim) {
    return claim.type == wire::RecordType::is_ex || claim.type == wire::RecordType::to_ex;
}

// IGMP-76. Told apart early, since a report may hold hundreds of such records for a group with
// hundreds of sources.
bool changes_nothing(Claim const& claim) {
    using enum wire::RecordType;
    bool const adds = claim.type == is_in || claim.type == allow || claim.type == block;
    return adds && claim.sources.empty();
}

std::uint64_t left(std::uint64_t limit, std::uint64_t used) {
    return limit > used ? limit - used : 0;
}

} // namespace

void Interface::hear(wire::ReportV3 const& report, Ipv4 reporter, TimePoint now, Output& out) {
    for (wire::GroupRecord const& record : report.records) {
        counters_.aux_data += record.aux_words.empty() ? 0 : 1;
        auto claim = claim_of(record, link_.address);
        if (claim) {
            hear(std::move(*claim), reporter, now, out);
        } else {
            ++counters_.records;
            ++(counters_.*claim.error());
        }
    }
}

void Interface::hear(Claim claim, Ipv4 reporter, TimePoint now, Output& out) {
    ++counters_.records;
    if (auto const refusal = judge_group(claim.group, link_)) {
        ++(counters_.*(*refusal));
        return;
    }
    auto const known = groups_.find(claim.group);
    Group const* const group = known == groups_.end() ? nullptr : &known->second;
    Terms const terms{.interface_version = querier_.timing().version,
                      .compatibility =
                          group != nullptr ? group->compatibility(now) : std::uint8_t{3},
                      .ssm = in_ranges(claim.group, shared_.config.ssm_ranges)};
    auto heard = on_terms(std::move(claim), terms);
    if (!heard) {
        ++(counters_.*heard.error());
        return;
    }
    if (group != nullptr && changes_nothing(*heard)) {
        return;
    }
    if (admit(*heard, group, now, out)) {
        auto const at =
            group != nullptr
                ? known
                : groups_.try_emplace(heard->group, Group{.address = heard->group, .created = now})
                      .first;
        act_on(*heard, at, reporter, now, out);
    }
}

// Where there are several interfaces, none may take more than half: a flood on one link leaves room
// for the others.
std::uint64_t Interface::entries_left() const {
    std::uint64_t const limit = shared_.config.max_entries;
    std::uint64_t const share =
        shared_.interfaces > 1 ? std::max<std::uint64_t>(limit / 2, 1) : limit;
    return std::min(left(limit, shared_.entries), left(share, groups_.size() + sources_));
}

// A known group is always refreshed; a new one needs room (IGMP-158, IGMP-160).
bool Interface::admit(Claim& claim, Group const* known, TimePoint now, Output& out) {
    if (known == nullptr) {
        if (!joins(claim)) {
            return false;
        }
        bool const group_fits = groups_.size() < querier_.config().max_groups;
        if (!group_fits || entries_left() == 0) {
            ++(group_fits ? counters_.limit_entries : counters_.limit_groups);
            if (limit_warning_.pass(now)) {
                out.events.push_back(LimitReached{index_, claim.group,
                                                  group_fits ? LimitReached::Which::entries
                                                             : LimitReached::Which::groups});
            }
            return false;
        }
    }
    bool const adds_nothing = claim.type == wire::RecordType::block && known != nullptr &&
                              known->mode == FilterMode::include;
    if (!adds_nothing && !claim.sources.empty()) {
        limit_sources(claim, known, now, out);
    }
    return known != nullptr || joins(claim);
}

void Interface::limit_sources(Claim& claim, Group const* known, TimePoint now, Output& out) {
    SourceSet const present = addresses_of(known);
    // An exclude record replaces the list, all others add to it.
    std::uint64_t const kept = excludes(claim) ? (claim.sources * present).size() : present.size();
    std::uint64_t const by_group = left(querier_.config().max_sources, kept);
    std::uint64_t const by_entries = left(entries_left(), known == nullptr ? 1 : 0);
    std::size_t const refused =
        limit_new_sources(claim, present, static_cast<std::size_t>(std::min(by_group, by_entries)));
    if (refused == 0) {
        return;
    }
    bool const group_is_full = by_group <= by_entries;
    (group_is_full ? counters_.limit_sources : counters_.limit_entries) += refused;
    if (limit_warning_.pass(now)) {
        out.events.push_back(LimitReached{index_, claim.group,
                                          group_is_full ? LimitReached::Which::sources
                                                        : LimitReached::Which::entries});
    }
}

void Interface::act_on(Claim const& claim, Groups::iterator at, Ipv4 reporter, TimePoint now,
                       Output& out) {
    Group& group = at->second;
    Timing const& timing = querier_.timing();
    std::size_t const before = group.entries();
    bool const joined = joins(claim);
    if (joined) {
        group.last_reporter = reporter;
        TimePoint const until = now + timing.older_host;
        if (claim.version == 1) {
            group.v1_host_until = until;
        } else if (claim.version == 2) {
            group.v2_host_until = until;
        }
    }
    counters_.joins += before == 0 ? 1 : 0;
    count_compatibility(group, before == 0, now);
    Transition const transition = apply(filter_of(group), claim.type, claim.sources);
    if (take(group, transition, timing, now)) {
        changed(group.address, out);
    }
    check_members(group, {.group = transition.query_group, .sources = transition.query_sources},
                  now, out);
    settle(at, before);
}

// Going back is no event of its own; it is seen at the next record of the group.
void Interface::count_compatibility(Group& group, bool is_new, TimePoint now) {
    std::uint8_t const version = group.compatibility(now);
    bool const changed = !is_new && version != group.counted_compatibility;
    counters_.compatibility_changes += changed ? 1 : 0;
    group.counted_compatibility = version;
}

void Interface::check_members(Group& group, Check const& check, TimePoint now, Output& out) {
    if (check.empty() || !querier_.ours()) {
        return;
    }
    ++counters_.leaves_processed;
    if (!querier_.config().immediate_leave || querier_.timing().version == 1) {
        send(group, igmp::start(group, check, querier_.timing(), now), out);
        return;
    }
    ++counters_.fast_leaves;
    send(group, end_at_once(group, check, now), out);
    expire_group(group, now, out);
}

void Interface::expire_group(Group& group, TimePoint now, Output& out) {
    Expiry const expiry = expire(group, now);
    counters_.sources_expired += expiry.sources;
    counters_.groups_expired += group.gone() ? 1 : 0;
    if (expiry.wish_changed) {
        changed(group.address, out);
    }
}

} // namespace mcast::igmp
