// The outer header of a tunnel's packets: IP in IP, RFC 2003. Pure; any thread.
#pragma once

#include "mcast/handoff/interface_table.h"
#include "mcast/wire/checksum.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace mcast::dataplane {

inline constexpr std::uint16_t k_outer_bytes = 20;

// Writes k_outer_bytes before a packet whose IPv4 header is `inner`. Type of service and "do not
// fragment" are the inner packet's (section 3.1): who forbids fragments forbids them on the whole
// way. `id` tells packets apart that may be fragmented.
inline void write_outer(std::uint8_t* at, handoff::Tunnel const& tunnel, std::uint8_t const* inner,
                        std::uint16_t id) {
    constexpr std::uint8_t k_dont_fragment = 0x40;
    constexpr std::uint8_t k_ip_in_ip = 4;
    auto const put = [at](std::size_t where, std::uint32_t value, int bytes) {
        for (int n = 0; n < bytes; ++n) {
            at[where + static_cast<std::size_t>(n)] =
                static_cast<std::uint8_t>(value >> (8 * (bytes - 1 - n)));
        }
    };
    auto const inner_length = static_cast<std::uint32_t>((inner[2] << 8) | inner[3]);
    at[0] = 0x45;
    at[1] = inner[1];
    put(2, k_outer_bytes + inner_length, 2);
    put(4, id, 2);
    at[6] = static_cast<std::uint8_t>(inner[6] & k_dont_fragment);
    at[7] = 0;
    at[8] = tunnel.ttl;
    at[9] = k_ip_in_ip;
    put(10, 0, 2);
    put(12, tunnel.local.value, 4);
    put(16, tunnel.remote.value, 4);
    put(10, wire::internet_checksum({at, k_outer_bytes}), 2);
}

} // namespace mcast::dataplane
