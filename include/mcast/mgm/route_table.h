// A RouteView of connected networks and static routes: longest prefix match over one hash map per
// prefix length. Whoever changes it tells GroupManager::routes_changed(prefix). Control thread.
#pragma once

#include "mcast/mgm/route_view.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

namespace mcast::mgm {

class RouteTable final : public RouteView {
public:
    std::optional<Route> lookup(Ipv4 source) const override;

    // Host bits of the prefix are cleared. Replaces a route of the same prefix, protocol and
    // instance. Where several have the same prefix, k_connected_protocol wins, then the lower
    // protocol id, then the lower instance.
    // False when the prefix is longer than 32 or the route has no interface.
    bool add(Route route);
    // False when there is none.
    bool remove(Ipv4Prefix prefix, ProtocolId protocol, std::uint32_t instance = 0);

    std::size_t size() const { return size_; }
    // By prefix, longest first within one network address.
    std::vector<Route> routes() const;

private:
    using Same = std::vector<Route>; // same prefix, best first
    std::array<std::unordered_map<std::uint32_t, Same>, 33> by_length_;
    std::uint64_t lengths_ = 0; // bit n: by_length_[n] is not empty
    std::size_t size_ = 0;
};

} // namespace mcast::mgm
