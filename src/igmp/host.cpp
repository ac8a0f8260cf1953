#include "mcast/igmp/host.h"

#include "accept.h"
#include "host_group.h"
#include "report_packer.h"
#include "timing.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace mcast::igmp {

namespace {

// Older Version Querier Present Interval: what the querier uses is not known, so the defaults
// count. RFC 9776 section 8.12.
constexpr int k_default_robustness = 2;
constexpr Duration k_default_query_interval = std::chrono::seconds{125};

Duration older_querier_present(Duration response) {
    return k_default_robustness * k_default_query_interval + 10 * response;
}

std::size_t record_bytes(Wish const& wish) {
    return wish.empty() ? 0 : 8 + 4 * (wish.include.size() + wish.exclude.size());
}

} // namespace

Host::Host(HostConfig const& config, Link link, std::vector<Ipv4Prefix> ssm_ranges,
           std::uint64_t seed)
    : config_(config), link_(std::move(link)), ssm_ranges_(std::move(ssm_ranges)), random_(seed),
      version_(config.version) {
    rules_.require_router_alert = config.require_router_alert;
}

Host::~Host() = default;

HostGroup* Host::find(Ipv4 group) const {
    auto const at = groups_.find(group);
    return at == groups_.end() ? nullptr : at->second.get();
}

void Host::erase(Ipv4 group) {
    groups_.erase(group);
}

bool Host::speakable(Ipv4 group) const {
    return version_ == 3 || std::ranges::none_of(ssm_ranges_, [&](Ipv4Prefix const& range) {
               return range.contains(group);
           });
}

void Host::arm(timer::Handle& handle, TimePoint due, Timer kind, Ipv4 group) {
    if (!handle.rearm(due)) {
        handle = wheel_.arm(due, (static_cast<timer::Key>(kind) << 32) | group.value);
    }
}

void Host::set_link(bool up, TimePoint now) {
    if (link_.up == up) {
        return;
    }
    link_.up = up;
    forget_pending();
    older_v1_.cancel();
    older_v2_.cancel();
    last_older_general_.reset();
    version_ = config_.version;
    if (enabled()) {
        for (Ipv4 group : addresses()) {
            want_anew(group, now);
        }
    }
}

void Host::want(Ipv4 group, Wish const& wish, TimePoint now) {
    HostGroup* state = find(group);
    if (state == nullptr ? wish.empty() : state->wish == wish) {
        return;
    }
    if (state == nullptr) {
        state = (groups_[group] = std::make_unique<HostGroup>()).get();
        state->group = group;
    }
    state_bytes_ += record_bytes(wish);
    state_bytes_ -= record_bytes(state->wish);
    if (!enabled()) {
        state->wish = wish;
        if (wish.empty()) {
            erase(group);
        }
    } else if (version_ == 3) {
        announce(*state, wish, now);
    } else {
        want_older(*state, wish, now);
    }
}

void Host::want_anew(Ipv4 group, TimePoint now) {
    HostGroup* const state = find(group);
    if (state != nullptr && !state->wish.empty()) {
        state_bytes_ -= record_bytes(state->wish);
        want(group, std::exchange(state->wish, {}), now);
    }
}

void Host::receive(Received const& message, TimePoint now, HostOutput& out) {
    ++counters_.heard.received;
    bool const own = message.source == link_.address.address && !message.source.is_unspecified();
    auto const heard = accept(message, {rules_, link_, enabled(), own, true});
    if (!heard) {
        ++(counters_.heard.*heard.error());
        return;
    }
    auto const* query = std::get_if<wire::Query>(&*heard);
    if (query != nullptr && query->is_general() && config_.strict_destination &&
        message.destination != wire::k_all_systems) {
        ++counters_.heard.bad_destination;
        return;
    }
    ++(counters_.heard.*kind_of(*heard));
    if (query != nullptr) {
        hear(*query, message.source, now, out);
    } else if (auto const* v1 = std::get_if<wire::ReportV1>(&*heard)) {
        older_report_heard(v1->group);
    } else if (auto const* v2 = std::get_if<wire::ReportV2>(&*heard)) {
        older_report_heard(v2->group);
    }
}

void Host::hear(wire::Query const& query, Ipv4 from, TimePoint now, HostOutput& out) {
    if (query.is_general()) {
        hear_general(query, from, now, out);
        return;
    }
    HostGroup* const group = find(query.group);
    if (group == nullptr || group->wish.empty()) {
        return;
    }
    Duration const within = time_of(query.max_resp_code, query.version);
    if (version_ == 3) {
        answer_group(*group, query, within, now);
    } else {
        older_query(*group, within, now);
    }
}

// Only a general query says which version a querier speaks (IGMP-120).
void Host::hear_general(wire::Query const& query, Ipv4 from, TimePoint now, HostOutput& out) {
    Duration const within = time_of(query.max_resp_code, query.version);
    querier_ = from;
    querier_version_ = query.version;
    querier_heard_ = now;
    if (query.version < 3 && config_.compatibility) {
        bool const first = query.version == 1;
        arm(first ? older_v1_ : older_v2_, now + older_querier_present(within),
            first ? Timer::older_v1 : Timer::older_v2);
        follow_version(from, now, out);
    }
    if (version_ == 3) {
        answer_general(within, now);
    } else {
        older_general(within, now);
    }
}

