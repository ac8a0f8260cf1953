#include "demux.h"

#include "mcast/wire/mtrace.h"

namespace mcast::control {

namespace {

using Demuxed = std::expected<HostFrame, Fate>;

constexpr std::uint8_t k_dvmrp_type = 0x13;

Fate fate_of(wire::DatagramError error) {
    switch (error) {
    case wire::DatagramError::short_frame:
        return Fate::short_frame;
    case wire::DatagramError::not_ipv4:
        return Fate::not_ipv4;
    case wire::DatagramError::bad_version:
        return Fate::bad_version;
    case wire::DatagramError::bad_header_length:
        return Fate::bad_header_length;
    case wire::DatagramError::bad_total_length:
        return Fate::bad_total_length;
    case wire::DatagramError::bad_header_checksum:
        return Fate::bad_header_checksum;
    }
    return Fate::short_frame;
}

Demuxed demux_arp(wire::Bytes payload) {
    auto const packet = wire::decode_arp(payload);
    if (!packet) {
        return std::unexpected(Fate::arp_malformed);
    }
    return ArpFrame{*packet};
}

// Steps R3 to R5 of the receive pipeline. DVMRP shares the protocol number and has TTL rules of its
// own (tunnels), so it is told apart before the TTL is judged.
Demuxed demux_igmp(wire::Datagram const& datagram, Runs runs) {
    if (datagram.ip.is_fragment()) {
        return std::unexpected(Fate::igmp_fragment);
    }
    if (!datagram.payload.empty() && datagram.payload.front() == k_dvmrp_type) {
        if (!runs.dvmrp) {
            return std::unexpected(Fate::dvmrp_not_running);
        }
        return DvmrpFrame{datagram.ethernet.source, datagram.ip, datagram.payload};
    }
    // Traces, too, come from afar. Where DVMRP does not run, IGMP counts them.
    if (runs.dvmrp && wire::is_mtrace(datagram.payload)) {
        return DvmrpFrame{datagram.ethernet.source, datagram.ip, datagram.payload};
    }
    if (datagram.ip.ttl != 1) {
        return std::unexpected(Fate::bad_ttl); // IGMP-145
    }
    if (!runs.igmp) {
        return std::unexpected(Fate::igmp_not_enabled);
    }
    return IgmpFrame{datagram.ethernet.source, datagram.ip, datagram.payload};
}

Demuxed demux_icmp(wire::Datagram const& datagram) {
    if (datagram.ip.is_fragment()) {
        return std::unexpected(Fate::icmp_unsupported);
    }
    auto const echo = wire::decode_icmp_echo(datagram.payload);
    if (!echo) {
        return std::unexpected(echo.error() == wire::IcmpError::not_echo ? Fate::icmp_unsupported
                                                                         : Fate::icmp_malformed);
    }
    if (echo->type != wire::IcmpType::echo_request) {
        return std::unexpected(Fate::icmp_unsupported);
    }
    return EchoFrame{datagram.ethernet.source, datagram.ip, *echo};
}

} // namespace

Demuxed demux(wire::Bytes frame, Interfaces const& interfaces, Runs runs) {
    auto const ethernet = wire::decode_ethernet(frame);
    if (!ethernet) {
        return std::unexpected(Fate::short_frame);
    }
    if (ethernet->ether_type == wire::k_ether_arp) {
        return demux_arp(frame.subspan(ethernet->size()));
    }
    auto const datagram = wire::decode_datagram(frame);
    if (!datagram) {
        return std::unexpected(fate_of(datagram.error()));
    }
    wire::Ipv4Header const& ip = datagram->ip;
    if (ip.protocol == wire::k_protocol_igmp) {
        return demux_igmp(*datagram, runs);
    }
    if (ip.destination.is_multicast()) {
        // A ping to 224.0.0.1 gets no answer: nothing about multicast ever causes ICMP here.
        return std::unexpected(Fate::host_unsupported);
    }
    if (!interfaces.is_own_address(ip.destination)) {
        return std::unexpected(Fate::not_our_address);
    }
    return ip.protocol == wire::k_protocol_icmp ? demux_icmp(*datagram)
                                                : std::unexpected(Fate::host_unsupported);
}

std::expected<ParkedFrame, Fate> demux_miss(wire::Bytes frame) {
    auto const datagram = wire::decode_datagram(frame);
    if (!datagram || !datagram->ip.destination.is_multicast() ||
        datagram->ip.destination.is_link_local_multicast()) {
        return std::unexpected(Fate::miss_malformed);
    }
    std::size_t const start = datagram->ethernet.size();
    return ParkedFrame{{datagram->ip.source, datagram->ip.destination},
                       frame.subspan(start, datagram->ip.total_length)};
}

std::optional<ParkedFrame> demux_head(wire::Bytes head) {
    constexpr std::size_t k_any_length = 0xffff;
    auto const ethernet = wire::decode_ethernet(head);
    if (!ethernet || ethernet->ether_type != wire::k_ether_ipv4) {
        return std::nullopt;
    }
    wire::Bytes const packet = head.subspan(ethernet->size());
    auto const ip = wire::decode_ipv4(packet, k_any_length);
    if (!ip) {
        return std::nullopt;
    }
    return ParkedFrame{{ip->source, ip->destination},
                       packet.first(std::min<std::size_t>(packet.size(), ip->total_length))};
}

} // namespace mcast::control
