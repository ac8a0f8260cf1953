#include "mcast/base/mac.h"

#include <charconv>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace mcast {

std::optional<Mac> Mac::parse(std::string_view text) {
    if (text.size() != 17) {
        return std::nullopt;
    }
    Mac mac;
    for (std::size_t i = 0; i < 6; ++i) {
        char const* const first = text.data() + i * 3;
        auto const [end, error] = std::from_chars(first, first + 2, mac.bytes[i], 16);
        if (error != std::errc{} || end != first + 2 || (i < 5 && *end != ':')) {
            return std::nullopt;
        }
    }
    return mac;
}

std::string to_string(Mac const& mac) {
    return fmt::format("{:02x}", fmt::join(mac.bytes, ":"));
}

} // namespace mcast
