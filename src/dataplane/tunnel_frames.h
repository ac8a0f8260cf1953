// Frames into and out of tunnels. Private to the dataplane.
#pragma once

#include "link_header.h"

#include "mcast/dataplane/classify.h"
#include "mcast/dataplane/tunnel.h"
#include "mcast/handoff/interface_table.h"

#include <cstdint>
#include <cstring>

#include <rte_mbuf.h>

namespace mcast::dataplane {

// Takes the packet that `outer` (Action::decapsulate) carries out of the frame: the same Ethernet
// addresses before it, no tag, no padding. A frame that others use as well is copied into `pool`,
// and nullptr, with nothing changed, when that has no room.
rte_mbuf* decapsulate(rte_mbuf* frame, Verdict const& outer, rte_mempool* pool);

// What stands before the packet in a frame of an output with headers of its own.
inline std::uint16_t head_bytes(handoff::Interface const& out) {
    std::uint16_t const link = link_header_bytes(out.vlan);
    return out.tunnel ? static_cast<std::uint16_t>(link + k_outer_bytes) : link;
}

// Writes it; `packet` is what follows. Precondition: a tunnel's next hop is known.
inline void write_head(std::uint8_t* at, handoff::Interface const& out, Ipv4 group,
                       std::uint8_t const* packet, std::uint16_t& next_id) {
    write_link_header(at, group, out.mac, out.vlan);
    if (out.tunnel) {
        std::memcpy(at, out.tunnel->next_hop->bytes.data(), sizeof out.tunnel->next_hop->bytes);
        write_outer(at + link_header_bytes(out.vlan), *out.tunnel, packet, next_id++);
    }
}

} // namespace mcast::dataplane
