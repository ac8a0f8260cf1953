// Configuration of the IGMP querier on one interface. Plain values; filled by config/.
// Defaults and bounds: RFC 9776 section 8; names in docs: RFC 8652.
#pragma once

#include "mcast/base/ipv4.h"
#include "mcast/base/time.h"
#include "mcast/igmp/access.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mcast::igmp {

// Whether snooping switches are told that a router is here (RFC 4286): always; where another router
// asks hosts, which is how they know us else; or never.
enum class RouterDiscovery : std::uint8_t { always, automatic, never };

struct InterfaceConfig {
    std::uint8_t version = 3;                                      // 1, 2 or 3
    std::uint8_t robustness = 2;                                   // 1..7
    Duration query_interval = std::chrono::seconds{125};           // 1 s..31744 s
    Duration query_response_interval = std::chrono::seconds{10};   // below query_interval
    Duration last_member_query_interval = std::chrono::seconds{1}; // 0.1 s..3174.4 s; v2: 25.5 s
    std::optional<std::uint8_t> last_member_query_count{};         // default: robustness
    std::optional<Duration> startup_query_interval{};              // default: query_interval / 4
    std::optional<std::uint8_t> startup_query_count{};             // default: robustness
    bool require_router_alert = false;
    bool verify_source_subnet = true; // reports; queries are always verified
    bool ignore_v1 = false;
    bool ignore_v2 = false;
    bool immediate_leave = false;
    std::uint32_t max_groups = 4096; // on this interface
    std::uint32_t max_sources = 512; // per group
    // Send and expect the lowest version that a querier of the link speaks (IGMP-36).
    bool follow_older_querier = true;
    // False on links for SSM alone: versions 1 and 2 are neither followed nor heard (IGMP-37).
    bool compatibility = true;
    // Let any router's specific query lower timers, not only the querier's (IGMP-165).
    bool trust_any_query = false;
    bool rfc3376_timers = false;   // a membership lives one response interval less (IGMP-40)
    bool rfc3376_election = false; // specific queries elect too (IGMP-20)
    // Events a second, 0 for no limit. Specific queries beyond it wait, none is left out
    // (IGMP-100).
    std::uint32_t query_rate = 500;
    // Records that make new groups or sources, on this interface and from one host of it; more are
    // refused. What is known already is refreshed at any rate.
    std::uint32_t new_state_rate = 2000;
    std::uint32_t new_state_rate_per_host = 1000;
    // Warn when groups reach this share of max_groups, and when they fall well below; 0: never.
    std::uint8_t group_warning_percent = 80;
    AccessList access{};
    // Remember which host wants what: then a leave is asked about only when nobody else is known to
    // want it, and immediate_leave acts only when nobody else can.
    bool host_tracking = false;
    std::uint32_t max_hosts = 4096; // of this interface; groups with more fall back to untracked
    std::optional<std::uint32_t> max_groups_per_host{}; // needs host_tracking
    bool passive = false;        // never ask; hear hosts and other routers all the same. But see:
    bool passive_receive = true; // hear them
    bool passive_general_queries = false;      // ask generally, and so stand for election
    bool passive_group_queries = false;        // ask who stays when somebody leaves
    bool strict_destination = false;           // general queries count only when sent to 224.0.0.1
    std::vector<Ipv4Prefix> queriers{};        // routers whose queries are heard; empty: all
    std::optional<Duration> querier_timeout{}; // default: as RFC 9776 section 8.5 derives it
    // Lightweight IGMPv3 (RFC 5790): what hosts exclude is not remembered, so that they get it too.
    bool lite_exclude_filter = false;
    // A querier's interval below this counts as this: a forged query could let memberships expire
    // between two of the real ones. Never above our own interval; up to 10 min.
    Duration adopted_interval_floor = std::chrono::seconds{10};
    RouterDiscovery router_discovery = RouterDiscovery::automatic;
    Duration advertisement_interval = std::chrono::seconds{20}; // 4 s..180 s, whole seconds

    bool operator==(InterfaceConfig const&) const = default;
};

// "Who asks for these groups without naming a source gets these" (RFC 8652 `ssm-map`).
struct SsmMapping {
    Ipv4Prefix groups{};
    std::vector<Ipv4> sources{};

    bool operator==(SsmMapping const&) const = default;
};

// Global to the engine.
struct Config {
    std::vector<Ipv4Prefix> ssm_ranges{{Ipv4::of(232, 0, 0, 0), 8}};
    // For hosts of versions 1 and 2 in the ranges; the sources of all that fit. None: not heard.
    std::vector<SsmMapping> ssm_map{};
    std::uint32_t max_entries = 65536; // groups plus sources over all interfaces
    std::uint32_t max_megabytes = 64;  // of memory for all that hosts can make us remember
    // Warn when either reaches this share, and when it falls well below; 0: never.
    std::uint8_t warning_percent = 80;

    bool operator==(Config const&) const = default;
};

// The first rule that a configuration breaks, as a sentence with the bound it misses; nullopt when
// it is consistent. `member` names the offending member ("query_response_interval").
struct ConfigFault {
    std::string member;
    std::string sentence;
};
std::optional<ConfigFault> check(InterfaceConfig const& config);

} // namespace mcast::igmp
