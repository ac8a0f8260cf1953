// What the control core must know: interfaces, static routes and groups, limits, sockets. Plain
// values; filled by config/. Names refer to names: a route or group names its interface.
#pragma once

#include "mcast/base/ipv4.h"
#include "mcast/base/mac.h"
#include "mcast/dvmrp/config.h"
#include "mcast/igmp/config.h"
#include "mcast/igmp/host_config.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mcast::control {

// Packets inside others (IP in IP, RFC 2003), by way of another interface.
struct TunnelConfig {
    std::string over; // the other interface; no tunnel itself
    Ipv4 remote{};    // their end; ours is the address of both interfaces
    Ipv4 gateway{};   // the router toward it; 0.0.0.0: it is on the link
    std::uint8_t ttl = 64;
    bool control_beside = false; // what protocols say goes as it is from end to end (DEC-24)

    constexpr Ipv4 next_hop() const { return gateway.is_unspecified() ? remote : gateway; }
    bool operator==(TunnelConfig const&) const = default;
};

struct InterfaceConfig {
    std::string name;
    std::string port;       // empty: a tunnel
    std::uint16_t vlan = 0; // 1..4094; 0: untagged
    Ipv4Prefix address{};   // of a tunnel: our end alone, /32
    std::optional<TunnelConfig> tunnel{};
    std::optional<std::uint16_t> mtu; // default: the port's
    std::uint8_t ttl_threshold = 1;   // 1..255
    std::vector<Ipv4Prefix> boundaries;
    bool static_protocol = false; // static routes and groups own this interface
    bool igmp_enabled = true;
    igmp::InterfaceConfig igmp;
    bool dvmrp_enabled = false;     // DVMRP owns this interface
    std::uint32_t dvmrp_domain = 0; // domains share no routes
    dvmrp::InterfaceConfig dvmrp;

    bool operator==(InterfaceConfig const&) const = default;
};

// "Sources in this prefix arrive on this interface."
struct RouteConfig {
    Ipv4Prefix prefix{};
    std::string interface;
    Ipv4 upstream{}; // neighbour; 0.0.0.0: directly connected or unknown

    bool operator==(RouteConfig const&) const = default;
};

// Permanent memberships of the static protocol: of one group, or of a row of them.
struct GroupConfig {
    Ipv4 group{};
    std::optional<Ipv4> source; // any source when absent
    std::string interface;
    bool exclude = false;        // any source but this one
    std::uint32_t count = 1;     // 1..4096
    std::uint32_t increment = 1; // from one group to the next
    bool join = false;           // and say so on the link, as a host would

    // Precondition: n < count.
    constexpr Ipv4 nth(std::uint32_t n) const { return {group.value + n * increment}; }
    bool operator==(GroupConfig const&) const = default;
};

// IGMP proxying, RFC 4605.
struct ProxyConfig {
    std::string upstream{};                // a host there; no IGMP querier, no other protocol
    std::vector<std::string> downstream{}; // IGMP runs there
    bool sole_forwarder = false;           // downstream, forward whether or not we are the querier
    igmp::HostConfig host;                 // upstream

    bool operator==(ProxyConfig const&) const = default;
};

// Packets a second that a port may punt, by class, with bursts of as many.
struct PuntLimits {
    std::uint32_t dvmrp = 1000;
    std::uint32_t igmp = 20000; // reports and leaves
    std::uint32_t query = 1000;
    std::uint32_t miss = 4000;
    std::uint32_t host = 1000;

    bool operator==(PuntLimits const&) const = default;
};

struct LimitsConfig {
    std::uint32_t entries = 131072;                  // forwarding entries, negative ones included
    Duration entry_idle = std::chrono::seconds{210}; // positive entry without traffic
    Duration negative_lifetime = std::chrono::seconds{30}; // before a refused flow asks again
    PuntLimits punt;

    bool operator==(LimitsConfig const&) const = default;
};

struct SocketConfig {
    std::string path = "/run/mcastd/ctl.sock";
    std::string group;        // system group that may connect; empty: only the owner
    std::string monitor_path; // a second socket that answers only `show` and `explain`; empty: none

    bool operator==(SocketConfig const&) const = default;
};

struct LogConfig {
    std::string level = "notice";

    bool operator==(LogConfig const&) const = default;
};

struct Config {
    std::vector<InterfaceConfig> interfaces;
    std::vector<RouteConfig> routes;
    std::vector<GroupConfig> groups;
    std::optional<ProxyConfig> proxy;
    std::optional<dvmrp::Config> dvmrp;
    igmp::Config igmp;
    LimitsConfig limits;
    SocketConfig socket;
    LogConfig log;
    std::optional<Mac> router_mac; // default: the first port's own

    bool operator==(Config const&) const = default;
};

} // namespace mcast::control
