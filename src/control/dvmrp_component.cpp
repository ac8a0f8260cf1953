#include "dvmrp_component.h"

#include "dvmrp_events.h"
#include "sums.h"

#include "mcast/base/log.h"
#include "mcast/wire/mtrace.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace mcast::control {

namespace {

constexpr mgm::MembershipFlags k_join = mgm::MembershipFlags::join_state;

// Of an NTP time stamp: 16 bits of its seconds since 1900, and 16 of what is behind the point.
std::uint32_t ntp_middle(Duration since_1970) {
    using std::chrono::duration_cast;
    using std::chrono::seconds;
    constexpr std::int64_t k_from_1900_to_1970 = 2'208'988'800;
    auto const whole = duration_cast<seconds>(since_1970);
    auto const fraction = duration_cast<std::chrono::microseconds>(since_1970 - whole);
    auto const parts = static_cast<std::uint32_t>(fraction.count() * 65536 / 1'000'000);
    return static_cast<std::uint32_t>(whole.count() + k_from_1900_to_1970) << 16 | parts;
}

// What came in to be forwarded: not what went up for other reasons than that.
std::uint32_t packets_in(handoff::Shared const& shared, IfIndex interface) {
    Sums const sums = sums_of_interface(shared, interface);
    std::uint64_t const misses = sums.punted[static_cast<std::size_t>(handoff::PuntClass::miss)];
    return static_cast<std::uint32_t>(sums.received - sums.all_punted() + misses);
}

} // namespace

DvmrpComponent::DvmrpComponent(std::uint32_t domain, DvmrpSurroundings with, dvmrp::Seeds seeds)
    : domain_(domain), config_(with.config), interfaces_(with.interfaces), manager_(with.manager),
      routes_(with.routes), igmp_(with.igmp), counters_(with.counters), shared_(with.shared),
      wall_(with.wall), sender_(with.interfaces, with.adjacency, with.injector, with.counters),
      engine_(*with.config.dvmrp, seeds) {}

void DvmrpComponent::start(TimePoint now) {
    now_ = now;
    sweep_due_ = now;
    auto registration = manager_.register_component({mgm::k_dvmrp_protocol, domain_}, *this);
    if (!registration) {
        log::line(log::Level::error, "dvmrp", "not registered: {}", registration.error().reason);
        return;
    }
    registration_ = std::move(*registration);
    interfaces_.for_each([&](IfIndex i) {
        InterfaceConfig const& interface = interfaces_.config(i);
        if (!interface.dvmrp_enabled || interface.dvmrp_domain != domain_) {
            return;
        }
        if (auto const taken = take(i, now); !taken) {
            log::line(log::Level::error, "dvmrp", "{}: {}", interface.name, taken.error().reason);
        }
    });
    tell_external();
}

// A step of the engine is some messages; there are as many as the routes need.
void DvmrpComponent::farewell() {
    constexpr std::size_t k_messages = 64;
    bool all_said = false;
    while (!all_said) {
        all_said = engine_.farewell(k_messages, output_);
        for (dvmrp::ToSend const& message : output_.messages) {
            if (holds(message.interface)) {
                sender_.send(message, now_);
            }
        }
        output_.clear();
    }
}

void DvmrpComponent::stop() {
    seats_.clear();
    registration_ = {};
    withdraw_routes();
    flows_.clear();
    gone_.clear();
    dirty_.clear();
    channels_.clear();
    dirty_channels_.clear();
    raised_.clear();
}

mgm::Result<> DvmrpComponent::take(IfIndex interface, TimePoint now) {
    now_ = now;
    auto lease = registration_.take({interface, {}});
    if (!lease) {
        return std::unexpected(lease.error());
    }
    if (leaving_.contains(interface)) { // and comes back: as if for the first time
        leaving_.erase(interface);
        engine_.remove_interface(interface, now, output_);
    }
    seats_[interface].lease = std::move(*lease);
    InterfaceConfig const& config = interfaces_.config(interface);
    dvmrp::Link const link{.address = config.address,
                           .other_subnets = {},
                           .remote = config.tunnel ? config.tunnel->remote : Ipv4{},
                           .up = interfaces_.up(interface),
                           .boundaries = interfaces_.boundaries(interface)};
    engine_.add_interface(interface, config.dvmrp, link, now, output_);
    tell_external(interface);
    carry_out(output_);
    dirty_channels_.insert(channels_.begin(), channels_.end()); // whose members are ours now
    return {};
}

