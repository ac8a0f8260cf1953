// The way back to a source, as the manager asks for it: the multicast view of the routing table.
#pragma once

#include "mcast/base/ids.h"
#include "mcast/base/ipv4.h"

#include <compare>
#include <cstdint>
#include <optional>

namespace mcast::mgm {

struct ProtocolId {
    std::uint32_t value{};
    constexpr auto operator<=>(ProtocolId const&) const = default;
};
// Two bits type, 14 bits vendor, 16 bits protocol. IGMP is recognised by this very number.
inline constexpr ProtocolId k_igmp_protocol{0x4137000A};
// Ours, of the multicast type under vendor 0: configured routes and groups; connected networks.
inline constexpr ProtocolId k_static_protocol{0x40000001};
inline constexpr ProtocolId k_connected_protocol{0x40000002};
inline constexpr ProtocolId k_dvmrp_protocol{0x40000003};
inline constexpr ProtocolId k_proxy_protocol{0x40000004}; // IGMP proxying, RFC 4605

struct Route {
    Ipv4Prefix prefix{}; // of the sources
    IfIndex interface = k_no_interface;
    Ipv4 upstream{}; // neighbour; 0.0.0.0: directly connected or unknown
    ProtocolId protocol{};
    std::uint32_t instance = 0; // of the protocol: two of them may know the same prefix

    constexpr bool operator==(Route const&) const = default;
};

class RouteView {
public:
    virtual ~RouteView() = default;
    virtual std::optional<Route> lookup(Ipv4 source) const = 0;
};

} // namespace mcast::mgm
