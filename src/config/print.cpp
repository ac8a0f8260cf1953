#include "mcast/config/config.h"

#include "print_dvmrp.h"
#include "printer.h"

namespace mcast::config {

namespace {

std::string_view name_of(platform::Idle idle) {
    switch (idle) {
    case platform::Idle::spin:
        return "spin";
    case platform::Idle::pause:
        return "pause";
    case platform::Idle::yield:
        return "yield";
    case platform::Idle::sleep:
        return "sleep";
    }
    return "spin";
}

std::string_view name_of(platform::MacMode mode) {
    switch (mode) {
    case platform::MacMode::automatic:
        return "auto";
    case platform::MacMode::router:
        return "router";
    case platform::MacMode::own:
        return "own";
    }
    return "auto";
}

std::string_view name_of(igmp::RouterDiscovery discovery) {
    switch (discovery) {
    case igmp::RouterDiscovery::always:
        return "always";
    case igmp::RouterDiscovery::automatic:
        return "auto";
    case igmp::RouterDiscovery::never:
        return "never";
    }
    return "auto";
}

void print_platform(Printer& out, Config const& config) {
    platform::Config const& platform = config.platform;
    out.table("[daemon]");
    out.line("instance", std::string_view{platform.instance});
    out.line("control-core", platform.control_core);
    if (config.control.router_mac) {
        out.line("router-mac", std::string_view{to_string(*config.control.router_mac)});
    }
    out.table("[memory]");
    out.line("hugepages", platform.memory.hugepages);
    out.line("megabytes", platform.memory.megabytes);
    out.table("[workers]");
    out.raw("cores", fmt::format("[{}]", fmt::join(platform.workers.cores, ", ")));
    if (platform.workers.idle_by_worker.empty()) {
        out.line("idle", name_of(platform.workers.idle));
    } else {
        std::vector<std::string> words;
        words.reserve(platform.workers.idle_by_worker.size());
        for (platform::Idle const idle : platform.workers.idle_by_worker) {
            words.push_back(fmt::format("\"{}\"", name_of(idle)));
        }
        out.raw("idle", fmt::format("[{}]", fmt::join(words, ", ")));
    }
    out.line("wake-up-within", platform.workers.wake_up_within);
    for (platform::PortConfig const& port : platform.ports) {
        out.table("[[port]]");
        out.line("name", std::string_view{port.name});
        out.line("device", std::string_view{port.device});
        out.line("queues", port.queues);
        out.line("mtu", port.mtu);
        out.line("receive-descriptors", port.receive_descriptors);
        out.line("transmit-descriptors", port.transmit_descriptors);
        out.line("mac", name_of(port.mac));
    }
}

std::string text_of(igmp::AccessRule const& rule) {
    std::string text = fmt::format(R"({{ action = "{}")", rule.permit ? "permit" : "deny");
    auto const add = [&](std::string_view key, std::optional<Ipv4Prefix> const& prefix) {
        text += prefix ? fmt::format(R"(, {} = "{}")", key, to_string(*prefix)) : "";
    };
    add("hosts", rule.hosts);
    add("groups", rule.groups);
    add("sources", rule.sources);
    return text + " }";
}

void print_access(Printer& out, igmp::AccessList const& list) {
    std::vector<std::string> rules;
    rules.reserve(list.size());
    for (igmp::AccessRule const& rule : list) {
        rules.push_back(text_of(rule));
    }
    out.raw("access", fmt::format("[{}]", fmt::join(rules, ", ")));
}

void print_igmp(Printer& out, igmp::InterfaceConfig const& igmp) {
    out.table("[interface.igmp]");
    out.line("version", igmp.version);
    out.line("robustness", igmp.robustness);
    out.line("query-interval", igmp.query_interval);
    out.line("query-response-interval", igmp.query_response_interval);
    out.line("last-member-query-interval", igmp.last_member_query_interval);
    out.line("last-member-query-count", igmp.last_member_query_count);
    out.line("startup-query-interval", igmp.startup_query_interval);
    out.line("startup-query-count", igmp.startup_query_count);
    out.line("require-router-alert", igmp.require_router_alert);
    out.line("verify-source-subnet", igmp.verify_source_subnet);
    out.line("ignore-v1", igmp.ignore_v1);
    out.line("ignore-v2", igmp.ignore_v2);
    out.line("immediate-leave", igmp.immediate_leave);
    out.line("max-groups", igmp.max_groups);
    out.line("max-sources", igmp.max_sources);
    out.line("follow-older-querier", igmp.follow_older_querier);
    out.line("compatibility", igmp.compatibility);
    out.line("trust-any-query", igmp.trust_any_query);
    out.line("rfc3376-timers", igmp.rfc3376_timers);
    out.line("rfc3376-election", igmp.rfc3376_election);
    out.line("query-rate", igmp.query_rate);
    out.line("new-state-rate", igmp.new_state_rate);
    out.line("new-state-rate-per-host", igmp.new_state_rate_per_host);
    out.line("group-warning-percent", igmp.group_warning_percent);
    print_access(out, igmp.access);
    out.line("host-tracking", igmp.host_tracking);
    out.line("max-hosts", igmp.max_hosts);
    out.line("max-groups-per-host", igmp.max_groups_per_host);
    out.line("lite-exclude-filter", igmp.lite_exclude_filter);
    out.line("passive", igmp.passive);
    out.line("passive-receive", igmp.passive_receive);
    out.line("passive-general-queries", igmp.passive_general_queries);
    out.line("passive-group-queries", igmp.passive_group_queries);
    out.line("adopted-interval-floor", igmp.adopted_interval_floor);
    out.line("strict-destination", igmp.strict_destination);
    out.line("queriers", igmp.queriers);
    out.line("querier-timeout", igmp.querier_timeout);
    out.line("router-discovery", name_of(igmp.router_discovery));
    out.line("advertisement-interval", igmp.advertisement_interval);
}

void print_tunnel(Printer& out, control::InterfaceConfig const& interface) {
    control::TunnelConfig const& tunnel = *interface.tunnel;
    out.table("[interface.tunnel]");
    out.line("over", std::string_view{tunnel.over});
    out.line("local", std::string_view{to_string(interface.address.address)});
    out.line("remote", std::string_view{to_string(tunnel.remote)});
    if (!tunnel.gateway.is_unspecified()) {
        out.line("gateway", std::string_view{to_string(tunnel.gateway)});
    }
    out.line("ttl", tunnel.ttl);
    out.line("control", tunnel.control_beside ? "beside" : "inside");
}

void print_interface(Printer& out, control::Config const& control,
                     control::InterfaceConfig const& interface) {
    out.table("[[interface]]");
    out.line("name", std::string_view{interface.name});
    if (!interface.tunnel) {
        out.line("port", std::string_view{interface.port});
        if (interface.vlan != 0) {
            out.line("vlan", interface.vlan);
        }
        out.line("address", std::string_view{to_string(interface.address)});
    }
    out.line("mtu", interface.mtu);
    out.line("ttl-threshold", interface.ttl_threshold);
    out.line("boundaries", interface.boundaries);
    std::vector<std::string> protocols;
    if (interface.igmp_enabled) {
        protocols.emplace_back("igmp");
    }
    if (interface.static_protocol) {
        protocols.emplace_back("static");
    }
    if (interface.dvmrp_enabled) {
        protocols.emplace_back("dvmrp");
    }
    out.line("protocols", protocols);
    if (interface.tunnel) {
        print_tunnel(out, interface);
    }
    if (interface.igmp_enabled) {
        print_igmp(out, interface.igmp);
    }
    if (control.dvmrp) {
        print_dvmrp_of(out, interface);
    }
}

void print_static(Printer& out, control::Config const& control) {
    for (control::RouteConfig const& route : control.routes) {
        out.table("[[route]]");
        out.line("prefix", std::string_view{to_string(route.prefix)});
        out.line("interface", std::string_view{route.interface});
        if (!route.upstream.is_unspecified()) {
            out.line("upstream", std::string_view{to_string(route.upstream)});
        }
    }
    for (control::GroupConfig const& group : control.groups) {
        out.table("[[group]]");
        out.line("group", std::string_view{to_string(group.group)});
        if (group.source) {
            out.line("source", std::string_view{to_string(*group.source)});
        }
        out.line("interface", std::string_view{group.interface});
        out.line("exclude", group.exclude);
        out.line("join", group.join);
        out.line("count", group.count);
        if (group.count > 1) {
            out.line("increment", group.increment);
        }
    }
}

void print_proxy(Printer& out, control::ProxyConfig const& proxy) {
    out.table("[proxy]");
    out.line("upstream", std::string_view{proxy.upstream});
    out.line("downstream", proxy.downstream);
    out.line("sole-forwarder", proxy.sole_forwarder);
    out.line("version", proxy.host.version);
    out.line("robustness", proxy.host.robustness);
    out.line("unsolicited-report-interval", proxy.host.unsolicited_report_interval);
    out.line("compatibility", proxy.host.compatibility);
    out.line("require-router-alert", proxy.host.require_router_alert);
    out.line("strict-destination", proxy.host.strict_destination);
}

void print_ssm_map(Printer& out, std::vector<igmp::SsmMapping> const& map) {
    std::vector<std::string> items;
    items.reserve(map.size());
    for (igmp::SsmMapping const& mapping : map) {
        std::vector<std::string> sources;
        sources.reserve(mapping.sources.size());
        for (Ipv4 const source : mapping.sources) {
            sources.push_back(quoted(to_string(source)));
        }
        items.push_back(fmt::format(R"({{ groups = "{}", sources = [{}] }})",
                                    to_string(mapping.groups), fmt::join(sources, ", ")));
    }
    out.raw("ssm-map", fmt::format("[{}]", fmt::join(items, ", ")));
}

void print_limits(Printer& out, Config const& config) {
    platform::PoolsConfig const& pools = config.platform.pools;
    out.table("[pools]");
    out.line("receive", pools.receive);
    out.line("headers", pools.headers);
    out.line("control", pools.control);
    out.line("cache", pools.cache);
    out.line("buffer-bytes", pools.buffer_bytes);
    control::LimitsConfig const& limits = config.control.limits;
    out.table("[limits]");
    out.line("entries", limits.entries);
    out.line("entry-idle", limits.entry_idle);
    out.line("negative-lifetime", limits.negative_lifetime);
    out.table("[limits.punt]");
    out.line("dvmrp", limits.punt.dvmrp);
    out.line("igmp", limits.punt.igmp);
    out.line("query", limits.punt.query);
    out.line("miss", limits.punt.miss);
    out.line("host", limits.punt.host);
}

} // namespace

std::string print(Config const& config) {
    Printer out;
    print_platform(out, config);
    for (control::InterfaceConfig const& interface : config.control.interfaces) {
        print_interface(out, config.control, interface);
    }
    print_static(out, config.control);
    if (config.control.proxy) {
        print_proxy(out, *config.control.proxy);
    }
    if (config.control.dvmrp) {
        print_dvmrp(out, *config.control.dvmrp);
    }
    out.table("[igmp]");
    out.line("ssm-ranges", config.control.igmp.ssm_ranges);
    print_ssm_map(out, config.control.igmp.ssm_map);
    out.line("max-entries", config.control.igmp.max_entries);
    out.line("max-megabytes", config.control.igmp.max_megabytes);
    out.line("warning-percent", config.control.igmp.warning_percent);
    print_limits(out, config);
    out.table("[socket]");
    out.line("path", std::string_view{config.control.socket.path});
    out.line("group", std::string_view{config.control.socket.group});
    out.line("monitor-path", std::string_view{config.control.socket.monitor_path});
    out.table("[log]");
    out.line("level", std::string_view{config.control.log.level});
    return out.take();
}

} // namespace mcast::config
