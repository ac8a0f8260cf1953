#include "forwarder.h"

#include <algorithm>
#include <tuple>

namespace mcast::dvmrp {

bool is_usable(Route const& route, Spans const& spans) {
    return !route.aggregate && is_reachable(route, spans);
}

bool is_reachable(Route const& route, Spans const& spans) {
    return route.metric < k_infinity && (route.connected || spans.runs(route.adjacency));
}

bool has_rival(Route const& route, IfIndex interface, Spans const& spans) {
    Leg const* const leg = route.find(interface);
    return leg != nullptr && leg->rival && spans.runs(leg->rival->adjacency);
}

std::uint8_t plain_metric(Route const& route, Interface const& interface, Spans const& spans) {
    bool const barred = route.no_transit && interface.config().no_transit;
    bool const own_default = route.aggregate && route.prefix.length == 0;
    int const ours = own_default ? interface.config().default_route : route.metric;
    if (route.held || barred || ours == 0 || !is_reachable(route, spans)) {
        return k_infinity;
    }
    int const metric = ours + interface.config().metric_out;
    return static_cast<std::uint8_t>(std::min<int>(metric, k_infinity));
}

// DEC-17: what each of us says on this very link; the lower address breaks a tie.
bool we_forward(Route const& route, Interface const& interface, Spans const& spans) {
    Leg const* const leg = route.find(interface.index());
    if (leg == nullptr || !leg->rival || !spans.runs(leg->rival->adjacency)) {
        return true;
    }
    auto const theirs = std::tuple{leg->rival->metric, leg->rival->neighbor};
    auto const ours = std::tuple{plain_metric(route, interface, spans), interface.address()};
    return ours < theirs;
}

bool depends(Dependent const& dependent, Spans const& spans, TimePoint now) {
    return spans.runs(dependent.adjacency) && now < dependent.expires;
}

bool depends(Route const& route, IfIndex interface, Ipv4 neighbor, Spans const& spans,
             TimePoint now) {
    Leg const* const leg = route.find(interface);
    return leg != nullptr && std::ranges::any_of(leg->dependents, [&](Dependent const& it) {
               return it.neighbor == neighbor && depends(it, spans, now);
           });
}

bool another_serves(Route const& route, Interface const& interface, Config const& config,
                    Spans const& spans, TimePoint now) {
    Leg const* const leg = route.find(interface.index());
    if (leg == nullptr) {
        return false;
    }
    auto const beside = [&](Ipv4 dependent) {
        return interface.may_miss_neighbors(now) ||
               std::ranges::any_of(interface.neighbors(), [&](auto const& it) {
                   return it.first != dependent &&
                          (!it.second.two_way() ||
                           now < assumed_until(it.second.adjacent_since, config));
               });
    };
    std::uint8_t const ours = plain_metric(route, interface, spans);
    return std::ranges::any_of(leg->dependents, [&](Dependent const& it) {
        return it.metric <= ours && depends(it, spans, now) && beside(it.neighbor);
    });
}

TimePoint assumed_until(TimePoint from, Config const& config) {
    return from + 2 * config.report_interval;
}

bool is_assumed(Route const& route, Interface const& interface, Neighbor const& neighbor,
                Config const& config, TimePoint now) {
    TimePoint const from = std::max(route.assumed_from, neighbor.adjacent_since);
    if (!interface.config().flood_unknown || !neighbor.two_way() ||
        now >= assumed_until(from, config)) {
        return false;
    }
    Leg const* const leg = route.find(interface.index());
    return leg == nullptr || std::ranges::none_of(leg->denials, [&](Denial const& it) {
               return it.neighbor == neighbor.address && it.adjacency == neighbor.adjacency;
           });
}

bool deny(Route& route, Interface const& interface, Neighbor const& neighbor) {
    auto& denials = route.leg(interface.index()).denials;
    auto const at = std::ranges::find(denials, neighbor.address, &Denial::neighbor);
    Denial const now_said{neighbor.address, neighbor.adjacency};
    if (at == denials.end()) {
        denials.push_back(now_said);
        return true;
    }
    bool const same = at->adjacency == neighbor.adjacency;
    *at = now_said;
    return !same;
}

bool offer(Route& route, IfIndex interface, Neighbor const& neighbor, std::uint8_t metric,
           Spans const& spans) {
    auto& rival = route.leg(interface).rival;
    bool const is_known = rival && rival->neighbor == neighbor.address;
    bool const is_better =
        !rival || !spans.runs(rival->adjacency) ||
        std::tuple{metric, neighbor.address} < std::tuple{rival->metric, rival->neighbor};
    if (!is_known && !is_better) {
        return false;
    }
    bool const same = is_known && rival->metric == metric && rival->adjacency == neighbor.adjacency;
    rival = Rival{neighbor.address, neighbor.adjacency, metric};
    return !same;
}

bool withdraw_offer(Route& route, IfIndex interface, Ipv4 neighbor) {
    Leg* const leg = route.find(interface);
    if (leg == nullptr || !leg->rival || leg->rival->neighbor != neighbor) {
        return false;
    }
    leg->rival.reset();
    route.tidy();
    return true;
}

bool add_dependent(Route& route, IfIndex interface, Neighbor const& neighbor, std::uint8_t metric,
                   TimePoint expires) {
    auto& dependents = route.leg(interface).dependents;
    auto const at = std::ranges::find(dependents, neighbor.address, &Dependent::neighbor);
    Dependent const now_said{neighbor.address, metric, neighbor.adjacency, expires};
    if (at == dependents.end()) {
        dependents.push_back(now_said);
        return true;
    }
    bool const same = at->adjacency == neighbor.adjacency && at->metric == metric;
    *at = now_said;
    return !same;
}

bool remove_dependent(Route& route, IfIndex interface, Ipv4 neighbor) {
    Leg* const leg = route.find(interface);
    if (leg == nullptr || std::erase_if(leg->dependents, [&](Dependent const& it) {
                              return it.neighbor == neighbor;
                          }) == 0) {
        return false;
    }
    route.tidy();
    return true;
}

} // namespace mcast::dvmrp
