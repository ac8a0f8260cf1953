#include "print_dvmrp.h"

#include "printer.h"

namespace mcast::config {

namespace {

std::string filter_text(std::vector<dvmrp::FilterRule> const& list) {
    std::vector<std::string> rules;
    rules.reserve(list.size());
    for (dvmrp::FilterRule const& rule : list) {
        std::vector<std::string> neighbors;
        neighbors.reserve(rule.neighbors.size());
        for (Ipv4Prefix const prefix : rule.neighbors) {
            neighbors.push_back(fmt::format(R"("{}")", to_string(prefix)));
        }
        std::string const from =
            neighbors.empty() ? std::string{}
                              : fmt::format(", neighbors = [{}]", fmt::join(neighbors, ", "));
        rules.push_back(fmt::format(R"({{ action = "{}", prefix = "{}", exact = {}{} }})",
                                    rule.allow ? "permit" : "deny", to_string(rule.prefix),
                                    rule.exact, from));
    }
    return fmt::format("[{}]", fmt::join(rules, ", "));
}

void print_redistribution(Printer& out, std::vector<dvmrp::Redistribution> const& list) {
    std::vector<std::string> items;
    items.reserve(list.size());
    for (dvmrp::Redistribution const& it : list) {
        bool const connected = it.from == dvmrp::Redistribution::From::connected;
        items.push_back(fmt::format(R"({{ from = "{}", metric = {}, prefixes = {} }})",
                                    connected ? "connected" : "static", it.metric,
                                    filter_text(it.prefixes)));
    }
    out.raw("redistribute", fmt::format("[{}]", fmt::join(items, ", ")));
}

void print_aggregates(Printer& out, std::vector<dvmrp::Aggregate> const& list) {
    std::vector<std::string> items;
    items.reserve(list.size());
    for (dvmrp::Aggregate const& it : list) {
        std::string const metric =
            it.metric == 0 ? std::string{} : fmt::format("metric = {}, ", it.metric);
        items.push_back(fmt::format(R"({{ prefix = "{}", {}with-parts = {} }})",
                                    to_string(it.prefix), metric, it.with_parts));
    }
    out.raw("aggregates", fmt::format("[{}]", fmt::join(items, ", ")));
}

} // namespace

void print_dvmrp_of(Printer& out, control::InterfaceConfig const& interface) {
    dvmrp::InterfaceConfig const& config = interface.dvmrp;
    out.table("[interface.dvmrp]");
    out.line("domain", interface.dvmrp_domain);
    out.line("metric", config.metric);
    out.line("metric-out", config.metric_out);
    out.line("probe-interval", config.probe_interval);
    out.line("neighbor-timeout", config.neighbor_timeout);
    out.line("point-to-point", config.point_to_point);
    out.line("strict-ttl", config.strict_ttl);
    out.line("allow-non-pruners", config.allow_non_pruners);
    out.line("force-leaf", config.force_leaf);
    out.line("flood-unknown", config.flood_unknown);
    out.line("passive", config.passive);
    out.line("no-transit", config.no_transit);
    out.line("netmask", config.netmask);
    out.line("accept-neighbors", config.accept_neighbors);
    out.line("max-neighbors", config.max_neighbors);
    out.line("max-one-way", config.max_one_way);
    out.line("max-routes-of-neighbor", config.max_routes_of_neighbor);
    out.line("ignore-excess", config.ignore_excess);
    out.line("route-alarm", config.route_alarm);
    out.line("message-rate", config.message_rate);
    out.line("message-burst", config.message_burst);
    out.line("probe-rate", config.probe_rate);
    out.line("probe-burst", config.probe_burst);
    out.line("default-route", config.default_route);
    out.line("default-only", config.default_only);
    out.raw("accept-routes", filter_text(config.accept_routes));
    out.raw("announce-routes", filter_text(config.announce_routes));
}

void print_dvmrp(Printer& out, dvmrp::Config const& config) {
    out.table("[dvmrp]");
    out.line("report-interval", config.report_interval);
    out.line("flash-interval", config.flash_interval);
    out.line("route-expiry", config.route_expiry);
    out.line("hold-down", config.hold_down);
    out.line("strict-hold-down", config.strict_hold_down);
    out.line("min-prune-lifetime", config.min_prune_lifetime);
    out.line("max-prune-lifetime", config.max_prune_lifetime);
    out.line("longest-prune-heard", config.longest_prune_heard);
    out.line("prune-retransmit", config.prune_retransmit);
    out.line("graft-retransmit", config.graft_retransmit);
    out.line("longest-graft-retransmit", config.longest_graft_retransmit);
    out.line("max-neighbors", config.max_neighbors);
    out.line("max-routes", config.max_routes);
    out.line("max-flows", config.max_flows);
    out.line("max-prunes", config.max_prunes);
    out.line("max-prunes-of-neighbor", config.max_prunes_of_neighbor);
    out.line("ssm-flood", config.explicit_groups.empty() ? "allow" : "deny");
    out.line("answer-neighbors", config.answer_neighbors);
    out.line("answer-neighbors-to", config.answer_neighbors_to);
    out.line("answer-traces", config.answer_traces);
    out.line("answer-traces-to", config.answer_traces_to);
    print_redistribution(out, config.redistribute);
    print_aggregates(out, config.aggregates);
}

} // namespace mcast::config
