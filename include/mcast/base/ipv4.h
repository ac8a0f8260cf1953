// IPv4 addresses and prefixes as values.
//
// An address is a 32-bit number in host byte order, so that comparing two addresses compares them
// as RFC 9776 (querier election) and RFC 2715 listings mean it. Bytes on the wire are the business
// of wire/. Any thread; no state.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace mcast {

struct Ipv4 {
    std::uint32_t value{}; // host byte order

    static constexpr Ipv4 of(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
        return {(std::uint32_t{a} << 24) | (std::uint32_t{b} << 16) | (std::uint32_t{c} << 8) | d};
    }
    // Dotted quad only; anything else (leading zeros, spaces, a fifth part) is nullopt.
    static std::optional<Ipv4> parse(std::string_view text);

    constexpr bool is_unspecified() const { return value == 0; }
    // 224.0.0.0/4, RFC 1112 section 4.
    constexpr bool is_multicast() const { return (value >> 28) == 0xe; }
    // 224.0.0.0/24: never forwarded, never a membership. RFC 5771 section 4.
    constexpr bool is_link_local_multicast() const { return (value >> 8) == 0xe00000; }
    constexpr bool is_loopback() const { return (value >> 24) == 127; }
    constexpr bool is_broadcast() const { return value == 0xffffffff; }

    constexpr auto operator<=>(Ipv4 const&) const = default;
};

std::string to_string(Ipv4 address);

// Address and prefix length. As an interface address the host bits are kept; `network()` clears
// them. Length is 0..32.
struct Ipv4Prefix {
    Ipv4 address{};
    std::uint8_t length{};

    // "a.b.c.d/len"; nullopt on anything else.
    static std::optional<Ipv4Prefix> parse(std::string_view text);

    constexpr std::uint32_t mask() const {
        return length == 0 ? 0 : ~std::uint32_t{0} << (32 - length);
    }
    constexpr Ipv4 network() const { return {address.value & mask()}; }
    // The subnet's directed broadcast; meaningful for lengths up to 30 (RFC 3021 has none at 31).
    constexpr Ipv4 broadcast() const { return {address.value | ~mask()}; }
    constexpr bool contains(Ipv4 other) const {
        return ((other.value ^ address.value) & mask()) == 0;
    }

    constexpr auto operator<=>(Ipv4Prefix const&) const = default;
};

std::string to_string(Ipv4Prefix prefix);

} // namespace mcast

template <>
struct std::hash<mcast::Ipv4> {
    std::size_t operator()(mcast::Ipv4 address) const noexcept {
        return std::size_t{address.value} * 0x9e3779b97f4a7c15ULL >> 16;
    }
};
