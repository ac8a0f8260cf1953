#include "draft.h"
#include "words.h"

#include <algorithm>

#include <fmt/format.h>

namespace mcast::config {

namespace {

using namespace std::chrono_literals;

// One that a host may use on the subnet.
bool is_host_address(Ipv4Prefix prefix) {
    Ipv4 const address = prefix.address;
    std::uint32_t const first_octet = address.value >> 24;
    bool const usable = first_octet != 0 && !address.is_loopback() && first_octet < 224;
    bool const reserved =
        prefix.length <= 30 && (address == prefix.network() || address == prefix.broadcast());
    return prefix.length > 0 && usable && !reserved;
}

void read_address(Section& section, control::InterfaceConfig& interface) {
    auto const prefix = section.prefix("address");
    if (prefix && !is_host_address(*prefix)) {
        section.reporter().error(
            section.at("address"),
            fmt::format("address in {} is \"{}\", which no host can have", section.title(),
                        to_string(*prefix)),
            "write this router's own address in the subnet and the subnet's length, such as "
            "\"192.0.2.1/24\"");
    } else if (prefix) {
        interface.address = *prefix;
    }
}

void read_boundaries(Section& section, control::InterfaceConfig& interface) {
    for (auto const& item : section.texts("boundaries")) {
        auto const what = fmt::format("an item of boundaries in {}", section.title());
        auto const prefix = Ipv4Prefix::parse(item.value);
        if (!prefix || !prefix->network().is_multicast() || prefix->length < 4) {
            section.reporter().error(
                item.at,
                fmt::format("{} is {}, which is no prefix of groups", what, quoted(item.value)),
                "write a prefix within 224.0.0.0/4, such as \"239.192.0.0/14\"");
        } else if (require_no_host_bits(*prefix, item.at, what, section.reporter())) {
            interface.boundaries.push_back(*prefix);
        }
    }
}

void refuse_protocol(Section& section, Located<std::string> const& item) {
    if (is_proxy_word(item.value)) {
        section.reporter().error(
            item.at, fmt::format("\"{}\" is no protocol of {}", item.value, section.title()),
            std::string{k_proxy_place});
        return;
    }
    section.reporter().error(
        item.at,
        is_absent_protocol(item.value)
            ? fmt::format("protocol \"{}\" in {} is not available in this version", item.value,
                          section.title())
            : fmt::format("unknown protocol {} in {}", quoted(item.value), section.title()),
        std::string{k_present_protocols});
}

// nullptr: there is no such protocol.
bool* protocol_of(control::InterfaceConfig& interface, std::string_view name) {
    if (name == "igmp") {
        return &interface.igmp_enabled;
    }
    if (name == "static") {
        return &interface.static_protocol;
    }
    return name == "dvmrp" ? &interface.dvmrp_enabled : nullptr;
}

void read_protocols(Section& section, control::InterfaceConfig& interface) {
    if (!section.has("protocols")) {
        return;
    }
    interface.igmp_enabled = false;
    for (auto const& item : section.texts("protocols")) {
        if (interface.tunnel && item.value == "igmp") {
            section.reporter().error(
                item.at,
                fmt::format("{} is a tunnel, where no host can speak IGMP", section.title()),
                "remove \"igmp\"; members are known to the router at the other end");
            continue;
        }
        bool* const place = protocol_of(interface, item.value);
        if (place == nullptr) {
            refuse_protocol(section, item);
            continue;
        }
        bool& enabled = *place;
        if (enabled) {
            section.reporter().error(
                item.at,
                fmt::format("protocol \"{}\" is named twice in {}", item.value, section.title()),
                "name it once");
        }
        enabled = true;
    }
    if (interface.static_protocol && interface.dvmrp_enabled) {
        section.reporter().error(
            section.at("protocols"),
            fmt::format("{} runs \"static\" and \"dvmrp\", and only one can own it",
                        section.title()),
            "remove one of the two");
    }
}

void read_igmp_of(Section& section, control::InterfaceConfig& interface) {
    toml::table const* const table = section.table("igmp");
    if (table == nullptr) {
        return;
    }
    Section igmp(*table, fmt::format("[interface.igmp] of {}", section.title()),
                 section.reporter());
    if (!interface.igmp_enabled) {
        section.reporter().error(
            igmp.position(), fmt::format("{} has [interface.igmp] without IGMP", section.title()),
            "add \"igmp\" to its protocols, or remove [interface.igmp]");
        return;
    }
    read_igmp(igmp, interface.igmp);
}

// Its values count, too, when DVMRP takes the interface by command.
void read_dvmrp_table(Section& section, control::InterfaceConfig& interface) {
    if (toml::table const* const table = section.table("dvmrp")) {
        Section dvmrp(*table, fmt::format("[interface.dvmrp] of {}", section.title()),
                      section.reporter());
        read_dvmrp_of(dvmrp, interface);
    }
    interface.dvmrp.threshold = interface.ttl_threshold;
}

void read_place(Section& section, control::InterfaceConfig& interface) {
    section.require("port", "port = \"lan\"");
    interface.port = section.text("port").value_or("");
    section.into(interface.vlan, "vlan", {1, 4094});
    section.require("address", "address = \"192.0.2.1/24\"");
    read_address(section, interface);
}

void read_interface(Section& section, control::InterfaceConfig& interface,
                    std::optional<Section>& tunnel) {
    section.require("name", "name = \"lan\"");
    interface.name = section.name("name").value_or("");
    if (section.has("tunnel")) {
        read_tunnel_of(section, interface, tunnel);
    } else {
        read_place(section, interface);
    }
    if (auto const mtu = section.integer("mtu", {68, 9600})) {
        interface.mtu = static_cast<std::uint16_t>(*mtu);
    }
    section.into(interface.ttl_threshold, "ttl-threshold", {1, 255});
    read_boundaries(section, interface);
    read_protocols(section, interface);
    read_igmp_of(section, interface);
    read_dvmrp_table(section, interface);
    section.finish();
}

// The rules are igmp::check's; here they only get their place in the file.
void report_igmp_fault(Section const& section, igmp::InterfaceConfig const& config) {
    auto const fault = igmp::check(config);
    if (!fault) {
        return;
    }
    // Members are spelt with '_', keys of the file with '-', in the sentence too.
    auto const spelt = [](std::string text) {
        std::ranges::replace(text, '_', '-');
        return text;
    };
    std::string const key = spelt(fault->member);
    section.reporter().error(section.at(key),
                             fmt::format("{} in {} breaks a rule of IGMP", key, section.title()),
                             spelt(fault->sentence));
}

} // namespace

// Bounds here are those of the types; igmp::check knows those of the protocol.
void read_igmp(Section& section, igmp::InterfaceConfig& config) {
    constexpr Bounds k_octet{0, 255};
    constexpr Bounds k_state{1, 16'777'216};
    constexpr Bounds k_rate{0, 1'000'000};
    constexpr DurationBounds k_time{0s, 1'000'000s};
    auto const count = [&](std::optional<std::uint8_t>& target, std::string_view key) {
        if (auto const value = section.integer(key, k_octet)) {
            target = static_cast<std::uint8_t>(*value);
        }
    };
    std::size_t const errors_before = section.reporter().count();
    section.into(config.version, "version", {1, 3});
    section.into(config.robustness, "robustness", k_octet);
    section.into(config.query_interval, "query-interval", k_time);
    section.into(config.query_response_interval, "query-response-interval", k_time);
    section.into(config.last_member_query_interval, "last-member-query-interval", k_time);
    count(config.last_member_query_count, "last-member-query-count");
    if (auto const value = section.duration("startup-query-interval", k_time)) {
        config.startup_query_interval = *value;
    }
    count(config.startup_query_count, "startup-query-count");
    section.into(config.require_router_alert, "require-router-alert");
    section.into(config.verify_source_subnet, "verify-source-subnet");
    section.into(config.ignore_v1, "ignore-v1");
    section.into(config.ignore_v2, "ignore-v2");
    section.into(config.immediate_leave, "immediate-leave");
    section.into(config.max_groups, "max-groups", k_state);
    section.into(config.max_sources, "max-sources", k_state);
    section.into(config.follow_older_querier, "follow-older-querier");
    section.into(config.compatibility, "compatibility");
    section.into(config.trust_any_query, "trust-any-query");
    section.into(config.rfc3376_timers, "rfc3376-timers");
    section.into(config.rfc3376_election, "rfc3376-election");
    section.into(config.query_rate, "query-rate", k_rate);
    section.into(config.new_state_rate, "new-state-rate", k_rate);
    section.into(config.new_state_rate_per_host, "new-state-rate-per-host", k_rate);
    section.into(config.host_tracking, "host-tracking");
    section.into(config.max_hosts, "max-hosts", k_state);
    if (auto const most = section.integer("max-groups-per-host", k_state)) {
        config.max_groups_per_host = static_cast<std::uint32_t>(*most);
    }
    section.into(config.group_warning_percent, "group-warning-percent", {0, 100});
    section.into(config.lite_exclude_filter, "lite-exclude-filter");
    section.into(config.passive, "passive");
    section.into(config.passive_receive, "passive-receive");
    section.into(config.passive_general_queries, "passive-general-queries");
    section.into(config.passive_group_queries, "passive-group-queries");
    section.into(config.adopted_interval_floor, "adopted-interval-floor", k_time);
    section.into(config.strict_destination, "strict-destination");
    if (auto const value = section.duration("querier-timeout", k_time)) {
        config.querier_timeout = *value;
    }
    if (auto const when = section.word("router-discovery", {"always", "auto", "never"})) {
        config.router_discovery = static_cast<igmp::RouterDiscovery>(*when);
    }
    section.into(config.advertisement_interval, "advertisement-interval", k_time);
    read_queriers(section, config.queriers);
    read_access(section, config.access);
    if (section.reporter().count() == errors_before) {
        report_igmp_fault(section, config);
    }
    section.finish();
}

void read_interfaces(Section& root, Draft& draft) {
    auto const tables = root.tables("interface");
    if (tables.empty() && !root.has("interface")) {
        root.reporter().error(k_start_of_file, "there is no [[interface]]",
                              "add [[interface]] with name, port and address for each subnet");
    }
    limit_items(root, tables, "interface", k_max_interfaces);
    for (std::size_t i = 0; i < tables.size(); ++i) {
        draft.interfaces.emplace_back(*tables[i], title_of(*tables[i], "interface", i),
                                      root.reporter());
        read_interface(draft.interfaces.back(), draft.config.control.interfaces.emplace_back(),
                       draft.tunnels.emplace_back());
    }
    find_local_ends(draft);
}

} // namespace mcast::config
