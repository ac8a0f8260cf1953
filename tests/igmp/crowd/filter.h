// What a host wants of a group, and the small world of groups and sources in which it does.
#pragma once

#include "mcast/base/ipv4.h"
#include "mcast/base/time.h"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace mcast::igmp::crowd {

using namespace std::chrono_literals;

// The last source stands for all that nobody names.
inline constexpr int k_sources = 4;
inline constexpr int k_named = 3;
inline constexpr int k_groups = 2;
inline constexpr int k_any_source = 0; // the group for all versions
inline constexpr int k_ssm = 1;        // the channel group: version 3, include mode

using Mask = unsigned; // bit i is the i-th source

constexpr Ipv4 group_address(int group) {
    return group == k_ssm ? Ipv4::of(232, 1, 1, 1) : Ipv4::of(239, 1, 1, 1);
}
constexpr Ipv4 source_address(int source) {
    return Ipv4::of(198, 51, 100, static_cast<std::uint8_t>(source + 1));
}
constexpr bool in(Mask mask, int source) {
    return ((mask >> source) & 1U) != 0;
}

// RFC 9776 section 2: a filter mode and a list.
struct Filter {
    bool exclude = false;
    Mask list = 0;

    bool wants(int source) const { return in(list, source) != exclude; }
    bool nothing() const { return !exclude && list == 0; }
    bool operator==(Filter const&) const = default;
};

inline std::vector<Ipv4> addresses(Mask mask) {
    std::vector<Ipv4> result;
    for (int s = 0; s < k_sources; ++s) {
        if (in(mask, s)) {
            result.push_back(source_address(s));
        }
    }
    return result;
}

inline Mask mask_of(std::vector<Ipv4> const& sources) {
    Mask mask = 0;
    for (int s = 0; s < k_sources; ++s) {
        for (Ipv4 const source : sources) {
            mask |= source == source_address(s) ? 1U << s : 0U;
        }
    }
    return mask;
}

inline std::string text_of(Filter filter) {
    std::string text = filter.exclude ? "EXCLUDE{" : "INCLUDE{";
    for (int s = 0; s < k_named; ++s) {
        text += in(filter.list, s) ? std::string{static_cast<char>('a' + s)} : "";
    }
    return text + "}";
}

// Protocol values of the link: those of RFC 9776 section 8.
inline constexpr int k_robustness = 2;
inline constexpr Duration k_query_interval = 125s;
inline constexpr Duration k_response = 10s;
inline constexpr Duration k_last_member_time = k_robustness * Duration{1s};
inline constexpr Duration k_membership = k_robustness * k_query_interval + 2 * k_response;
inline constexpr Duration k_older_host = k_robustness * k_query_interval + k_response;
inline constexpr Duration k_unsolicited_v3 = 1s;
inline constexpr Duration k_unsolicited_old = 10s;

} // namespace mcast::igmp::crowd
