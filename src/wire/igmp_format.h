// Numbers of the IGMP formats that decoder and encoder share.
#pragma once

#include <cstddef>
#include <cstdint>

namespace mcast::wire {

inline constexpr std::uint8_t k_type_query = 0x11;
inline constexpr std::uint8_t k_type_report_v1 = 0x12;
inline constexpr std::uint8_t k_type_dvmrp = 0x13;
inline constexpr std::uint8_t k_type_report_v2 = 0x16;
inline constexpr std::uint8_t k_type_leave = 0x17;
inline constexpr std::uint8_t k_type_report_v3 = 0x22;
inline constexpr std::uint8_t k_type_router_advertisement = 0x30;
inline constexpr std::uint8_t k_type_router_solicitation = 0x31;
inline constexpr std::uint8_t k_type_router_termination = 0x32;

inline constexpr std::size_t k_igmp_min_size = 8;
inline constexpr std::size_t k_discovery_min_size = 4; // to solicit and to terminate
inline constexpr std::size_t k_query_v3_size = 12;
inline constexpr std::size_t k_record_size = 8;
inline constexpr std::size_t k_igmp_checksum_offset = 2;

// Version 3 query, byte 8.
inline constexpr std::uint8_t k_query_extension = 0x80;
inline constexpr std::uint8_t k_query_suppress = 0x08;
inline constexpr std::uint8_t k_query_qrv = 0x07;
// Version 3 report, bytes 4 and 5.
inline constexpr std::uint16_t k_report_extension = 0x8000;

} // namespace mcast::wire
