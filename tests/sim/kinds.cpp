#include "kinds.h"

#include "appliance.h"
#include "unicast_router.h"

namespace mcast::sim {

using namespace std::chrono_literals;

EngineRouter::Setup short_lives() {
    EngineRouter::Setup setup;
    setup.dvmrp.min_prune_lifetime = 150s;
    setup.dvmrp.max_prune_lifetime = 200s;
    setup.igmp.router_discovery = igmp::RouterDiscovery::never;
    return setup;
}

World::Maker appliances() {
    return
        [](Topology const& topology, std::size_t number, std::uint64_t seed, std::uint32_t life) {
            EngineRouter::Setup const setup = short_lives();
            control::Config config;
            config.dvmrp = setup.dvmrp;
            config.limits.entries = 1024;
            config.limits.entry_idle = setup.entry_idle;
            auto const& ports = topology.routers[number].ports;
            for (std::size_t p = 0; p < ports.size(); ++p) {
                control::InterfaceConfig it;
                it.name = "if" + std::to_string(p);
                it.port = "p" + std::to_string(p);
                it.address = {ports[p].address, 24};
                it.igmp = setup.igmp;
                it.dvmrp_enabled = true;
                it.dvmrp.metric = ports[p].metric;
                it.dvmrp.point_to_point = topology.links[ports[p].link].point_to_point;
                config.interfaces.push_back(it);
            }
            return std::make_unique<Appliance>(number, config, seed, life * 1000);
        };
}

World::Maker tunnel_ends(bool control_beside) {
    return [=](Topology const& topology, std::size_t number, std::uint64_t seed,
               std::uint32_t life) -> std::unique_ptr<Router> {
        if (number == 1) {
            return std::make_unique<UnicastRouter>(topology.routers[1]);
        }
        EngineRouter::Setup const setup = short_lives();
        control::Config config;
        config.dvmrp = setup.dvmrp;
        config.limits.entries = 1024;
        config.limits.entry_idle = setup.entry_idle;
        auto const& ports = topology.routers[number].ports;
        std::size_t const outer = number == 0 ? 1 : 0;
        for (std::size_t p = 0; p < ports.size(); ++p) {
            auto& it = config.interfaces.emplace_back();
            it.name = "if" + std::to_string(p);
            it.port = "p" + std::to_string(p);
            it.address = {ports[p].address, 24};
            it.igmp = setup.igmp;
            it.igmp_enabled = it.dvmrp_enabled = p != outer;
        }
        auto& tunnel = config.interfaces.emplace_back();
        tunnel.name = "tunnel";
        tunnel.address = {ports[outer].address, 32};
        tunnel.igmp_enabled = false;
        tunnel.dvmrp_enabled = true;
        std::size_t const other = number == 0 ? 2 : 0;
        tunnel.tunnel = {.over = config.interfaces[outer].name,
                         .remote = topology.routers[other].ports[1 - outer].address,
                         .gateway = topology.routers[1].ports[number == 0 ? 0 : 1].address,
                         .control_beside = control_beside};
        return std::make_unique<Appliance>(number, config, seed, life * 1000);
    };
}

World::Maker engines(EngineRouter::Setup setup) {
    return [setup = std::move(setup)](Topology const& topology, std::size_t number,
                                      std::uint64_t seed, std::uint32_t life) {
        EngineRouter::Setup mine = setup;
        RouterSpec const& spec = topology.routers[number];
        for (PortSpec const& port : spec.ports) {
            dvmrp::InterfaceConfig it;
            it.metric = port.metric;
            it.point_to_point = topology.links[port.link].point_to_point;
            mine.interfaces.push_back(it);
        }
        return std::make_unique<EngineRouter>(number, spec, std::move(mine), seed, life * 1000);
    };
}

} // namespace mcast::sim
