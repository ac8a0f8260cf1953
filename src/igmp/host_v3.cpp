// A host toward a querier of version 3: RFC 9776 sections 5.1 and 5.2.
#include "mcast/igmp/host.h"

#include "host_group.h"
#include "report_packer.h"

#include <algorithm>
#include <utility>

namespace mcast::igmp {

namespace {

// Thousands of groups that change together go out in bursts that switches and queues survive.
constexpr std::size_t k_reports_at_once = 16;
constexpr Duration k_pause = std::chrono::milliseconds{20};
// Sources noted for one answer (RFC 9776 section 9.1): beyond, the whole group is the answer.
constexpr std::size_t k_max_asked = 512;

} // namespace

void Host::announce(HostGroup& group, Wish const& wish, TimePoint now) {
    change(group, wish, config_.robustness);
    if (wish.empty()) {
        group.due.cancel();
        group.asked = {};
    }
    fresh_.insert(group.group);
    if (!changes_.armed()) {
        arm(changes_, now, Timer::changes);
    }
}

void Host::report_change(Ipv4 address, ReportPacker& packer) {
    HostGroup* const group = find(address);
    if (group == nullptr) {
        return;
    }
    for (wire::GroupRecord& record : owed_records(*group)) {
        packer.add(std::move(record));
    }
    count_report(*group);
    if (group->owes()) {
        pending_.insert(address);
        return;
    }
    pending_.erase(address);
    if (group->wish.empty()) {
        erase(address);
    }
}

void Host::changes_due(TimePoint now, HostOutput& out) {
    ReportPacker packer(link_.mtu);
    while (!fresh_.empty() && packer.size() <= k_reports_at_once) {
        report_change(fresh_.extract(fresh_.begin()).value(), packer);
    }
    send(packer, out);
    if (!fresh_.empty()) {
        arm(changes_, now + k_pause, Timer::changes);
    }
    go_on_with_pending(now);
}

void Host::go_on_with_pending(TimePoint now) {
    if (!pending_.empty() && !again_.armed()) {
        Duration const wait = random_.delay_up_to(config_.unsolicited_report_interval);
        arm(again_, now + wait, Timer::again);
    }
}

// One round over all that is owed; what changed meanwhile has its own report.
void Host::again_due(TimePoint now, HostOutput& out) {
    ReportPacker packer(link_.mtu);
    auto at = again_after_ ? pending_.upper_bound(*again_after_) : pending_.begin();
    while (at != pending_.end() && packer.size() <= k_reports_at_once) {
        Ipv4 const group = *at;
        again_after_ = group;
        if (!fresh_.contains(group)) {
            report_change(group, packer);
        }
        at = pending_.upper_bound(group);
    }
    send(packer, out);
    if (at != pending_.end()) {
        arm(again_, now + k_pause, Timer::again);
        return;
    }
    again_after_.reset();
    go_on_with_pending(now);
}

// An answer that is due already serves this query too, unless it has begun: then another follows,
// so that repeated queries can neither stop an answer nor multiply it.
void Host::answer_general(Duration within, TimePoint now) {
    if (state_bytes_ == 0) {
        return;
    }
    if (!answer_) {
        std::size_t const room = ReportPacker(link_.mtu).room();
        answer_ = Answer{now, within, (state_bytes_ + room - 1) / room, 0, std::nullopt, {}};
        arm_slice(now);
        return;
    }
    ++counters_.merged_queries;
    if (answer_->next != 0) {
        answer_->once_more = within;
        return;
    }
    auto const slices = static_cast<std::int64_t>(answer_->slices);
    TimePoint const candidate = now + random_.delay_up_to(within / slices);
    if (candidate < *slice_.due()) {
        answer_->began = now;
        answer_->span = within;
        arm(slice_, candidate, Timer::answer);
    }
}

// Slice n of k goes out at a random moment in the n-th k-th of the time; one alone, as RFC 9776
// section 5.2 says, in all of it.
void Host::arm_slice(TimePoint now) {
    auto const slices = static_cast<std::int64_t>(answer_->slices);
    auto const n = static_cast<std::int64_t>(answer_->next);
    Duration const each = answer_->span / slices;
    TimePoint const from = n < slices ? std::max(now, answer_->began + n * each) : now;
    arm(slice_, from + random_.delay_up_to(each), Timer::answer);
}

void Host::slice_due(TimePoint now, HostOutput& out) {
    if (!answer_) {
        return;
    }
    ReportPacker packer(link_.mtu);
    auto at = answer_->after ? groups_.upper_bound(*answer_->after) : groups_.begin();
    for (; at != groups_.end(); ++at) {
        if (at->second->wish.empty()) {
            continue;
        }
        wire::GroupRecord record = state_record(*at->second);
        if (!packer.empty() && !packer.fits(record)) {
            break;
        }
        packer.add(std::move(record));
        answer_->after = at->first;
    }
    send(packer, out);
    if (at != groups_.end()) {
        ++answer_->next;
        arm_slice(now);
    } else if (auto const done = std::exchange(answer_, std::nullopt); done->once_more) {
        answer_general(*done->once_more, now);
    }
}

void Host::answer_group(HostGroup& group, wire::Query const& query, Duration within,
                        TimePoint now) {
    TimePoint const candidate = now + random_.delay_up_to(within);
    bool const soon = answer_ && answer_->slices == 1 && *slice_.due() <= candidate;
    if (soon) {
        ++counters_.merged_queries;
        return;
    }
    SourceSet const sources{query.sources};
    if (!group.due.armed()) {
        group.asked = sources;
        arm(group.due, candidate, Timer::group, group.group);
    } else {
        ++counters_.merged_queries;
        bool const whole = sources.empty() || group.asked.empty();
        group.asked = whole ? SourceSet{} : group.asked + sources;
        arm(group.due, std::min(candidate, *group.due.due()), Timer::group, group.group);
    }
    if (group.asked.size() > k_max_asked) {
        ++counters_.widened_answers;
        group.asked = {};
    }
}

void Host::group_answer_due(HostGroup& group, HostOutput& out) {
    SourceSet const asked = std::exchange(group.asked, {});
    wire::GroupRecord record = asked.empty() ? state_record(group) : state_record(group, asked);
    if (record.type == wire::RecordType::is_in && record.sources.empty()) {
        return; // none of the sources is wanted: silence says so
    }
    ReportPacker packer(link_.mtu);
    packer.add(std::move(record));
    send(packer, out);
}

} // namespace mcast::igmp
