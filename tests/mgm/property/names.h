// The small router of the property test: who and what there is, and how it is written in a trace.
#pragma once

#include "mcast/mgm/component.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace mcast::mgm::property {

// Three routing protocols and IGMP.
using Who = unsigned;
inline constexpr Who k_igmp = 3;
inline constexpr unsigned k_components = 4;

// Interfaces 1 to 5. The sources are behind 1 and 2, by the routes of the beginning.
using Port = unsigned;
inline constexpr unsigned k_ports = 5;
template <class T>
using PerPort = std::array<T, k_ports + 1>; // [0] is unused

inline constexpr std::array k_groups{Ipv4::of(239, 1, 1, 1), Ipv4::of(239, 2, 2, 2)};
inline constexpr std::array k_sources{Ipv4::of(10, 1, 0, 9), Ipv4::of(10, 2, 0, 9)};
inline constexpr unsigned k_flows = 4;

constexpr FlowKey flow_key(unsigned flow) {
    return {k_sources[flow % 2], k_groups[flow / 2]};
}
constexpr InterfaceRef ref(Port n) {
    return {IfIndex{static_cast<std::uint16_t>(n)}, {}};
}
constexpr ComponentId id_of(Who c) {
    return {c == k_igmp ? k_igmp_protocol : ProtocolId{c + 1}, 0};
}
// (*,*), each (*,G), each (S,G).
inline constexpr unsigned k_keys = 1 + 2 + k_flows;
constexpr MembershipKey membership_key(unsigned n) {
    return n == 0   ? MembershipKey::any()
           : n <= 2 ? MembershipKey::of(k_groups[n - 1])
                    : MembershipKey::of(flow_key(n - 3));
}
inline std::string show(Who c) {
    return std::string(1, "XYZJ"[c]);
}
inline std::string show(InterfaceRef interface) {
    return "if" + std::to_string(interface.index.value);
}

} // namespace mcast::mgm::property
