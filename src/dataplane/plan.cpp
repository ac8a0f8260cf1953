#include "plan.h"

#include "tunnel_frames.h"

#include <algorithm>
#include <limits>

namespace mcast::dataplane {

void Plan::make(IfSet const& outputs, handoff::InterfaceTable const& now,
                TxBuffers const& transmit) {
    to = outputs;
    table_id = now.id();
    table = &now;
    router_mac = now.router_mac;
    packets = 0;
    shared = 0;
    special = 0;
    tunnels = 0;
    longest_packet = std::numeric_limits<std::uint32_t>::max();
    special_take_chains = true;
    outputs.for_each([&](IfIndex i) {
        handoff::Interface const& out = now.interfaces[i.index()];
        platform::TransmitPath const& path = transmit.path(out.port);
        std::uint16_t const own_bytes = head_bytes(out);
        longest_packet =
            std::min({longest_packet, std::uint32_t{out.mtu},
                      path.longest - std::min<std::uint32_t>(path.longest, own_bytes)});
        if (!now.private_header.contains(i)) {
            shared_to[shared].interface = i.value;
            shared_to[shared].port = out.port.value;
            ++shared;
            return;
        }
        if (out.tunnel) {
            tunnels_to[tunnels++] = i.value;
            return;
        }
        Output& own = special_to[special++];
        own.interface = i.value;
        own.port = out.port.value;
        own.link_bytes = own_bytes;
        write_behind_group(own.behind_group.data(), out.mac, out.vlan);
        special_take_chains = special_take_chains && path.multi_segment;
    });
    apart = special + tunnels;
}

} // namespace mcast::dataplane
