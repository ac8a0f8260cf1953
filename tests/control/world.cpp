#include "world.h"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace mcast::control {

Config three_lans() {
    Config config;
    for (std::uint8_t i = 0; i < 3; ++i) {
        InterfaceConfig interface;
        interface.name = "lan" + std::to_string(i);
        interface.port = "p" + std::to_string(i);
        interface.address = {Ipv4::of(10, 0, i, 1), 24};
        interface.static_protocol = true;
        config.interfaces.push_back(interface);
    }
    config.limits.entries = 64;
    return config;
}

std::vector<PortFacts> three_ports() {
    std::vector<PortFacts> ports;
    for (int i = 0; i < 3; ++i) {
        ports.push_back({"p" + std::to_string(i), k_router_mac, true, 1500, true});
    }
    return ports;
}

handoff::ChannelSizes World::small_queues() {
    handoff::ChannelSizes sizes;
    sizes.punt_slots = {16, 64, 16, 64, 16};
    sizes.inject_slots = 64;
    sizes.slot_bytes = 2048;
    return sizes;
}

World::World(Config const& config, std::size_t workers, handoff::ChannelSizes const& sizes)
    : shared(workers, config.limits.entries, sizes, grace),
      control(config, three_ports(), shared, grace) {
    control.start(now);
}

void World::punt(handoff::PuntClass punt_class, IfIndex interface, Frame const& frame,
                 std::size_t worker) {
    handoff::FrameQueue& queue = shared.workers[worker]->punt(punt_class);
    handoff::Frame* const slot = queue.acquire();
    if (slot == nullptr) {
        throw std::runtime_error("the test filled a punt queue");
    }
    std::ranges::copy(frame, slot->storage.begin());
    slot->length = static_cast<std::uint32_t>(frame.size());
    slot->interface = interface;
    queue.push(slot);
}

void World::settle() {
    for (int turn = 0; turn < 1000; ++turn) {
        bool const busy = control.step(now);
        bool const waits = grace.open() != 0;
        grace.end_all();
        if (!busy && !waits) {
            return;
        }
    }
    throw std::runtime_error("control does not come to rest");
}

void World::run_for(Duration by) {
    TimePoint const end = now + by;
    settle();
    for (auto due = control.next_due(); due && *due <= end; due = control.next_due()) {
        now = std::max(now + std::chrono::microseconds{1}, *due);
        settle();
    }
    now = std::max(now, end);
    settle();
}

std::vector<Injected> World::injected(std::size_t worker) {
    std::vector<Injected> all;
    handoff::FrameQueue& queue = shared.workers[worker]->inject;
    while (handoff::Frame* const frame = queue.pop()) {
        all.push_back({frame->injection, frame->interface,
                       Frame(frame->bytes().begin(), frame->bytes().end())});
        queue.release(frame);
    }
    return all;
}

std::vector<wire::Query> World::queries(IfIndex interface) {
    std::vector<wire::Query> all;
    for (Injected const& out : injected()) {
        auto const datagram = wire::decode_datagram(out.bytes);
        if (out.interface != interface || !datagram ||
            datagram->ip.protocol != wire::k_protocol_igmp) {
            continue;
        }
        auto const message = wire::decode_igmp(datagram->payload);
        if (message && std::holds_alternative<wire::Query>(*message)) {
            all.push_back(std::get<wire::Query>(*message));
        }
    }
    return all;
}

namespace {

api::Json data_of(api::Reply const& reply) {
    if (reply.failure) {
        return {{"code", name_of(reply.failure->code)}, {"sentence", reply.failure->sentence}};
    }
    return reply.data;
}

} // namespace

api::Json World::ask(std::string const& command, std::vector<std::string> const& arguments) const {
    return data_of(control.answer({command, arguments, api::Json::object()}, now));
}

api::Json World::command(std::string const& command, std::vector<std::string> const& arguments) {
    return data_of(control.command({command, arguments, api::Json::object()}, now));
}

