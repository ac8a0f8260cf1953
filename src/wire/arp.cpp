#include "mcast/wire/arp.h"

#include "mcast/wire/ethernet.h"

namespace mcast::wire {

namespace {

constexpr std::uint16_t k_hardware_ethernet = 1;
constexpr std::uint8_t k_mac_length = 6;
constexpr std::uint8_t k_ipv4_length = 4;

} // namespace

std::string_view name_of(ArpError error) {
    switch (error) {
    case ArpError::short_packet:
        return "short_packet";
    case ArpError::bad_hardware:
        return "bad_hardware";
    case ArpError::bad_protocol:
        return "bad_protocol";
    case ArpError::bad_operation:
        return "bad_operation";
    }
    return "unknown";
}

std::expected<ArpPacket, ArpError> decode_arp(Bytes payload) {
    Reader in(payload);
    auto const hardware = in.u16();
    auto const protocol = in.u16();
    auto const hardware_length = in.u8();
    auto const protocol_length = in.u8();
    auto const operation = in.u16();
    ArpPacket packet;
    packet.sender_mac = in.mac();
    packet.sender = in.ipv4();
    packet.target_mac = in.mac();
    packet.target = in.ipv4();
    if (!in.ok()) {
        return std::unexpected(ArpError::short_packet);
    }
    if (hardware != k_hardware_ethernet || hardware_length != k_mac_length) {
        return std::unexpected(ArpError::bad_hardware);
    }
    if (protocol != k_ether_ipv4 || protocol_length != k_ipv4_length) {
        return std::unexpected(ArpError::bad_protocol);
    }
    packet.operation = ArpOperation{operation};
    if (packet.operation != ArpOperation::request && packet.operation != ArpOperation::reply) {
        return std::unexpected(ArpError::bad_operation);
    }
    return packet;
}

bool encode(ArpPacket const& packet, Writer& out) {
    out.u16(k_hardware_ethernet);
    out.u16(k_ether_ipv4);
    out.u8(k_mac_length);
    out.u8(k_ipv4_length);
    out.u16(static_cast<std::uint16_t>(packet.operation));
    out.mac(packet.sender_mac);
    out.ipv4(packet.sender);
    out.mac(packet.target_mac);
    out.ipv4(packet.target);
    return out.ok();
}

ArpPacket arp_request(Mac const& our_mac, Ipv4 our_address, Ipv4 target) {
    return {.operation = ArpOperation::request,
            .sender_mac = our_mac,
            .sender = our_address,
            .target_mac = {},
            .target = target};
}

ArpPacket arp_reply(ArpPacket const& request, Mac const& our_mac) {
    return {.operation = ArpOperation::reply,
            .sender_mac = our_mac,
            .sender = request.target,
            .target_mac = request.sender_mac,
            .target = request.sender};
}

} // namespace mcast::wire
