// What the control core consists of, in the order of dependence: later ones refer to earlier ones
// and are destroyed first.
#pragma once

#include "adjacency.h"
#include "dvmrp_domains.h"
#include "igmp_component.h"
#include "igmp_link.h"
#include "injector.h"
#include "interfaces.h"
#include "joins.h"
#include "journal.h"
#include "misses.h"
#include "overruns.h"
#include "proxy_component.h"
#include "pulse.h"
#include "static_component.h"
#include "tunnels.h"

#include "mcast/control/control_loop.h"
#include "mcast/handoff/publisher.h"
#include "mcast/mgm/group_manager.h"
#include "mcast/mgm/route_table.h"

#include <cstdint>
#include <vector>

namespace mcast::control {

// One per ControlLoop. Control thread only.
struct Core {
    Core(Config const& configured, std::vector<PortFacts> ports, handoff::Shared& shared_,
         handoff::GracePeriod& grace, Reporters reporters_, Seeds seeds = {});

    Config const config;
    handoff::Shared& shared;
    Reporters const reporters;
    Counters counters;
    Interfaces interfaces;
    Injector injector;
    Adjacency adjacency;
    Tunnels tunnels;
    mgm::RouteTable routes;
    handoff::Publisher publisher;
    Journal journal;
    mgm::GroupManager manager;
    StaticComponent static_component;
    IgmpComponent igmp;
    IgmpLinkBaselines igmp_baselines;
    ProxyComponent proxy;
    DvmrpDomains dvmrp;
    Joins joins;
    Misses misses;
    Overruns overruns;
    Pulse pulse;
    TimePoint started{};
    std::size_t first_worker = 0; // to be heard in this turn
    bool reports_left = false;    // this turn did not take all that waited
    std::size_t routing_left = 0; // bytes of routing messages that this turn may still take
    bool running = false;
    IfSet withdrawn; // links whose own network is looked for elsewhere while they are down

    void publish_interfaces();
    // After a change of the link, or of who holds it.
    void follow_connected(IfIndex i);
    void start_components(TimePoint now);
    // Returns how many frames or events each of them handled.
    bool has_allowance(handoff::PuntClass punt_class) const;
    std::size_t drain(WorkerId worker, handoff::PuntClass punt_class, TimePoint now);
    std::size_t drain_workers(handoff::PuntClass punt_class, TimePoint now);
    std::size_t drain_all(TimePoint now);
    std::size_t drain_alerts(WorkerId worker, TimePoint now);
    void follow_interfaces();
    void follow_refiltered();
    std::size_t run_timers(TimePoint now);
    std::size_t reclaim();
    void feel_pulse(TimePoint now);
    Fate judge(handoff::Frame const& frame, TimePoint now);
};

} // namespace mcast::control
