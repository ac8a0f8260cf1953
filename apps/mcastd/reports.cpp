#include "reports.h"

#include "config_json.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mcastd {

using namespace mcast;

namespace {

std::string mac_mode(platform::PortInfo const& info) {
    if (info.mac == info.hardware_mac) {
        return info.router_mac ? "router (its own)" : "own";
    }
    return info.router_mac    ? "router"
           : info.promiscuous ? "router (promiscuous)"
                              : "router (forced)";
}

std::string multicast_mode(platform::PortInfo const& info) {
    return info.all_multicast ? "all-multicast" : info.promiscuous ? "promiscuous" : "driver";
}

std::optional<int> node_or_none(int node) {
    return node == platform::k_any_node ? std::nullopt : std::optional{node};
}

control::PortReport report(platform::Ports const& ports, platform::PortInfo const& info) {
    platform::PortLink const link = ports.link(info.id);
    platform::PortStats const stats = ports.stats(info.id);
    return {.name = info.name,
            .device = info.device,
            .driver = info.driver,
            .link_up = link.up,
            .speed_mbps = link.megabits,
            .mac = info.mac,
            .mac_mode = mac_mode(info),
            .multicast_mode = multicast_mode(info),
            .queues = info.receive_queues,
            .mtu = info.mtu,
            .numa_node = node_or_none(info.node),
            .capabilities = {{"router_mac", info.router_mac},
                             {"all_multicast", info.all_multicast},
                             {"promiscuous", info.promiscuous},
                             {"rss", info.rss},
                             {"checksum_offload", info.checksum_offload},
                             {"multi_segment_transmit", info.multi_segment_transmit},
                             {"scattered_receive", info.scattered_receive}},
            .fallbacks = info.fallbacks,
            .received = stats.received,
            .sent = stats.sent,
            .missed = stats.missed,
            .errors = stats.receive_errors + stats.transmit_errors,
            .no_buffer = stats.no_buffers};
}

// Their sums, too, so that who knows of no nodes reads the same as ever.
std::vector<control::PoolReport> pool_reports(platform::Pools const& pools) {
    std::vector<control::PoolReport> reports;
    for (platform::PoolUse const& pool : pools.list()) {
        std::string_view const name = platform::name_of(pool.kind);
        if (reports.empty() || reports.back().name != name) {
            reports.push_back({.name = std::string{name}});
        }
        control::PoolReport& report = reports.back();
        report.size += pool.size;
        report.in_use += pool.in_use;
        report.nodes.push_back({node_or_none(pool.node), pool.size, pool.in_use});
    }
    return reports;
}

control::RingReport ring_report(platform::Ports const& ports, platform::NicQueue const& queue,
                                std::optional<std::uint32_t> used) {
    return {ports.info(queue.port).name, queue.queue, used, queue.descriptors};
}

control::WorkerReport worker_report(platform::Ports const& ports, WorkerId worker) {
    platform::QueueDepths const& depths = ports.depths(worker);
    control::WorkerReport report{.numa_node = node_or_none(ports.node_of(worker)),
                                 .receive = {},
                                 .transmit = {},
                                 .relays = {},
                                 .warnings = ports.warnings(worker)};
    for (std::size_t i = 0; i < depths.receive().size(); ++i) {
        report.receive.push_back(ring_report(ports, depths.receive()[i], depths.received(i)));
    }
    for (std::size_t i = 0; i < depths.transmit().size(); ++i) {
        report.transmit.push_back(ring_report(ports, depths.transmit()[i], depths.sent(i)));
    }
    for (platform::RelayUse const& relay : ports.relays(worker)) {
        report.relays.push_back(
            {ports.info(relay.port).name, relay.queue, relay.waiting, relay.slots});
    }
    return report;
}

} // namespace

std::vector<control::PortFacts> port_facts(platform::Ports const& ports) {
    std::vector<control::PortFacts> facts;
    for (platform::PortInfo const& info : ports.list()) {
        // The first port's MAC is the router's unless another was configured; either way a port
        // speaks with `mac`, which says whether it took the router's.
        facts.push_back({.name = info.name,
                         .mac = info.mac,
                         .link_up = ports.link_up(info.id),
                         .mtu = info.mtu,
                         .accepts_router_mac = false});
    }
    return facts;
}

control::Reporters make_reporters(config::Config const& config, platform::Ports const& ports,
                                  platform::Pools const& pools) {
    control::Reporters reporters;
    reporters.ports = [&ports] {
        std::vector<control::PortReport> all;
        for (platform::PortInfo const& info : ports.list()) {
            all.push_back(report(ports, info));
        }
        return all;
    };
    reporters.pools = [&pools] { return pool_reports(pools); };
    reporters.workers = [&ports, count = config.platform.workers.cores.size()] {
        std::vector<control::WorkerReport> all;
        all.reserve(count);
        for (std::size_t w = 0; w < count; ++w) {
            all.push_back(worker_report(ports, WorkerId{static_cast<WorkerId::rep>(w)}));
        }
        return all;
    };
    reporters.mbuf_balance = [&pools, at_start = pools.in_use().total()] {
        return static_cast<std::int64_t>(pools.in_use().total()) - at_start;
    };
    reporters.worker_cores = config.platform.workers.cores;
    reporters.instance = config.platform.instance;
    reporters.version = MCAST_VERSION;
    reporters.config_toml = config::print(config);
    reporters.config_json = json_of_toml(reporters.config_toml);
    return reporters;
}

} // namespace mcastd
