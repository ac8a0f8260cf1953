// A control core with DVMRP and many routes, and nothing beside it: frames go straight into its
// queues, what it sends is thrown away, and no reader ever delays it.
//
//   A .9 -- [north]  [south] -- .9 B
//                router
//                [lan] -- a member of the one group
#pragma once

#include "mcast/control/control_loop.h"
#include "mcast/dvmrp/engine.h"
#include "mcast/wire/dvmrp.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace mcast::bench {

inline constexpr IfIndex k_north{0};
inline constexpr IfIndex k_south{1};
inline constexpr IfIndex k_lan{2};
inline constexpr std::size_t k_routes = 100'000;
inline constexpr std::uint8_t k_unreachable = wire::dvmrp::k_infinity;

// Of the networks that neighbours tell of, by number: 11.0.0.0/24 is the first.
struct Range {
    std::size_t first = 0;
    std::size_t count = 0;
};
Ipv4 source_of(std::size_t network);

// What a neighbour says that has routes to all of these, in as few reports as possible.
std::vector<wire::dvmrp::Body> reports_of(Range networks, std::uint8_t metric);
wire::dvmrp::Message message_of(wire::dvmrp::Body body);

// Of this thread alone.
double cpu_nanoseconds();

class RouteScene {
public:
    RouteScene();
    ~RouteScene();

    // The neighbour there tells of these networks.
    void learn(IfIndex from, Range networks, std::uint8_t metric);
    // The neighbour comes back and knows nothing.
    void restart(IfIndex neighbor);
    void set_link(IfIndex interface, bool up);
    // A packet of a source in the network comes in.
    void begin_stream(std::size_t network, IfIndex from);

    // Turns until nothing is left to do now.
    void settle();
    // Virtual time, from one due time to the next.
    void run_for(Duration by);

    std::size_t routes_by(IfIndex interface);
    std::size_t streams_from(IfIndex interface);

    void begin_measuring() { longest_ = spent_ = 0; }
    double longest() const { return longest_; } // ns, of one turn
    double spent() const { return spent_; }     // ns, of all

private:
    void probe(IfIndex from);
    void say(IfIndex from, wire::dvmrp::Body body);
    void punt(handoff::PuntClass punt_class, IfIndex from, std::span<std::uint8_t const> frame);
    void measured(std::function<void()> const& work);
    bool turn();

    handoff::ManualGrace grace_;
    handoff::Shared shared_;
    control::ControlLoop control_;
    TimePoint now_{std::chrono::hours{1}};
    std::uint32_t generation_ = 1;
    std::vector<FlowKey> streams_;
    double longest_ = 0;
    double spent_ = 0;
};

} // namespace mcast::bench
