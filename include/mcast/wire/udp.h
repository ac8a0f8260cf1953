// UDP, RFC 768: what generated traffic is made of. Any thread; no state.
#pragma once

#include "mcast/base/ipv4.h"
#include "mcast/wire/cursor.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string_view>

namespace mcast::wire {

inline constexpr std::size_t k_udp_size = 8;

// `data` is a view of the decoded bytes.
struct UdpDatagram {
    std::uint16_t source_port = 0;
    std::uint16_t destination_port = 0;
    Bytes data{};

    bool operator==(UdpDatagram const& other) const;
};

enum class UdpError : std::uint8_t {
    short_packet,
    bad_length, // below 8 or more than the IP payload
    bad_checksum,
};
std::string_view name_of(UdpError error);

// `payload`: exactly the IP payload of an unfragmented packet between these addresses. A checksum
// of zero means that the sender made none.
std::expected<UdpDatagram, UdpError> decode_udp(Bytes payload, Ipv4 source, Ipv4 destination);
// Always with a checksum. False when it does not fit or is longer than UDP can say.
bool encode(UdpDatagram const& datagram, Ipv4 source, Ipv4 destination, Writer& out);

} // namespace mcast::wire
