// What the engine wants done: values that the caller carries out after the call. Values.
#pragma once

#include "mcast/base/flow.h"
#include "mcast/base/ids.h"
#include "mcast/base/ipv4.h"
#include "mcast/wire/dvmrp.h"
#include "mcast/wire/mtrace.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

namespace mcast::dvmrp {

// To be sent with TOS 0xC0 and without options, as section 3.1 of the draft wants all DVMRP.
struct ToSend {
    IfIndex interface{};
    Ipv4 source{}; // our address there
    Ipv4 destination{};
    std::uint8_t ttl = 1;
    wire::dvmrp::Message message{};

    bool operator==(ToSend const&) const = default;
};

// Multicast traceroute, to be sent with TOS 0xC0 and without options. Packet counts of the last
// block are the caller's to fill in, where `counts` says of what.
struct TraceToSend {
    struct Counts {
        IfIndex incoming = k_no_interface;
        IfIndex outgoing = k_no_interface;
        std::optional<FlowKey> flow{}; // absent: the trace is of no group

        bool operator==(Counts const&) const = default;
    };
    IfIndex interface{};
    Ipv4 source{}; // our address there
    Ipv4 destination{};
    // On the link, the way to the destination; 0.0.0.0: who sent what this answers.
    Ipv4 next_hop{};
    std::uint8_t ttl = 1;
    wire::Mtrace trace{};
    std::optional<Counts> counts{};

    bool operator==(TraceToSend const&) const = default;
};

// Where sources of this network come in is another interface or neighbour now, or nowhere: ask
// Engine::route(). The same prefix may stand in one Output more than once.
struct RouteChanged {
    Ipv4Prefix prefix{};
    auto operator<=>(RouteChanged const&) const = default;
};

// Where this open flow comes in or goes out is another now: ask Engine::outputs(). The same flow
// may stand in one Output more than once.
struct FlowChanged {
    FlowKey flow{};
    bool operator==(FlowChanged const&) const = default;
};

enum class NeighborState : std::uint8_t { one_way = 1, two_way = 2, ignored = 3 };

// Worth a line in a log. What an attacker can provoke is limited in rate by the engine.
struct NeighborChanged {
    IfIndex interface{};
    Ipv4 neighbor{};
    NeighborState state{};
    bool gone = false;
};
// It lost all that we ever told it: a new generation ID or version.
struct NeighborRestarted {
    IfIndex interface{};
    Ipv4 neighbor{};
};
struct CapabilitiesChanged {
    IfIndex interface{};
    Ipv4 neighbor{};
    std::uint8_t before = 0;
    std::uint8_t now = 0;
};
// We do not route for a neighbour that cannot prune.
struct NonPruner {
    IfIndex interface{};
    Ipv4 neighbor{};
};
struct LimitReached {
    enum class Which : std::uint8_t {
        neighbors,
        routes,
        flows,
        prunes,
        rate, // of messages, or of probes
        one_way_neighbors,
        prunes_of_neighbor,
        routes_of_neighbor,
        routes_nearly, // 80 % of them
        route_alarm,   // routes heard in a minute
    } which{};
    IfIndex interface{};
};
using Event =
    std::variant<NeighborChanged, NeighborRestarted, CapabilitiesChanged, NonPruner, LimitReached>;

struct Output {
    std::vector<ToSend> messages;
    std::vector<TraceToSend> traces;
    std::vector<RouteChanged> routes;
    std::vector<FlowChanged> flows;
    std::vector<Event> events;

    void clear() {
        messages.clear();
        traces.clear();
        routes.clear();
        flows.clear();
        events.clear();
    }
};

} // namespace mcast::dvmrp
