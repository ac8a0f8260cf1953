// What the engine knows, copied for those who show it. Values; times are deadlines on the engine's
// clock.
#pragma once

#include "mcast/base/flow.h"
#include "mcast/base/ids.h"
#include "mcast/base/if_set.h"
#include "mcast/base/ipv4.h"
#include "mcast/base/time.h"
#include "mcast/dvmrp/output.h"
#include "mcast/wire/dvmrp.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace mcast::dvmrp {

struct NeighborView {
    Ipv4 address{};
    NeighborState state = NeighborState::one_way;
    wire::dvmrp::Version version{};
    std::uint8_t capabilities = 0;
    std::optional<std::uint32_t> generation{};
    TimePoint since{};
    TimePoint expires{};
};

// Another router of a link, and what it last said of a route.
struct DependentView {
    Ipv4 neighbor{};
    TimePoint expires{};
};

struct LegView {
    IfIndex interface{};
    bool we_forward = false; // designated forwarder
    Ipv4 rival{};            // the best other router that offers the route here; 0.0.0.0: none
    std::uint8_t rival_metric = 0;
    std::vector<DependentView> dependents{};
};

struct RouteView {
    Ipv4Prefix prefix{};
    std::uint8_t metric = 0; // 32: unreachable
    IfIndex interface = k_no_interface;
    Ipv4 neighbor{}; // 0.0.0.0: connected
    std::optional<TimePoint> expires{};
    std::optional<TimePoint> held_down_until{};
    std::vector<LegView> legs{}; // of interfaces where anybody spoke of the route
};

// A flow of a group that is not flooded.
struct ChannelView {
    struct Graft {
        IfIndex interface{};
        Ipv4 neighbor{};
    };
    FlowKey flow{};
    std::vector<Graft> grafts{}; // of routers below
    IfSet members{};             // interfaces with hosts that want it
    // Our graft: to whom, and when it is sent again unless it was answered.
    std::optional<Ipv4> asked{};
    std::optional<TimePoint> asks_again{};
    std::optional<TimePoint> pruned_until{};
};

} // namespace mcast::dvmrp
