// Bringing one port from what the driver offers to configured, noting what was refused.
#pragma once

#include "mcast/platform/ports.h"

#include <cstddef>
#include <expected>

namespace mcast::platform {

// The DPDK port of this configuration, or the sentence that says why there is none.
std::expected<std::uint16_t, StartError> find_port(PortConfig const& config);

// What set_up_port() knows of a port beforehand. `dpdk_port` is from find_port().
struct FoundPort {
    PortId id{};
    std::uint16_t dpdk_port = 0;
    int node = k_any_node;
};

// Configures queues, MTU, MAC and filters; the port is then ready to start. `workers` is how many
// want a transmit queue.
std::expected<PortInfo, StartError> set_up_port(FoundPort const& found, PortConfig const& config,
                                                std::size_t workers, Mac const& router_mac,
                                                Pools const& pools);

} // namespace mcast::platform
