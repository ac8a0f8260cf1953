#include "route_scene.h"

#include "mcast/mgm/group_manager.h"
#include "mcast/wire/datagram.h"
#include "mcast/wire/igmp.h"

#include <array>
#include <ctime>
#include <stdexcept>

namespace mcast::bench {

namespace {

using namespace wire::dvmrp;
using handoff::PuntClass;

constexpr Mac k_router_mac{{0x02, 0, 0, 0, 0, 0x01}};
constexpr Mac k_neighbor_mac{{0x02, 0, 0, 0, 0, 0x99}};
constexpr Ipv4 k_group = Ipv4::of(239, 1, 1, 1);
constexpr std::uint8_t k_capabilities = 0x0e;
constexpr Duration k_ever = std::chrono::hours{24 * 30};
constexpr std::size_t k_routes_of_a_report = 340; // 1,4 kB
constexpr std::size_t k_queue = 512;

Ipv4 ours(IfIndex i) {
    return Ipv4::of(10, static_cast<std::uint8_t>(i.value), 0, 1);
}
Ipv4 theirs(IfIndex i) {
    return Ipv4::of(10, static_cast<std::uint8_t>(i.value), 0, 9);
}

// Neighbours, routes, memberships and entries outlive the bench unless it says otherwise.
control::Config configuration() {
    control::Config config;
    config.dvmrp.emplace();
    config.dvmrp->max_routes = 2 * k_routes;
    config.dvmrp->route_expiry = k_ever;
    for (char const* const name : {"north", "south", "lan"}) {
        control::InterfaceConfig interface;
        interface.name = interface.port = name;
        interface.address = {ours(IfIndex{static_cast<IfIndex::rep>(config.interfaces.size())}),
                             16};
        interface.dvmrp_enabled = true;
        interface.dvmrp.neighbor_timeout = k_ever;
        interface.dvmrp.message_rate = 0;
        interface.dvmrp.route_alarm = 0;
        interface.igmp.query_interval = std::chrono::seconds{31744};
        interface.igmp.robustness = 7;
        config.interfaces.push_back(interface);
    }
    config.limits.entries = 32768;
    config.limits.entry_idle = k_ever;
    return config;
}

handoff::ChannelSizes queues() {
    handoff::ChannelSizes sizes;
    sizes.punt_slots.fill(k_queue);
    sizes.slot_bytes = 2048;
    return sizes;
}

std::vector<control::PortFacts> ports() {
    std::vector<control::PortFacts> all;
    for (char const* const name : {"north", "south", "lan"}) {
        all.push_back({name, k_router_mac, true, 1500, true});
    }
    return all;
}

Ipv4Prefix network_of(std::size_t n) {
    return {Ipv4{Ipv4::of(11, 0, 0, 0).value + static_cast<std::uint32_t>(n << 8)}, 24};
}

void demand(bool condition, char const* what) {
    if (!condition) {
        throw std::runtime_error(what);
    }
}

} // namespace

double cpu_nanoseconds() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

Ipv4 source_of(std::size_t network) {
    return Ipv4{network_of(network).address.value + 5};
}

std::vector<Body> reports_of(Range networks, std::uint8_t metric) {
    std::vector<Body> all;
    for (std::size_t n = 0; n < networks.count;) {
        Report report;
        for (std::size_t i = 0; i < k_routes_of_a_report && n < networks.count; ++i, ++n) {
            report.routes.push_back({network_of(networks.first + n), metric});
        }
        all.emplace_back(std::move(report));
    }
    return all;
}

Message message_of(Body body) {
    return {.capabilities = k_capabilities, .version = {}, .body = std::move(body)};
}

RouteScene::RouteScene()
    : shared_(1, configuration().limits.entries, queues(), grace_),
      control_(configuration(), ports(), shared_, grace_) {
    control_.start(now_);
    settle();
    probe(k_north);
    probe(k_south);
    std::array<std::uint8_t, 200> room{};
    wire::Writer out(room);
    wire::ReportV3 const join{.records = {{wire::RecordType::to_ex, k_group, {}, {}}}};
    demand(wire::build_igmp_frame({k_neighbor_mac, theirs(k_lan), {}}, join, out),
           "a report that cannot be built");
    punt(PuntClass::igmp, k_lan, out.written());
    settle();
}

RouteScene::~RouteScene() {
    control_.stop(now_);
}

void RouteScene::probe(IfIndex from) {
    say(from, Probe{generation_, {ours(from)}});
}

void RouteScene::restart(IfIndex neighbor) {
    ++generation_;
    probe(neighbor);
}

void RouteScene::learn(IfIndex from, Range networks, std::uint8_t metric) {
    for (Body& report : reports_of(networks, metric)) {
        say(from, std::move(report));
    }
}

void RouteScene::say(IfIndex from, Body body) {
    std::array<std::uint8_t, 1600> room{};
    wire::Writer out(room);
    demand(wire::build_dvmrp_frame({k_neighbor_mac, theirs(from), {}}, k_all_routers, 1,
                                   message_of(std::move(body)), out),
           "a message that cannot be built");
    punt(PuntClass::dvmrp, from, out.written());
}

void RouteScene::set_link(IfIndex interface, bool up) {
    measured([&] {
        control_.link_changed(PortId{static_cast<PortId::rep>(interface.value)}, up, now_);
    });
}

void RouteScene::begin_stream(std::size_t network, IfIndex from) {
    std::array<std::uint8_t, 200> room{};
    std::array<std::uint8_t, 100> const payload{};
    wire::Writer out(room);
    wire::Ipv4Header ip;
    ip.ttl = 8;
    ip.destination = k_group;
    FlowKey const flow{source_of(network), k_group};
    demand(wire::build_udp_frame({k_neighbor_mac, flow.source, {}}, ip, {5000, 5000, payload}, out),
           "a datagram that cannot be built");
    punt(PuntClass::miss, from, out.written());
    streams_.push_back(flow);
}

void RouteScene::punt(PuntClass punt_class, IfIndex from, std::span<std::uint8_t const> frame) {
    handoff::FrameQueue& queue = shared_.workers[0]->punt(punt_class);
    if (queue.waiting() == queue.slots()) {
        settle();
    }
    handoff::Frame* const slot = queue.acquire();
    demand(slot != nullptr, "control does not empty its queue");
    std::ranges::copy(frame, slot->storage.begin());
    slot->length = static_cast<std::uint32_t>(frame.size());
    slot->interface = from;
    queue.push(slot);
}

void RouteScene::measured(std::function<void()> const& work) {
    double const start = cpu_nanoseconds();
    work();
    double const spent = cpu_nanoseconds() - start;
    longest_ = std::max(longest_, spent);
    spent_ += spent;
}

bool RouteScene::turn() {
    bool busy = false;
    measured([&] { busy = control_.step(now_); });
    while (handoff::Frame* const frame = shared_.workers[0]->inject.pop()) {
        shared_.workers[0]->inject.release(frame);
    }
    return busy;
}

void RouteScene::settle() {
    for (int n = 0; n < 1'000'000; ++n) {
        bool const busy = turn();
        bool const waits = grace_.open() != 0;
        grace_.end_all();
        if (!busy && !waits) {
            return;
        }
    }
    throw std::runtime_error("control does not come to rest");
}

void RouteScene::run_for(Duration by) {
    TimePoint const end = now_ + by;
    settle();
    for (auto due = control_.next_due(); due && *due <= end; due = control_.next_due()) {
        now_ = std::max(now_ + std::chrono::microseconds{1}, *due);
        settle();
    }
    now_ = end;
    settle();
}

std::size_t RouteScene::routes_by(IfIndex interface) {
    std::size_t count = 0;
    std::string const name = interface == k_north ? "north" : "south";
    api::Json options = api::Json::object();
    for (;;) {
        auto const reply = control_.answer({"show", {"dvmrp", "routes"}, options}, now_);
        demand(!reply.failure, "no answer to show dvmrp routes");
        for (api::Json const& row : reply.data.at("rows")) {
            count += row.at("interface") == name && !row.at("neighbor").is_null() ? 1U : 0U;
        }
        if (reply.data.at("next").is_null()) {
            return count;
        }
        options["after"] = reply.data.at("next");
    }
}

std::size_t RouteScene::streams_from(IfIndex interface) {
    return static_cast<std::size_t>(std::ranges::count_if(streams_, [&](FlowKey flow) {
        auto const entry = control_.manager().entry(flow);
        return entry && entry->arrival.index == interface && !entry->outputs.empty();
    }));
}

} // namespace mcast::bench