// The lease goes first: should that be refused, nothing has happened.
mgm::Result<> DvmrpComponent::release(IfIndex interface, TimePoint now) {
    now_ = now;
    auto released = registration_.release({interface, {}});
    if (!released) {
        return released;
    }
    seats_.erase(interface);
    leaving_.insert(interface);
    sender_.forget(interface);
    look_at(mgm::MembershipKey::any());
    dirty_channels_.insert(channels_.begin(), channels_.end());
    return {};
}

IfSet DvmrpComponent::held() const {
    IfSet all;
    for (auto const& [interface, seat] : seats_) {
        all.insert(interface);
    }
    return all;
}

void DvmrpComponent::receive(IfIndex interface, DvmrpFrame const& frame, TimePoint now) {
    now_ = now;
    sender_.begin_answers(interface, frame);
    engine_.set_querier(interface, igmp_.is_querier(interface));
    dvmrp::Received const received{.interface = interface,
                                   .source = frame.ip.source,
                                   .destination = frame.ip.destination,
                                   .ttl = frame.ip.ttl,
                                   .payload = frame.payload};
    if (wire::is_mtrace(frame.payload)) {
        engine_.trace(received, ntp_middle(now.time_since_epoch() + wall_), now, output_);
    } else {
        engine_.receive(received, now, output_);
    }
    carry_out(output_);
    sender_.end_answers();
}

std::size_t DvmrpComponent::forget(IfIndex interface, dvmrp::Learned what, TimePoint now) {
    now_ = now;
    std::size_t const neighbors = engine_.forget(interface, what, now, output_);
    carry_out(output_);
    return neighbors;
}

std::size_t DvmrpComponent::expire(TimePoint now, std::size_t limit) {
    now_ = now;
    std::size_t const done = engine_.expire(now, limit, output_);
    carry_out(output_);
    return done;
}

void DvmrpComponent::set_link(IfIndex interface, bool up, TimePoint now) {
    now_ = now;
    if (holds(interface)) {
        engine_.set_link(interface, up, now, output_);
    }
    tell_external(interface);
    carry_out(output_);
}

std::optional<TimePoint> DvmrpComponent::next_due() const {
    auto due = engine_.next_due();
    if (live() != 0) {
        due = due ? std::min(*due, sweep_due_) : sweep_due_;
    }
    return due;
}

bool DvmrpComponent::busy() const {
    return sweeping_ || sweep_all_ || !dirty_.empty() || !dirty_channels_.empty() ||
           !changed_routes_.empty() || !raised_.messages.empty() || !raised_.flows.empty() ||
           !raised_.routes.empty();
}

std::size_t DvmrpComponent::follow(TimePoint now, std::size_t limit) {
    now_ = now;
    carry_out(raised_);
    std::size_t done = tell_routes(limit);
    for (std::size_t n = 0; n < limit && !dirty_.empty(); ++n) {
        follow_flow(dirty_.extract(dirty_.begin()).value());
        ++done;
    }
    for (std::size_t n = 0; n < limit && !dirty_channels_.empty(); ++n) {
        follow_channel(dirty_channels_.extract(dirty_channels_.begin()).value());
        ++done;
    }
    done += sweep(limit);
    return done + end_leaving();
}

// Never the output of an engine's call that is under way: carrying out may ask us questions, whose
// output is another.
void DvmrpComponent::carry_out(dvmrp::Output& output) {
    for (dvmrp::ToSend const& message : output.messages) {
        if (holds(message.interface)) {
            sender_.send(message, now_);
        }
    }
    for (dvmrp::TraceToSend& message : output.traces) {
        if (holds(message.interface)) {
            fill_counts(message);
            sender_.send(message, now_);
        }
    }
    for (dvmrp::RouteChanged const& change : output.routes) {
        changed_routes_.insert(change.prefix);
    }
    for (dvmrp::FlowChanged const& change : output.flows) {
        dirty_.insert(change.flow);
    }
    for (dvmrp::Event const& event : output.events) {
        log_event(interfaces_, event);
    }
    output.clear();
}

