// Loads and stores in network byte order, from and to any alignment. Any thread; no state.
//
// These do not check bounds: the caller has. Decoders use the bounded cursors of cursor.h.
#pragma once

#include <cstdint>

namespace mcast::wire {

constexpr std::uint16_t load_be16(std::uint8_t const* from) {
    return static_cast<std::uint16_t>((from[0] << 8) | from[1]);
}

constexpr std::uint32_t load_be32(std::uint8_t const* from) {
    return (std::uint32_t{load_be16(from)} << 16) | load_be16(from + 2);
}

constexpr void store_be16(std::uint8_t* to, std::uint16_t value) {
    to[0] = static_cast<std::uint8_t>(value >> 8);
    to[1] = static_cast<std::uint8_t>(value);
}

constexpr void store_be32(std::uint8_t* to, std::uint32_t value) {
    store_be16(to, static_cast<std::uint16_t>(value >> 16));
    store_be16(to + 2, static_cast<std::uint16_t>(value));
}

} // namespace mcast::wire
