// [dvmrp], and [interface.dvmrp] of one interface.
#include "draft.h"
#include "words.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

namespace mcast::config {

namespace {

using namespace std::chrono_literals;

constexpr Bounds k_octet{0, 255};
constexpr Bounds k_state{0, 16'777'216};
constexpr Bounds k_rate{0, 1'000'000};
constexpr DurationBounds k_time{0s, 1'000'000s};
constexpr std::size_t k_most_rules = 256;

// The rules are dvmrp::check's; here they only get their place in the file.
template <class Values>
void report_fault(Section const& section, Values const& values) {
    auto const fault = dvmrp::check(values);
    if (!fault) {
        return;
    }
    std::string key = fault->member;
    std::ranges::replace(key, '_', '-');
    section.reporter().error(section.at(key),
                             fmt::format("{} in {} breaks a rule of DVMRP", key, section.title()),
                             fault->sentence);
}

void read_neighbors(Section& section, std::string_view key, std::vector<Ipv4Prefix>& list) {
    auto const what = fmt::format("an item of {} in {}", key, section.title());
    for (auto const& item : section.texts(key)) {
        auto const prefix = Ipv4Prefix::parse(item.value);
        if (!prefix || prefix->network().is_multicast()) {
            section.reporter().error(
                item.at,
                fmt::format("{} is {}, which is no prefix of routers", what, quoted(item.value)),
                "write a prefix of unicast addresses, such as \"192.0.2.1/32\"");
        } else if (require_no_host_bits(*prefix, item.at, what, section.reporter())) {
            list.push_back(*prefix);
        }
    }
}

dvmrp::FilterRule read_rule(Section& rule, bool by_neighbor) {
    dvmrp::FilterRule result;
    rule.require("action", "action = \"deny\"");
    if (auto const action = rule.word("action", {"deny", "permit"})) {
        result.allow = *action == 1;
    }
    rule.require("prefix", "prefix = \"10.0.0.0/8\"");
    if (auto const prefix = rule.prefix("prefix")) {
        auto const what = fmt::format("prefix in {}", rule.title());
        if (require_no_host_bits(*prefix, rule.at("prefix"), what, rule.reporter())) {
            result.prefix = *prefix;
        }
    }
    rule.into(result.exact, "exact");
    if (by_neighbor) {
        read_neighbors(rule, "neighbors", result.neighbors);
    }
    rule.finish();
    return result;
}

void read_filter(Section& section, std::string_view key, std::vector<dvmrp::FilterRule>& list,
                 bool by_neighbor = false) {
    auto const tables = section.tables(key);
    limit_items(section, tables, key, k_most_rules);
    for (std::size_t n = 0; n < tables.size(); ++n) {
        Section rule(*tables[n], fmt::format("rule {} of {} in {}", n + 1, key, section.title()),
                     section.reporter());
        list.push_back(read_rule(rule, by_neighbor));
    }
}

// redistribute = [{ from = "connected", metric = 1, prefixes = [{ ... }] }, ...]
void read_redistribution(Section& section, std::vector<dvmrp::Redistribution>& list) {
    auto const tables = section.tables("redistribute");
    limit_items(section, tables, "redistribute", k_most_rules);
    for (std::size_t n = 0; n < tables.size(); ++n) {
        Section item(*tables[n],
                     fmt::format("item {} of redistribute in {}", n + 1, section.title()),
                     section.reporter());
        dvmrp::Redistribution& it = list.emplace_back();
        item.require("from", "from = \"connected\"");
        if (auto const from = item.word("from", {"connected", "static"})) {
            it.from = static_cast<dvmrp::Redistribution::From>(*from);
        }
        item.into(it.metric, "metric", {1, 31});
        read_filter(item, "prefixes", it.prefixes);
        item.finish();
    }
}

// aggregates = [{ prefix = "10.0.0.0/8", metric = 1, with-parts = true }, ...]
void read_aggregates(Section& section, std::vector<dvmrp::Aggregate>& list) {
    auto const tables = section.tables("aggregates");
    limit_items(section, tables, "aggregates", k_most_rules);
    for (std::size_t n = 0; n < tables.size(); ++n) {
        auto const title = fmt::format("item {} of aggregates in {}", n + 1, section.title());
        Section item(*tables[n], title, section.reporter());
        dvmrp::Aggregate it;
        item.require("prefix", "prefix = \"10.0.0.0/8\"");
        if (auto const prefix = item.prefix("prefix")) {
            if (require_no_host_bits(*prefix, item.at("prefix"), fmt::format("prefix in {}", title),
                                     item.reporter())) {
                it.prefix = *prefix;
            }
        }
        item.into(it.metric, "metric", {1, 31});
        item.into(it.with_parts, "with-parts");
        item.finish();
        list.push_back(it);
    }
}

void read_values(Section& section, std::vector<Ipv4Prefix> const& ssm_ranges,
                 dvmrp::Config& config) {
    section.into(config.report_interval, "report-interval", k_time);
    section.into(config.flash_interval, "flash-interval", k_time);
    section.into(config.route_expiry, "route-expiry", k_time);
    section.into(config.hold_down, "hold-down", k_time);
    section.into(config.strict_hold_down, "strict-hold-down");
    section.into(config.min_prune_lifetime, "min-prune-lifetime", k_time);
    section.into(config.max_prune_lifetime, "max-prune-lifetime", k_time);
    section.into(config.longest_prune_heard, "longest-prune-heard", k_time);
    section.into(config.prune_retransmit, "prune-retransmit", k_time);
    section.into(config.graft_retransmit, "graft-retransmit", k_time);
    section.into(config.longest_graft_retransmit, "longest-graft-retransmit", k_time);
    section.into(config.max_neighbors, "max-neighbors", k_state);
    section.into(config.max_routes, "max-routes", k_state);
    section.into(config.max_flows, "max-flows", k_state);
    section.into(config.max_prunes, "max-prunes", k_state);
    section.into(config.max_prunes_of_neighbor, "max-prunes-of-neighbor", k_state);
    config.explicit_groups = ssm_ranges;
    if (section.word("ssm-flood", {"deny", "allow"}) == 1) {
        config.explicit_groups.clear();
    }
    section.into(config.answer_neighbors, "answer-neighbors");
    read_neighbors(section, "answer-neighbors-to", config.answer_neighbors_to);
    section.into(config.answer_traces, "answer-traces");
    read_neighbors(section, "answer-traces-to", config.answer_traces_to);
    read_redistribution(section, config.redistribute);
    read_aggregates(section, config.aggregates);
}

} // namespace

// Bounds here are those of the types; dvmrp::check knows those of the protocol.
void read_dvmrp_of(Section& section, control::InterfaceConfig& interface) {
    dvmrp::InterfaceConfig& config = interface.dvmrp;
    std::size_t const errors_before = section.reporter().count();
    section.into(interface.dvmrp_domain, "domain", k_octet);
    section.into(config.metric, "metric", k_octet);
    section.into(config.metric_out, "metric-out", k_octet);
    section.into(config.probe_interval, "probe-interval", k_time);
    section.into(config.neighbor_timeout, "neighbor-timeout", k_time);
    section.into(config.point_to_point, "point-to-point");
    section.into(config.strict_ttl, "strict-ttl");
    section.into(config.allow_non_pruners, "allow-non-pruners");
    section.into(config.force_leaf, "force-leaf");
    if (interface.tunnel && config.force_leaf) {
        section.reporter().error(
            section.at("force-leaf"),
            fmt::format("force-leaf in {} is true, and a tunnel has no hosts", section.title()),
            "remove it; at the other end is a router, or nobody");
    }
    section.into(config.flood_unknown, "flood-unknown");
    section.into(config.passive, "passive");
    section.into(config.no_transit, "no-transit");
    section.into(config.netmask, "netmask");
    read_neighbors(section, "accept-neighbors", config.accept_neighbors);
    section.into(config.max_neighbors, "max-neighbors", k_state);
    section.into(config.max_one_way, "max-one-way", k_state);
    section.into(config.max_routes_of_neighbor, "max-routes-of-neighbor", k_state);
    section.into(config.ignore_excess, "ignore-excess");
    section.into(config.route_alarm, "route-alarm", k_state);
    section.into(config.message_rate, "message-rate", k_rate);
    section.into(config.message_burst, "message-burst", k_rate);
    section.into(config.probe_rate, "probe-rate", k_rate);
    section.into(config.probe_burst, "probe-burst", k_rate);
    section.into(config.default_route, "default-route", k_octet);
    section.into(config.default_only, "default-only");
    read_filter(section, "accept-routes", config.accept_routes, /*by_neighbor=*/true);
    read_filter(section, "announce-routes", config.announce_routes);
    if (section.reporter().count() == errors_before) {
        report_fault(section, config);
    }
    section.finish();
}

// Whoever names the protocol has it, with the defaults if there is no table. [igmp] is read by now.
void read_dvmrp(Section& root, Draft& draft) {
    control::Config& control = draft.config.control;
    toml::table const* const table = root.table("dvmrp");
    bool const named =
        std::ranges::any_of(control.interfaces, &control::InterfaceConfig::dvmrp_enabled);
    if (table == nullptr) {
        if (named) {
            control.dvmrp.emplace().explicit_groups = control.igmp.ssm_ranges;
        }
        return;
    }
    Section section(*table, "[dvmrp]", root.reporter());
    std::size_t const errors_before = section.reporter().count();
    read_values(section, control.igmp.ssm_ranges, control.dvmrp.emplace());
    if (section.reporter().count() == errors_before) {
        report_fault(section, *control.dvmrp);
    }
    section.finish();
}

} // namespace mcast::config
