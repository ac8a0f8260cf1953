// ARP for IPv4 over Ethernet, RFC 826. Any thread; no state.
#pragma once

#include "mcast/base/ipv4.h"
#include "mcast/base/mac.h"
#include "mcast/wire/cursor.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string_view>

namespace mcast::wire {

inline constexpr std::size_t k_arp_size = 28;

enum class ArpOperation : std::uint16_t { request = 1, reply = 2 };

struct ArpPacket {
    ArpOperation operation = ArpOperation::request;
    Mac sender_mac{};
    Ipv4 sender{};
    Mac target_mac{};
    Ipv4 target{};

    bool operator==(ArpPacket const&) const = default;
};

enum class ArpError : std::uint8_t {
    short_packet,
    bad_hardware,  // not Ethernet with 6-byte addresses
    bad_protocol,  // not IPv4 with 4-byte addresses
    bad_operation, // neither request nor reply
};
std::string_view name_of(ArpError error);

// `payload`: what follows the Ethernet header; padding behind the packet is ignored.
std::expected<ArpPacket, ArpError> decode_arp(Bytes payload);
bool encode(ArpPacket const& packet, Writer& out);

// Who has `target`, asked by us.
ArpPacket arp_request(Mac const& our_mac, Ipv4 our_address, Ipv4 target);
// The answer to a request for one of our addresses.
ArpPacket arp_reply(ArpPacket const& request, Mac const& our_mac);

} // namespace mcast::wire
