// A RouteView of connected networks, static routes and those of protocols: longest prefix match, by
// one look into a hash map for each prefix length that is there. Whoever changes it tells
// GroupManager::routes_changed(prefix). Control thread.
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

    // Room for so many prefixes; beyond it an addition may take as long as all those before it.
    void reserve(std::size_t prefixes) { by_prefix_.reserve(prefixes); }

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
    static constexpr std::uint64_t key_of(Ipv4Prefix prefix) {
        return std::uint64_t{prefix.length} << 32 | prefix.network().value;
    }
    struct Mix {
        std::size_t operator()(std::uint64_t key) const noexcept {
            return static_cast<std::size_t>((key * 0x9e3779b97f4a7c15ULL) >> 20);
        }
    };

    std::unordered_map<std::uint64_t, Same, Mix> by_prefix_;
    std::array<std::size_t, 33> of_length_{}; // prefixes
    std::size_t size_ = 0;
};

} // namespace mcast::mgm
