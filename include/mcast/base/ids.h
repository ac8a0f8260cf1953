// Typed identifiers: an interface number cannot be passed where a port number is meant.
//
// All are small indexes into arrays whose sizes are the limits below. The limits are printed by
// `mcastctl show status`, checked by the configuration, and tested at N-1, N and N+1.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace mcast {

template <class Tag, class Rep>
struct Id {
    using rep = Rep;
    Rep value{};

    constexpr std::size_t index() const { return value; }
    constexpr auto operator<=>(Id const&) const = default;
};

// A router interface: a port, or one VLAN of a port.
using IfIndex = Id<struct IfIndexTag, std::uint16_t>;
// A DPDK port as we number it: the order of the ports in the configuration.
using PortId = Id<struct PortIdTag, std::uint16_t>;
// A poll-mode worker: the order of the cores in the configuration.
using WorkerId = Id<struct WorkerIdTag, std::uint16_t>;

inline constexpr std::size_t k_max_interfaces = 256;
inline constexpr std::size_t k_max_ports = 32; // as many as Debian's DPDK has (RTE_MAX_ETHPORTS)
inline constexpr std::size_t k_max_workers = 32;

// "No interface": a frame whose VLAN is not configured, an entry without arrival interface.
inline constexpr IfIndex k_no_interface{0xffff};

} // namespace mcast

template <class Tag, class Rep>
struct std::hash<mcast::Id<Tag, Rep>> {
    std::size_t operator()(mcast::Id<Tag, Rep> id) const noexcept {
        return std::hash<Rep>{}(id.value);
    }
};
