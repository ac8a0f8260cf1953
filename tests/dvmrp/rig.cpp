#include "rig.h"

namespace mcast::dvmrp::test {

std::vector<std::uint8_t> bytes_of(Message const& message) {
    std::vector<std::uint8_t> buffer(9000);
    wire::Writer out(buffer);
    EXPECT_TRUE(encode(message, out));
    buffer.resize(out.size());
    return buffer;
}

Rig::Rig(Config const& config, InterfaceConfig const& each)
    : engine(config, {.random = 1, .generation = 1000}) {
    std::pair<IfIndex, Ipv4> const links[] = {{k_i, k_us_i}, {k_j, k_us_j}, {k_k, k_us_k}};
    for (auto const& [index, address] : links) {
        EXPECT_TRUE(engine.add_interface(index, each, {.address = {address, 24}}, now, out));
    }
    settle();
}

void Rig::collect() {
    for (ToSend& it : out.messages) {
        sent.push_back({now.time_since_epoch(), std::move(it)});
    }
    for (FlowChanged const& it : out.flows) {
        flows.push_back(it.flow);
    }
    for (RouteChanged const& it : out.routes) {
        routes.push_back(it.prefix);
    }
    events.insert(events.end(), out.events.begin(), out.events.end());
    out.clear();
}

void Rig::run_for(Duration time) {
    TimePoint const end = now + time;
    for (auto due = engine.next_due(); due && *due <= end; due = engine.next_due()) {
        now = std::max(now, *due);
        engine.expire(now, 1000, out);
        collect();
    }
    now = end;
    collect();
}

void Rig::live_for(Duration time) {
    TimePoint const end = now + time;
    while (now < end) {
        for (auto const& [on, neighbor] : living_) {
            probe(on, neighbor);
        }
        run_for(std::min<Duration>(10s, end - now));
    }
}

void Rig::hear_bytes(IfIndex on, Ipv4 from, std::vector<std::uint8_t> const& bytes,
                     Arrival const& how) {
    engine.receive({.interface = on,
                    .source = from,
                    .destination = how.destination,
                    .ttl = how.ttl,
                    .payload = bytes},
                   now, out);
    settle();
}

void Rig::hear(IfIndex on, Ipv4 from, Body body, Arrival const& how) {
    hear_bytes(
        on, from,
        bytes_of(
            {.capabilities = how.capabilities, .version = how.version, .body = std::move(body)}),
        how);
}

void Rig::probe(IfIndex on, Ipv4 from, std::uint32_t generation) {
    Ipv4 const us = on == k_i ? k_us_i : on == k_j ? k_us_j : k_us_k;
    hear(on, from, Probe{.generation = generation, .neighbors = {us}});
    if (std::ranges::find(living_, std::pair{on, from}) == living_.end()) {
        living_.emplace_back(on, from);
    }
}

void Rig::lonely_probe(IfIndex on, Ipv4 from, std::uint32_t generation) {
    hear(on, from, Probe{.generation = generation});
}

void Rig::report(IfIndex on, Ipv4 from, std::vector<wire::dvmrp::Route> said) {
    hear(on, from, Report{std::move(said)});
}

void Rig::all_adjacent() {
    probe(k_i, k_n);
    probe(k_i, k_n3);
    probe(k_j, k_m);
    probe(k_k, k_r);
    run_for(1s);
    forget();
}

void Rig::with_route_and_dependent() {
    all_adjacent();
    report(k_i, k_n, k_p, 2);
    report(k_j, k_m, k_p, 36);
    live_for(6s); // the flashes are out of the way
    forget();
}

std::optional<Outputs> Rig::open(FlowKey flow) {
    auto const result = engine.open_flow(flow, now, out);
    settle();
    return result;
}

void Rig::data(FlowKey flow) {
    engine.data(flow, now, out);
    settle();
}

void Rig::member(IfIndex on, bool wants, Ipv4 group) {
    engine.set_member(on, group, wants, now, out);
    settle();
}

void Rig::forget() {
    sent.clear();
    flows.clear();
    routes.clear();
    events.clear();
}

std::optional<int> Rig::last_said(IfIndex on, Ipv4Prefix prefix) const {
    std::optional<int> result;
    for (Sent const& it : sent) {
        auto const* report = std::get_if<Report>(&it.what.message.body);
        if (report == nullptr || it.what.interface != on) {
            continue;
        }
        for (auto const& route : report->routes) {
            if (route.prefix == prefix) {
                result = route.metric;
            }
        }
    }
    return result;
}

std::optional<NeighborState> Rig::state(IfIndex on, Ipv4 neighbor) const {
    for (NeighborView const& it : engine.neighbors(on)) {
        if (it.address == neighbor) {
            return it.state;
        }
    }
    return std::nullopt;
}

IfSet Rig::wanted(FlowKey flow) const {
    auto const outputs = engine.outputs(flow, now);
    return outputs ? outputs->wanted : IfSet{};
}

std::uint64_t Rig::refusals(IfIndex on) const {
    std::uint64_t sum = 0;
    for (CounterName const& it : k_counters) {
        sum += it.kind == CounterClass::refusal ? counters(on).*it.member : 0;
    }
    return sum;
}

} // namespace mcast::dvmrp::test
