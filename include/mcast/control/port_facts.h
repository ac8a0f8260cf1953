// What the platform found out about ports and pools, as plain values: control knows no DPDK.
#pragma once

#include "mcast/base/ids.h"
#include "mcast/base/mac.h"

#include <cstdint>
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
    int numa_node = -1;
    std::vector<std::pair<std::string, bool>> capabilities;
    std::uint64_t received = 0;
    std::uint64_t sent = 0;
    std::uint64_t missed = 0;
    std::uint64_t errors = 0;
    std::uint64_t no_buffer = 0;
};

struct PoolReport {
    std::string name;
    std::uint64_t size = 0;
    std::uint64_t in_use = 0;
};

} // namespace mcast::control