void DvmrpComponent::fill_counts(dvmrp::TraceToSend& message) const {
    if (!message.counts) {
        return;
    }
    wire::TraceBlock& block = message.trace.blocks.back();
    if (message.counts->incoming != k_no_interface) {
        block.input_packets = packets_in(shared_, message.counts->incoming);
    }
    if (message.counts->outgoing != k_no_interface) {
        block.output_packets = static_cast<std::uint32_t>(
            sums_of_interface(shared_, message.counts->outgoing).frames_sent);
    }
    if (message.counts->flow) {
        auto const stats = manager_.entry_stats(*message.counts->flow);
        block.flow_packets = stats ? static_cast<std::uint32_t>(stats->totals.packets) : 0;
    }
}

// --- what the manager asks and tells

void DvmrpComponent::on_rpf(mgm::RpfQuery const& query, mgm::RpfDecision& decision) {
    mgm::Route const& route = query.route;
    auto const rpf = engine_.rpf(query.key.source);
    bool const ours = route.protocol == mgm::k_dvmrp_protocol && route.instance == domain_;
    if (ours && rpf && holds(rpf->interface)) {
        decision.interface = {rpf->interface, {}};
        decision.upstream = rpf->neighbor;
    }
    std::optional<IfIndex> came_in;
    if (query.arrived_on != k_no_interface) {
        came_in = query.arrived_on;
    }
    touch(query.key, came_in);
}

void DvmrpComponent::on_entry_created(FlowKey key, mgm::InterfaceRef /*arrival*/,
                                      std::span<mgm::OutInterface> mine) {
    touch(key, std::nullopt);
    auto const outputs = engine_.outputs(key, now_);
    for (mgm::OutInterface& out : mine) {
        out.forward = forwards(key, out.ref.index, outputs);
    }
}

void DvmrpComponent::on_interface_ready(mgm::InterfaceRef interface) {
    auto const seat = seats_.find(interface.index);
    if (seat == seats_.end()) {
        return;
    }
    if (auto const added = seat->second.lease.add(mgm::MembershipKey::any(), k_join); !added) {
        counters_.add(Deed::memberships_refused, interface.index);
        log::line(log::Level::warning, "dvmrp", "{}: does not hear of flows: {}",
                  interfaces_.name(interface.index), added.error().reason);
    }
}

void DvmrpComponent::on_join(mgm::MembershipKey const& key, mgm::AlertCause /*cause*/) {
    note_channel(key);
    look_at(key);
}

// A refused flow asks again soon; that our neighbour stops for longer is the engine's to remember.
void DvmrpComponent::on_prune(mgm::MembershipKey const& key, mgm::InterfaceRef /*interface*/,
                              mgm::AlertCause cause, std::chrono::seconds& entry_lifetime) {
    note_channel(key);
    if (cause == mgm::AlertCause::entry) {
        entry_lifetime = std::chrono::ceil<std::chrono::seconds>(config_.limits.negative_lifetime);
    }
    look_at(key);
}

void DvmrpComponent::on_local_join(mgm::MembershipKey const& key, mgm::InterfaceRef interface) {
    auto const seat = seats_.find(interface.index);
    if (!key.group || seat == seats_.end()) {
        return;
    }
    note_channel(key);
    seat->second.members[*key.group].insert(key);
    engine_.set_member(interface.index, *key.group, true, now_, output_);
    carry_out(output_);
    look_at(key);
}

void DvmrpComponent::on_local_leave(mgm::MembershipKey const& key, mgm::InterfaceRef interface) {
    auto const seat = seats_.find(interface.index);
    if (!key.group || seat == seats_.end()) {
        return;
    }
    note_channel(key);
    auto& members = seat->second.members;
    auto const at = members.find(*key.group);
    if (at == members.end()) {
        return;
    }
    at->second.erase(key);
    if (at->second.empty()) {
        members.erase(at);
        engine_.set_member(interface.index, *key.group, false, now_, output_);
        carry_out(output_);
    }
    look_at(key);
}

void DvmrpComponent::refiltered(igmp::Change const& change) {
    if (holds(change.interface)) {
        look_at(mgm::MembershipKey::of(change.group));
    }
}

} // namespace mcast::control
