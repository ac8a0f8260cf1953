#include "kinds.h"

namespace mcast::sim {

using namespace std::chrono_literals;

EngineRouter::Setup short_lives() {
    EngineRouter::Setup setup;
    setup.dvmrp.min_prune_lifetime = 150s;
    setup.dvmrp.max_prune_lifetime = 200s;
    setup.igmp.router_discovery = igmp::RouterDiscovery::never;
    return setup;
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
