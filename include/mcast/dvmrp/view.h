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

#include <compare>
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

// A source network and a group: what one prune or graft is about. In the order of listings.
struct TreeKey {
    Ipv4 group{};
    Ipv4Prefix prefix{};
    auto operator<=>(TreeKey const&) const = default;
};

// Behind which a listing goes on: trees come first, then channels, each as a tree of one source.
struct GraftPlace {
    bool channel = false;
    TreeKey tree{};
    auto operator<=>(GraftPlace const&) const = default;
};

// The same of prunes. Of each tree ours comes first.
struct PrunePlace {
    bool channel = false;
    TreeKey tree{};
    bool received = false;
    IfIndex interface{};
    Ipv4 neighbor{};
    Ipv4 host{}; // 0.0.0.0: all of the network
    auto operator<=>(PrunePlace const&) const = default;
};

// A prune in force: one that a dependent sent us, or the one that we sent upstream.
struct PruneView {
    PrunePlace place{};
    Duration lifetime{}; // as it was sent or taken
    TimePoint expires{};
    std::optional<TimePoint> resend_at{}; // of ours: when data still comes then
};

// A graft of ours that the upstream neighbour has not acknowledged.
struct GraftView {
    GraftPlace place{};
    IfIndex interface{};
    Ipv4 neighbor{};
    Ipv4 source{};          // that it names
    std::uint32_t sent = 0; // how often
    TimePoint first_sent{};
    TimePoint resend_at{};
};

// A part of a listing: `next` is where the rest begins; nullopt: this was the end.
template <class Row, class Place>
struct ViewPage {
    std::vector<Row> rows{};
    std::optional<Place> next{};
};
using PrunePage = ViewPage<PruneView, PrunePlace>;
using GraftPage = ViewPage<GraftView, GraftPlace>;

} // namespace mcast::dvmrp
