#include "interface.h"

#include <algorithm>
#include <utility>

namespace mcast::igmp {

namespace {

// What a message and a record cost whatever they say, in looks at a source; a checksum looks at
// many bytes at once.
constexpr std::size_t k_message_work = 16;
constexpr std::size_t k_bytes_of_a_look = 64;
constexpr std::size_t k_record_work = 16;

Rate query_rate_of(InterfaceConfig const& config) {
    return {config.query_rate, 2 * config.query_rate};
}

// All groups that a link may have can come at once, as when a switch starts.
Rate new_state_rate_of(InterfaceConfig const& config, std::uint32_t rate) {
    return {rate, std::max(2 * rate, config.max_groups)};
}

} // namespace

Interface::Interface(IfIndex index, InterfaceConfig const& config, Link link, Shared shared)
    : index_(index), link_(std::move(link)), shared_(shared), querier_(config),
      discovery_(shared.seed + index.value), queries_(query_rate_of(config)),
      new_state_(new_state_rate_of(config, config.new_state_rate)),
      new_state_by_host_(new_state_rate_of(config, config.new_state_rate_per_host)),
      querier_timer_(shared_.wheel.arm(TimePoint::max(), key_of(index))) {
    querier_timer_.cancel(); // from here on, arming it takes no memory
}

void Interface::start(TimePoint now, Output& out) {
    enabled_since_ = now;
    carry_out(querier_.start(address(), now), now, out);
    begin_tracking(now);
}

void Interface::stop(Output& out) {
    clear(std::nullopt, out);
    rest_.reset();
    querier_.stop();
    discovery_.end();
    arm_querier();
}

void Interface::farewell(Output& out) {
    if (discovery_.active()) {
        discovery_.end();
        ++counters_.sent_router_terminations;
        out.discovery.push_back({index_, address(), wire::RouterTermination{}});
    }
}

void Interface::set_link(bool up, TimePoint now, Output& out) {
    if (up == link_.up) {
        return;
    }
    bool const was_enabled = enabled();
    link_.up = up;
    if (was_enabled) {
        stop(out);
    } else if (enabled()) {
        start(now, out);
    }
}

void Interface::set_address(Ipv4Prefix address, TimePoint now, Output& out) {
    if (address == link_.address) {
        return;
    }
    bool const was_enabled = enabled();
    link_.address = address;
    if (was_enabled && !enabled()) {
        stop(out);
    } else if (!was_enabled && enabled()) {
        start(now, out);
    } else if (enabled()) {
        carry_out(querier_.set_self(address.address, now), now, out);
    }
}

void Interface::set_boundaries(std::vector<Ipv4Prefix> boundaries, Output& out) {
    link_.boundaries = std::move(boundaries);
    complete_at_.reset();
    for (auto at = groups_.begin(); at != groups_.end();) {
        at = judge_group(at->first, link_) ? drop(at, out) : std::next(at);
    }
}

void Interface::reconfigure(InterfaceConfig const& config, TimePoint now, Output& out) {
    bool const other_access = config.access != querier_.config().access;
    complete_at_.reset();
    queries_ = Bucket(query_rate_of(config));
    new_state_ = Bucket(new_state_rate_of(config, config.new_state_rate));
    new_state_by_host_ = HostBuckets(new_state_rate_of(config, config.new_state_rate_per_host));
    carry_out(querier_.reconfigure(config, now), now, out);
    if (other_access) {
        apply_access(out);
    }
    watch(out);
}

void Interface::clear(std::optional<Ipv4> group, Output& out) {
    complete_at_.reset();
    for (auto at = groups_.begin(); at != groups_.end();) {
        at = !group || at->first == *group ? drop(at, out) : std::next(at);
    }
}

void Interface::restart(TimePoint now, Output& out) {
    if (enabled()) {
        stop(out);
        start(now, out);
    }
}

void Interface::elect_again(TimePoint now, Output& out) {
    if (enabled()) {
        carry_out(querier_.elect_again(now), now, out);
    }
}

void Interface::clear_statistics(TimePoint now) {
    cleared_ = counters_;
    cleared_at_ = now;
    counters_.groups_peak = groups_.size();
}

bool Interface::query_now(Output& out) {
    return enabled() && send_general(out);
}

std::size_t Interface::receive(Received const& received, bool own_source, std::size_t allowance,
                               TimePoint now, Output& out) {
    std::size_t const start = work_;
    work_ += k_message_work + received.payload.size() / k_bytes_of_a_look;
    ++counters_.received;
    auto message = accept(received, {.config = querier_.config(),
                                     .link = link_,
                                     .enabled = enabled(),
                                     .own_source = own_source});
    if (!message) {
        refuse(message.error(), received, now, out);
        return work_ - start;
    }
    ++(counters_.*kind_of(*message));
    counters_.without_router_alert += received.router_alert ? 0 : 1;
    if (auto const* query = std::get_if<wire::Query>(&*message)) {
        work_ += query->sources.size();
        counters_.group_queries_v2 += !query->is_general() && query->version == 2 ? 1 : 0;
        hear(*query, received.source, now, out);
        return work_ - start;
    }
    resume(Engine::k_all, now, out); // what hosts say is heard in order
    if (auto const* v1 = std::get_if<wire::ReportV1>(&*message)) {
        hear(claim_of(*v1), received.source, now, out);
    } else if (auto const* v2 = std::get_if<wire::ReportV2>(&*message)) {
        hear(claim_of(*v2), received.source, now, out);
    } else if (auto const* leave = std::get_if<wire::Leave>(&*message)) {
        hear(claim_of(*leave), received.source, now, out);
    } else if (std::holds_alternative<wire::RouterSolicitation>(*message)) {
        discovery_.solicited(now);
        arm_querier();
    } else if (auto* v3 = std::get_if<wire::ReportV3>(&*message); v3 && !v3->records.empty()) {
        rest_ = Rest{.report = std::move(*v3), .reporter = received.source};
        resume(allowance - std::min(allowance, work_ - start), now, out);
    }
    return work_ - start;
}

std::size_t Interface::resume(std::size_t allowance, TimePoint now, Output& out) {
    std::size_t const start = work_;
    while (rest_ && work_ - start < allowance) {
        wire::GroupRecord const record = std::move(rest_->report.records[rest_->next++]);
        Ipv4 const reporter = rest_->reporter;
        if (rest_->next == rest_->report.records.size()) {
            rest_.reset();
        }
        work_ += k_record_work + record.sources.size();
        hear(record, reporter, now, out);
    }
    return work_ - start;
}

void Interface::refuse(Counter why, Received const& received, TimePoint now, Output& out) {
    ++(counters_.*why);
    if (why == &Counters::duplicate_address && duplicate_alarm_.pass(now)) {
        note(DuplicateAddress{index_, received.source, received.source_mac}, out);
    }
}

void Interface::querier_due(TimePoint now, Output& out) {
    carry_out(querier_.due(now), now, out);
    if (discovery_.due(now)) {
        advertise(out);
        arm_querier();
    }
}

std::size_t Interface::group_due(Ipv4 group, TimePoint now, Output& out) {
    auto const at = groups_.find(group);
    if (at == groups_.end()) {
        return 0;
    }
    std::size_t const looks = at->second.sources.size() + at->second.members.sources;
    with_group(at, now, out, [&](Group& it) { run(it, now, out); });
    return looks;
}

void Interface::run(Group& group, TimePoint now, Output& out) {
    expire_members(group, now);
    doubt(group, now, out);
    bool const owed = group.next_tick && *group.next_tick <= now;
    // What is owed goes out before the timers that it was to warn of, however late we are; but
    // nothing is asked on behalf of a group that ends at this very moment.
    auto const expiry = next_expiry(group);
    if (owed && expiry && *group.next_tick < *expiry) {
        send_owed(group, now, out);
        expire_group(group, now, out);
    } else {
        expire_group(group, now, out);
        if (owed && !group.gone()) {
            send_owed(group, now, out);
        }
    }
}

Group const* Interface::find(Ipv4 group) const {
    auto const at = groups_.find(group);
    return at == groups_.end() ? nullptr : &at->second;
}

std::vector<Ipv4> Interface::groups() const {
    std::vector<Ipv4> result;
    result.reserve(groups_.size());
    for (auto const& [address, group] : groups_) {
        result.push_back(address);
    }
    return result;
}

std::optional<Ipv4> Interface::next_group(std::optional<Ipv4> after) const {
    auto const at = after ? groups_.upper_bound(*after) : groups_.begin();
    return at != groups_.end() ? std::optional{at->first} : std::nullopt;
}

InterfaceView Interface::view() const {
    Timing const& timing = querier_.timing();
    return {.config = querier_.config(),
            .address = link_.address,
            .enabled = enabled(),
            .enabled_since = enabled_since_,
            .querier = querier_.asks_generally(),
            .querier_address = querier_.address(),
            .querier_version = querier_.version_of_querier(),
            .querier_since = querier_.since(),
            .querier_expires = querier_.expires(),
            .next_general_query = querier_.next_general(),
            .startup_queries_left = querier_.startup_left(),
            .advertising = discovery_.active(),
            .next_advertisement = discovery_.next_due(),
            .v1_querier_until = querier_.older_until(1),
            .v2_querier_until = querier_.older_until(2),
            .version = timing.version,
            .robustness = timing.robustness,
            .startup_query_count = timing.startup_count,
            .last_member_query_count = timing.last_member_count,
            .query_interval = timing.query_interval,
            .query_response_interval = timing.response,
            .startup_query_interval = timing.startup_interval,
            .last_member_query_interval = timing.last_member_interval,
            .last_member_query_time = timing.last_member_time,
            .group_membership_interval = timing.membership,
            .other_querier_present_interval = timing.other_querier,
            .older_host_present_interval = timing.older_host,
            .hosts = groups_of_host_.size(),
            .groups = groups_.size(),
            .sources = static_cast<std::size_t>(used_.entries) - groups_.size()};
}

void Interface::settle(Groups::iterator at, Footprint before, Output& out) {
    Group& group = at->second;
    account(before, group.footprint());
    if (group.gone()) {
        forget_members(group);
        groups_.erase(at);
    } else {
        counters_.groups_peak = std::max<std::uint64_t>(counters_.groups_peak, groups_.size());
        arm(group.timer, next_due(group), key_of(index_, group.address));
    }
    watch(out);
}

void Interface::account(Footprint before, Footprint after) {
    for (Footprint* const sum : {&used_, &shared_.used}) {
        sum->entries = sum->entries - before.entries + after.entries;
        sum->bytes = sum->bytes - before.bytes + after.bytes;
    }
}

Interface::Groups::iterator Interface::drop(Groups::iterator at, Output& out) {
    account(at->second.footprint(), {});
    forget_members(at->second);
    changed(at->first, out);
    auto const next = groups_.erase(at);
    watch(out);
    return next;
}

void Interface::arm(timer::Handle& handle, std::optional<TimePoint> due, timer::Key key) {
    if (!due) {
        handle.cancel();
    } else if (handle.due() != due && !handle.rearm(*due)) {
        handle = shared_.wheel.arm(*due, key);
    }
}

void Interface::arm_querier() {
    auto const asks = querier_.next_due();
    auto const advertises = discovery_.next_due();
    bool const both = asks && advertises;
    arm(querier_timer_,
        both   ? std::min(*asks, *advertises)
        : asks ? asks
               : advertises,
        key_of(index_));
}

} // namespace mcast::igmp
