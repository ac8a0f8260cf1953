// [interface.tunnel]: IP in IP, an interface without a port of its own.
#include "draft.h"
#include "words.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace mcast::config {

namespace {

using control::InterfaceConfig;
using control::TunnelConfig;

// It has what the interface below has.
void refuse_place(Section& section) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 3> k_keys{{
        {"port", "its packets leave by the port of the interface that over names"},
        {"vlan", "its packets have the VLAN of the interface that over names"},
        {"address", "its end here is local, an address of the interface that over names"},
    }};
    for (auto const& [key, reason] : k_keys) {
        if (section.has(key)) {
            key == "vlan" ? (void)section.integer(key, {1, 4094}) : (void)section.text(key);
            section.reporter().error(
                section.at(key),
                fmt::format("{} has {} and [interface.tunnel]", section.title(), key),
                fmt::format("remove {}: {}", key, reason));
        }
    }
}

void read_end(Section& section, std::string_view key, Ipv4& end) {
    auto const address = section.address(key);
    if (address && !is_source(*address)) {
        section.reporter().error(section.at(key),
                                 fmt::format("{} in {} is \"{}\", which no router can have", key,
                                             section.title(), to_string(*address)),
                                 "write the address of a router, such as \"192.0.2.1\"");
    } else if (address) {
        end = *address;
    }
}

// Names and addresses that are broken were reported already.
struct Checked {
    Draft const& draft;
    Section const& outside; // [[interface]]
    Section const& section; // [interface.tunnel]
    InterfaceConfig const& interface;
    TunnelConfig const& tunnel;
    Reporter& reporter;

    InterfaceConfig const* below() const {
        auto const& all = draft.config.control.interfaces;
        auto const found = std::ranges::find(all, tunnel.over, &InterfaceConfig::name);
        return found == all.end() ? nullptr : &*found;
    }
    void error(std::string_view key, std::string what, std::string remedy) const {
        reporter.error(section.at(key), std::move(what), std::move(remedy));
    }
};

std::string subnet_text(InterfaceConfig const& interface) {
    return to_string(Ipv4Prefix{interface.address.network(), interface.address.length});
}

bool is_neighbour(Ipv4 address, Ipv4Prefix link) {
    bool const end =
        link.length <= 30 && (address == link.network() || address == link.broadcast());
    return link.contains(address) && address != link.address && !end;
}

void check_over(Checked const& it) {
    InterfaceConfig const* const below = it.below();
    if (below == nullptr && !it.tunnel.over.empty()) {
        std::vector<std::string> names;
        for (InterfaceConfig const& interface : it.draft.config.control.interfaces) {
            if (!interface.name.empty() && !interface.tunnel) {
                names.push_back(interface.name);
            }
        }
        it.error("over",
                 fmt::format("over in {} is {}, which is no interface", it.section.title(),
                             quoted(it.tunnel.over)),
                 known_names(it.tunnel.over, names, "interface"));
    } else if (below != nullptr && below->tunnel) {
        it.error(
            "over",
            fmt::format("over in {} is \"{}\", a tunnel itself", it.section.title(), below->name),
            "name an interface with a port");
    }
}

void check_ends(Checked const& it, InterfaceConfig const& below) {
    Ipv4 const remote = it.tunnel.remote;
    Ipv4 const gateway = it.tunnel.gateway;
    if (it.interface.address.address != below.address.address) {
        it.error("local",
                 fmt::format("local in {} is {}, not the address of interface \"{}\"",
                             it.section.title(), to_string(it.interface.address.address),
                             below.name),
                 fmt::format("write \"{}\", or nothing", to_string(below.address.address)));
    }
    if (remote.is_unspecified()) {
        return;
    }
    auto const& all = it.draft.config.control.interfaces;
    bool const own = std::ranges::any_of(
        all, [&](InterfaceConfig const& each) { return each.address.address == remote; });
    bool const on_link = below.address.contains(remote);
    if (own) {
        it.error("remote",
                 fmt::format("remote in {} is {}, an address of this router", it.section.title(),
                             to_string(remote)),
                 "write the address of the router at the other end");
    } else if (on_link && !is_neighbour(remote, below.address)) {
        it.error("remote",
                 fmt::format("remote in {} is {}, which no host on {} can have", it.section.title(),
                             to_string(remote), subnet_text(below)),
                 "write the address of the router at the other end");
    } else if (on_link && it.section.has("gateway")) {
        it.error("gateway",
                 fmt::format("{} has a gateway toward {}, which is on the link of interface "
                             "\"{}\"",
                             it.section.title(), to_string(remote), below.name),
                 "remove gateway");
    } else if (on_link && below.dvmrp_enabled && it.interface.dvmrp_enabled) {
        it.error("remote",
                 fmt::format("remote in {} is {}, a neighbour on interface \"{}\", which runs "
                             "DVMRP as well",
                             it.section.title(), to_string(remote), below.name),
                 "one way to a neighbour is enough; remove \"dvmrp\" from one of the two");
    } else if (!on_link && !it.section.has("gateway")) {
        it.error("remote",
                 fmt::format("remote in {} is {}, not on the link of interface \"{}\", and there "
                             "is no gateway",
                             it.section.title(), to_string(remote), below.name),
                 fmt::format("add the router in {} that leads there, such as: gateway = \"{}\"",
                             subnet_text(below),
                             to_string(Ipv4{below.address.network().value + 254})));
    } else if (!on_link && !gateway.is_unspecified() && !is_neighbour(gateway, below.address)) {
        it.error("gateway",
                 fmt::format("gateway in {} is {}, not a neighbour on interface \"{}\"",
                             it.section.title(), to_string(gateway), below.name),
                 fmt::format("write another router's address in {}", subnet_text(below)));
    }
}

