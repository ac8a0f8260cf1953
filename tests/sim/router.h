// A router as the network sees it: frames in, frames out, and a time that is passed in.
#pragma once

#include "frames.h"

#include "mcast/base/time.h"

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace mcast::sim {

// Where a router thinks that sources of a network are.
struct Toward {
    static constexpr int k_untold = -1;
    int metric = 32; // k_untold: reachable, and the router does not say how far
    IfIndex interface = k_no_interface;
    Ipv4 neighbor{}; // 0.0.0.0: on the link itself

    bool operator==(Toward const&) const = default;
};

// What is remembered of flows.
struct Memory {
    std::size_t entries = 0; // in the forwarding table
    std::size_t flows = 0;   // of the protocol
    std::size_t prunes = 0;  // received, in force

    bool empty() const { return entries == 0 && flows == 0 && prunes == 0; }
};

class Router {
public:
    virtual ~Router() = default;

    virtual void start(TimePoint now) = 0;
    virtual void hear(IfIndex on, Packet const& packet) = 0;
    // Works until nothing is left to do now.
    virtual void settle(TimePoint now) = 0;
    virtual std::optional<TimePoint> next_due() const = 0;
    virtual void set_link(IfIndex port, bool up, TimePoint now) = 0;
    // Says goodbye; nothing but taking what it says comes after.
    virtual void farewell(TimePoint now) = 0;
    // What it sent since the last call.
    virtual std::vector<Leaving> sent() = 0;

    virtual Toward toward(Ipv4Prefix net) = 0;
    virtual Memory memory() const = 0;
    virtual std::uint64_t loops() const = 0;
};

} // namespace mcast::sim
