// Bytes for tests: written as hexadecimal text, given a checksum, encoded from a value.
#pragma once

#include "mcast/wire/be.h"
#include "mcast/wire/checksum.h"
#include "mcast/wire/cursor.h"
#include "mcast/wire/igmp.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace mcast::wire {

using Buffer = std::vector<std::uint8_t>;

// Pairs of hexadecimal digits; spaces are ignored.
inline Buffer hex(std::string_view text) {
    Buffer result;
    std::string pair;
    for (char const c : text) {
        if (c == ' ') {
            continue;
        }
        pair += c;
        if (pair.size() == 2) {
            result.push_back(static_cast<std::uint8_t>(std::strtoul(pair.c_str(), nullptr, 16)));
            pair.clear();
        }
    }
    return result;
}

// The same bytes with a correct IGMP or ICMP checksum in bytes 2 and 3.
inline Buffer with_checksum(Buffer bytes) {
    store_be16(&bytes[2], 0);
    store_be16(&bytes[2], internet_checksum(bytes));
    return bytes;
}

inline Buffer with_checksum(std::string_view text) {
    return with_checksum(hex(text));
}

// The bytes that `write(Writer&)` produces; empty when it failed.
template <class F>
Buffer written_by(F write, std::size_t room = 70000) {
    Buffer buffer(room);
    Writer out(buffer);
    write(out);
    buffer.resize(out.ok() ? out.size() : 0);
    return buffer;
}

template <class Message>
Buffer encoded(Message const& message) {
    return written_by([&](Writer& out) { encode(message, out); });
}

} // namespace mcast::wire
