// Keys of the engine's timers: what is due in the highest byte, and for whom below it.
#pragma once

#include "mcast/base/ids.h"
#include "mcast/base/ipv4.h"
#include "mcast/timer/handle.h"

#include <cstdint>

namespace mcast::dvmrp {

enum class Due : std::uint8_t {
    probe,           // an interface's periodic one
    triggered_probe, // of an interface
    neighbor,        // expires
    flash,           // of an interface
    report,          // the next piece of the periodic one
    route,           // a route, a dependency or a hold-down ends
    route_sweep,     // a piece of it
    table,           // a piece of a whole table for one neighbour
    tree,            // a prune or graft
    flow_sweep,      // a piece of it
    tree_sweep,
    channel,    // a graft or prune of it
    assumption, // that new neighbours depend on us: of an interface
};

constexpr timer::Key key_of(Due due) {
    return timer::Key{static_cast<std::uint8_t>(due)} << 56;
}
constexpr timer::Key key_of(Due due, IfIndex interface) {
    return key_of(due) | timer::Key{interface.value} << 32;
}
constexpr timer::Key key_of(Due due, IfIndex interface, Ipv4 address) {
    return key_of(due, interface) | address.value;
}
constexpr timer::Key key_of(Due due, Ipv4Prefix prefix) {
    return key_of(due) | timer::Key{prefix.length} << 32 | prefix.address.value;
}
constexpr timer::Key key_of(Due due, std::uint32_t number) {
    return key_of(due) | number;
}
constexpr Due due_of(timer::Key key) {
    return Due{static_cast<std::uint8_t>(key >> 56)};
}
constexpr IfIndex interface_of(timer::Key key) {
    return {static_cast<std::uint16_t>(key >> 32)};
}
constexpr std::uint32_t number_of(timer::Key key) {
    return static_cast<std::uint32_t>(key);
}
constexpr Ipv4 address_of(timer::Key key) {
    return {number_of(key)};
}
constexpr Ipv4Prefix prefix_of(timer::Key key) {
    return {address_of(key), static_cast<std::uint8_t>(key >> 32)};
}

} // namespace mcast::dvmrp
