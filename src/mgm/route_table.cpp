#include "mcast/mgm/route_table.h"

#include <algorithm>
#include <bit>
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
    for (std::uint64_t rest = lengths_; rest != 0;) {
        auto const length = static_cast<std::uint8_t>(std::bit_width(rest) - 1);
        rest &= ~(std::uint64_t{1} << length);
        auto const& routes = by_length_[length];
        auto const found = routes.find(Ipv4Prefix{source, length}.network().value);
        if (found != routes.end()) {
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
    Same& same = by_length_[route.prefix.length][route.prefix.address.value];
    size_ -= std::erase_if(same, [&](Route const& old) {
        return old.protocol == route.protocol && old.instance == route.instance;
    });
    same.insert(std::ranges::upper_bound(same, route, better), route);
    ++size_;
    lengths_ |= std::uint64_t{1} << route.prefix.length;
    return true;
}

bool RouteTable::remove(Ipv4Prefix prefix, ProtocolId protocol, std::uint32_t instance) {
    if (prefix.length > 32) {
        return false;
    }
    auto& routes = by_length_[prefix.length];
    auto const found = routes.find(prefix.network().value);
    if (found == routes.end() || std::erase_if(found->second, [&](Route const& route) {
                                     return route.protocol == protocol &&
                                            route.instance == instance;
                                 }) == 0) {
        return false;
    }
    --size_;
    if (found->second.empty()) {
        routes.erase(found);
    }
    if (routes.empty()) {
        lengths_ &= ~(std::uint64_t{1} << prefix.length);
    }
    return true;
}

std::vector<Route> RouteTable::routes() const {
    std::vector<Route> result;
    result.reserve(size_);
    for (auto const& routes : by_length_) {
        for (auto const& [network, same] : routes) {
            result.insert(result.end(), same.begin(), same.end());
        }
    }
    std::ranges::sort(result, [](Route const& a, Route const& b) {
        return std::tuple{a.prefix.address, -int{a.prefix.length}, a.protocol} <
               std::tuple{b.prefix.address, -int{b.prefix.length}, b.protocol};
    });
    return result;
}

} // namespace mcast::mgm
