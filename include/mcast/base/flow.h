// The key of every forwarding decision: one source to one group. Any thread; a value.
#pragma once

#include "mcast/base/ipv4.h"

#include <compare>
#include <cstdint>
#include <functional>
#include <string>

namespace mcast {

struct FlowKey {
    Ipv4 source{};
    Ipv4 group{};

    constexpr std::uint64_t packed() const {
        return (std::uint64_t{group.value} << 32) | source.value;
    }
    static constexpr FlowKey unpacked(std::uint64_t packed) {
        return {{static_cast<std::uint32_t>(packed)}, {static_cast<std::uint32_t>(packed >> 32)}};
    }
    constexpr bool operator==(FlowKey const&) const = default;
    // By group, then by source within the group: the order of MGM listings (MGM-115).
    constexpr std::strong_ordering operator<=>(FlowKey const& other) const {
        auto const by_group = group <=> other.group;
        return by_group != 0 ? by_group : source <=> other.source;
    }
};

inline std::string to_string(FlowKey key) {
    return "(" + to_string(key.source) + ", " + to_string(key.group) + ")";
}

} // namespace mcast

template <>
struct std::hash<mcast::FlowKey> {
    std::size_t operator()(mcast::FlowKey key) const noexcept {
        std::uint64_t const mixed = key.packed() * 0x9e3779b97f4a7c15ULL;
        return static_cast<std::size_t>(mixed ^ (mixed >> 32));
    }
};
