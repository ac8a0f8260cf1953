#include "route_table.h"

#include <algorithm>

namespace mcast::dvmrp {

Leg* Route::find(IfIndex at) {
    auto const it = std::ranges::find(legs, at, &Leg::interface);
    return it != legs.end() ? &*it : nullptr;
}

Leg const* Route::find(IfIndex at) const {
    auto const it = std::ranges::find(legs, at, &Leg::interface);
    return it != legs.end() ? &*it : nullptr;
}

Leg& Route::leg(IfIndex at) {
    if (Leg* const known = find(at)) {
        return *known;
    }
    return legs.emplace_back(Leg{.interface = at});
}

void Route::forget(IfIndex at) {
    std::erase_if(legs, [&](Leg const& it) { return it.interface == at; });
}

void Route::tidy() {
    std::erase_if(legs, [](Leg const& it) { return it.empty(); });
}

Route* RouteTable::find(Ipv4Prefix prefix) {
    auto const at = by_prefix_.find(key_of(prefix));
    return at != by_prefix_.end() ? at->second : nullptr;
}

Route const* RouteTable::find(Ipv4Prefix prefix) const {
    auto const at = by_prefix_.find(key_of(prefix));
    return at != by_prefix_.end() ? at->second : nullptr;
}

Route& RouteTable::create(Ipv4Prefix prefix) {
    Route& route = ordered_[key_of(prefix)];
    route.prefix = prefix;
    by_prefix_.emplace(key_of(prefix), &route);
    ++of_length_[prefix.length];
    return route;
}

void RouteTable::erase(Ipv4Prefix prefix) {
    if (by_prefix_.erase(key_of(prefix)) > 0) {
        ordered_.erase(key_of(prefix));
        --of_length_[prefix.length];
    }
}

Route* RouteTable::next(std::optional<Ipv4Prefix> after) {
    auto const at = after ? ordered_.upper_bound(key_of(*after)) : ordered_.begin();
    return at != ordered_.end() ? &at->second : nullptr;
}

Route const* RouteTable::next(std::optional<Ipv4Prefix> after) const {
    auto const at = after ? ordered_.upper_bound(key_of(*after)) : ordered_.begin();
    return at != ordered_.end() ? &at->second : nullptr;
}

} // namespace mcast::dvmrp
