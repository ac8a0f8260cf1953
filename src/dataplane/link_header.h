// The Ethernet header of what we send: F18. Private to the dataplane.
#pragma once

#include "mcast/base/ipv4.h"
#include "mcast/base/mac.h"

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

// Writes link_header_bytes(vlan) bytes: group MAC, `source`, tag if vlan is not 0, IPv4.
inline void write_link_header(std::uint8_t* at, Ipv4 group, Mac const& source, std::uint16_t vlan) {
    Mac const destination = Mac::of_group(group);
    std::memcpy(at, destination.bytes.data(), destination.bytes.size());
    std::memcpy(at + 6, source.bytes.data(), source.bytes.size());
    std::uint8_t* const type = vlan == 0 ? at + 12 : write_tag(at + 12, vlan);
    type[0] = 0x08;
    type[1] = 0x00;
}

} // namespace mcast::dataplane
