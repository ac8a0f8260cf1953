// What hosts say of groups, and what time does to them.
#include "interface.h"

#include <algorithm>
#include <utility>

namespace mcast::igmp {

namespace {

// IGMP-76. Told apart early, since a report may hold hundreds of such records for a group with
// hundreds of sources.
bool changes_nothing(Claim const& claim) {
    using enum wire::RecordType;
    bool const adds = claim.type == is_in || claim.type == allow || claim.type == block;
    return adds && claim.sources.empty();
}

} // namespace

void Interface::hear(wire::GroupRecord const& record, Ipv4 reporter, TimePoint now, Output& out) {
    counters_.aux_data += record.aux_words.empty() ? 0 : 1;
    auto claim = claim_of(record, link_.address);
    if (claim) {
        hear(std::move(*claim), reporter, now, out);
    } else {
        ++counters_.records;
        ++(counters_.*claim.error());
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
    bool const ssm = in_ranges(claim.group, shared_.config.ssm_ranges);
    bool const nameless = ssm && claim.version < 3;
    Terms const terms{
        .interface_version = querier_.timing().version,
        .compatibility = group != nullptr ? group->compatibility(now) : std::uint8_t{3},
        .ssm = ssm,
        .mapped = nameless ? mapped_sources(claim.group, shared_.config.ssm_map) : SourceSet{}};
    auto heard = on_terms(std::move(claim), terms);
    if (!heard) {
        ++(counters_.*heard.error());
        return;
    }
    counters_.ssm_mapped += nameless ? 1 : 0;
    if (querier_.config().lite_exclude_filter && excludes(*heard)) {
        heard->sources = {};
    }
    if (!may_say(*heard, reporter) || (group != nullptr && changes_nothing(*heard))) {
        return;
    }
    work_ += group != nullptr ? group->sources.size() + group->members.sources : 0;
    if (admit(*heard, group, reporter, now, out)) {
        auto const at = group != nullptr ? known : make_group(heard->group, now);
        with_group(at, now, out, [&](Group& it) { act_on(*heard, it, reporter, now, out); });
    }
}

void Interface::act_on(Claim const& claim, Group& group, Ipv4 reporter, TimePoint now,
                       Output& out) {
    Timing const& timing = querier_.timing();
    bool const is_new = group.gone();
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
    counters_.joins += is_new ? 1 : 0;
    count_compatibility(group, is_new, now);
    bool const was_member = track(group, claim, reporter, now);
    auto const judge_sources = querier_.config().lite_exclude_filter ? apply_lite : apply;
    Transition const transition = judge_sources(filter_of(group), claim.type, claim.sources);
    if (take(group, transition, timing, now)) {
        changed(group.address, out);
    }
    if (joined) {
        note_reporter(group, claim.sources, reporter);
    }
    check_members(group, {.group = transition.query_group, .sources = transition.query_sources},
                  was_member, now, out);
}

// Going back is no event of its own; it is seen at the next record of the group.
void Interface::count_compatibility(Group& group, bool is_new, TimePoint now) {
    std::uint8_t const version = group.compatibility(now);
    bool const changed = !is_new && version != group.counted_compatibility;
    counters_.compatibility_changes += changed ? 1 : 0;
    group.counted_compatibility = version;
}

void Interface::check_members(Group& group, Check const& asked, bool was_member, TimePoint now,
                              Output& out) {
    if (asked.empty() || !querier_.asks_who_stays()) {
        return;
    }
    InterfaceConfig const& config = querier_.config();
    bool const proven = was_member && knows_all_members(group, now);
    Check const check = proven ? without_wanted(asked, group.members, now) : asked;
    if (check.empty()) {
        return;
    }
    ++counters_.leaves_processed;
    // Without tracking, immediate leave is a promise of the operator: one host on each link.
    bool const safe = config.host_tracking ? proven : querier_.timing().version > 1;
    if (!queries_.ready(now)) {
        auto const waiting = igmp::start(group, check, querier_.timing(), now,
                                         querier_.timing().last_member_interval);
        counters_.queries_deferred += waiting.size();
    } else if (!config.immediate_leave || !safe) {
        send(group, igmp::start(group, check, querier_.timing(), now), now, out);
    } else {
        ++counters_.fast_leaves;
        send(group, end_at_once(group, check, now), now, out);
        expire_group(group, now, out);
    }
}

void Interface::expire_group(Group& group, TimePoint now, Output& out) {
    Expiry const expiry = expire(group, now);
    if (querier_.config().lite_exclude_filter) {
        forget_excluded(group);
    }
    counters_.sources_expired += expiry.sources;
    counters_.groups_expired += group.gone() ? 1 : 0;
    if (expiry.wish_changed) {
        changed(group.address, out);
    }
}

} // namespace mcast::igmp
