// Frames for tests, from named fields. Wrong values can be set on purpose.
#pragma once

#include "mcast/base/ipv4.h"
#include "mcast/base/mac.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace mcast::test {

using Octets = std::vector<std::uint8_t>;

inline constexpr Mac k_router_mac{{0x02, 0, 0, 0, 0, 0x01}};
inline constexpr Mac k_own_mac{{0x02, 0, 0, 0, 0, 0x77}};
inline constexpr Mac k_sender_mac{{0x02, 0, 0, 0, 0, 0x99}};
inline constexpr Ipv4 k_source = Ipv4::of(10, 0, 0, 5);
inline constexpr Ipv4 k_group = Ipv4::of(239, 1, 2, 3);

struct Packet {
    Ipv4 source = k_source;
    Ipv4 group = k_group;
    std::uint8_t ttl = 16;
    std::uint8_t protocol = 17;
    std::size_t payload = 100;
    bool dont_fragment = false;
    std::uint16_t fragment_field = 0; // more-fragments flag and offset
    std::optional<Mac> to{};          // default: the group's
    std::vector<std::uint16_t> tags{};
    std::uint16_t tag_type = 0x8100;
    std::uint16_t ether_type = 0x0800;
    Octets options{};             // a multiple of four bytes
    std::size_t padding = 0;      // behind the packet
    std::optional<Octets> data{}; // instead of a pattern of `payload` bytes

    std::size_t header_length() const { return 20 + options.size(); }
    std::size_t total_length() const { return header_length() + (data ? data->size() : payload); }
    std::size_t link_length() const { return 14 + 4 * tags.size(); }
    Octets ipv4() const;
    Octets bytes() const;
};

// What a router must make of the packet on an output: F13, F18.
Octets forwarded(Packet const& packet, Mac const& source, std::uint16_t vlan);

void fix_checksum(Octets& frame, std::size_t header_at);

} // namespace mcast::test
