// The parts of an engine, wired: what one part learns, the others are told here.
#pragma once

#include "interface.h"
#include "routing.h"
#include "tracer.h"
#include "trees.h"

#include "mcast/base/random.h"
#include "mcast/dvmrp/engine.h"
#include "mcast/timer/wheel.h"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace mcast::dvmrp {

class Core {
public:
    Core(Config const& with, Seeds seeds);

    Interface* find(IfIndex interface);
    void start(Interface& interface, TimePoint now, Output& out);
    void stop(Interface& interface, TimePoint now, Output& out);
    void change_link(Interface& interface, Link const& link, TimePoint now, Output& out);
    void reconfigure(Interface& interface, InterfaceConfig const& with, TimePoint now, Output& out);
    std::size_t forget(Interface& interface, Learned what, TimePoint now, Output& out);
    void receive(Received const& received, TimePoint now, Output& out);
    void trace(Received const& received, std::uint32_t arrival, TimePoint now, Output& out);
    // Returns how many routes, flows and trees were looked at, in round numbers.
    std::size_t due(timer::Key key, TimePoint now, Output& out);
    // What neighbours and routes did reaches the routes and the trees. Ends every call.
    void carry_on(TimePoint now);

    // In the order of their lives: handles go before the wheel.
    Config config;
    timer::Wheel wheel{};
    Random random;
    Spans spans{};
    std::size_t neighbors = 0;
    std::uint32_t next_generation;
    std::uint64_t not_enabled = 0;
    Interfaces interfaces{};
    Routing routing;
    Trees trees;
    Tracer tracer;

private:
    bool is_own(Ipv4 address) const;
    void hear(Interface& interface, wire::dvmrp::Message const& message, Received const& received,
              TimePoint now, Output& out);
    // A neighbour that may say more than that it is there; else it is counted why not.
    Neighbor* admit(Interface& interface, Ipv4 source, TimePoint now, Output& out);
    void answer_neighbors(Interface& interface, Received const& question, TimePoint now,
                          Output& out);

    News news_;
};

// One record for each interface, in messages of bounded size (appendix B and C).
std::vector<wire::dvmrp::Neighbors2> describe_neighbors(Interfaces const& interfaces);

} // namespace mcast::dvmrp
