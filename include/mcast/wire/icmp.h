// ICMP echo, RFC 792: all the ICMP that a multicast router speaks for its own addresses. Any
// thread; no state.
#pragma once

#include "mcast/wire/cursor.h"

#include <cstdint>
#include <expected>
#include <string_view>

namespace mcast::wire {

enum class IcmpType : std::uint8_t { echo_reply = 0, echo_request = 8 };

// `data` is a view of the decoded bytes.
struct IcmpEcho {
    IcmpType type = IcmpType::echo_request;
    std::uint16_t identifier = 0;
    std::uint16_t sequence = 0;
    Bytes data{};

    bool operator==(IcmpEcho const& other) const;
};

enum class IcmpError : std::uint8_t {
    short_packet,
    bad_checksum,
    not_echo, // any other type or code
};
std::string_view name_of(IcmpError error);

// `payload`: exactly the IP payload.
std::expected<IcmpEcho, IcmpError> decode_icmp_echo(Bytes payload);
bool encode(IcmpEcho const& echo, Writer& out);

// Same identifier, sequence and data.
IcmpEcho echo_reply(IcmpEcho const& request);

} // namespace mcast::wire