// RFC 9776 section 7.2.1: answers and repetitions that are pending are cancelled. What nobody was
// told yet begins anew in the new version, so that no join is lost.
void Host::follow_version(Ipv4 querier, TimePoint now, HostOutput& out) {
    int const lowest = older_v1_.armed() ? 1 : older_v2_.armed() ? 2 : 3;
    auto const version = static_cast<std::uint8_t>(std::min<int>(config_.version, lowest));
    if (version == version_) {
        return;
    }
    std::vector<Ipv4> const anew = unsaid();
    forget_pending();
    version_ = version;
    last_older_general_.reset();
    ++counters_.version_changes;
    out.events.push_back({version, querier});
    for (Ipv4 group : anew) {
        want_anew(group, now);
    }
}

std::vector<Ipv4> Host::unsaid() const {
    std::vector<Ipv4> result;
    for (auto const& [group, state] : groups_) {
        bool const unsaid =
            version_ == 3 ? fresh_.contains(group) : state->repeats_left == config_.robustness;
        if (unsaid && !state->wish.empty()) {
            result.push_back(group);
        }
    }
    return result;
}

void Host::forget_pending() {
    fresh_.clear();
    pending_.clear();
    again_after_.reset();
    answer_.reset();
    for (timer::Handle* handle : {&changes_, &again_, &slice_}) {
        handle->cancel();
    }
    std::erase_if(groups_, [](auto const& each) { return each.second->wish.empty(); });
    for (auto const& [group, state] : groups_) {
        forget_owed(*state);
        state->due.cancel();
        state->asked = {};
        state->repeats_left = 0;
        state->leaving = false;
        // What the routers know of it, they know from us: its end is worth a Leave.
        state->last_reporter = true;
    }
}

std::size_t Host::expire(TimePoint now, std::size_t limit, HostOutput& out) {
    return wheel_.expire(now, limit, [&](timer::Key key) {
        run(static_cast<Timer>(key >> 32), Ipv4{static_cast<std::uint32_t>(key)}, now, out);
    });
}

void Host::run(Timer kind, Ipv4 group, TimePoint now, HostOutput& out) {
    switch (kind) {
    case Timer::changes:
        changes_due(now, out);
        break;
    case Timer::again:
        again_due(now, out);
        break;
    case Timer::answer:
        slice_due(now, out);
        break;
    case Timer::older_v1:
    case Timer::older_v2:
        follow_version({}, now, out);
        break;
    case Timer::group:
        if (HostGroup* const state = find(group); state == nullptr) {
            break;
        } else if (version_ == 3) {
            group_answer_due(*state, out);
        } else {
            older_due(*state, now, out);
        }
        break;
    }
}

void Host::farewell(HostOutput& out) {
    ReportPacker packer(link_.mtu);
    for (auto const& [group, state] : groups_) {
        if (version_ == 3) {
            packer.add({wire::RecordType::to_in, group, {}, {}});
        } else if (version_ == 2 && state->last_reporter && speakable(group) && enabled()) {
            send(wire::Leave{group}, out);
        }
    }
    if (enabled()) {
        send(packer, out);
    }
    forget_pending();
    groups_.clear();
    state_bytes_ = 0;
}

void Host::send(wire::Igmp message, HostOutput& out) {
    if (std::holds_alternative<wire::ReportV1>(message)) {
        ++counters_.sent_reports_v1;
    } else if (std::holds_alternative<wire::ReportV2>(message)) {
        ++counters_.sent_reports_v2;
    } else if (std::holds_alternative<wire::Leave>(message)) {
        ++counters_.sent_leaves;
    } else if (auto const* report = std::get_if<wire::ReportV3>(&message)) {
        ++counters_.sent_reports_v3;
        counters_.sent_records += report->records.size();
    }
    Ipv4 const destination = wire::usual_destination(message);
    out.reports.push_back({link_.address.address, destination, std::move(message)});
}

void Host::send(ReportPacker const& packer, HostOutput& out) {
    counters_.truncated_lists += packer.truncated();
    for (wire::ReportV3 const& report : packer.reports()) {
        send(report, out);
    }
}

HostView Host::view() const {
    auto const wanted =
        std::ranges::count_if(groups_, [](auto const& each) { return !each.second->wish.empty(); });
    return {.version = version_,
            .enabled = enabled(),
            .address = link_.address,
            .querier = querier_,
            .querier_version = querier_version_,
            .querier_heard = querier_heard_,
            .v1_querier_until = older_v1_.due(),
            .v2_querier_until = older_v2_.due(),
            .next_answer = slice_.due(),
            .next_retransmission = again_.due(),
            .groups = static_cast<std::size_t>(wanted),
            .pending = pending_.size()};
}

std::vector<Ipv4> Host::addresses() const {
    std::vector<Ipv4> all;
    all.reserve(groups_.size());
    for (auto const& [group, state] : groups_) {
        all.push_back(group);
    }
    return all;
}

std::vector<HostGroupView> Host::groups(std::optional<Ipv4> after, std::size_t max) const {
    std::vector<HostGroupView> views;
    auto at = after ? groups_.upper_bound(*after) : groups_.begin();
    for (; at != groups_.end() && views.size() < max; ++at) {
        HostGroup const& state = *at->second;
        HostGroupView view{.group = at->first,
                           .wish = state.wish,
                           .mode_reports_left = state.mode_left,
                           .sources = {},
                           .answer = state.due.due(),
                           .last_reporter = version_ != 3 && state.last_reporter};
        for (auto const& [source, left] : state.sources_left) {
            view.sources.push_back({source, left});
        }
        views.push_back(std::move(view));
    }
    return views;
}

} // namespace mcast::igmp
