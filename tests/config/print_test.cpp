// What print() writes, parse() reads back as the same value, for every configuration there can be.
#include "mcast/config/config.h"

#include <algorithm>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace mcast::config {
namespace {

using rc::gen::arbitrary;

template <class T>
T between(T low, T high) {
    return static_cast<T>(*rc::gen::inRange<std::int64_t>(static_cast<std::int64_t>(low),
                                                          static_cast<std::int64_t>(high) + 1));
}

bool coin() {
    return *arbitrary<bool>();
}

Duration milliseconds(int low, int high) {
    return std::chrono::milliseconds{between(low, high)};
}

// Printable characters, with those that need escapes among them.
std::string any_text(std::size_t most) {
    auto const character = rc::gen::elementOf(std::string{"ab9 /,=_-\"\\'#[]{}~\xc3\xa4"});
    std::string text;
    for (std::size_t i = between<std::size_t>(0, most); i > 0; --i) {
        char const c = *character;
        // Only whole characters of UTF-8 make a text.
        text += static_cast<unsigned char>(c) < 0x80 ? std::string(1, c) : "\xc3\xa4";
    }
    return text;
}

platform::PortConfig any_port(std::size_t n) {
    platform::PortConfig port;
    port.name = fmt::format("p{}", n);
    port.device =
        coin() ? fmt::format("0000:{:02x}:00.0", n) : fmt::format("net_null{},{}", n, any_text(12));
    port.queues = between<std::uint16_t>(1, 64);
    port.mtu = between<std::uint16_t>(68, 9600);
    port.receive_descriptors = between<std::uint16_t>(32, 32768);
    port.transmit_descriptors = between<std::uint16_t>(32, 32768);
    port.mac = static_cast<platform::MacMode>(between(0, 2));
    return port;
}

platform::Config any_platform() {
    platform::Config config;
    config.instance = fmt::format("i{}", between(0, 99));
    config.control_core = 0;
    config.workers.idle = static_cast<platform::Idle>(between(0, 3));
    config.workers.wake_up_within = between(5u, 10'000u);
    for (std::uint16_t i = between<std::uint16_t>(1, 4); i > 0; --i) {
        config.workers.cores.push_back(i);
    }
    if (coin()) { // one for each
        config.workers.idle = platform::Idle::spin;
        for (std::size_t i = 0; i < config.workers.cores.size(); ++i) {
            config.workers.idle_by_worker.push_back(static_cast<platform::Idle>(between(0, 3)));
        }
    }
    for (std::size_t i = between<std::size_t>(1, 4); i > 0; --i) {
        config.ports.push_back(any_port(i));
    }
    // 4 NICs with 64 rings of 32768 each hold less.
    config.pools = {between(8'400'000u, 16'777'215u), between(1000u, 100000u),
                    between(1000u, 100000u), between(0u, 512u), between(256u, 65535u)};
    config.memory = {coin(), between(64u, 65536u)};
    return config;
}

Ipv4Prefix any_group_range() {
    Ipv4Prefix const prefix{Ipv4{0xe0000000u | between(0u, 0x0fffffffu)},
                            between<std::uint8_t>(4, 32)};
    return {prefix.network(), prefix.length};
}

// Each rule has a group of its own, so that none covers another.
igmp::AccessList any_access() {
    igmp::AccessList list;
    for (std::uint8_t n = between<std::uint8_t>(0, 4); n > 0; --n) {
        igmp::AccessRule rule{.permit = coin(), .groups = Ipv4Prefix{Ipv4::of(239, 0, 0, n), 32}};
        if (coin()) {
            rule.hosts = Ipv4Prefix{Ipv4::of(10, n, 0, 0), 16};
        }
        if (coin()) {
            rule.sources = Ipv4Prefix{};
        }
        list.push_back(rule);
    }
    return list;
}

// Within the rules that igmp::check knows.
igmp::InterfaceConfig any_igmp() {
    igmp::InterfaceConfig config;
    config.version = 3;
    config.robustness = between<std::uint8_t>(1, 7);
    config.query_interval = milliseconds(60'000, 300'000);
    config.query_response_interval = milliseconds(1'000, 20'000);
    config.last_member_query_interval = milliseconds(100, 20'000);
    if (coin()) {
        config.last_member_query_count = between<std::uint8_t>(1, 7);
    }
    if (coin()) {
        config.startup_query_interval = milliseconds(1'000, 60'000);
    }
    if (coin()) {
        config.startup_query_count = between<std::uint8_t>(1, 7);
    }
    config.require_router_alert = coin();
    config.verify_source_subnet = coin();
    config.ignore_v1 = coin();
    config.ignore_v2 = coin();
    config.immediate_leave = coin();
    config.max_groups = between(1u, 100'000u);
    config.max_sources = between(1u, 1'000u);
    config.follow_older_querier = coin();
    config.compatibility = coin();
    config.trust_any_query = coin();
    config.rfc3376_timers = coin();
    config.rfc3376_election = coin();
    config.query_rate = between(0u, 10'000u);
    config.new_state_rate = between(1'000u, 10'000u);
    config.new_state_rate_per_host = between(1u, 1'000u);
    config.group_warning_percent = between<std::uint8_t>(0, 100);
    config.access = any_access();
    config.lite_exclude_filter = coin();
    config.passive = coin();
    config.passive_receive = !config.passive || coin();
    config.passive_general_queries = config.passive && coin();
    config.passive_group_queries = config.passive && coin();
    config.adopted_interval_floor = milliseconds(1'000, 600'000);
    config.strict_destination = coin();
    for (int i = between(0, 2); i > 0; --i) {
        config.queriers.push_back({Ipv4::of(10, 0, 0, between<std::uint8_t>(1, 9)), 32});
    }
    if (coin()) {
        config.querier_timeout = milliseconds(300'001, 900'000);
    }
    config.router_discovery = static_cast<igmp::RouterDiscovery>(between(0, 2));
    config.advertisement_interval = std::chrono::seconds{between(4, 180)};
    config.host_tracking = coin();
    config.max_hosts = between(1u, 10'000u);
    if (config.host_tracking && coin()) {
        config.max_groups_per_host = between(1u, 1'000u);
    }
    return config;
}

control::InterfaceConfig any_interface(std::size_t n, platform::PortConfig const& port) {
    control::InterfaceConfig interface;
    interface.name = fmt::format("if{}", n);
    interface.port = port.name;
    interface.vlan = static_cast<std::uint16_t>(n);
    interface.address = {Ipv4::of(10, static_cast<std::uint8_t>(n), 0, 1),
                         between<std::uint8_t>(16, 30)};
    if (coin()) {
        interface.mtu = between<std::uint16_t>(68, port.mtu);
    }
    interface.ttl_threshold = between<std::uint8_t>(1, 255);
    for (int i = between(0, 3); i > 0; --i) {
        interface.boundaries.push_back(any_group_range());
    }
    interface.static_protocol = true;
    interface.dvmrp.threshold = interface.ttl_threshold;
    interface.igmp_enabled = coin();
    if (interface.igmp_enabled) {
        interface.igmp = any_igmp();
    }
    return interface;
}

void add_static(control::Config& control) {
    for (std::uint8_t i = between<std::uint8_t>(0, 3); i > 0; --i) {
        auto const& interface = *rc::gen::elementOf(control.interfaces);
        Ipv4 const upstream{interface.address.network().value + 2};
        control.routes.push_back(
            {{Ipv4::of(20, i, 0, 0), 16}, interface.name, coin() ? upstream : Ipv4{}});
    }
    for (std::uint8_t i = between<std::uint8_t>(0, 3); i > 0; --i) {
        auto const& interface = *rc::gen::elementOf(control.interfaces);
        std::optional<Ipv4> const source =
            coin() ? std::optional{Ipv4::of(20, i, 0, 9)} : std::nullopt;
        control.groups.push_back({Ipv4::of(source ? 232 : 225, 1, 2, i), source, interface.name});
        if (coin()) {
            control.groups.back().join = true;
            control.groups.back().count = between(2u, 50u);
            control.groups.back().increment = between(1u, 9u) * 256;
        }
    }
}

dvmrp::InterfaceConfig any_dvmrp_link(std::uint8_t threshold) {
    dvmrp::InterfaceConfig config;
    config.metric = between<std::uint8_t>(1, 31);
    config.metric_out = between<std::uint8_t>(0, 31);
    config.threshold = threshold;
    config.probe_interval = milliseconds(1'000, 60'000);
    config.neighbor_timeout = milliseconds(180'001, 300'000);
    for (bool* const flag :
         {&config.point_to_point, &config.strict_ttl, &config.allow_non_pruners, &config.force_leaf,
          &config.flood_unknown, &config.netmask, &config.passive, &config.no_transit}) {
        *flag = coin();
    }
    for (int i = between(0, 2); i > 0; --i) {
        config.accept_neighbors.push_back({Ipv4::of(10, 0, 0, between<std::uint8_t>(1, 9)), 32});
        config.accept_routes.push_back({{Ipv4::of(20, 0, 0, 0), 8}, coin(), coin()});
        if (coin()) {
            config.accept_routes.back().neighbors = {{Ipv4::of(10, 0, 0, 9), 32},
                                                     {Ipv4::of(10, 2, 0, 0), 16}};
        }
        config.ignore_excess = coin();
        config.route_alarm = coin() ? 0 : 77;
        config.announce_routes.push_back({{Ipv4::of(30, 1, 0, 0), 16}, coin(), coin()});
    }
    config.max_neighbors = between(1u, 100u);
    config.max_one_way = between(1u, 100u);
    config.max_routes_of_neighbor = between(0u, 100u);
    config.message_rate = between(0u, 1'000u);
    config.message_burst = between(0u, 1'000u);
    config.probe_rate = between(0u, 1'000u);
    config.probe_burst = between(0u, 1'000u);
    return config;
}

// Over any interface that leaves room for one.
void add_tunnel(control::Config& control, platform::Config const& platform) {
    auto const below = *rc::gen::elementOf(control.interfaces);
    auto const port = std::ranges::find(platform.ports, below.port, &platform::PortConfig::name);
    int const room = below.mtu.value_or(port->mtu) - 20;
    if (room < 68) {
        return;
    }
    auto& tunnel = control.interfaces.emplace_back();
    tunnel.name = "tunnel";
    tunnel.address = {below.address.address, 32};
    tunnel.igmp_enabled = false;
    tunnel.static_protocol = coin();
    if (coin()) {
        tunnel.mtu = between<std::uint16_t>(68, static_cast<std::uint16_t>(room));
    }
    tunnel.ttl_threshold = tunnel.dvmrp.threshold = between<std::uint8_t>(1, 255);
    Ipv4 const neighbor{below.address.network().value + 2};
    bool const on_link = coin();
    tunnel.tunnel = {.over = below.name,
                     .remote = on_link ? neighbor : Ipv4::of(198, 51, 100, 1),
                     .gateway = on_link ? Ipv4{} : neighbor,
                     .ttl = between<std::uint8_t>(1, 255),
                     .control_beside = coin()};
}

// On an interface of its own, the last one.
void add_dvmrp(control::Config& control, platform::Config const& platform) {
    auto interface = any_interface(control.interfaces.size() + 1, platform.ports.front());
    interface.static_protocol = false;
    interface.dvmrp_enabled = true;
    interface.dvmrp_domain = between(0u, 255u);
    interface.dvmrp = any_dvmrp_link(interface.ttl_threshold);
    control.interfaces.push_back(interface);
    dvmrp::Config& config = control.dvmrp.emplace();
    config.explicit_groups =
        coin() ? control.igmp.ssm_ranges : std::vector<Ipv4Prefix>{}; // ssm-flood
    config.report_interval = milliseconds(1'000, 60'000);
    config.flash_interval = milliseconds(1'000, 60'000);
    config.route_expiry = milliseconds(120'001, 300'000);
    config.hold_down = milliseconds(0, 300'000);
    config.strict_hold_down = coin();
    config.min_prune_lifetime = milliseconds(10'000, 20'000);
    config.max_prune_lifetime = milliseconds(20'000, 30'000);
    config.longest_prune_heard = milliseconds(1'000, 86'400'000);
    config.prune_retransmit = milliseconds(1'000, 60'000);
    config.graft_retransmit = milliseconds(1'000, 60'000);
    config.longest_graft_retransmit = milliseconds(60'000, 90'000);
    for (std::uint32_t* const limit : {&config.max_neighbors, &config.max_routes, &config.max_flows,
                                       &config.max_prunes, &config.max_prunes_of_neighbor}) {
        *limit = between(1u, 100'000u);
    }
    config.answer_neighbors = coin();
    config.answer_traces = coin();
    for (int i = between(0, 2); i > 0; --i) {
        config.redistribute.push_back(
            {coin() ? dvmrp::Redistribution::From::connected : dvmrp::Redistribution::From::statics,
             between<std::uint8_t>(1, 31),
             {{{Ipv4::of(20, 0, 0, 0), 8}, coin(), coin()}}});
    }
    if (coin()) {
        config.answer_neighbors_to.push_back({Ipv4::of(10, 0, 0, 0), 8});
        config.answer_traces_to.push_back({Ipv4::of(192, 0, 2, 0), 24});
    }
}

// Between two interfaces of their own, the last ones.
void add_proxy(control::Config& control, platform::Config const& platform) {
    auto const add = [&](bool igmp) {
        auto interface = any_interface(control.interfaces.size() + 1, platform.ports.front());
        interface.static_protocol = false;
        interface.igmp_enabled = igmp;
        interface.igmp = igmp ? interface.igmp : igmp::InterfaceConfig{};
        control.interfaces.push_back(interface);
        return interface.name;
    };
    auto& proxy = control.proxy.emplace();
    proxy.upstream = add(false);
    proxy.downstream = {add(true)};
    if (coin()) {
        proxy.downstream.push_back(add(true));
    }
    proxy.sole_forwarder = coin();
    proxy.host = {.version = between<std::uint8_t>(1, 3),
                  .robustness = between<std::uint8_t>(1, 7),
                  .unsolicited_report_interval = milliseconds(100, 25'500),
                  .compatibility = coin(),
                  .require_router_alert = coin(),
                  .strict_destination = coin()};
}

control::Config any_control(platform::Config const& platform) {
    control::Config control;
    for (std::size_t i = between<std::size_t>(1, 5); i > 0; --i) {
        control.interfaces.push_back(any_interface(i, *rc::gen::elementOf(platform.ports)));
    }
    if (coin()) {
        control.igmp.ssm_ranges = {};
    } else {
        control.igmp.ssm_ranges.push_back({Ipv4::of(239, 232, 0, 0), 16});
        for (std::uint8_t i = between<std::uint8_t>(0, 2); i > 0; --i) {
            control.igmp.ssm_map.push_back(
                {{Ipv4::of(239, 232, i, 0), 24}, {Ipv4::of(10, 0, 0, i), Ipv4::of(10, 0, 1, i)}});
        }
    }
    add_static(control);
    if (coin()) {
        add_proxy(control, platform);
    }
    if (coin()) {
        add_dvmrp(control, platform);
    }
    if (coin()) {
        add_tunnel(control, platform);
    }
    control.igmp.max_entries = between(1u, 1'000'000u);
    control.igmp.max_megabytes = between(1u, 65'536u);
    control.igmp.warning_percent = between<std::uint8_t>(0, 100);
    control.limits.entries = between(1u, 1'000'000u);
    control.limits.entry_idle = milliseconds(100, 1'000'000);
    control.limits.negative_lifetime = milliseconds(100, 1'000'000);
    control.limits.punt = {between(1u, 9u), between(1u, 9u), between(1u, 9u), between(1u, 9u),
                           between(1u, 9u)};
    control.socket = {"/run/" + any_text(20) + "c", coin() ? "staff" : "",
                      coin() ? "/run/" + any_text(20) + "m" : ""};
    control.log.level = *rc::gen::element<std::string>("debug", "info", "warning", "none");
    if (coin()) {
        control.router_mac = Mac{{2, 0, 0, 0, 0, between<std::uint8_t>(0, 255)}};
    }
    return control;
}

TEST(Print, ReadsBackToTheSameValue) {
    ASSERT_TRUE(rc::check([] {
        Config config;
        config.platform = any_platform();
        config.control = any_control(config.platform);
        std::string const text = print(config);
        auto const again = parse(text, "printed");
        if (!again) {
            RC_FAIL(again.error().front().text() + "\n" + text);
        }
        RC_ASSERT(*again == config);
        RC_ASSERT(print(*again) == text);
    }));
}

} // namespace
} // namespace mcast::config
