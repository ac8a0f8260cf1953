#include "mcast/mgm/route_table.h"

#include <algorithm>
#include <tuple>

namespace mcast::mgm {

namespace {

bool better(Route const& a, Route const& b) {
    auto const rank = [](Route const& route) {
        return std::tuple{route.protocol != k_connected_protocol, route.protocol, route.instance};
    };
    return rank(a) < rank(b);
}

} // namespace

std::optional<Route> RouteTable::lookup(Ipv4 source) const {
    for (std::size_t length = of_length_.size(); length-- > 0;) {
        if (of_length_[length] == 0) {
            continue;
        }
        auto const found = by_prefix_.find(key_of({source, static_cast<std::uint8_t>(length)}));
        if (found != by_prefix_.end()) {
            return found->second.front();
        }
    }
    return std::nullopt;
}

bool RouteTable::add(Route route) {
    if (route.prefix.length > 32 || route.interface.index() >= k_max_interfaces) {
        return false;
    }
    route.prefix.address = route.prefix.network();
    auto const at = by_prefix_.find(key_of(route.prefix));
    if (at == by_prefix_.end()) { // without memory nothing has happened
        by_prefix_.emplace(key_of(route.prefix), Same{route});
        ++of_length_[route.prefix.length];
        ++size_;
        return true;
    }
    Same& same = at->second;
    size_ -= std::erase_if(same, [&](Route const& old) {
        return old.protocol == route.protocol && old.instance == route.instance;
    });
    same.insert(std::ranges::upper_bound(same, route, better), route);
    ++size_;
    return true;
}

bool RouteTable::remove(Ipv4Prefix prefix, ProtocolId protocol, std::uint32_t instance) {
    if (prefix.length > 32) {
        return false;
    }
    auto const found = by_prefix_.find(key_of(prefix));
    auto const is_meant = [&](Route const& route) {
        return route.protocol == protocol && route.instance == instance;
    };
    if (found == by_prefix_.end() || std::erase_if(found->second, is_meant) == 0) {
        return false;
    }
    --size_;
    if (found->second.empty()) {
        by_prefix_.erase(found);
        --of_length_[prefix.length];
    }
    return true;
}

std::vector<Route> RouteTable::routes() const {
    std::vector<Route> result;
    result.reserve(size_);
    for (auto const& [key, same] : by_prefix_) {
        result.insert(result.end(), same.begin(), same.end());
    }
    std::ranges::sort(result, [](Route const& a, Route const& b) {
        return std::tuple{a.prefix.address, -int{a.prefix.length}, a.protocol} <
               std::tuple{b.prefix.address, -int{b.prefix.length}, b.protocol};
    });
    return result;
}

} // namespace mcast::mgm
