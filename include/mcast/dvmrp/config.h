// Configuration of DVMRP. Plain values; filled by config/. Defaults: section 3 of the behaviours'
// reference, which are the draft's where it has any.
#pragma once

#include "mcast/base/ipv4.h"
#include "mcast/base/time.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mcast::dvmrp {

// The first rule that contains a prefix decides; none: allowed.
struct FilterRule {
    Ipv4Prefix prefix{};
    bool exact = false; // this very prefix, not those within it
    bool allow = true;
    std::vector<Ipv4Prefix> neighbors{}; // who says it; empty: anybody. Of accept_routes alone

    bool operator==(FilterRule const&) const = default;
};

// Routes of others (external ones, see Engine::set_external()) that reports tell of.
struct Redistribution {
    enum class From : std::uint8_t { connected, statics } from{};
    std::uint8_t metric = 1;            // 1..31, our own of these routes
    std::vector<FilterRule> prefixes{}; // which of them

    bool operator==(Redistribution const&) const = default;
};

// One route told in place of all that it contains (section 3.4.1), as long as one of them is there.
struct Aggregate {
    Ipv4Prefix prefix{};     // no host bits, length 8..32
    std::uint8_t metric = 0; // 1..31; 0: the lowest of its parts
    bool with_parts = false; // these are told as well

    bool operator==(Aggregate const&) const = default;
};

struct InterfaceConfig {
    std::uint8_t metric = 1;     // 1..31, added to what is heard here
    std::uint8_t metric_out = 0; // 0..31, added to what is said here
    std::uint8_t threshold = 1;  // TTL; the data path holds to it, here it is only told
    Duration probe_interval = std::chrono::seconds{10};   // 1 s..3600 s
    Duration neighbor_timeout = std::chrono::seconds{35}; // above 3 probe intervals
    // Prunes, grafts and tables go to 224.0.0.4, and prunes are repeated while data keeps coming.
    bool point_to_point = false;
    bool strict_ttl = false;        // multicast DVMRP with a TTL other than 1 is refused
    bool allow_non_pruners = false; // neighbours that cannot prune are heard all the same
    bool force_leaf = false;        // no neighbours here: members only
    bool passive = false;           // no probes before a neighbour was heard
    // What comes in by one such interface is not offered on another.
    bool no_transit = false;
    // A neighbour that has not spoken of a route yet gets its sources, for two report intervals
    // from when the later of both appeared (mrouted's way). Off: it has to say that it depends.
    bool flood_unknown = false;
    // The N capability: neighbours may append masks to their prunes and grafts, and get ours with
    // them when they have it, too.
    bool netmask = false;
    // Who may be a neighbour; empty: anybody on the link.
    std::vector<Ipv4Prefix> accept_neighbors{};
    std::uint32_t max_neighbors = 32; // at least 1
    // Of these, who may be there without having heard us, or without being taken: 1 or more.
    std::uint32_t max_one_way = 16;
    // Messages other than probes a second from one neighbour, and at once; 0: any.
    std::uint32_t message_rate = 50;
    std::uint32_t message_burst = 200;
    // The same of probes: from one neighbour, and from all that are not known yet together.
    std::uint32_t probe_rate = 10;
    std::uint32_t probe_burst = 40;
    std::uint32_t max_routes_of_neighbor = 0; // learned from one of them; 0: no limit of its own
    // Who tells of more is ignored altogether, until it restarts (S8).
    bool ignore_excess = false;
    // Routes heard here in a minute, from which on an event warns: somebody lets its unicast routes
    // out. 0: none does.
    std::uint32_t route_alarm = 10000;
    // 1..31: a default route of our own is told here with this metric. 0: none is. Ours takes the
    // place of one that is learned.
    std::uint8_t default_route = 0;
    bool default_only = false; // and no other route; for those at the edge
    std::vector<FilterRule> accept_routes{};
    std::vector<FilterRule> announce_routes{};

    bool operator==(InterfaceConfig const&) const = default;
};

// Global to the engine.
struct Config {
    Duration report_interval = std::chrono::seconds{60};
    Duration flash_interval = std::chrono::seconds{5};
    Duration route_expiry = std::chrono::seconds{140}; // of dependencies too
    Duration hold_down = std::chrono::seconds{120};
    // In hold-down say only "unreachable", to the new upstream neighbour too: it then sends
    // nothing.
    bool strict_hold_down = false;
    // The lifetime of a prune is drawn between these.
    Duration min_prune_lifetime = std::chrono::seconds{5400};
    Duration max_prune_lifetime = std::chrono::seconds{7200};
    Duration longest_prune_heard = std::chrono::seconds{10800}; // longer ones are cut to this
    Duration prune_retransmit = std::chrono::seconds{3};        // doubles
    Duration graft_retransmit = std::chrono::seconds{5};        // doubles
    Duration longest_graft_retransmit = std::chrono::seconds{160};
    std::uint32_t max_neighbors = 256;          // of all interfaces
    std::uint32_t max_routes = 4096;            // learned ones; from 80 % on an event warns
    std::vector<Redistribution> redistribute{}; // the first of a kind that allows a route decides
    std::vector<Aggregate> aggregates{};
    std::uint32_t max_flows = 65536;              // (source, group) pairs; and channels
    std::uint32_t max_prunes = 65536;             // received and in force; and grafts of channels
    std::uint32_t max_prunes_of_neighbor = 16384; // of these, from one: at least 1
    // Groups whose flows are not flooded: neighbours get a source only after a graft for it, and we
    // graft what hosts want without having pruned it. By default source-specific ones (RFC 4607,
    // section 5); empty: all are flooded.
    std::vector<Ipv4Prefix> explicit_groups{{Ipv4::of(232, 0, 0, 0), 8}};
    bool answer_neighbors = false; // mrinfo
    // Who may ask for them; empty: anybody on the link.
    std::vector<Ipv4Prefix> answer_neighbors_to{};
    bool answer_traces = false; // mtrace
    // Who may ask, and where answers may go; empty: anybody on the link. What a neighbour passes on
    // was permitted by the first router, and has to be here only if this is not empty.
    std::vector<Ipv4Prefix> answer_traces_to{};

    bool operator==(Config const&) const = default;
};

// Room to make for learned routes beforehand: so that none of them makes all others move. More than
// this many would be a pause at the start instead.
constexpr std::size_t room_for_routes(Config const& config) {
    constexpr std::size_t k_most = 1'000'000;
    return config.max_routes < k_most ? config.max_routes : k_most;
}

// The first rule that a configuration breaks, as a sentence; nullopt when it is consistent.
struct ConfigFault {
    std::string member;
    std::string sentence;
};
std::optional<ConfigFault> check(InterfaceConfig const& config);
std::optional<ConfigFault> check(Config const& config);

} // namespace mcast::dvmrp
