#include "draft.h"

#include <fmt/format.h>

namespace mcast::config {

namespace {

// Whether it could be read.
bool read_route_prefix(Section& section, control::RouteConfig& route) {
    auto const prefix = section.prefix("prefix");
    if (!prefix) {
        return false;
    }
    auto const what = fmt::format("prefix in {}", section.title());
    if (!require_no_host_bits(*prefix, section.at("prefix"), what, section.reporter())) {
        return false;
    }
    // 0.0.0.0/0, the default route, is fine; 224.0.0.0/4 and 240.0.0.0/4 never are sources.
    if (prefix->length > 0 && (prefix->address.value >> 29) == 7) {
        section.reporter().error(
            section.at("prefix"),
            fmt::format("{} is \"{}\", where no sources are", what, to_string(*prefix)),
            "write the prefix of the senders, not of the groups, such as \"10.0.0.0/8\"");
        return false;
    }
    route.prefix = *prefix;
    return true;
}

void read_route(Section& section, control::RouteConfig& route, Draft& draft) {
    section.require("prefix", "prefix = \"10.0.0.0/8\"");
    draft.route_readable.push_back(read_route_prefix(section, route));
    section.require("interface", "interface = \"wan\"");
    route.interface = section.text("interface").value_or("");
    auto const upstream = section.address("upstream");
    if (upstream && !is_source(*upstream)) {
        section.reporter().error(
            section.at("upstream"),
            fmt::format("upstream in {} is \"{}\", which no neighbour can have", section.title(),
                        to_string(*upstream)),
            "write the address of the next router towards the sources, or leave the key out");
    } else if (upstream) {
        route.upstream = *upstream;
    }
    section.finish();
}

void read_group_address(Section& section, control::GroupConfig& group) {
    auto const address = section.address("group");
    if (!address) {
        return;
    }
    if (!address->is_multicast() || address->is_link_local_multicast()) {
        section.reporter().error(
            section.at("group"),
            fmt::format("group in {} is \"{}\", {}", section.title(), to_string(*address),
                        address->is_multicast() ? "which is link-local and never forwarded"
                                                : "which is no multicast group"),
            "write a group from 224.0.1.0 to 239.255.255.255");
        return;
    }
    group.group = *address;
}

void read_exclude(Section& section, control::GroupConfig& group) {
    section.into(group.exclude, "exclude");
    if (group.exclude && !section.has("source")) {
        section.reporter().error(section.at("exclude"),
                                 fmt::format("{} excludes, and has no source", section.title()),
                                 "add the sender that is not wanted: source = \"10.1.1.1\"");
    }
    group.exclude = group.exclude && group.source; // what is broken is no exclusion
}

// A row of groups must not leave what can be forwarded.
void read_row(Section& section, control::GroupConfig& group) {
    constexpr std::int64_t k_most = 4096;
    constexpr std::uint32_t k_last = Ipv4::of(239, 255, 255, 255).value;
    section.into(group.count, "count", {1, k_most});
    section.into(group.increment, "increment", {1, 0x0fffffff});
    if (section.has("increment") && group.count == 1) {
        section.reporter().error(
            section.at("increment"),
            fmt::format("increment in {} has no row to go along", section.title()),
            "add the number of groups, such as: count = 10");
    }
    std::uint64_t const steps = std::uint64_t{group.count - 1} * group.increment;
    if (!group.group.is_unspecified() && group.group.value + steps > k_last) {
        section.reporter().error(
            section.at("count"),
            fmt::format("the row of {} groups in {} goes beyond 239.255.255.255", group.count,
                        section.title()),
            "lower count or increment");
        group.count = 1;
    }
}

void read_group(Section& section, control::GroupConfig& group) {
    section.require("group", "group = \"239.1.1.1\"");
    read_group_address(section, group);
    section.require("interface", "interface = \"lan\"");
    group.interface = section.text("interface").value_or("");
    auto const source = section.address("source");
    if (source && !is_source(*source)) {
        section.reporter().error(
            section.at("source"),
            fmt::format("source in {} is \"{}\", which no sender can have", section.title(),
                        to_string(*source)),
            "write the sender's own address, or leave the key out for any source");
    } else if (source) {
        group.source = source;
    }
    section.into(group.join, "join");
    read_exclude(section, group);
    read_row(section, group);
    section.finish();
}

} // namespace

void read_static(Section& root, Draft& draft) {
    auto const routes = root.tables("route");
    for (std::size_t i = 0; i < routes.size(); ++i) {
        draft.routes.emplace_back(*routes[i], fmt::format("[[route]] {}", i + 1), root.reporter());
        read_route(draft.routes.back(), draft.config.control.routes.emplace_back(), draft);
    }
    auto const groups = root.tables("group");
    for (std::size_t i = 0; i < groups.size(); ++i) {
        draft.groups.emplace_back(*groups[i], fmt::format("[[group]] {}", i + 1), root.reporter());
        read_group(draft.groups.back(), draft.config.control.groups.emplace_back());
    }
}

} // namespace mcast::config
