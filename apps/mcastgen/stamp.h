// What mcastgen writes into the payload of a datagram, so that its receiver can tell what became of
// it: which flow, which number, when it was sent, and a check over all of it. Any thread; no state.
//
//   offset 0   4  magic "mcg1"
//          4   4  flow identifier
//          8   8  sequence number, from 0
//         16   8  time of sending, nanoseconds
//         24   4  length of the whole payload
//         28   4  CRC-32 over the whole payload, this field taken as zero
//         32   -  filler: bytes that count up from the low byte of the sequence number
#pragma once

#include "mcast/wire/cursor.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string_view>

namespace mcast::gen {

inline constexpr std::size_t k_stamp_size = 32;

struct Stamp {
    std::uint32_t flow = 0;
    std::uint64_t sequence = 0;
    std::int64_t sent_ns = 0;

    bool operator==(Stamp const&) const = default;
};

enum class StampError : std::uint8_t {
    foreign,   // not a payload of ours
    truncated, // other length than it was sent with
    corrupted, // CRC or filler do not agree
};
std::string_view name_of(StampError error);

// Fills the whole payload. Precondition: at least k_stamp_size bytes.
void write_stamp(Stamp const& stamp, std::span<std::uint8_t> payload);
std::expected<Stamp, StampError> read_stamp(wire::Bytes payload);

// CRC-32 as in IEEE 802.3, continued from an earlier piece's value.
std::uint32_t crc32(wire::Bytes bytes, std::uint32_t before = 0);

} // namespace mcast::gen
