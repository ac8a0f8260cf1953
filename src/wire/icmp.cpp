#include "mcast/wire/icmp.h"

#include "mcast/wire/checksum.h"

#include <algorithm>

namespace mcast::wire {

namespace {

constexpr std::size_t k_checksum_offset = 2;

} // namespace

bool IcmpEcho::operator==(IcmpEcho const& other) const {
    return type == other.type && identifier == other.identifier && sequence == other.sequence &&
           std::ranges::equal(data, other.data);
}

std::string_view name_of(IcmpError error) {
    switch (error) {
    case IcmpError::short_packet:
        return "short_packet";
    case IcmpError::bad_checksum:
        return "bad_checksum";
    case IcmpError::not_echo:
        return "not_echo";
    }
    return "unknown";
}

std::expected<IcmpEcho, IcmpError> decode_icmp_echo(Bytes payload) {
    Reader in(payload);
    auto const type = IcmpType{in.u8()};
    auto const code = in.u8();
    in.skip(2); // checksum
    IcmpEcho echo{.type = type, .identifier = in.u16(), .sequence = in.u16(), .data = {}};
    echo.data = in.bytes(in.remaining());
    if (!in.ok()) {
        return std::unexpected(IcmpError::short_packet);
    }
    if (internet_checksum(payload) != 0) {
        return std::unexpected(IcmpError::bad_checksum);
    }
    if ((type != IcmpType::echo_request && type != IcmpType::echo_reply) || code != 0) {
        return std::unexpected(IcmpError::not_echo);
    }
    return echo;
}

bool encode(IcmpEcho const& echo, Writer& out) {
    std::size_t const start = out.size();
    out.u8(static_cast<std::uint8_t>(echo.type));
    out.u8(0);
    out.u16(0);
    out.u16(echo.identifier);
    out.u16(echo.sequence);
    out.bytes(echo.data);
    if (out.ok()) {
        out.patch_u16(start + k_checksum_offset, internet_checksum(out.written().subspan(start)));
    }
    return out.ok();
}

IcmpEcho echo_reply(IcmpEcho const& request) {
    IcmpEcho reply = request;
    reply.type = IcmpType::echo_reply;
    return reply;
}

} // namespace mcast::wire
