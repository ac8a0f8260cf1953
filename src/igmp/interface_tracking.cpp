// Explicit host tracking: who is recorded, and what follows when somebody leaves.
#include "interface.h"

#include <algorithm>

namespace mcast::igmp {

namespace {

// What hosts of the link have told us is complete when all of them had a general query to answer.
Duration first_round(Timing const& timing) {
    return timing.startup_interval * (timing.startup_count - 1) + timing.response;
}

} // namespace

void Interface::begin_tracking(TimePoint now) {
    complete_at_ = now + first_round(querier_.timing());
}

bool Interface::has_too_many_groups(Claim const& claim, Group const* known, Ipv4 reporter) const {
    auto const& limit = querier_.config().max_groups_per_host;
    if (!limit || !joins(claim) || (known != nullptr && known->members.find(reporter) != nullptr)) {
        return false;
    }
    auto const at = groups_of_host_.find(reporter);
    return at != groups_of_host_.end() && at->second >= *limit;
}

bool Interface::can_track(Members const& members, Claim const& claim, Ipv4 reporter) const {
    bool const known = members.find(reporter) != nullptr;
    bool const host_fits = known || groups_of_host_.contains(reporter) ||
                           groups_of_host_.size() < querier_.config().max_hosts;
    std::uint64_t const needed =
        (known ? 0 : k_host_bytes) + claim.sources.size() * k_tracked_source_bytes;
    return host_fits && needed <= room().bytes;
}

// True when the host was recorded as a member before: only then does its leaving say anything.
bool Interface::track(Group& group, Claim const& claim, Ipv4 reporter, TimePoint now) {
    if (!querier_.config().host_tracking) {
        return false;
    }
    Members& members = group.members;
    TimePoint const until = now + querier_.timing().membership;
    bool const was_member = members.find(reporter) != nullptr;
    if (reporter.is_unspecified() || claim.version < 3) {
        members.unsure_until = joins(claim) ? until : members.unsure_until;
        return false;
    }
    if (!was_member && !joins(claim)) {
        return false;
    }
    if (joins(claim) && !can_track(members, claim, reporter)) {
        ++counters_.limit_hosts;
        members.unsure_until = until;
        return false;
    }
    // Counted first: what fails then is taken back without memory.
    groups_of_host_[reporter] += was_member ? 0 : 1;
    try {
        members.note(claim, reporter, until, now);
    } catch (std::bad_alloc const&) {
        members.unsure_until = until;
        if (!was_member) {
            forget_host(reporter);
        }
        throw;
    }
    if (members.find(reporter) == nullptr) {
        forget_host(reporter);
    }
    return was_member;
}

void Interface::forget_host(Ipv4 host) {
    auto const at = groups_of_host_.find(host);
    if (at != groups_of_host_.end() && --at->second == 0) {
        groups_of_host_.erase(at);
    }
}

void Interface::forget_members(Group& group) {
    for (TrackedHost const& host : group.members.hosts) {
        forget_host(host.address);
    }
    group.members = {};
}

void Interface::expire_members(Group& group, TimePoint now) {
    if (group.members.hosts.empty() || group.members.due > now) {
        return;
    }
    for (Ipv4 const host : group.members.expire(now)) {
        forget_host(host);
    }
}

// IGMP-168: whether all members of the group are known one by one.
bool Interface::knows_all_members(Group const& group, TimePoint now) {
    if (!complete_at_) { // groups were forgotten whose hosts are still there
        complete_at_ = now + querier_.timing().query_interval + querier_.timing().response;
    }
    bool const unsure = group.members.unsure_until && *group.members.unsure_until > now;
    return querier_.config().host_tracking && querier_.timing().version >= 3 &&
           group.compatibility(now) == 3 && !unsure && now >= *complete_at_;
}

// What somebody else wants needs no question.
Check Interface::without_wanted(Check const& check, Members const& members, TimePoint now) {
    Check left{.group = check.group && !members.want_any(now)};
    for (Ipv4 const source : check.sources) {
        if (!members.want(source, now)) {
            left.sources.append(source);
        }
    }
    counters_.checks_spared += left.empty() ? 1 : 0;
    return left;
}

} // namespace mcast::igmp
