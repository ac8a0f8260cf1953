// What one set of outputs means for the packets that go there, worked out once for all of them.
// Private to the dataplane; one worker; good as long as the table of interfaces is.
#pragma once

#include "link_header.h"

#include "mcast/base/if_set.h"
#include "mcast/dataplane/tx_buffer.h"
#include "mcast/handoff/interface_table.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace mcast::dataplane {

struct PlanOutput {
    IfIndex::rep interface;
    PortId::rep port;
    // For those with a header of their own.
    std::uint16_t link_bytes;
    std::array<std::uint8_t, 12> behind_group; // the Ethernet header from its source on
};

struct Plan {
    using Output = PlanOutput;

    IfSet to{};
    std::uint64_t table_id = 0;                     // 0: no plan
    handoff::InterfaceTable const* table = nullptr; // there while a frame is aimed by it
    Mac router_mac{};
    std::uint64_t packets = 0; // that went by it, and are not counted yet
    std::size_t shared = 0;    // outputs that take the frame itself
    std::size_t special = 0;   // outputs with a link header of their own
    std::size_t tunnels = 0;   // outputs with an outer header
    std::size_t apart = 0;     // all but the shared ones
    // IPv4 packets up to this are short enough for every output's MTU and port.
    std::uint32_t longest_packet = 0;
    bool special_take_chains = true;
    // Not cleared: nobody reads beyond the counts above.
    std::array<Output, k_max_interfaces> shared_to;
    std::array<Output, k_max_interfaces> special_to;
    std::array<IfIndex::rep, k_max_interfaces> tunnels_to;

    bool is_for(IfSet const& outputs, handoff::InterfaceTable const& now) const {
        return table_id == now.id() && to == outputs;
    }
    void make(IfSet const& outputs, handoff::InterfaceTable const& now, TxBuffers const& transmit);
};

} // namespace mcast::dataplane
