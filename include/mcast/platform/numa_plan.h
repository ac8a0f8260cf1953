// Who polls what, and where buffers lie, on a machine whose memory is in several NUMA nodes: a
// frame that crosses from one to another costs a reading of far memory, and half the rate is soon
// gone. A plan from plain numbers; what the nodes are, Ports finds out.
//
// A worker polls queues of ports on its own node. A port whose node nobody knows (a virtual device
// has none), or on whose node no worker is, goes to any. On one node that is: queues go round the
// workers in turn.
#pragma once

#include "mcast/base/ids.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace mcast::platform {

inline constexpr int k_any_node = -1; // not known, or of no importance

// Where things are.
struct Places {
    std::vector<int> ports;   // by PortId
    std::vector<int> workers; // by WorkerId

    // Where what has no node of its own is put: at the first worker, else port, whose node is
    // known.
    int home() const;
    bool operator==(Places const&) const = default;
};

// On which nodes there are pools; the first is for all that has no node, or another.
struct PoolNodes {
    std::vector<int> receive{k_any_node}; // ports fill these
    std::vector<int> copies{k_any_node};  // workers take headers and references from these

    bool operator==(PoolNodes const&) const = default;
};
PoolNodes pool_nodes(Places const& places);

struct PortQueues {
    std::string name;
    std::uint16_t receive_queues = 1;
};

struct NumaPlan {
    std::vector<std::vector<WorkerId>> pollers; // by PortId, then receive queue
    // Sentences for people: what is wrong, and what to do about it. Empty: nothing.
    std::vector<std::string> of_ports;   // by PortId
    std::vector<std::string> of_workers; // by WorkerId
};

// Preconditions: as many ports as places.ports; at least one worker.
NumaPlan plan_numa(std::span<PortQueues const> ports, Places const& places);

} // namespace mcast::platform
