// A configuration being read: the values, and for every table of a list the section it came from,
// so that a fault found later can still name its line: ports[i] is where config.platform.ports[i]
// stands, and so on.
//
// The read_* functions, in the order below, fill the values and report what is wrong with a value
// by itself; the check_* functions then report what is wrong between values, and skip what is known
// to be broken already (an empty name, a prefix of length 0).
#pragma once

#include "mcast/config/config.h"
#include "section.h"

#include <optional>
#include <string_view>
#include <vector>

namespace mcast::config {

struct Draft {
    Config config;
    std::vector<Section> ports;
    std::vector<Section> interfaces;
    std::vector<std::optional<Section>> tunnels; // [interface.tunnel], by interface
    std::vector<Section> routes;
    std::vector<bool> route_readable; // whether routes[i].prefix is what the file says
    std::vector<Section> groups;
    std::optional<Section> proxy;
    std::vector<Position> downstream; // of the items of [proxy] downstream
    std::vector<Position> cores;      // of the items of [workers] cores
    Position cache;                   // in [pools]
    Position receive{1, 1};           // in [pools], if there is one
};

void read_platform(Section& root, Draft& draft);
void read_control(Section& root, Draft& draft);
void read_interfaces(Section& root, Draft& draft);
void read_static(Section& root, Draft& draft);
void read_proxy(Section& root, Draft& draft);
void read_dvmrp(Section& root, Draft& draft);

// Source-specific groups, of [igmp].
void read_ssm(Section& section, igmp::Config& config);

// [interface.tunnel] of one interface, and what a tunnel may not have besides; and, when all
// interfaces are read, the end that is ours.
void read_tunnel_of(Section& section, control::InterfaceConfig& interface,
                    std::optional<Section>& tunnel);
void find_local_ends(Draft& draft);

// The [interface.dvmrp] of one interface, and its [interface.igmp].
void read_dvmrp_of(Section& section, control::InterfaceConfig& interface);
void read_igmp(Section& section, igmp::InterfaceConfig& config);
void read_queriers(Section& section, std::vector<Ipv4Prefix>& queriers);
void read_access(Section& section, igmp::AccessList& list);

void check_platform(Draft const& draft, Reporter& reporter);
void check_interfaces(Draft const& draft, Reporter& reporter);
void check_tunnels(Draft const& draft, Reporter& reporter);
void check_static(Draft const& draft, Reporter& reporter);
void check_proxy(Draft const& draft, Reporter& reporter);

// A title for the n-th table (from 0) of a list: with its name if it has one, else its number.
std::string title_of(toml::table const& table, std::string_view list, std::size_t n);

// What to write instead of a name that nobody has.
std::string known_names(std::string_view wanted, std::vector<std::string> const& names,
                        std::string_view what);

// Whether a datagram may come from there: no group, no "this network", no loopback, no class E.
bool is_source(Ipv4 address);

// Reports more items than the daemon can hold.
void limit_items(Section& root, std::vector<toml::table const*> const& tables, std::string_view key,
                 std::size_t most);

// The bits behind a prefix's length must be zero; reports and false when they are not.
bool require_no_host_bits(Ipv4Prefix prefix, Position at, std::string_view what,
                          Reporter& reporter);

} // namespace mcast::config
