#include "unicast_router.h"

namespace mcast::sim {

void UnicastRouter::hear(IfIndex on, Packet const& packet) {
    auto const ethernet = wire::decode_ethernet(*packet.bytes);
    if (!ethernet) {
        return;
    }
    if (ethernet->ether_type == wire::k_ether_arp) {
        auto const arp = wire::decode_arp(wire::Bytes{*packet.bytes}.subspan(ethernet->size()));
        if (arp && arp->operation == wire::ArpOperation::request &&
            arp->target == spec_.ports[on.index()].address) {
            answer(on, *arp);
        }
        return;
    }
    auto const datagram = wire::decode_datagram(*packet.bytes);
    if (datagram && !datagram->ip.destination.is_multicast() && datagram->ip.ttl > 1) {
        forward(packet, datagram->ip.destination);
    }
}

void UnicastRouter::answer(IfIndex on, wire::ArpPacket const& request) {
    Ipv4 const own = spec_.ports[on.index()].address;
    wire::Origin const origin{mac_of(own), own, {}};
    out_.push_back({on, packet_of(built([&](wire::Writer& out) {
                        return wire::build_arp_frame(origin, wire::arp_reply(request, origin.mac),
                                                     out);
                    }))});
}

void UnicastRouter::forward(Packet const& packet, Ipv4 destination) {
    for (std::size_t p = 0; p < spec_.ports.size(); ++p) {
        Ipv4 const own = spec_.ports[p].address;
        if (!Ipv4Prefix{own, 24}.contains(destination) || destination == own) {
            continue;
        }
        Bytes bytes = rewritten(*packet.bytes, mac_of(own));
        std::ranges::copy(mac_of(destination).bytes, bytes.begin());
        out_.push_back({IfIndex{static_cast<IfIndex::rep>(p)},
                        {std::make_shared<Bytes const>(std::move(bytes)), packet.trail}});
    }
}

} // namespace mcast::sim
