// Numbers of the DVMRP formats that decoder and encoder share: sections 3.1 and 3.2 to 3.6.
#pragma once

#include <cstddef>
#include <cstdint>

namespace mcast::wire::dvmrp {

inline constexpr std::uint8_t k_type = 0x13;
inline constexpr std::size_t k_checksum_offset = 2;

inline constexpr std::uint8_t k_code_probe = 1;
inline constexpr std::uint8_t k_code_report = 2;
inline constexpr std::uint8_t k_code_ask_neighbors = 3;
inline constexpr std::uint8_t k_code_neighbors = 4;
inline constexpr std::uint8_t k_code_ask_neighbors2 = 5;
inline constexpr std::uint8_t k_code_neighbors2 = 6;
inline constexpr std::uint8_t k_code_prune = 7;
inline constexpr std::uint8_t k_code_graft = 8;
inline constexpr std::uint8_t k_code_graft_ack = 9;
inline constexpr std::uint8_t k_code_info_request = 10;
inline constexpr std::uint8_t k_code_info_reply = 11;

inline constexpr std::size_t k_mask_octets = 3; // of a report; the first octet is always 255
inline constexpr std::uint8_t k_last_route = 0x80;
inline constexpr std::size_t k_mask_size = 4; // of prune and graft

} // namespace mcast::wire::dvmrp
