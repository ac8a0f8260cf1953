// [proxy]: IGMP proxying, RFC 4605.
#include "draft.h"
#include "words.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

namespace mcast::config {

namespace {

using control::InterfaceConfig;
using namespace std::chrono_literals;

void read_host(Section& section, igmp::HostConfig& host) {
    section.into(host.version, "version", {1, 3});
    section.into(host.robustness, "robustness", {1, 7});
    section.into(host.unsolicited_report_interval, "unsolicited-report-interval", {100ms, 25500ms});
    section.into(host.compatibility, "compatibility");
    section.into(host.require_router_alert, "require-router-alert");
    section.into(host.strict_destination, "strict-destination");
}

InterfaceConfig const* find(Draft const& draft, std::string_view name) {
    auto const& interfaces = draft.config.control.interfaces;
    auto const found = std::ranges::find(interfaces, name, &InterfaceConfig::name);
    return found == interfaces.end() ? nullptr : &*found;
}

void report_unknown(Draft const& draft, Position at, std::string_view key, std::string_view name,
                    Reporter& reporter) {
    std::vector<std::string> names;
    for (InterfaceConfig const& interface : draft.config.control.interfaces) {
        if (!interface.name.empty()) {
            names.push_back(interface.name);
        }
    }
    auto const guess = nearest(name, names);
    reporter.error(at, fmt::format("{} in [proxy] is {}, which is no interface", key, quoted(name)),
                   fmt::format("{}interfaces are: {}",
                               guess ? fmt::format("did you mean \"{}\"? ", *guess) : "",
                               list_text(names, "none")));
}

// The proxy owns its interfaces, so no other protocol can.
void check_owner(InterfaceConfig const& interface, Position at, Reporter& reporter) {
    if (interface.tunnel) {
        reporter.error(at,
                       fmt::format("interface \"{}\" of [proxy] is a tunnel, where nobody speaks "
                                   "IGMP",
                                   interface.name),
                       "name an interface with a port");
    }
    if (interface.static_protocol || interface.dvmrp_enabled) {
        bool const is_static = interface.static_protocol;
        reporter.error(at,
                       fmt::format("interface \"{}\" of [proxy] runs {}, and only one can own it",
                                   interface.name, is_static ? "the static protocol" : "DVMRP"),
                       fmt::format("remove \"{}\" from the protocols of interface \"{}\"",
                                   is_static ? "static" : "dvmrp", interface.name));
    }
}

void check_upstream(Draft const& draft, Reporter& reporter) {
    std::string const& name = draft.config.control.proxy->upstream;
    Position const at = draft.proxy->at("upstream");
    InterfaceConfig const* const interface = find(draft, name);
    if (name.empty()) {
        return;
    }
    if (interface == nullptr) {
        report_unknown(draft, at, "upstream", name, reporter);
        return;
    }
    check_owner(*interface, at, reporter);
    if (interface->igmp_enabled) {
        reporter.error(at,
                       fmt::format("upstream in [proxy] is \"{}\", where IGMP queries; there a "
                                   "proxy is a host",
                                   name),
                       fmt::format("write protocols = [] in interface \"{}\"", name));
    }
}

void check_downstream(Draft const& draft, std::size_t i, Reporter& reporter) {
    auto const& proxy = *draft.config.control.proxy;
    std::string const& name = proxy.downstream[i];
    Position const at = draft.downstream[i];
    auto const earlier = proxy.downstream.begin() + static_cast<std::ptrdiff_t>(i);
    InterfaceConfig const* const interface = find(draft, name);
    if (name == proxy.upstream) {
        reporter.error(at, fmt::format("\"{}\" is upstream and downstream, which is a loop", name),
                       "name another interface on one of the two sides");
    } else if (std::find(proxy.downstream.begin(), earlier, name) != earlier) {
        reporter.error(at, fmt::format("{} is in downstream of [proxy] already", quoted(name)),
                       "name it once");
    } else if (interface == nullptr) {
        report_unknown(draft, at, "an item of downstream", name, reporter);
    } else {
        check_owner(*interface, at, reporter);
        if (!interface->igmp_enabled && !interface->tunnel) {
            reporter.error(
                at, fmt::format("downstream interface \"{}\" of [proxy] does not run IGMP", name),
                fmt::format("add \"igmp\" to the protocols of interface \"{}\"", name));
        }
    }
}

} // namespace

void read_proxy(Section& root, Draft& draft) {
    toml::table const* const table = root.table("proxy");
    if (table == nullptr) {
        return;
    }
    Section& section = draft.proxy.emplace(*table, "[proxy]", root.reporter());
    control::ProxyConfig& proxy = draft.config.control.proxy.emplace();
    section.require("upstream", "upstream = \"wan\"");
    proxy.upstream = section.text("upstream").value_or("");
    section.require("downstream", "downstream = [\"lan\"]");
    for (auto const& item : section.texts("downstream")) {
        proxy.downstream.push_back(item.value);
        draft.downstream.push_back(item.at);
    }
    if (section.has("downstream") && table->get("downstream")->is_array() &&
        table->get("downstream")->as_array()->empty()) {
        section.reporter().error(section.at("downstream"), "downstream in [proxy] is empty",
                                 "name the interfaces of the hosts, such as: downstream = "
                                 "[\"lan\"]");
    }
    section.into(proxy.sole_forwarder, "sole-forwarder");
    read_host(section, proxy.host);
    section.finish();
}

void check_proxy(Draft const& draft, Reporter& reporter) {
    if (!draft.proxy) {
        return;
    }
    check_upstream(draft, reporter);
    for (std::size_t i = 0; i < draft.downstream.size(); ++i) {
        check_downstream(draft, i, reporter);
    }
}

} // namespace mcast::config
