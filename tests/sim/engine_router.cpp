#include "engine_router.h"

#include "mcast/wire/datagram.h"

#include <algorithm>
#include <stdexcept>

namespace mcast::sim {

namespace {

handoff::ChannelSizes sizes() {
    handoff::ChannelSizes result;
    result.punt_slots = {512, 256, 256, 16, 32};
    result.alert_slots = 1;
    result.inject_slots = 64;
    result.slot_bytes = 700;
    return result;
}

} // namespace

EngineRouter::EngineRouter(std::size_t number, RouterSpec const& spec, Setup setup,
                           std::uint64_t seed, std::uint32_t generation)
    : spec_(spec), setup_(std::move(setup)), shared_(1, 4096, sizes(), grace_),
      publisher_(shared_.table, grace_, 1), path_(number, shared_),
      dvmrp_(setup_.dvmrp, {.random = seed, .generation = generation}), igmp_({}, seed) {}

void EngineRouter::publish_interfaces() {
    auto table = std::make_unique<handoff::InterfaceTable>();
    for (std::size_t i = 0; i < spec_.ports.size(); ++i) {
        IfIndex const index{static_cast<IfIndex::rep>(i)};
        handoff::Interface it;
        it.port = PortId{index.value};
        it.up = up_.contains(index);
        it.mac = mac_of(spec_.ports[i].address);
        it.address = {spec_.ports[i].address, 24};
        table->add(index, it);
    }
    table->dvmrp = table->present;
    shared_.interfaces.publish(std::move(table));
}

void EngineRouter::start(TimePoint now) {
    next_age_ = now + setup_.entry_idle / 2;
    for (std::size_t i = 0; i < spec_.ports.size(); ++i) {
        IfIndex const index{static_cast<IfIndex::rep>(i)};
        Ipv4 const address = spec_.ports[i].address;
        up_.insert(index);
        if (setup_.with_igmp) {
            igmp_.add_interface(index, setup_.igmp,
                                {.address = {address, 24}, .mac = mac_of(address)}, now, igmp_out_);
        }
    }
    publish_interfaces();
    for (std::size_t i = 0; i < spec_.ports.size(); ++i) {
        IfIndex const index{static_cast<IfIndex::rep>(i)};
        if (!dvmrp_.add_interface(index, setup_.interfaces[i],
                                  {.address = {spec_.ports[i].address, 24}}, now, out_)) {
            throw std::runtime_error("an interface that the engine refuses");
        }
    }
}

void EngineRouter::settle(TimePoint now) {
    for (int turns = 0; turns < 100'000; ++turns) {
        if (!turn(now)) {
            return;
        }
    }
    throw std::runtime_error("an engine does not come to rest");
}

bool EngineRouter::turn(TimePoint now) {
    using handoff::PuntClass;
    std::size_t done = drain(PuntClass::dvmrp, now) + drain(PuntClass::query, now) +
                       drain(PuntClass::igmp, now) + drain(PuntClass::host, now);
    follow(now); // a report and the stream that it asks for may come in one turn
    done += drain(PuntClass::miss, now);
    for (FlowKey flow : std::exchange(path_.unwanted, {})) {
        dvmrp_.data(flow, now, out_);
    }
    done += dvmrp_.expire(now, 256, out_);
    done += igmp_.expire(now, 256, igmp_out_);
    follow(now);
    age(now);
    grace_.end_all();
    publisher_.reclaim(256);
    shared_.interfaces.reclaim();
    return path_.take_injections() || done != 0;
}

std::size_t EngineRouter::drain(handoff::PuntClass punt_class, TimePoint now) {
    handoff::FrameQueue& queue = shared_.workers.front()->punt(punt_class);
    std::size_t done = 0;
    while (handoff::Frame* const frame = queue.pop()) {
        ++done;
        if (punt_class == handoff::PuntClass::miss) {
            miss(*frame, now);
        } else if (auto const it = wire::decode_datagram(frame->bytes());
                   it && punt_class == handoff::PuntClass::dvmrp) {
            dvmrp_.receive(
                {frame->interface, it->ip.source, it->ip.destination, it->ip.ttl, it->payload}, now,
                out_);
        } else if (it && punt_class != handoff::PuntClass::host) {
            hear_igmp(*frame, now);
        }
        queue.release(frame);
    }
    return done;
}

void EngineRouter::hear_igmp(handoff::Frame const& frame, TimePoint now) {
    auto const it = wire::decode_datagram(frame.bytes());
    igmp_.receive({.interface = frame.interface,
                   .source = it->ip.source,
                   .destination = it->ip.destination,
                   .ttl = it->ip.ttl,
                   .router_alert = wire::has_router_alert(it->ip.options),
                   .source_mac = it->ethernet.source,
                   .payload = it->payload},
                  now, igmp_out_);
}

void EngineRouter::miss(handoff::Frame const& frame, TimePoint now) {
    auto const data = data_in({frame.bytes().begin(), frame.bytes().end()});
    if (!data || !dvmrp_.open_flow(data->flow, now, out_, false, frame.interface)) {
        return;
    }
    flows_.try_emplace(data->flow, Age{0, now});
    publish(data->flow, now);
    handoff::FrameQueue& inject = shared_.workers.front()->inject;
    if (handoff::Frame* const slot = inject.acquire()) {
        std::ranges::copy(frame.bytes(), slot->storage.begin());
        slot->length = frame.length;
        slot->interface = frame.interface;
        slot->injection = handoff::Injection::reinject;
        inject.push(slot);
    }
}

void EngineRouter::publish(FlowKey flow, TimePoint now) {
    auto const outputs = dvmrp_.outputs(flow, now);
    if (!outputs || !outputs->arrival) { // its route is gone: the next packet asks again
        close(flow);
        return;
    }
    publisher_.publish(
        {.key = flow,
         .arrival = *outputs->arrival,
         .outputs = outputs->wanted,
         .highest_threshold = 1,
         .negative = outputs->wanted.empty() ? handoff::Drop::no_member : handoff::Drop::none});
}

void EngineRouter::close(FlowKey flow) {
    publisher_.withdraw(flow);
    dvmrp_.close_flow(flow);
    flows_.erase(flow);
}

void EngineRouter::age(TimePoint now) {
    if (now < next_age_) {
        return;
    }
    next_age_ = now + setup_.entry_idle / 2;
    std::vector<FlowKey> idle;
    for (auto& [flow, age] : flows_) {
        auto const totals = publisher_.totals(flow);
        std::uint64_t const counted = totals.packets + totals.dropped;
        if (counted != age.counted) {
            age = {counted, now};
        } else if (now - age.since >= setup_.entry_idle) {
            idle.push_back(flow);
        }
    }
    std::ranges::for_each(idle, [this](FlowKey flow) { close(flow); });
}

template <class Build>
void EngineRouter::transmit(IfIndex out, Build&& build) {
    if (up_.contains(out)) {
        path_.out.push_back({out, packet_of(built(build))});
    }
}

void EngineRouter::follow(TimePoint now) {
    for (igmp::Change const& it : std::exchange(igmp_out_.changes, {})) {
        bool const member = igmp_.wish(it.interface, it.group).any_source;
        dvmrp_.set_member(it.interface, it.group, member, now, out_);
    }
    for (igmp::QueryToSend const& it : igmp_out_.queries) {
        transmit(it.interface, [&](wire::Writer& out) {
            return wire::build_igmp_frame({mac_of(it.source), it.source, {}}, it.destination,
                                          it.query, out);
        });
    }
    igmp_out_.clear();
    for (dvmrp::FlowChanged const& it : std::exchange(out_.flows, {})) {
        if (flows_.contains(it.flow)) {
            publish(it.flow, now);
        }
    }
    for (dvmrp::ToSend const& it : out_.messages) {
        transmit(it.interface, [&](wire::Writer& out) {
            return wire::build_dvmrp_frame({mac_of(it.source), it.source, {}}, it.destination,
                                           it.ttl, it.message, out, mac_of(it.destination));
        });
    }
    out_.clear();
}

std::optional<TimePoint> EngineRouter::next_due() const {
    std::optional<TimePoint> first = dvmrp_.next_due();
    auto const igmp = igmp_.next_due();
    if (igmp && (!first || *igmp < *first)) {
        first = igmp;
    }
    if (!flows_.empty() && (!first || next_age_ < *first)) {
        first = next_age_;
    }
    return first;
}

void EngineRouter::set_link(IfIndex port, bool up, TimePoint now) {
    if (up) {
        up_.insert(port);
    } else {
        up_.erase(port);
    }
    publish_interfaces();
    igmp_.set_link(port, up, now, igmp_out_);
    dvmrp_.set_link(port, up, now, out_);
}

void EngineRouter::farewell(TimePoint now) {
    bool done = false;
    for (int i = 0; i < 10'000 && !done; ++i) {
        done = dvmrp_.farewell(16, out_);
        follow(now);
    }
}

Toward EngineRouter::toward(Ipv4Prefix net) {
    auto const route = dvmrp_.view(net);
    if (!route || route->metric >= 32) {
        return {};
    }
    return {route->metric, route->interface, route->neighbor};
}

Memory EngineRouter::memory() const {
    return {shared_.table.size(), dvmrp_.flow_count(), dvmrp_.prune_count()};
}

} // namespace mcast::sim
