// What the describing of all protocols shares: lists that stay short, whatever was sent.
#pragma once

#include "mcast/base/ipv4.h"
#include "mcast/wire/ipv4.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace mcast::wire {

inline constexpr std::size_t k_shown = 8;

// Elements joined by `separator`; those beyond the first k_shown are only counted.
template <class Range, class F>
std::string join(Range const& range, std::string_view separator, F text_of) {
    std::string result;
    std::size_t n = 0;
    for (auto const& element : range) {
        if (n > 0) {
            result += separator;
        }
        if (n == k_shown) {
            return result + fmt::format("{} more", range.size() - n);
        }
        result += text_of(element);
        ++n;
    }
    return result;
}

inline std::string addresses_text(std::vector<Ipv4> const& addresses) {
    return "{" + join(addresses, ", ", [](Ipv4 address) { return to_string(address); }) + "}";
}

inline std::string trailing_text(std::size_t bytes) {
    return bytes == 0 ? std::string{} : fmt::format(", {} more bytes", bytes);
}

inline std::string between(Ipv4Header const& ip) {
    return to_string(ip.source) + " -> " + to_string(ip.destination);
}

// Of a payload that starts with their type.
std::string dvmrp_text(Ipv4Header const& ip, Bytes payload);
std::string mtrace_text(Ipv4Header const& ip, Bytes payload);

} // namespace mcast::wire
