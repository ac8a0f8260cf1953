// What the platform found out about ports, pools and workers, as plain values: control knows no
// DPDK.
#pragma once

#include "mcast/base/ids.h"
#include "mcast/base/mac.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mcast::control {

// What the control core needs in order to work. One per port, in the order of the configuration, so
// that an index into the array is a PortId.
struct PortFacts {
    std::string name;
    Mac mac{};
    bool link_up = false;
    std::uint16_t mtu = 1500;
    bool accepts_router_mac = true; // else its frames carry `mac`
};

// What people ask about a port.
struct PortReport {
    std::string name;
    std::string device;
    std::string driver;
    bool link_up = false;
    std::uint32_t speed_mbps = 0;
    Mac mac{};
    std::string mac_mode;
    std::string multicast_mode;
    std::uint16_t queues = 0;
    std::uint16_t mtu = 0;
    std::optional<int> numa_node; // absent: none, or not known
    std::vector<std::pair<std::string, bool>> capabilities;
    std::vector<std::string> fallbacks; // what it refused, or lacks, and what is done instead
    std::uint64_t received = 0;
    std::uint64_t sent = 0;
    std::uint64_t missed = 0;
    std::uint64_t errors = 0;
    std::uint64_t no_buffer = 0;
};

// All pools of a kind, and each.
struct PoolReport {
    struct OnNode {
        std::optional<int> numa_node;
        std::uint64_t size = 0;
        std::uint64_t in_use = 0;
    };

    std::string name;
    std::uint64_t size = 0;
    std::uint64_t in_use = 0;
    std::vector<OnNode> nodes = {};
};

// A ring of a port's queue, or the one by which other workers pass frames to a queue's owner.
struct RingReport {
    std::string port;
    std::uint16_t queue = 0;
    std::optional<std::uint32_t> used; // absent: the driver does not tell, or the worker does not
    std::uint32_t size = 0;
};

// What people ask about a worker, besides what it counts.
struct WorkerReport {
    std::optional<int> numa_node;      // of its core
    std::vector<RingReport> receive;   // that it polls
    std::vector<RingReport> transmit;  // that it fills alone
    std::vector<RingReport> relays;    // that it empties for others
    std::vector<std::string> warnings; // sentences
};

} // namespace mcast::control
