// The Ethernet II header, with at most one 802.1Q tag. Any thread; no state.
#pragma once

#include "mcast/base/mac.h"
#include "mcast/wire/cursor.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

namespace mcast::wire {

inline constexpr std::uint16_t k_ether_ipv4 = 0x0800;
inline constexpr std::uint16_t k_ether_arp = 0x0806;
inline constexpr std::uint16_t k_ether_vlan = 0x8100;

inline constexpr std::size_t k_ethernet_size = 14;
inline constexpr std::size_t k_vlan_tag_size = 4;
// Shortest frame without FCS; anything behind the packet's own length is padding.
inline constexpr std::size_t k_min_frame = 60;

struct EthernetHeader {
    Mac destination{};
    Mac source{};
    std::uint16_t ether_type{};          // of what follows the tag
    std::optional<std::uint16_t> vlan{}; // VLAN identifier 0..4095; 0 is a priority tag

    constexpr std::size_t size() const {
        return k_ethernet_size + (vlan ? k_vlan_tag_size : std::size_t{0});
    }
    bool operator==(EthernetHeader const&) const = default;
};

enum class EthernetError : std::uint8_t {
    short_frame, // ends within the header or the tag
};
std::string_view name_of(EthernetError error);

// The payload starts size() bytes into the frame. A second tag is left in place: its type is then
// `ether_type`. Priority and drop eligibility of the tag are not kept.
std::expected<EthernetHeader, EthernetError> decode_ethernet(Bytes frame);

// False when it does not fit, or the VLAN identifier has more than 12 bits.
bool encode(EthernetHeader const& header, Writer& out);

} // namespace mcast::wire
