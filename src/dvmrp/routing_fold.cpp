// Routes that stand for others: aggregates and the default route of our own (section 3.4.1).
#include "forwarder.h"
#include "report.h"
#include "routing.h"

#include <algorithm>

namespace mcast::dvmrp {

void Routing::make_aggregate(Ipv4Prefix prefix, TimePoint now, Output& out) {
    Route const* const known = table_.find(prefix);
    if (known != nullptr && known->connected) {
        return; // an own subnet or an external route stands for itself
    }
    Route& route = make_own(prefix, now, out);
    route.aggregate = true;
    route.no_transit = false;
    route.interface = k_no_interface;
    route.neighbor = {};
    route.metric = prefix.length == 0 ? std::uint8_t{1} : k_infinity;
}

void Routing::apply_aggregates(TimePoint now, Output& out) {
    bool const wants_default = std::ranges::any_of(
        interfaces_, [](auto const& it) { return it.second.config().default_route > 0; });
    auto const is_wanted = [&](Ipv4Prefix prefix) {
        auto const at = std::ranges::find(config_.aggregates, prefix, &Aggregate::prefix);
        return prefix.length == 0 ? wants_default : at != config_.aggregates.end();
    };
    auto const end = [&](Ipv4Prefix prefix) {
        Route* const route = table_.find(prefix);
        if (route != nullptr && route->aggregate && !is_wanted(prefix)) {
            disown(*route, now, out);
            parts_.erase(prefix);
        }
    };
    end(Ipv4Prefix{});
    for (Aggregate const& it : aggregates_) {
        end(it.prefix);
    }
    aggregates_ = config_.aggregates;
    for (Aggregate const& it : aggregates_) {
        make_aggregate(it.prefix, now, out);
    }
    if (wants_default) {
        make_aggregate(Ipv4Prefix{}, now, out);
    }
    neighbor_lost(now); // the sweep counts every route anew
}

// Where the route counts, and with which metric.
void Routing::recount(Route& route) {
    Aggregate const* into = nullptr;
    for (Aggregate const& it : aggregates_) {
        bool const contains =
            it.prefix.length < route.prefix.length && it.prefix.contains(route.prefix.address);
        if (contains && (into == nullptr || into->prefix.length < it.prefix.length)) {
            into = &it;
        }
    }
    std::optional<Ipv4Prefix> part_of;
    if (into != nullptr && !route.aggregate) {
        part_of = into->prefix;
    }
    bool const counts = part_of && !route.held && is_usable(route, spans_);
    std::uint8_t const metric = counts ? route.metric : k_infinity;
    route.folded = part_of && !into->with_parts;
    if (part_of == route.part_of && metric == route.counted) {
        return;
    }
    auto const before = route.part_of ? parts_.find(*route.part_of) : parts_.end();
    if (before != parts_.end() && route.counted < k_infinity) {
        --before->second[route.counted];
        set_metric_of(before->first);
    }
    route.part_of = part_of;
    route.counted = metric;
    if (metric < k_infinity) {
        ++parts_[*part_of][metric];
        set_metric_of(*part_of);
    }
}

// The flash that the part makes due tells of it, too.
void Routing::set_metric_of(Ipv4Prefix aggregate) {
    Route* const route = table_.find(aggregate);
    auto const config = std::ranges::find(aggregates_, aggregate, &Aggregate::prefix);
    if (route == nullptr || !route->aggregate || config == aggregates_.end()) {
        return;
    }
    auto const& counts = parts_[aggregate];
    auto const first = std::ranges::find_if(counts, [](std::size_t count) { return count > 0; });
    std::uint8_t metric = k_infinity;
    if (first != counts.end()) {
        metric =
            config->metric > 0 ? config->metric : static_cast<std::uint8_t>(first - counts.begin());
    }
    if (route->metric != metric) {
        route->metric = metric;
        touch(*route);
        log_.add(*route);
    }
}

bool Routing::hides() const {
    return !aggregates_.empty() || std::ranges::any_of(interfaces_, [](auto const& it) {
        InterfaceConfig const& config = it.second.config();
        return config.default_route > 0 || !config.announce_routes.empty();
    });
}

Route const* Routing::told_as(Route const& route, Interface const& interface) const {
    if (!is_hidden(route, interface)) {
        return &route;
    }
    return table_.longest(route.prefix.address, [&](Route const& it) {
        return it.prefix.length < route.prefix.length && it.interface != interface.index() &&
               !is_hidden(it, interface) && plain_metric(it, interface, spans_) < k_infinity;
    });
}

} // namespace mcast::dvmrp
