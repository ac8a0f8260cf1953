#include "forwarder.h"
#include "report.h"
#include "routing.h"

#include <algorithm>

namespace mcast::dvmrp {

namespace {

using wire::dvmrp::k_max_poison;

// No network of sources: 0/8 other than the default route, loopback, groups and class E, or bits
// beyond the mask.
bool is_network(Ipv4Prefix prefix) {
    if (prefix == Ipv4Prefix{}) {
        return true;
    }
    auto const first = prefix.address.value >> 24;
    return first != 0 && first != 127 && first < 224 && prefix.network() == prefix.address;
}

std::uint8_t with_cost(std::uint8_t said, std::uint8_t cost) {
    return said < k_infinity ? static_cast<std::uint8_t>(std::min<int>(said + cost, k_infinity))
                             : said;
}

} // namespace

bool Routing::hear(Interface& interface, Neighbor const& neighbor,
                   wire::dvmrp::Report const& report, TimePoint now, Output& out) {
    Counters const& counters = interface.counters();
    auto const excess = counters.limit_routes_of_neighbor;
    ++reports_heard_;
    interface.note_routes(report.routes.size(), now, out);
    for (wire::dvmrp::Route const& it : report.routes) {
        ++interface.counters().routes;
        if (is_legal(it, neighbor, interface)) {
            hear_route({.interface = interface,
                        .neighbor = neighbor,
                        .prefix = it.prefix,
                        .said = it.metric,
                        .metric = with_cost(it.metric, interface.config().metric),
                        .now = now},
                       out);
        }
    }
    return counters.limit_routes_of_neighbor == excess;
}

bool Routing::is_legal(wire::dvmrp::Route const& said, Neighbor const& from, Interface& interface) {
    Counters& counters = interface.counters();
    if (said.metric == 0 || said.metric > k_max_poison) {
        ++counters.route_bad_metric;
        return false;
    }
    if (!is_network(said.prefix)) {
        ++counters.route_bad_network;
        return false;
    }
    Ipv4Prefix const address = interface.link().address;
    if (said.prefix == Ipv4Prefix{address.network(), address.length}) {
        ++counters.route_own_subnet;
        return false;
    }
    if (said.metric < k_infinity &&
        !allows(interface.config().accept_routes, said.prefix, from.address)) {
        ++counters.route_filtered;
        return false;
    }
    return true;
}

// Section 5.4 of the behaviours' reference.
void Routing::hear_route(Offer const& offer, Output& out) {
    Route* const route = table_.find(offer.prefix);
    if (route == nullptr) {
        hear_new(offer, out);
        return;
    }
    if (route->heard_in == reports_heard_) {
        ++offer.interface.counters().route_twice;
        return;
    }
    route->heard_in = reports_heard_;
    if (offer.said < k_infinity) {
        hear_reachable(*route, offer, out);
    } else if (offer.said == k_infinity ||
               (!route->connected && route->interface == offer.where())) {
        hear_unreachable(*route, offer, out);
    } else {
        hear_dependency(*route, offer, out);
    }
    arm(*route);
}

void Routing::hear_new(Offer const& offer, Output& out) {
    if (offer.said >= k_infinity || offer.metric >= k_infinity) {
        return;
    }
    if (learned_ >= config_.max_routes) {
        ++offer.interface.counters().limit_routes;
        offer.interface.note_limit(LimitReached::Which::routes, offer.now, out);
        return;
    }
    if (!has_room(offer, out)) {
        return;
    }
    if (5 * (learned_ + 1) >= std::size_t{4} * config_.max_routes) {
        offer.interface.note_limit(LimitReached::Which::routes_nearly, offer.now, out);
    }
    ++learned_;
    Route& route = table_.create(offer.prefix);
    route.heard_in = reports_heard_;
    set_upstream(route, offer, out);
    changed(route, offer.now);
    arm(route);
}

// S8: one neighbour must not have the whole table for itself.
bool Routing::has_room(Offer const& offer, Output& out) {
    std::size_t const limit = offer.interface.config().max_routes_of_neighbor;
    auto const at = routes_of_.find(offer.neighbor.adjacency);
    if (limit == 0 || at == routes_of_.end() || at->second < limit) {
        return true;
    }
    ++offer.interface.counters().limit_routes_of_neighbor;
    offer.interface.note_limit(LimitReached::Which::routes_of_neighbor, offer.now, out);
    return false;
}

void Routing::hear_reachable(Route& route, Offer const& offer, Output& out) {
    if (remove_dependent(route, offer.where(), offer.neighbor.address)) {
        touch(route);
    }
    note_denial(route, offer);
    if (route.interface != offer.where() &&
        dvmrp::offer(route, offer.where(), offer.neighbor, offer.said, spans_)) {
        touch(route);
    }
    if (route.connected) {
        return;
    }
    if (route.held) {
        hear_in_hold_down(route, offer, out);
        return;
    }
    if (offer.is_upstream_of(route)) {
        hear_from_upstream(route, offer, out);
        return;
    }
    bool const lost = !spans_.runs(route.adjacency); // and the sweep has not come by yet
    bool const better = offer.metric < route.metric ||
                        (offer.metric == route.metric && offer.neighbor.address < route.neighbor);
    if (!lost && better && (route.neighbor == offer.neighbor.address || has_room(offer, out))) {
        set_upstream(route, offer, out);
        changed(route, offer.now);
    }
}

void Routing::hear_from_upstream(Route& route, Offer const& offer, Output& out) {
    if (offer.metric >= k_infinity) {
        lose(route, offer.now, out);
        return;
    }
    bool const other = offer.metric != route.metric;
    if (other || route.adjacency != offer.neighbor.adjacency) {
        set_upstream(route, offer, out);
    }
    route.expires = offer.now + config_.route_expiry;
    if (other) {
        changed(route, offer.now);
    }
}

// Section 3.4.8: only the same word of the same neighbour ends it early; another one is a
// candidate, to forward by, and to be advertised when the time has passed.
void Routing::hear_in_hold_down(Route& route, Offer const& offer, Output& out) {
    bool const is_candidate = offer.is_upstream_of(route);
    if (offer.metric >= k_infinity) {
        if (is_candidate) {
            lose_candidate(route, out);
        }
        return;
    }
    HoldDown const held = *route.held;
    if (held.interface == offer.where() && held.neighbor == offer.neighbor.address &&
        held.metric == offer.metric) {
        route.held.reset();
        set_upstream(route, offer, out);
        changed(route, k_no_interface, offer.where(), offer.now);
        return;
    }
    bool const better = offer.metric < route.metric ||
                        (offer.metric == route.metric && offer.neighbor.address < route.neighbor);
    if (is_candidate || better) {
        set_upstream(route, offer, out);
        if (!is_candidate && !config_.strict_hold_down) {
            changed(route, offer.where(), k_no_interface, offer.now); // DEC-26: the poison
        }
    }
}

void Routing::hear_unreachable(Route& route, Offer const& offer, Output& out) {
    bool const no_rival = withdraw_offer(route, offer.where(), offer.neighbor.address);
    bool const no_dependent = remove_dependent(route, offer.where(), offer.neighbor.address);
    if (no_rival || no_dependent) {
        touch(route);
    }
    note_denial(route, offer);
    if (!offer.is_upstream_of(route)) {
        return;
    }
    if (route.held) {
        lose_candidate(route, out);
    } else {
        lose(route, offer.now, out);
    }
}

void Routing::hear_dependency(Route& route, Offer const& offer, Output&) {
    bool const no_rival = withdraw_offer(route, offer.where(), offer.neighbor.address);
    auto const metric = static_cast<std::uint8_t>(offer.said - k_infinity);
    bool const is_new = add_dependent(route, offer.where(), offer.neighbor, metric,
                                      offer.now + config_.route_expiry);
    if (no_rival || is_new) {
        touch(route);
    }
}

} // namespace mcast::dvmrp