// 68 bytes is the least that IPv4 asks of a link (RFC 791).
void check_room(Checked const& it, InterfaceConfig const& below) {
    constexpr int k_outer_header = 20;
    constexpr int k_least = 68;
    auto const& ports = it.draft.config.platform.ports;
    auto const port = std::ranges::find(ports, below.port, &platform::PortConfig::name);
    if (port == ports.end()) {
        return;
    }
    int const most = below.mtu.value_or(port->mtu) - k_outer_header;
    if (most < k_least) {
        it.error("over",
                 fmt::format("over in {} is \"{}\", whose mtu leaves room for {} bytes",
                             it.section.title(), below.name, most),
                 fmt::format("make its mtu at least {}", k_least + k_outer_header));
    } else if (it.interface.mtu && *it.interface.mtu > most) {
        it.reporter.error(
            it.outside.at("mtu"),
            fmt::format("mtu of tunnel \"{}\" is {}, and interface \"{}\" leaves room for {}",
                        it.interface.name, *it.interface.mtu, below.name, most),
            fmt::format("make it at most {}", most));
    }
}

void check_twins(Checked const& it, std::size_t i) {
    auto const& all = it.draft.config.control.interfaces;
    for (std::size_t j = 0; j < i; ++j) {
        auto const& other = all[j].tunnel;
        if (other && other->over == it.tunnel.over && other->remote == it.tunnel.remote &&
            !it.tunnel.remote.is_unspecified()) {
            it.error("remote",
                     fmt::format("a tunnel over \"{}\" to {} is there already, in line {}",
                                 it.tunnel.over, to_string(it.tunnel.remote),
                                 it.draft.interfaces[j].position().line),
                     "two routers have one tunnel between two addresses; remove one of the two");
            return;
        }
    }
}

} // namespace

void read_tunnel_of(Section& section, InterfaceConfig& interface, std::optional<Section>& tunnel) {
    toml::table const* const table = section.table("tunnel");
    interface.tunnel.emplace();
    interface.igmp_enabled = false;
    refuse_place(section);
    if (table == nullptr) {
        return;
    }
    Section& own = tunnel.emplace(*table, fmt::format("[interface.tunnel] of {}", section.title()),
                                  section.reporter());
    TunnelConfig& config = *interface.tunnel;
    own.require("over", "over = \"wan\"");
    config.over = own.text("over").value_or("");
    Ipv4 local{};
    read_end(own, "local", local);
    if (!local.is_unspecified()) {
        interface.address = {local, 32};
    }
    own.require("remote", "remote = \"198.51.100.1\"");
    read_end(own, "remote", config.remote);
    read_end(own, "gateway", config.gateway);
    own.into(config.ttl, "ttl", {1, 255});
    if (auto const control = own.word("control", {"inside", "beside"})) {
        config.control_beside = *control == 1;
    }
    own.finish();
}

void find_local_ends(Draft& draft) {
    auto& all = draft.config.control.interfaces;
    for (InterfaceConfig& interface : all) {
        if (!interface.tunnel || interface.address.length != 0) {
            continue;
        }
        auto const below = std::ranges::find(all, interface.tunnel->over, &InterfaceConfig::name);
        if (below != all.end() && !below->tunnel && below->address.length != 0) {
            interface.address = {below->address.address, 32};
        }
    }
}

void check_tunnels(Draft const& draft, Reporter& reporter) {
    auto const& all = draft.config.control.interfaces;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (!draft.tunnels[i]) {
            continue;
        }
        Checked const it{draft,  draft.interfaces[i], *draft.tunnels[i],
                         all[i], *all[i].tunnel,      reporter};
        check_over(it);
        InterfaceConfig const* const below = it.below();
        if (below != nullptr && !below->tunnel && below->address.length != 0) {
            check_ends(it, *below);
            check_room(it, *below);
        }
        check_twins(it, i);
    }
}

} // namespace mcast::config
