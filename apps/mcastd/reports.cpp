#include "reports.h"

#include "config_json.h"

#include <cstddef>
#include <string>

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
            .capabilities = {{"router_mac", info.router_mac},
                             {"all_multicast", info.all_multicast},
                             {"promiscuous", info.promiscuous},
                             {"rss", info.rss},
                             {"checksum_offload", info.checksum_offload},
                             {"multi_segment_transmit", info.multi_segment_transmit},
                             {"scattered_receive", info.scattered_receive}},
            .received = stats.received,
            .sent = stats.sent,
            .missed = stats.missed,
            .errors = stats.receive_errors + stats.transmit_errors,
            .no_buffer = stats.no_buffers};
}

std::vector<control::PoolReport> pool_reports(platform::Pools const& pools) {
    platform::PoolsConfig const& size = pools.config();
    platform::PoolBalance const used = pools.in_use();
    return {{"receive", size.receive, used.receive},
            {"headers", size.headers, used.headers},
            {"references", size.headers, used.references},
            {"control", size.control, used.control}};
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
