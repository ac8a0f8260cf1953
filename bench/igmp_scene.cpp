#include "igmp_scene.h"

#include "mcast/wire/datagram.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <ctime>
#include <stdexcept>

#include <rte_mbuf.h>

namespace mcast::bench {

namespace {

constexpr Mac k_router_mac{{0x02, 0, 0, 0, 0, 0x01}};
constexpr Mac k_host_mac{{0x02, 0, 0, 0, 0, 0x99}};
constexpr std::uint32_t k_entries = 32768;
constexpr Duration k_ever = std::chrono::hours{24 * 30};
constexpr platform::PoolsConfig k_pools{
    .receive = 8191, .headers = 255, .control = 4095, .cache = 256, .buffer_bytes = 2176};

// Memberships and entries outlive the bench, however far its clock is put on.
control::Config configuration(Duration last_member_interval) {
    control::Config config;
    std::uint8_t number = 0;
    for (char const* const name : {"wan", "lan"}) {
        control::InterfaceConfig interface;
        interface.name = interface.port = name;
        interface.address = {Ipv4::of(10, number++, 0, 1), 16};
        interface.static_protocol = interface.name == "wan";
        interface.igmp_enabled = interface.name == "lan";
        interface.igmp.query_interval = std::chrono::seconds{31744};
        interface.igmp.robustness = 7;
        interface.igmp.last_member_query_count = 2;
        interface.igmp.last_member_query_interval = last_member_interval;
        interface.igmp.max_groups = 20000;
        interface.igmp.query_rate = 0; // unlimited
        interface.igmp.new_state_rate = 0;
        interface.igmp.new_state_rate_per_host = 0;
        config.interfaces.push_back(interface);
    }
    config.limits.entries = k_entries;
    config.limits.entry_idle = k_ever;
    config.limits.negative_lifetime = k_ever;
    config.limits.punt = {.dvmrp = 0, .igmp = 0, .query = 0, .miss = 0, .host = 0};
    return config;
}

std::vector<control::PortFacts> ports() {
    return {{"wan", k_router_mac, true, 1500, true}, {"lan", k_router_mac, true, 1500, true}};
}

template <class Build>
Frame built(Build&& build) {
    Frame frame(1600);
    wire::Writer out(frame);
    if (!build(out)) {
        throw std::runtime_error("a frame that cannot be built");
    }
    frame.resize(std::max(out.size(), wire::k_min_frame));
    return frame;
}

} // namespace

double cpu_nanoseconds() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

Frame report_frame(wire::ReportV3 const& report) {
    return built([&](wire::Writer& out) {
        return wire::build_igmp_frame({k_host_mac, k_host, {}}, report, out);
    });
}

Frame report_frame(wire::RecordType type, Ipv4 group) {
    return report_frame(wire::ReportV3{.records = {{type, group, {}, {}}}});
}

Frame data_frame(Ipv4 group) {
    wire::Ipv4Header ip;
    ip.ttl = 8;
    ip.destination = group;
    std::array<std::uint8_t, 100> const payload{};
    return built([&](wire::Writer& out) {
        return wire::build_udp_frame({k_host_mac, k_source, {}}, ip, {5000, 5000, payload}, out);
    });
}

Router::Router(Duration last_member_interval)
    : wire_(handover::Wire::with_workers(1)),
      pools_(platform::Pools::create(k_pools, "igmp_bench").value()),
      shared_(1, k_entries, {.slot_bytes = 2048}, grace_),
      control_(std::make_unique<control::ControlLoop>(configuration(last_member_interval), ports(),
                                                      shared_, grace_)) {
    dataplane::WorkerSetup setup{
        .id = WorkerId{0},
        .queues = {},
        .limits = {.dvmrp = 0, .igmp = 0, .query = 0, .miss = 0, .host = 0}};
    for (PortId const port : {k_wan, k_lan}) {
        std::uint16_t const dpdk_port = wire_.dpdk_port(port);
        setup.queues.receive.push_back({port, dpdk_port, 0});
        setup.queues.transmit.push_back({.dpdk_port = dpdk_port,
                                         .queue = 0,
                                         .multi_segment = true,
                                         .longest = 9600,
                                         .exists = true});
    }
    worker_ = std::make_unique<dataplane::Worker>(std::move(setup), shared_, pools_, grace_);
    control_->start(now());
    settle();
}

Router::~Router() {
    settle();
    worker_.reset();
    control_->stop(now());
}

TimePoint Router::now() const {
    return TimePoint{} + std::chrono::hours{1} + skipped_ +
           Duration{static_cast<std::int64_t>(cpu_nanoseconds() - start_)};
}

void Router::send(PortId port, Frame const& frame) {
    if (!try_send(port, frame)) {
        throw std::runtime_error("no buffer left, or no room on the wire");
    }
}

bool Router::try_send(PortId port, Frame const& frame) {
    rte_mbuf* const buffer = rte_pktmbuf_alloc(pools_.receive());
    if (buffer == nullptr) {
        return false;
    }
    auto const length = static_cast<std::uint16_t>(frame.size());
    std::memcpy(rte_pktmbuf_append(buffer, length), frame.data(), length);
    if (!wire_.send(port, 0, buffer)) {
        rte_pktmbuf_free(buffer);
        return false;
    }
    return true;
}

bool Router::datagram_came() {
    constexpr std::size_t k_protocol_at = 14 + 9;
    bool came = false;
    wire_.drain(k_lan, [&](rte_mbuf* frame, std::size_t) {
        came = came || *rte_pktmbuf_mtod_offset(frame, std::uint8_t*, k_protocol_at) ==
                           wire::k_protocol_udp;
        rte_pktmbuf_free(frame);
    });
    return came;
}

void Router::drain() {
    (void)datagram_came();
    wire_.drain(k_wan, [](rte_mbuf* frame, std::size_t) { rte_pktmbuf_free(frame); });
}

std::size_t Router::groups() const {
    auto const shown = control_->answer({"show", {"interfaces"}, api::Json::object()}, now());
    return shown.data[1]["igmp"]["groups"].get<std::size_t>();
}

void Router::settle() {
    for (int quiet = 0; quiet < 3;) {
        worker_turn();
        quiet = control_turn() ? 0 : quiet + 1;
        drain();
    }
}

} // namespace mcast::bench
