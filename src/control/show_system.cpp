#include "show.h"
#include "sums.h"

#include "mcast/base/log.h"

#include <vector>

namespace mcast::control {

using api::Json;

namespace {

Json or_null(auto const& value) {
    return value ? Json(*value) : Json(nullptr);
}

Json pools_json(Core const& core) {
    Json pools = Json::array();
    if (core.reporters.pools) {
        for (PoolReport const& pool : core.reporters.pools()) {
            Json nodes = Json::array();
            for (PoolReport::OnNode const& each : pool.nodes) {
                nodes.push_back({{"numa_node", or_null(each.numa_node)},
                                 {"size", each.size},
                                 {"in_use", each.in_use}});
            }
            pools.push_back({{"name", pool.name},
                             {"size", pool.size},
                             {"in_use", pool.in_use},
                             {"nodes", std::move(nodes)}});
        }
    }
    return pools;
}

Json port_json(PortReport const& port) {
    Json capabilities = Json::object();
    for (auto const& [name, value] : port.capabilities) {
        capabilities[name] = value;
    }
    return {{"name", port.name},
            {"device", port.device},
            {"driver", port.driver},
            {"link", port.link_up ? "up" : "down"},
            {"speed_mbps", port.speed_mbps},
            {"mac", to_string(port.mac)},
            {"mac_mode", port.mac_mode},
            {"multicast_mode", port.multicast_mode},
            {"queues", port.queues},
            {"mtu", port.mtu},
            {"numa_node", or_null(port.numa_node)},
            {"capabilities", std::move(capabilities)},
            {"fallbacks", port.fallbacks},
            {"received", port.received},
            {"sent", port.sent},
            {"missed", port.missed},
            {"errors", port.errors},
            {"no_buffer", port.no_buffer}};
}

// The interfaces whose change of owner waits for this worker.
Json held_up_by(Core const& core, std::size_t worker) {
    Json names = Json::array();
    for (mgm::OwnershipView const& view : core.manager.owners()) {
        if (core.pulse.holds_up(worker, view)) {
            names.push_back(core.interfaces.name(view.interface.index));
        }
    }
    return names;
}

// `size_name`: what a place in such a ring is called.
Json rings_json(std::vector<RingReport> const& rings, char const* size_name) {
    Json all = Json::array();
    for (RingReport const& ring : rings) {
        all.push_back({{"port", ring.port},
                       {"queue", ring.queue},
                       {"used", or_null(ring.used)},
                       {size_name, ring.size}});
    }
    return all;
}

Json queues_json(handoff::WorkerChannel const& channel) {
    Json queues = Json::array();
    for (std::size_t c = 0; c < handoff::k_punt_classes; ++c) {
        queues.push_back({{"class", name_of(static_cast<handoff::PuntClass>(c))},
                          {"waiting", channel.punts[c]->waiting()},
                          {"slots", channel.punts[c]->slots()}});
    }
    queues.push_back({{"class", "inject"},
                      {"waiting", channel.inject.waiting()},
                      {"slots", channel.inject.slots()}});
    return queues;
}

Json worker_json(Core const& core, std::size_t w, WorkerReport const& report, TimePoint now) {
    handoff::WorkerChannel const& channel = *core.shared.workers[w];
    handoff::WorkerCounters const& counters = *channel.counters;
    Sums const sums = sums_of_worker(counters);
    auto const busy = static_cast<double>(counters.busy_cycles.read());
    double const all = busy + static_cast<double>(counters.idle_cycles.read());
    Json bursts = Json::array();
    for (std::size_t size = 0; size < handoff::k_burst_sizes; ++size) {
        bursts.push_back(
            {{"packets", handoff::k_burst_names[size]}, {"bursts", counters.bursts[size].read()}});
    }
    auto const handled = static_cast<double>(sums.received + sums.reinjected);
    auto const& cores = core.reporters.worker_cores;
    return {{"worker", w},
            {"core", w < cores.size() ? Json(cores[w]) : Json(nullptr)},
            {"numa_node", or_null(report.numa_node)},
            {"turns", counters.turns.read()},
            {"busy_percent", all > 0 ? 100.0 * busy / all : 0.0},
            {"busy_last_second_percent", 100.0 * core.pulse.busy_share(w)},
            {"cycles_per_packet", handled > 0 ? busy / handled : 0.0},
            {"sleeps", counters.sleeps.read()},
            {"bursts", std::move(bursts)},
            {"received", sums.received},
            {"forwarded", sums.forwarded},
            {"punted", sums.all_punted()},
            {"queues", queues_json(channel)},
            {"receive_rings", rings_json(report.receive, "descriptors")},
            {"transmit_rings", rings_json(report.transmit, "descriptors")},
            {"relays", rings_json(report.relays, "slots")},
            {"heartbeat_age_seconds", seconds(core.pulse.age(w, now))},
            {"holds_up", held_up_by(core, w)},
            {"warnings", report.warnings}};
}

} // namespace

Json accounting_json(Core const& core) {
    Sums const sums = sums_of_all(core.shared);
    return {{"received", sums.received},
            {"reinjected", sums.reinjected},
            {"forwarded", sums.forwarded},
            {"dropped", sums.all_drops()},
            {"punted", sums.all_punted()},
            {"difference", sums.difference()},
            {"copies", sums.copies},
            {"fragments", sums.fragments},
            {"frames_sent", sums.frames_sent},
            {"copy_drops", sums.all_copy_drops()},
            {"copy_difference", sums.copy_difference()}};
}

Json mbuf_balance_json(Core const& core) {
    return core.reporters.mbuf_balance ? Json(core.reporters.mbuf_balance()) : Json(nullptr);
}

Json show_status(Core const& core, TimePoint now) {
    return {
        {"version", core.reporters.version},
        {"instance", core.reporters.instance},
        {"uptime_seconds", seconds(now - core.started)},
        {"workers", core.shared.workers.size()},
        {"ports", core.interfaces.ports()},
        {"interfaces", core.interfaces.size()},
        {"memberships", core.manager.membership_count()},
        {"entries", core.manager.entries()},
        {"entries_limit", core.config.limits.entries},
        {"entries_evicted", core.manager.counters().negatives_evicted},
        {"entries_refused", core.manager.counters().entry_limit_refused},
        {"limits",
         {{"interfaces", k_max_interfaces}, {"ports", k_max_ports}, {"workers", k_max_workers}}},
        {"pools", pools_json(core)},
        {"accounting", accounting_json(core)},
        {"mbuf_balance", mbuf_balance_json(core)}};
}

Json show_config(Core const& core, TimePoint /*now*/) {
    return {{"toml", core.reporters.config_toml}, {"json", core.reporters.config_json}};
}

Json show_ports(Core const& core, TimePoint /*now*/) {
    Json ports = Json::array();
    if (core.reporters.ports) {
        for (PortReport const& port : core.reporters.ports()) {
            ports.push_back(port_json(port));
        }
    }
    return ports;
}

Json show_workers(Core const& core, TimePoint now) {
    std::vector<WorkerReport> reports;
    if (core.reporters.workers) {
        reports = core.reporters.workers();
    }
    reports.resize(core.shared.workers.size());
    Json workers = Json::array();
    for (std::size_t w = 0; w < reports.size(); ++w) {
        workers.push_back(worker_json(core, w, reports[w], now));
    }
    return workers;
}

} // namespace mcast::control
