// The IPv4 header, RFC 791, with the checks of RFC 1812 section 5.2.2 (rule F1). Any thread.
#pragma once

#include "mcast/base/ipv4.h"
#include "mcast/wire/cursor.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string_view>

namespace mcast::wire {

inline constexpr std::uint8_t k_protocol_icmp = 1;
inline constexpr std::uint8_t k_protocol_igmp = 2;
inline constexpr std::uint8_t k_protocol_ip_in_ip = 4; // RFC 2003
inline constexpr std::uint8_t k_protocol_udp = 17;

inline constexpr std::size_t k_ipv4_size = 20; // without options
inline constexpr std::size_t k_ipv4_max_size = 60;
inline constexpr std::uint8_t k_tos_internetwork_control = 0xc0;

// RFC 2113: every router on the path looks at the packet. The options of all IGMP that we send.
inline constexpr std::array<std::uint8_t, 4> k_router_alert{0x94, 0x04, 0x00, 0x00};

// `options` is a view of the decoded bytes (or of what is to be encoded), padding included.
struct Ipv4Header {
    std::uint8_t tos = 0;
    std::uint16_t total_length = 0; // header and payload, bytes
    std::uint16_t id = 0;
    bool dont_fragment = false;
    bool more_fragments = false;
    std::uint16_t fragment_offset = 0; // bytes, a multiple of 8
    std::uint8_t ttl = 0;
    std::uint8_t protocol = 0;
    Ipv4 source{};
    Ipv4 destination{};
    std::uint8_t header_length = k_ipv4_size; // bytes; encode() derives it from the options
    Bytes options{};

    constexpr bool is_fragment() const { return more_fragments || fragment_offset != 0; }
    constexpr std::size_t payload_length() const { return total_length - header_length; }
    // Compares the options' bytes, not where they are.
    bool operator==(Ipv4Header const& other) const;
};

enum class Ipv4Error : std::uint8_t {
    short_packet,      // fewer than 20 bytes
    bad_version,       // not 4
    bad_header_length, // IHL below 5 or past the end
    bad_total_length,  // less than the header, or more than was received
    bad_header_checksum,
};
std::string_view name_of(Ipv4Error error);

// `packet` starts at the IPv4 header; bytes behind the total length are padding. In this order:
// short_packet, bad_version, bad_header_length, bad_total_length, bad_header_checksum.
std::expected<Ipv4Header, Ipv4Error> decode_ipv4(Bytes packet);
// The same for a packet in pieces: `first` is the contiguous beginning, which must hold the whole
// header, `available` the bytes of all pieces.
std::expected<Ipv4Header, Ipv4Error> decode_ipv4(Bytes first, std::size_t available);

// Writes the header with its checksum. Options are padded with End of List to a multiple of 4.
// False when it does not fit or the header has no such form (options over 40 bytes, fragment
// offset not a multiple of 8, total length below the header's).
bool encode(Ipv4Header const& header, Writer& out);

// Both walk the options with bounds checks and stop at the first that is malformed.
// IGMP-150: Router Alert may stand anywhere before End of List.
bool has_router_alert(Bytes options);
// Loose or strict source route (F7).
bool is_source_routed(Bytes options);

} // namespace mcast::wire
