// What the fuzz targets share: a promise that aborts when broken, and a place to write to.
//
// Every target decodes arbitrary bytes, and checks that a decoded value encodes to bytes which
// decode to an equal value. Where a checksum would stop nearly every mutation at the door, the
// target also puts a right one in, so that what lies behind is reached.
#pragma once

#include "mcast/wire/be.h"
#include "mcast/wire/checksum.h"
#include "mcast/wire/cursor.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

namespace mcast::fuzz {

inline void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

// The bytes that `write(Writer&)` produces; aborts when it fails.
template <class F>
std::vector<std::uint8_t> written_by(F write) {
    std::vector<std::uint8_t> buffer(70000);
    wire::Writer out(buffer);
    write(out);
    require(out.ok());
    buffer.resize(out.size());
    return buffer;
}

// Puts the checksum of all bytes at `at`, when they reach that far.
inline void repair_checksum(std::span<std::uint8_t> bytes, std::size_t at) {
    if (bytes.size() >= at + 2) {
        wire::store_be16(bytes.data() + at, 0);
        wire::store_be16(bytes.data() + at, wire::internet_checksum(bytes));
    }
}

// The same for the IPv4 header that starts `packet`.
inline void repair_ipv4_checksum(std::span<std::uint8_t> packet) {
    std::size_t const length = packet.empty() ? 0 : std::size_t{packet[0] & 0xfU} * 4;
    if (length <= packet.size()) {
        repair_checksum(packet.first(length), 10);
    }
}

} // namespace mcast::fuzz
