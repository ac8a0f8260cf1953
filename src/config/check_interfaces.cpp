// What is wrong between interfaces, their ports, and static routes and groups.
#include "draft.h"
#include "words.h"

#include <algorithm>
#include <map>
#include <tuple>

#include <fmt/format.h>

namespace mcast::config {

namespace {

using control::InterfaceConfig;

template <class Item>
std::vector<std::string> names_of(std::vector<Item> const& items) {
    std::vector<std::string> names;
    for (Item const& item : items) {
        if (!item.name.empty()) {
            names.push_back(item.name);
        }
    }
    return names;
}

bool overlap(Ipv4Prefix a, Ipv4Prefix b) {
    return a.length > 0 && b.length > 0 && (a.contains(b.address) || b.contains(a.address));
}

void check_against_port(Draft const& draft, std::size_t i, Reporter& reporter) {
    InterfaceConfig const& interface = draft.config.control.interfaces[i];
    Section const& section = draft.interfaces[i];
    auto const& ports = draft.config.platform.ports;
    if (interface.port.empty()) {
        return;
    }
    auto const port = std::ranges::find(ports, interface.port, &platform::PortConfig::name);
    if (port == ports.end()) {
        reporter.error(section.at("port"),
                       fmt::format("port in {} is {}, which is no port", section.title(),
                                   quoted(interface.port)),
                       known_names(interface.port, names_of(ports), "port"));
    } else if (interface.mtu && *interface.mtu > port->mtu) {
        reporter.error(section.at("mtu"),
                       fmt::format("mtu in {} is {}, above that of port \"{}\", {}",
                                   section.title(), *interface.mtu, port->name, port->mtu),
                       fmt::format("make it at most {}, or raise the port's mtu", port->mtu));
    }
}

void check_pair(Draft const& draft, std::size_t i, std::size_t j, Reporter& reporter) {
    InterfaceConfig const& later = draft.config.control.interfaces[i];
    InterfaceConfig const& earlier = draft.config.control.interfaces[j];
    Section const& section = draft.interfaces[i];
    unsigned const line = draft.interfaces[j].position().line;
    if (!later.name.empty() && later.name == earlier.name) {
        reporter.error(
            section.at("name"),
            fmt::format("interface \"{}\" is there already, in line {}", later.name, line),
            "give every interface a name of its own");
    }
    if (!later.port.empty() && later.port == earlier.port && later.vlan == earlier.vlan) {
        auto const what =
            later.vlan == 0 ? std::string{"untagged frames"} : fmt::format("VLAN {}", later.vlan);
        reporter.error(section.at(later.vlan == 0 ? "port" : "vlan"),
                       fmt::format("{} of port {} already belong{} to the interface in line {}",
                                   what, quoted(later.port), later.vlan == 0 ? "" : "s", line),
                       "give each interface of a port a vlan of its own");
    }
    if (!later.tunnel && !earlier.tunnel && overlap(later.address, earlier.address)) {
        reporter.error(
            section.at("address"),
            fmt::format("subnet {} of {} overlaps {} of the interface in line {}",
                        to_string(Ipv4Prefix{later.address.network(), later.address.length}),
                        section.title(),
                        to_string(Ipv4Prefix{earlier.address.network(), earlier.address.length}),
                        line),
            "subnets of interfaces must be disjoint");
    }
}

// The interface that a route or group names; null and reported when there is none.
InterfaceConfig const* named_interface(Draft const& draft, Section const& section,
                                       std::string const& name, Reporter& reporter) {
    auto const& interfaces = draft.config.control.interfaces;
    if (name.empty()) {
        return nullptr;
    }
    auto const found = std::ranges::find(interfaces, name, &InterfaceConfig::name);
    if (found == interfaces.end()) {
        reporter.error(section.at("interface"),
                       fmt::format("interface in {} is {}, which is no interface", section.title(),
                                   quoted(name)),
                       known_names(name, names_of(interfaces), "interface"));
        return nullptr;
    }
    return &*found;
}

void check_route(Draft const& draft, std::size_t i, Reporter& reporter) {
    auto const& routes = draft.config.control.routes;
    Section const& section = draft.routes[i];
    InterfaceConfig const* const interface =
        named_interface(draft, section, routes[i].interface, reporter);
    Ipv4 const upstream = routes[i].upstream;
    if (interface != nullptr && interface->tunnel) {
        if (!upstream.is_unspecified() && upstream != interface->tunnel->remote) {
            reporter.error(section.at("upstream"),
                           fmt::format("upstream in {} is {}, and interface \"{}\" is a tunnel "
                                       "that ends elsewhere",
                                       section.title(), to_string(upstream), interface->name),
                           fmt::format("write \"{}\", the other end of the tunnel, or nothing",
                                       to_string(interface->tunnel->remote)));
        }
    } else if (interface != nullptr && interface->address.length > 0 &&
               !upstream.is_unspecified()) {
        if (!interface->address.contains(upstream) || interface->address.address == upstream) {
            reporter.error(section.at("upstream"),
                           fmt::format("upstream in {} is {}, not a neighbour on interface \"{}\"",
                                       section.title(), to_string(upstream), interface->name),
                           fmt::format("write another router's address in {}",
                                       to_string(Ipv4Prefix{interface->address.network(),
                                                            interface->address.length})));
        }
    }
}

void check_group(Draft const& draft, std::size_t i, Reporter& reporter) {
    control::GroupConfig const& group = draft.config.control.groups[i];
    Section const& section = draft.groups[i];
    InterfaceConfig const* const interface =
        named_interface(draft, section, group.interface, reporter);
    if (interface != nullptr && !interface->static_protocol) {
        reporter.error(
            section.at("interface"),
            fmt::format("interface \"{}\" of {} does not run the static protocol", interface->name,
                        section.title()),
            fmt::format("add \"static\" to the protocols of interface \"{}\"", interface->name));
    }
    if (interface != nullptr && interface->tunnel && group.join) {
        reporter.error(section.at("join"),
                       fmt::format("{} joins on interface \"{}\", a tunnel, where nobody hears "
                                   "IGMP",
                                   section.title(), interface->name),
                       "remove join");
    }
    // Hosts say themselves whom they exclude, and what they want is not cut short.
    if (interface != nullptr && interface->igmp_enabled && group.exclude) {
        reporter.error(section.at("exclude"),
                       fmt::format("{} excludes a source on interface \"{}\", which runs IGMP",
                                   section.title(), interface->name),
                       fmt::format("remove \"igmp\" from the protocols of interface \"{}\", or "
                                   "forbid the source there by access of [interface.igmp]",
                                   interface->name));
    }
    auto const& ranges = draft.config.control.igmp.ssm_ranges;
    std::uint32_t first = 0; // of the row, that is source-specific
    auto const is_specific = [&](Ipv4Prefix range) { return range.contains(group.nth(first)); };
    while (first < group.count && !std::ranges::any_of(ranges, is_specific)) {
        ++first;
    }
    bool const specific = !group.group.is_unspecified() && first < group.count;
    if (specific && group.exclude) {
        reporter.error(section.at("exclude"),
                       fmt::format("group {} in {} is source-specific, and cannot exclude",
                                   to_string(group.nth(first)), section.title()),
                       "name the senders that are wanted, each in a [[group]]");
    } else if (specific && !section.has("source")) {
        reporter.error(section.at("group"),
                       fmt::format("group {} in {} is source-specific and has no source",
                                   to_string(group.nth(first)), section.title()),
                       "add the sender, such as: source = \"10.1.1.1\"");
    }
}

using GroupLines = std::map<std::tuple<Ipv4, Ipv4, std::string>, unsigned>;

// One error for a row, however many of its groups are there already.
void check_once(Draft const& draft, std::size_t i, GroupLines& lines, Reporter& reporter) {
    control::GroupConfig const& group = draft.config.control.groups[i];
    Section const& section = draft.groups[i];
    std::optional<unsigned> earlier;
    for (std::uint32_t n = 0; n < group.count; ++n) {
        auto const [known, fresh] =
            lines.emplace(std::tuple{group.nth(n), group.source.value_or(Ipv4{}), group.interface},
                          section.position().line);
        if (!fresh && !earlier) {
            earlier = known->second;
        }
    }
    if (earlier) {
        reporter.error(section.at("group"),
                       fmt::format("the same group is there already, in line {}", *earlier),
                       "remove one of the two");
    }
}

} // namespace

std::string known_names(std::string_view wanted, std::vector<std::string> const& names,
                        std::string_view what) {
    if (auto const guess = nearest(wanted, names)) {
        return fmt::format("did you mean \"{}\"? {}s are: {}", *guess, what,
                           list_text(names, "none"));
    }
    return fmt::format("{}s are: {}", what, list_text(names, "none"));
}

void check_interfaces(Draft const& draft, Reporter& reporter) {
    for (std::size_t i = 0; i < draft.interfaces.size(); ++i) {
        check_against_port(draft, i, reporter);
        for (std::size_t j = 0; j < i; ++j) {
            check_pair(draft, i, j, reporter);
        }
    }
}

void check_static(Draft const& draft, Reporter& reporter) {
    auto const& routes = draft.config.control.routes;
    auto const& groups = draft.config.control.groups;
    std::map<Ipv4Prefix, unsigned> route_lines;
    for (std::size_t i = 0; i < routes.size(); ++i) {
        check_route(draft, i, reporter);
        unsigned const line = draft.routes[i].position().line;
        if (!draft.route_readable[i]) {
            continue;
        }
        auto const [known, fresh] = route_lines.emplace(routes[i].prefix, line);
        if (!fresh) {
            reporter.error(draft.routes[i].at("prefix"),
                           fmt::format("there is a route for {} already, in line {}",
                                       to_string(routes[i].prefix), known->second),
                           "sources arrive on one interface; keep one of the two");
        }
    }
    GroupLines lines;
    for (std::size_t i = 0; i < groups.size(); ++i) {
        check_group(draft, i, reporter);
        if (!groups[i].group.is_unspecified()) {
            check_once(draft, i, lines, reporter);
        }
    }
}

} // namespace mcast::config