api::Json World::page(std::vector<std::string> const& words, api::Json const& options) const {
    return data_of(control.answer({"show", words, options}, now));
}

api::Json World::list(std::vector<std::string> const& words, std::size_t limit) const {
    api::Json rows = api::Json::array();
    api::Json options = {{"limit", limit}};
    for (int pages = 0; pages < 10000; ++pages) {
        api::Json const data = page(words, options);
        for (api::Json const& row : data.at("rows")) {
            rows.push_back(row);
        }
        if (data["next"].is_null()) {
            return rows;
        }
        options["after"] = data["next"];
    }
    throw std::runtime_error("a listing without end");
}

api::Json World::owner(std::string const& interface) const {
    for (api::Json const& row : ask("show", {"owners"})) {
        if (row["interface"] == interface) {
            return row;
        }
    }
    throw std::runtime_error("no such interface");
}

void World::report(IfIndex interface, wire::ReportV3 const& message) {
    punt(handoff::PuntClass::igmp, interface, igmp_frame(interface, message));
}

void World::join(IfIndex interface, Ipv4 group) {
    report(interface, exclude_report(group, {}));
    settle();
}

void World::leave(IfIndex interface, Ipv4 group) {
    report(interface, {{{wire::RecordType::to_in, group, {}, {}}}});
    settle();
}

void World::miss(IfIndex interface, Frame const& frame, std::size_t worker) {
    punt(handoff::PuntClass::miss, interface, frame, worker);
}

Ipv4 host_of(IfIndex interface) {
    return Ipv4::of(10, 0, static_cast<std::uint8_t>(interface.value), 9);
}

namespace {

template <class Build>
Frame built(Build&& build) {
    std::array<std::uint8_t, 2000> room{};
    wire::Writer out(room);
    if (!build(out)) {
        throw std::runtime_error("a frame that cannot be built");
    }
    return {out.written().begin(), out.written().end()};
}

} // namespace

Frame igmp_frame(Ipv4 host, wire::Igmp const& message) {
    return built([&](wire::Writer& out) {
        return wire::build_igmp_frame({k_host_mac, host, {}}, message, out);
    });
}

Frame igmp_frame(IfIndex interface, wire::Igmp const& message) {
    return igmp_frame(host_of(interface), message);
}

Frame udp_frame(Ipv4 source, Ipv4 group, std::string const& text, std::uint8_t ttl) {
    wire::Ipv4Header header;
    header.ttl = ttl;
    header.destination = group;
    auto const* const data = reinterpret_cast<std::uint8_t const*>(text.data());
    return built([&](wire::Writer& out) {
        return wire::build_udp_frame({k_host_mac, source, {}}, header,
                                     {5000, 5000, {data, text.size()}}, out);
    });
}

Frame arp_frame(wire::ArpPacket const& packet) {
    return built([&](wire::Writer& out) {
        return wire::build_arp_frame({packet.sender_mac, packet.sender, {}}, packet, out);
    });
}

Frame echo_frame(Ipv4 from, Ipv4 to, wire::IcmpEcho const& echo) {
    return built([&](wire::Writer& out) {
        return wire::build_icmp_frame({k_host_mac, from, {}}, k_router_mac, to, echo, out);
    });
}

Frame ip_frame(wire::Ipv4Header const& header, Frame const& payload) {
    return built([&](wire::Writer& out) {
        return wire::build_ipv4_frame({k_router_mac, k_host_mac, wire::k_ether_ipv4, {}}, header,
                                      payload, out);
    });
}

wire::ReportV3 exclude_report(Ipv4 group, std::vector<Ipv4> sources) {
    return {{{wire::RecordType::to_ex, group, std::move(sources), {}}}};
}

wire::ReportV3 include_report(Ipv4 group, std::vector<Ipv4> sources) {
    return {{{wire::RecordType::allow, group, std::move(sources), {}}}};
}

} // namespace mcast::control
