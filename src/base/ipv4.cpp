#include "mcast/base/ipv4.h"

#include <charconv>

#include <fmt/format.h>

namespace mcast {

namespace {

// One decimal number without sign, spaces or leading zeros, at most `limit`.
std::optional<std::uint32_t> parse_number(std::string_view text, std::uint32_t limit) {
    if (text.empty() || text.size() > 3 || (text.size() > 1 && text.front() == '0')) {
        return std::nullopt;
    }
    std::uint32_t number = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || number > limit) {
        return std::nullopt;
    }
    return number;
}

} // namespace

std::optional<Ipv4> Ipv4::parse(std::string_view text) {
    std::uint32_t value = 0;
    for (int part = 0; part < 4; ++part) {
        std::size_t const end = part < 3 ? text.find('.') : text.size();
        if (end == std::string_view::npos) {
            return std::nullopt;
        }
        auto const octet = parse_number(text.substr(0, end), 255);
        if (!octet) {
            return std::nullopt;
        }
        value = (value << 8) | *octet;
        text.remove_prefix(part < 3 ? end + 1 : end);
    }
    return Ipv4{value};
}

std::optional<Ipv4Prefix> Ipv4Prefix::parse(std::string_view text) {
    std::size_t const slash = text.find('/');
    if (slash == std::string_view::npos) {
        return std::nullopt;
    }
    auto const address = Ipv4::parse(text.substr(0, slash));
    auto const length = parse_number(text.substr(slash + 1), 32);
    if (!address || !length) {
        return std::nullopt;
    }
    return Ipv4Prefix{*address, static_cast<std::uint8_t>(*length)};
}

std::string to_string(Ipv4 address) {
    std::uint32_t const v = address.value;
    return fmt::format("{}.{}.{}.{}", v >> 24, (v >> 16) & 255, (v >> 8) & 255, v & 255);
}

std::string to_string(Ipv4Prefix prefix) {
    return fmt::format("{}/{}", to_string(prefix.address), prefix.length);
}

} // namespace mcast
