// Routes that are ours to tell of, not learned: subnets of our links and external routes; and what
// a new configuration does to all routes.
#include "keys.h"
#include "report.h"
#include "routing.h"

#include <algorithm>
#include <utility>

namespace mcast::dvmrp {

namespace {

Ipv4Prefix subnet_of(Interface const& interface) {
    return {interface.link().address.network(), interface.link().address.length};
}

} // namespace

// Counts the routes of each neighbour.
void Routing::attach(Route& route, Span adjacency) {
    auto const at = routes_of_.find(route.adjacency);
    if (at != routes_of_.end() && --at->second == 0) {
        routes_of_.erase(at);
    }
    route.adjacency = adjacency;
    if (adjacency != 0) {
        ++routes_of_[adjacency];
    }
}

// A learned route gives way: what is on our own link is nowhere else.
Route& Routing::make_own(Ipv4Prefix prefix, TimePoint now, Output& out) {
    Route* route = table_.find(prefix);
    if (route == nullptr) {
        route = &table_.create(prefix);
    } else if (!route->connected) {
        --learned_;
        route->legs.clear();
    }
    attach(*route, 0);
    route->connected = true;
    route->held.reset();
    begin_assuming(*route, now);
    arm(*route);
    out.routes.push_back({prefix});
    touch(*route);
    changed(*route, now);
    return *route;
}

void Routing::connect(Interface& interface, TimePoint now, Output& out) {
    Ipv4Prefix const subnet = subnet_of(interface);
    if (!report_timer_.armed()) {
        arm(report_timer_, now + config_.report_interval, key_of(Due::report));
    }
    Route const* const known = table_.find(subnet);
    if (aggregates_ != config_.aggregates || interface.config().default_route > 0) {
        apply_aggregates(now, out);
    }
    if (interface.is_tunnel()) {
        return; // no host is there
    }
    if (known != nullptr && known->connected && !known->external && !known->aggregate) {
        return; // another interface has the same subnet
    }
    Route& route = make_own(subnet, now, out);
    route.external = false;
    route.aggregate = false;
    route.no_transit = interface.config().no_transit;
    route.metric = interface.config().metric;
    route.interface = interface.index();
    route.neighbor = {};
    recount(route);
}

void Routing::disconnect(Interface& interface, TimePoint now, Output& out) {
    Ipv4Prefix const subnet = subnet_of(interface);
    Route* const route = table_.find(subnet);
    if (route != nullptr && route->connected && !route->external && !route->aggregate &&
        route->interface == interface.index()) {
        disown(*route, now, out);
        apply_external(subnet, now, out);
    }
}

void Routing::disown(Route& route, TimePoint now, Output& out) {
    ++learned_;
    lose(route, now, out);
    arm(route);
}

void Routing::set_external(ExternalRoute const& external, TimePoint now, Output& out) {
    externals_.insert_or_assign(external.prefix, external);
    apply_external(external.prefix, now, out);
}

void Routing::remove_external(Ipv4Prefix prefix, TimePoint now, Output& out) {
    externals_.erase(prefix);
    apply_external(prefix, now, out);
}

// The metric that configuration gives it; 0: it is not told.
std::uint8_t Routing::redistributed(ExternalRoute const& external) const {
    auto const rule = std::ranges::find_if(config_.redistribute, [&](Redistribution const& it) {
        return it.from == external.from && allows(it.prefixes, external.prefix);
    });
    bool const told = rule != config_.redistribute.end() && has_report_form(external.prefix);
    return told ? rule->metric : std::uint8_t{0};
}

// Makes the route what the external one of the prefix and the configuration say.
void Routing::apply_external(Ipv4Prefix prefix, TimePoint now, Output& out) {
    auto const at = externals_.find(prefix);
    std::uint8_t const metric = at != externals_.end() ? redistributed(at->second) : 0;
    Route* const known = table_.find(prefix);
    if (known != nullptr && known->connected && !known->external) {
        return;
    }
    if (metric == 0) {
        if (known != nullptr && known->external) {
            disown(*known, now, out);
        }
        return;
    }
    ExternalRoute const& external = at->second;
    bool const same = known != nullptr && known->external && known->metric == metric &&
                      known->interface == external.interface &&
                      known->neighbor == external.neighbor;
    if (same) {
        return;
    }
    Route& route = make_own(prefix, now, out);
    route.external = true;
    route.no_transit = false;
    route.metric = metric;
    route.interface = external.interface;
    route.neighbor = external.neighbor;
    route.forget(external.interface);
    recount(route);
}

bool Routing::is_denied(Route const& route, IfIndex interface) const {
    auto const at = interfaces_.find(interface);
    return at != interfaces_.end() &&
           !allows(at->second.config().accept_routes, route.prefix, route.neighbor);
}

// Takes over what the upstream interface's configuration says of a route; true when it changed.
bool Routing::apply_policy(Route& route) {
    Interface const* const upstream = find(route.interface);
    bool const no_transit = upstream != nullptr && !route.external && upstream->config().no_transit;
    return std::exchange(route.no_transit, no_transit) != no_transit;
}

void Routing::reconfigured(Interface& interface, InterfaceConfig const& before, TimePoint now,
                           Output& out) {
    InterfaceConfig const& with = interface.config();
    Route* const subnet = table_.find(subnet_of(interface));
    bool const is_ours = subnet != nullptr && subnet->connected && !subnet->external &&
                         subnet->interface == interface.index();
    if (is_ours && subnet->metric != with.metric) {
        subnet->metric = with.metric;
        recount(*subnet);
        touch(*subnet);
        changed(*subnet, now);
    }
    if (before.default_route != with.default_route) {
        apply_aggregates(now, out);
    }
    if (before.accept_routes != with.accept_routes || before.no_transit != with.no_transit) {
        neighbor_lost(now); // the sweep looks at every route
    }
    if (before.default_route == with.default_route && before.default_only == with.default_only &&
        before.metric_out == with.metric_out && before.announce_routes == with.announce_routes &&
        before.no_transit == with.no_transit) {
        return;
    }
    tell_anew(interface, now);
}

void Routing::tell_anew(Interface const& interface, TimePoint now) {
    for (auto const& [address, neighbor] : interface.neighbors()) {
        if (neighbor.two_way()) {
            queue_table(interface, neighbor, /*gaps=*/true, now);
        }
    }
}

void Routing::reconfigured(TimePoint now, Output& out) {
    for (auto const& [prefix, external] : externals_) {
        apply_external(prefix, now, out);
    }
    if (aggregates_ == config_.aggregates) {
        return;
    }
    apply_aggregates(now, out);
    for (auto const& [index, interface] : interfaces_) {
        tell_anew(interface, now);
    }
}

} // namespace mcast::dvmrp
