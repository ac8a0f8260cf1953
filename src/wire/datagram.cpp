#include "mcast/wire/datagram.h"

#include "mcast/wire/checksum.h"

namespace mcast::wire {

namespace {

constexpr std::size_t k_total_length_offset = 2;
constexpr std::size_t k_checksum_offset = 10;
constexpr std::uint8_t k_default_ttl = 64;

DatagramError as_datagram_error(Ipv4Error error) {
    switch (error) {
    case Ipv4Error::short_packet:
        return DatagramError::short_frame;
    case Ipv4Error::bad_version:
        return DatagramError::bad_version;
    case Ipv4Error::bad_header_length:
        return DatagramError::bad_header_length;
    case Ipv4Error::bad_total_length:
        return DatagramError::bad_total_length;
    case Ipv4Error::bad_header_checksum:
        return DatagramError::bad_header_checksum;
    }
    return DatagramError::short_frame;
}

EthernetHeader ethernet_from(Origin const& from, Mac const& destination, std::uint16_t type) {
    return {.destination = destination, .source = from.mac, .ether_type = type, .vlan = from.vlan};
}

// The header, then what `write_payload` appends, then the length and the checksum that follow.
template <class F>
void build_packet(Ipv4Header ip, Writer& out, F write_payload) {
    std::size_t const start = out.size();
    ip.total_length = k_ipv4_max_size; // replaced below
    encode(ip, out);
    std::size_t const header_length = out.size() - start;
    write_payload(out);
    std::size_t const total = out.size() - start;
    if (total > 0xffff) {
        out.fail();
    }
    if (out.ok()) {
        out.patch_u16(start + k_total_length_offset, static_cast<std::uint16_t>(total));
        out.patch_u16(start + k_checksum_offset, 0);
        out.patch_u16(start + k_checksum_offset,
                      internet_checksum(out.written().subspan(start, header_length)));
    }
}

template <class F>
bool build(EthernetHeader ethernet, Ipv4Header const& ip, Writer& out, F write_payload) {
    ethernet.ether_type = k_ether_ipv4;
    if (ip.destination.is_multicast()) {
        ethernet.destination = Mac::of_group(ip.destination);
    }
    encode(ethernet, out);
    build_packet(ip, out, write_payload);
    return out.ok();
}

// IGMP's protocol, which routers share.
Ipv4Header between_routers(Ipv4 source, Ipv4 destination, std::uint8_t ttl) {
    Ipv4Header ip;
    ip.tos = k_tos_internetwork_control;
    ip.ttl = ttl;
    ip.protocol = k_protocol_igmp;
    ip.source = source;
    ip.destination = destination;
    return ip;
}

} // namespace

std::string_view name_of(DatagramError error) {
    switch (error) {
    case DatagramError::short_frame:
        return "short_frame";
    case DatagramError::not_ipv4:
        return "not_ipv4";
    case DatagramError::bad_version:
        return "bad_version";
    case DatagramError::bad_header_length:
        return "bad_header_length";
    case DatagramError::bad_total_length:
        return "bad_total_length";
    case DatagramError::bad_header_checksum:
        return "bad_header_checksum";
    }
    return "unknown";
}

std::expected<Datagram, DatagramError> decode_datagram(Bytes frame) {
    auto const ethernet = decode_ethernet(frame);
    if (!ethernet) {
        return std::unexpected(DatagramError::short_frame);
    }
    if (ethernet->ether_type != k_ether_ipv4) {
        return std::unexpected(DatagramError::not_ipv4);
    }
    Bytes const packet = frame.subspan(ethernet->size());
    auto const ip = decode_ipv4(packet);
    if (!ip) {
        return std::unexpected(as_datagram_error(ip.error()));
    }
    return Datagram{.ethernet = *ethernet,
                    .ip = *ip,
                    .payload = packet.subspan(ip->header_length, ip->payload_length())};
}

bool build_ipv4_frame(EthernetHeader ethernet, Ipv4Header ip, Bytes payload, Writer& out) {
    return build(ethernet, ip, out, [&](Writer& w) { w.bytes(payload); });
}

bool build_igmp_frame(Origin const& from, Igmp const& message, Writer& out) {
    return build_igmp_frame(from, usual_destination(message), message, out);
}

bool build_igmp_frame(Origin const& from, Ipv4 destination, Igmp const& message, Writer& out,
                      Mac const& next_hop) {
    Ipv4Header ip;
    ip.tos = k_tos_internetwork_control;
    ip.ttl = 1;
    ip.protocol = k_protocol_igmp;
    ip.source = from.address;
    ip.destination = destination;
    ip.options = k_router_alert;
    return build(ethernet_from(from, next_hop, k_ether_ipv4), ip, out,
                 [&](Writer& w) { encode(message, w); });
}

bool build_dvmrp_frame(Origin const& from, Ipv4 destination, std::uint8_t ttl,
                       dvmrp::Message const& message, Writer& out, Mac const& next_hop) {
    return build(ethernet_from(from, next_hop, k_ether_ipv4),
                 between_routers(from.address, destination, ttl), out,
                 [&](Writer& w) { dvmrp::encode(message, w); });
}

bool build_tunnelled_dvmrp_frame(Origin const& from, Ipv4 remote, std::uint8_t outer_ttl,
                                 Ipv4 destination, dvmrp::Message const& message, Writer& out,
                                 Mac const& next_hop) {
    Ipv4Header outer = between_routers(from.address, remote, outer_ttl);
    outer.protocol = k_protocol_ip_in_ip;
    return build(ethernet_from(from, next_hop, k_ether_ipv4), outer, out, [&](Writer& w) {
        build_packet(between_routers(from.address, destination, 1), w,
                     [&](Writer& inner) { dvmrp::encode(message, inner); });
    });
}

bool build_mtrace_frame(Origin const& from, Ipv4 destination, std::uint8_t ttl, Mtrace const& trace,
                        Writer& out, Mac const& next_hop) {
    return build(ethernet_from(from, next_hop, k_ether_ipv4),
                 between_routers(from.address, destination, ttl), out,
                 [&](Writer& w) { encode(trace, w); });
}

bool build_udp_frame(Origin const& from, Ipv4Header ip, UdpDatagram const& udp, Writer& out,
                     Mac const& next_hop) {
    ip.source = from.address;
    ip.protocol = k_protocol_udp;
    return build(ethernet_from(from, next_hop, k_ether_ipv4), ip, out,
                 [&](Writer& w) { encode(udp, ip.source, ip.destination, w); });
}

bool build_icmp_frame(Origin const& from, Mac const& next_hop, Ipv4 destination,
                      IcmpEcho const& echo, Writer& out) {
    Ipv4Header ip;
    ip.ttl = k_default_ttl;
    ip.protocol = k_protocol_icmp;
    ip.source = from.address;
    ip.destination = destination;
    return build(ethernet_from(from, next_hop, k_ether_ipv4), ip, out,
                 [&](Writer& w) { encode(echo, w); });
}

bool build_arp_frame(Origin const& from, ArpPacket const& packet, Writer& out) {
    bool const to_all = packet.operation == ArpOperation::request;
    encode(ethernet_from(from, to_all ? Mac::broadcast() : packet.target_mac, k_ether_arp), out);
    return encode(packet, out);
}

void pad(Writer& out, std::size_t start) {
    std::size_t const length = out.size() - start;
    if (length < k_min_frame) {
        out.zeros(k_min_frame - length);
    }
}

} // namespace mcast::wire
