// The one-byte floating point of Max Resp Code and QQIC, RFC 9776 sections 4.1.1 and 4.1.7.
#pragma once

#include <bit>
#include <cstdint>

namespace mcast::wire {

// The largest value that a code can say.
inline constexpr std::uint16_t k_max_code_value = 31744;

constexpr std::uint16_t decode_code(std::uint8_t code) {
    if (code < 128) {
        return code;
    }
    int const exponent = (code >> 4) & 7;
    int const mantissa = code & 15;
    return static_cast<std::uint16_t>((mantissa + 16) << (exponent + 3));
}

// Rounds down to a value that can be said; above 31744 says 31744 (IGMP-6, IGMP-7, IGMP-8).
constexpr std::uint8_t encode_code(std::uint16_t value) {
    if (value < 128) {
        return static_cast<std::uint8_t>(value);
    }
    if (value >= k_max_code_value) {
        return 0xff;
    }
    int const exponent = std::bit_width(value) - 8;
    int const mantissa = (value >> (exponent + 3)) & 15;
    return static_cast<std::uint8_t>(0x80 | (exponent << 4) | mantissa);
}

} // namespace mcast::wire
