// The Ethernet header of what we send: F18. Private to the dataplane.
#pragma once

#include "mcast/base/ipv4.h"
#include "mcast/base/mac.h"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace mcast::dataplane {

inline constexpr std::uint16_t k_ethernet_bytes = 14;
inline constexpr std::uint16_t k_tag_bytes = 4;

inline constexpr std::uint16_t link_header_bytes(std::uint16_t vlan) {
    return vlan == 0 ? k_ethernet_bytes : k_ethernet_bytes + k_tag_bytes;
}

// The four bytes between the addresses and the type of what follows the tag.
inline std::uint8_t* write_tag(std::uint8_t* at, std::uint16_t vlan) {
    at[0] = 0x81;
    at[1] = 0x00;
    at[2] = static_cast<std::uint8_t>(vlan >> 8);
    at[3] = static_cast<std::uint8_t>(vlan);
    return at + k_tag_bytes;
}

// Writes what follows the destination in an Ethernet header: `source`, tag if vlan is not 0, IPv4.
inline void write_behind_group(std::uint8_t* at, Mac const& source, std::uint16_t vlan) {
    std::memcpy(at, source.bytes.data(), source.bytes.size());
    std::uint8_t* const type = vlan == 0 ? at + 6 : write_tag(at + 6, vlan);
    type[0] = 0x08;
    type[1] = 0x00;
}

// The group's MAC, RFC 1112 section 6.4, as Mac::of_group() has it, in the low six bytes.
inline std::uint64_t group_mac_word(Ipv4 group) {
    static_assert(std::endian::native == std::endian::little, "the first byte is the lowest");
    return 0x5e0001 | std::uint64_t{std::byteswap(group.value & 0x7fffff)} << 16;
}

// In two stores, so that whoever reads it next need not wait for six.
inline void write_group_mac(std::uint8_t* at, Ipv4 group) {
    std::uint64_t const mac = group_mac_word(group);
    auto const first = static_cast<std::uint32_t>(mac);
    auto const last = static_cast<std::uint16_t>(mac >> 32);
    std::memcpy(at, &first, sizeof first);
    std::memcpy(at + sizeof first, &last, sizeof last);
}

// Writes link_header_bytes(vlan) bytes: group MAC, `source`, tag if vlan is not 0, IPv4.
inline void write_link_header(std::uint8_t* at, Ipv4 group, Mac const& source, std::uint16_t vlan) {
    write_group_mac(at, group);
    write_behind_group(at + 6, source, vlan);
}

} // namespace mcast::dataplane
