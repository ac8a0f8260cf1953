#include "mcast/wire/udp.h"

#include "mcast/wire/checksum.h"
#include "mcast/wire/ipv4.h"

#include <algorithm>

namespace mcast::wire {

namespace {

constexpr std::size_t k_checksum_offset = 6;

std::uint16_t udp_checksum(Bytes datagram, Ipv4 source, Ipv4 destination) {
    ChecksumSum sum;
    sum.add_ipv4(source);
    sum.add_ipv4(destination);
    sum.add_u16(k_protocol_udp);
    sum.add_u16(static_cast<std::uint16_t>(datagram.size()));
    sum.add(datagram);
    return sum.checksum();
}

} // namespace

bool UdpDatagram::operator==(UdpDatagram const& other) const {
    return source_port == other.source_port && destination_port == other.destination_port &&
           std::ranges::equal(data, other.data);
}

std::string_view name_of(UdpError error) {
    switch (error) {
    case UdpError::short_packet:
        return "short_packet";
    case UdpError::bad_length:
        return "bad_length";
    case UdpError::bad_checksum:
        return "bad_checksum";
    }
    return "unknown";
}

std::expected<UdpDatagram, UdpError> decode_udp(Bytes payload, Ipv4 source, Ipv4 destination) {
    Reader in(payload);
    UdpDatagram datagram{.source_port = in.u16(), .destination_port = in.u16(), .data = {}};
    std::size_t const length = in.u16();
    auto const checksum = in.u16();
    if (!in.ok()) {
        return std::unexpected(UdpError::short_packet);
    }
    if (length < k_udp_size || length > payload.size()) {
        return std::unexpected(UdpError::bad_length);
    }
    if (checksum != 0 && udp_checksum(payload.first(length), source, destination) != 0) {
        return std::unexpected(UdpError::bad_checksum);
    }
    datagram.data = in.bytes(length - k_udp_size);
    return datagram;
}

bool encode(UdpDatagram const& datagram, Ipv4 source, Ipv4 destination, Writer& out) {
    std::size_t const start = out.size();
    std::size_t const length = k_udp_size + datagram.data.size();
    if (length > 0xffff) {
        out.fail();
    }
    out.u16(datagram.source_port);
    out.u16(datagram.destination_port);
    out.u16(static_cast<std::uint16_t>(length));
    out.u16(0);
    out.bytes(datagram.data);
    if (out.ok()) {
        auto const checksum = udp_checksum(out.written().subspan(start), source, destination);
        // On the wire zero says "none", so a sum of zero goes out as its other form.
        out.patch_u16(start + k_checksum_offset, checksum == 0 ? std::uint16_t{0xffff} : checksum);
    }
    return out.ok();
}

} // namespace mcast::wire
