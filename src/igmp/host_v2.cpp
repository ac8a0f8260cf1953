// A host toward a querier of version 1 or 2: RFC 2236 sections 3 and 6. A group's timer runs while
// it is a "delaying member".
#include "mcast/igmp/host.h"

#include "host_group.h"

#include <utility>

namespace mcast::igmp {

namespace {

// Unsolicited Report Interval of version 2: RFC 2236 section 8.10.
constexpr Duration k_older_report_interval = std::chrono::seconds{10};
// General queries that come closer together than hosts can be asked for are one: they cost a timer
// for each group.
constexpr Duration k_same_query = std::chrono::milliseconds{100};

} // namespace

// Mere changes of sources have no words (IGMP-115).
void Host::want_older(HostGroup& group, Wish const& wish, TimePoint now) {
    bool const was = !std::exchange(group.wish, wish).empty();
    if (!speakable(group.group)) {
        counters_.withheld_channels += was ? 0 : 1;
        if (wish.empty()) {
            erase(group.group);
        }
    } else if (!was) {
        group.leaving = false;
        group.repeats_left = config_.robustness;
        arm(group.due, now, Timer::group, group.group);
    } else if (wish.empty()) {
        if (version_ == 2 && group.last_reporter) {
            group.leaving = true;
            arm(group.due, now, Timer::group, group.group);
        } else {
            erase(group.group);
        }
    }
}

void Host::older_general(Duration within, TimePoint now) {
    if (last_older_general_ && now - *last_older_general_ < k_same_query) {
        ++counters_.merged_queries;
        return;
    }
    last_older_general_ = now;
    for (auto const& [address, group] : groups_) {
        older_query(*group, within, now);
    }
}

void Host::older_query(HostGroup& group, Duration within, TimePoint now) {
    if (group.wish.empty() || !speakable(group.group)) {
        return;
    }
    if (!group.due.armed() || within < *group.due.due() - now) {
        arm(group.due, now + random_.delay_up_to(within), Timer::group, group.group);
    } else {
        ++counters_.merged_queries;
    }
}

void Host::older_due(HostGroup& group, TimePoint now, HostOutput& out) {
    if (group.leaving) {
        send(wire::Leave{group.group}, out);
        erase(group.group);
        return;
    }
    if (version_ == 1) {
        send(wire::ReportV1{group.group}, out);
    } else {
        send(wire::ReportV2{group.group}, out);
    }
    group.last_reporter = true;
    if (group.repeats_left != 0) {
        --group.repeats_left;
    }
    if (group.repeats_left != 0) {
        arm(group.due, now + random_.delay_up_to(k_older_report_interval), Timer::group,
            group.group);
    }
}

// A group that has just been joined speaks for itself once.
void Host::older_report_heard(Ipv4 address) {
    HostGroup* const group = version_ == 3 ? nullptr : find(address);
    if (group == nullptr || group->leaving || !group->due.armed() ||
        group->repeats_left == config_.robustness) {
        return;
    }
    group->due.cancel();
    group->repeats_left = 0;
    group->last_reporter = false;
    ++counters_.suppressed;
}

} // namespace mcast::igmp
