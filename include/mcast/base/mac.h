// Ethernet addresses, in transmission order. Any thread; no state.
#pragma once

#include "mcast/base/ipv4.h"

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mcast {

struct Mac {
    std::array<std::uint8_t, 6> bytes{};

    // "aa:bb:cc:dd:ee:ff", either case; nullopt on anything else.
    static std::optional<Mac> parse(std::string_view text);
    static constexpr Mac broadcast() { return {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}}; }
    // 01:00:5e and the low 23 bits of the group, RFC 1112 section 6.4.
    static constexpr Mac of_group(Ipv4 group) {
        return {{0x01, 0x00, 0x5e, static_cast<std::uint8_t>((group.value >> 16) & 0x7f),
                 static_cast<std::uint8_t>(group.value >> 8),
                 static_cast<std::uint8_t>(group.value)}};
    }
    constexpr bool is_group() const { return (bytes[0] & 1) != 0; }

    constexpr auto operator<=>(Mac const&) const = default;
};

std::string to_string(Mac const& mac);

} // namespace mcast
