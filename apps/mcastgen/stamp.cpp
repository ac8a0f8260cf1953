#include "stamp.h"

#include "mcast/wire/be.h"

#include <array>

namespace mcast::gen {
namespace {

constexpr std::uint32_t k_magic = 0x6d636731; // "mcg1"
constexpr std::size_t k_crc_offset = 28;

constexpr std::array<std::uint32_t, 256> k_crc_table = [] {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t n = 0; n < table.size(); ++n) {
        std::uint32_t rest = n;
        for (int bit = 0; bit < 8; ++bit) {
            rest = (rest & 1) != 0 ? (rest >> 1) ^ 0xedb88320 : rest >> 1;
        }
        table[n] = rest;
    }
    return table;
}();

std::uint32_t payload_crc(wire::Bytes payload) {
    constexpr std::array<std::uint8_t, 4> k_zeros{};
    std::uint32_t const head = crc32(payload.first(k_crc_offset));
    return crc32(payload.subspan(k_stamp_size), crc32(k_zeros, head));
}

std::uint8_t filler(std::uint64_t sequence, std::size_t offset) {
    return static_cast<std::uint8_t>(sequence + offset);
}

bool has_filler(wire::Bytes payload, std::uint64_t sequence) {
    for (std::size_t i = k_stamp_size; i < payload.size(); ++i) {
        if (payload[i] != filler(sequence, i - k_stamp_size)) {
            return false;
        }
    }
    return true;
}

} // namespace

std::string_view name_of(StampError error) {
    switch (error) {
    case StampError::foreign:
        return "foreign";
    case StampError::truncated:
        return "truncated";
    case StampError::corrupted:
        return "corrupted";
    }
    return "unknown";
}

std::uint32_t crc32(wire::Bytes bytes, std::uint32_t before) {
    std::uint32_t crc = ~before;
    for (std::uint8_t const byte : bytes) {
        crc = k_crc_table[(crc ^ byte) & 0xff] ^ (crc >> 8);
    }
    return ~crc;
}

void write_stamp(Stamp const& stamp, std::span<std::uint8_t> payload) {
    wire::Writer out(payload);
    out.u32(k_magic);
    out.u32(stamp.flow);
    out.u32(static_cast<std::uint32_t>(stamp.sequence >> 32));
    out.u32(static_cast<std::uint32_t>(stamp.sequence));
    auto const sent = static_cast<std::uint64_t>(stamp.sent_ns);
    out.u32(static_cast<std::uint32_t>(sent >> 32));
    out.u32(static_cast<std::uint32_t>(sent));
    out.u32(static_cast<std::uint32_t>(payload.size()));
    out.u32(0);
    for (std::size_t i = k_stamp_size; i < payload.size(); ++i) {
        out.u8(filler(stamp.sequence, i - k_stamp_size));
    }
    wire::store_be32(payload.data() + k_crc_offset, payload_crc(payload));
}

std::expected<Stamp, StampError> read_stamp(wire::Bytes payload) {
    wire::Reader in(payload);
    if (in.u32() != k_magic) {
        return std::unexpected(StampError::foreign);
    }
    if (payload.size() < k_stamp_size) {
        return std::unexpected(StampError::truncated);
    }
    Stamp stamp;
    stamp.flow = in.u32();
    stamp.sequence = std::uint64_t{in.u32()} << 32;
    stamp.sequence |= in.u32();
    std::uint64_t const sent_high = in.u32();
    stamp.sent_ns = static_cast<std::int64_t>((sent_high << 32) | in.u32());
    std::uint32_t const length = in.u32();
    std::uint32_t const crc = in.u32();
    if (crc != payload_crc(payload)) {
        return std::unexpected(length != payload.size() ? StampError::truncated
                                                        : StampError::corrupted);
    }
    // The CRC agrees: a length or filler that does not was written by another program.
    if (length != payload.size() || !has_filler(payload, stamp.sequence)) {
        return std::unexpected(StampError::corrupted);
    }
    return stamp;
}

} // namespace mcast::gen
