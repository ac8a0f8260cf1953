#include "report.h"

#include "forwarder.h"

#include <algorithm>
#include <utility>

namespace mcast::dvmrp {

namespace {

constexpr std::size_t k_mask_octets = 3;

// To the interface that packets of the route come from: "I depend on you", which is our own metric
// and 32 (DEC-26 for a candidate in hold-down); but only to somebody who hears it.
std::optional<std::uint8_t> said_upstream(Route const& route, Interface const& interface,
                                          Spans const& spans, Config const& config) {
    if (route.metric >= k_infinity || (route.held && config.strict_hold_down)) {
        return k_infinity;
    }
    if (!spans.runs(route.adjacency)) {
        return std::nullopt;
    }
    int const metric = std::min<int>(route.metric + interface.config().metric_out, k_infinity);
    return static_cast<std::uint8_t>(metric < k_infinity ? metric + k_infinity : k_infinity);
}

std::uint8_t mask_class(Ipv4Prefix prefix) {
    return std::max<std::uint8_t>(prefix.length, 8); // /0 and /8 stand under one mask
}

} // namespace

std::optional<std::uint8_t> said(Route const& route, Interface const& interface, Spans const& spans,
                                 Config const& config) {
    Ipv4Prefix const subnet{interface.link().address.network(), interface.link().address.length};
    if (route.prefix == subnet || !has_report_form(route.prefix) ||
        !allows(interface.config().announce_routes, route.prefix)) {
        return std::nullopt;
    }
    if (route.external && route.interface == interface.index()) {
        return std::nullopt; // who is there knows better
    }
    if (!route.connected && route.interface == interface.index()) {
        return said_upstream(route, interface, spans, config);
    }
    if (is_hidden(route, interface)) {
        return std::nullopt;
    }
    return plain_metric(route, interface, spans);
}

bool is_hidden(Route const& route, Interface const& interface) {
    InterfaceConfig const& config = interface.config();
    bool const is_default = route.prefix == Ipv4Prefix{};
    if (is_default && route.aggregate) {
        return config.default_route == 0;
    }
    return route.folded || config.default_only || !allows(config.announce_routes, route.prefix);
}

bool allows(std::vector<FilterRule> const& rules, Ipv4Prefix prefix, Ipv4 from) {
    auto const rule = std::ranges::find_if(rules, [&](FilterRule const& it) {
        bool const says =
            it.neighbors.empty() || std::ranges::any_of(it.neighbors, [&](Ipv4Prefix neighbors) {
                return neighbors.contains(from);
            });
        bool const within =
            it.exact ? it.prefix == prefix
                     : it.prefix.length <= prefix.length && it.prefix.contains(prefix.address);
        return says && within;
    });
    return rule == rules.end() || rule->allow;
}

bool has_report_form(Ipv4Prefix prefix) {
    bool const is_default = prefix == Ipv4Prefix{};
    return is_default ||
           (prefix.length >= 8 && !(prefix.length == 8 && prefix.address.is_unspecified()));
}

void ReportPacker::add(Ipv4Prefix prefix, std::uint8_t metric) {
    std::size_t const route_size = wire::dvmrp::network_octets(prefix.length) + 1;
    auto const cost = [&] {
        bool const same_mask = !report_.routes.empty() &&
                               mask_class(report_.routes.back().prefix) == mask_class(prefix);
        return route_size + (same_mask ? 0 : k_mask_octets);
    };
    if (size_ + cost() > wire::dvmrp::k_max_body) {
        finish();
    }
    size_ += cost();
    report_.routes.push_back({prefix, metric});
}

void ReportPacker::finish() {
    if (report_.routes.empty()) {
        return;
    }
    ++messages_;
    interface_.send(destination_, std::exchange(report_, {}), out_);
    size_ = 0;
}

} // namespace mcast::dvmrp
