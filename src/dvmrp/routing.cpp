#include "routing.h"

#include "forwarder.h"
#include "keys.h"

#include <algorithm>

namespace mcast::dvmrp {

namespace {

constexpr std::size_t k_sweep_piece = 256; // routes

} // namespace

Interface* Routing::find(IfIndex interface) {
    auto const at = interfaces_.find(interface);
    return at != interfaces_.end() ? &at->second : nullptr;
}

void Routing::arm(timer::Handle& handle, TimePoint due, timer::Key key) {
    if (!handle.rearm(due)) {
        handle = wheel_.arm(due, key);
    }
}

// A timer that comes too early finds nothing to do and is set anew; so refreshing costs nothing.
void Routing::arm(Route& route) {
    recount(route);
    std::optional<TimePoint> due;
    auto const consider = [&](TimePoint at) { due = due ? std::min(*due, at) : at; };
    if (!route.connected && route.metric < k_infinity) {
        consider(route.expires);
    }
    if (route.held) {
        consider(route.held->until);
    }
    if (route.assumed) {
        consider(assumed_until(route.assumed_from, config_));
    }
    for (Leg const& leg : route.legs) {
        for (Dependent const& dependent : leg.dependents) {
            consider(dependent.expires);
        }
    }
    if (due && (!route.timer.due() || *due < *route.timer.due())) {
        arm(route.timer, *due, key_of(Due::route, route.prefix));
    }
}

Route const* Routing::usable(Ipv4 source) const {
    return table_.longest(source, [&](Route const& it) { return is_usable(it, spans_); });
}

void Routing::neighbor_lost(TimePoint now) {
    if (sweep_timer_.armed()) {
        sweep_again_ = true;
        return;
    }
    sweep_after_.reset();
    arm(sweep_timer_, now, key_of(Due::route_sweep));
}

std::size_t Routing::sweep_due(TimePoint now, Output& out) {
    for (std::size_t i = 0; i < k_sweep_piece; ++i) {
        Route* const route = table_.next(sweep_after_);
        if (route == nullptr) {
            sweep_after_.reset();
            if (sweep_again_) {
                sweep_again_ = false;
                arm(sweep_timer_, now, key_of(Due::route_sweep));
            } else {
                flashes_armed_ = false;
                arm_flashes(now);
            }
            return i;
        }
        sweep_after_ = route->prefix;
        sweep(*route, now, out);
    }
    arm(sweep_timer_, now, key_of(Due::route_sweep));
    return k_sweep_piece;
}

// Section 3.2.4: what a neighbour that is gone was to this route.
void Routing::sweep(Route& route, TimePoint now, Output& out) {
    for (Leg& leg : route.legs) {
        if (leg.rival && (!spans_.runs(leg.rival->adjacency) || is_denied(route, leg.interface))) {
            leg.rival.reset();
            touch(route);
            // DEC-15: we forward here now, and a router behind may wait for a word.
            changed(route, leg.interface, k_no_interface, now);
        }
        if (std::erase_if(leg.dependents,
                          [&](Dependent const& it) { return !spans_.runs(it.adjacency); }) > 0) {
            touch(route);
        }
        std::erase_if(leg.denials, [&](Denial const& it) { return !spans_.runs(it.adjacency); });
    }
    route.tidy();
    if (apply_policy(route)) {
        changed(route, now);
    }
    bool const denied = !route.connected && is_denied(route, route.interface);
    if (!route.connected && route.metric < k_infinity &&
        (denied || !spans_.runs(route.adjacency))) {
        if (route.held) {
            lose_candidate(route, out);
        } else {
            lose(route, now, out);
        }
    }
    arm(route);
}

void Routing::expire_dependents(Route& route, TimePoint now) {
    for (Leg& leg : route.legs) {
        if (std::erase_if(leg.dependents, [&](Dependent const& it) { return it.expires <= now; }) >
            0) {
            touch(route);
        }
    }
    route.tidy();
}

void Routing::route_due(Ipv4Prefix prefix, TimePoint now, Output& out) {
    Route* const route = table_.find(prefix);
    if (route == nullptr) {
        return;
    }
    expire_dependents(*route, now);
    if (route->assumed && assumed_until(route->assumed_from, config_) <= now) {
        route->assumed = false;
        touch(*route);
    }
    if (!route->connected && route->metric < k_infinity && route->expires <= now) {
        if (route->held) {
            lose_candidate(*route, out);
        } else {
            lose(*route, now, out);
        }
    }
    if (route->held && route->held->until <= now) {
        end_hold_down(*route, now, out); // may erase the route
        return;
    }
    arm(*route);
}

// Section 5.8 of the behaviours' reference: 32 is all that is said of it for a while.
void Routing::lose(Route& route, TimePoint now, Output& out) {
    route.connected = false;
    route.external = false;
    route.aggregate = false;
    route.held = HoldDown{now + config_.hold_down, route.interface, route.neighbor, route.metric};
    route.metric = k_infinity;
    route.interface = k_no_interface;
    route.neighbor = {};
    attach(route, 0);
    out.routes.push_back({route.prefix});
    touch(route);
    changed(route, now);
}

void Routing::lose_candidate(Route& route, Output& out) {
    route.metric = k_infinity;
    route.interface = k_no_interface;
    route.neighbor = {};
    attach(route, 0);
    out.routes.push_back({route.prefix});
    touch(route);
}

void Routing::end_hold_down(Route& route, TimePoint now, Output& out) {
    touch(route);
    if (route.metric < k_infinity) {
        route.held.reset();
        changed(route, now);
        arm(route);
        return;
    }
    --learned_;
    out.routes.push_back({route.prefix});
    table_.erase(route.prefix);
}

void Routing::set_upstream(Route& route, Offer const& offer, Output& out) {
    bool const moved = !offer.is_upstream_of(route) || route.adjacency != offer.neighbor.adjacency;
    if (route.interface != offer.where()) {
        keep_as_rival(route);
    }
    route.metric = offer.metric;
    route.expires = offer.now + config_.route_expiry;
    touch(route);
    if (!moved) {
        return;
    }
    if (route.interface != offer.where()) {
        route.forget(offer.where());
    }
    begin_assuming(route, offer.now);
    route.interface = offer.where();
    route.neighbor = offer.neighbor.address;
    attach(route, offer.neighbor.adjacency);
    route.no_transit = offer.interface.config().no_transit;
    out.routes.push_back({route.prefix});
}

// The link that was upstream is downstream now, and who served us there serves it still. Whoever
// forgot that would send into it, too, and to the very router that the new upstream neighbour may
// depend on: a loop until the next report.
void Routing::keep_as_rival(Route& route) {
    auto const at = interfaces_.find(route.interface);
    if (route.connected || at == interfaces_.end() || !is_usable(route, spans_)) {
        return;
    }
    // The cost may be another than when it was heard.
    int const heard = std::max(route.metric - at->second.config().metric, 1);
    auto const said = static_cast<std::uint8_t>(heard);
    route.leg(route.interface).rival = Rival{route.neighbor, route.adjacency, said};
}

// DEC-21: what is new to our neighbours they cannot have spoken of.
void Routing::begin_assuming(Route& route, TimePoint now) {
    route.assumed_from = now;
    route.assumed = std::ranges::any_of(
        interfaces_, [](auto const& it) { return it.second.config().flood_unknown; });
}

void Routing::note_denial(Route& route, Offer const& offer) {
    if (offer.interface.config().flood_unknown && route.interface != offer.where() &&
        deny(route, offer.interface, offer.neighbor)) {
        touch(route);
    }
}

void Routing::changed(Route& route, TimePoint now) {
    log_.add(route);
    arm_flashes(now);
}

void Routing::changed(Route const& route, IfIndex only, IfIndex except, TimePoint now) {
    log_.add(route, only, except);
    arm_flashes(now);
}

} // namespace mcast::dvmrp
