#include "mcast/igmp/config.h"

#include <array>

namespace mcast::igmp {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration k_longest_query_interval = seconds{31744};
constexpr Duration k_shortest_response = milliseconds{100};
constexpr Duration k_longest_response = milliseconds{3174400};
// Version 2 says tenths of a second in one plain byte.
constexpr Duration k_longest_v2_response = milliseconds{25500};
// Version 1 does not say it, and hosts know it.
constexpr Duration k_version1_response = seconds{10};

struct Rule {
    char const* member;
    char const* sentence;
    bool (*holds)(InterfaceConfig const&);
};

constexpr bool within(Duration value, Duration least, Duration most) {
    return value >= least && value <= most;
}

constexpr std::array k_rules = {
    Rule{"version", "version must be 1, 2 or 3",
         [](InterfaceConfig const& c) { return c.version >= 1 && c.version <= 3; }},
    // Hosts speak what the querier speaks: nobody would be heard.
    Rule{"ignore_v1", "ignore_v1 cannot be in version 1, in which hosts know no other report",
         [](InterfaceConfig const& c) { return c.version != 1 || !c.ignore_v1; }},
    Rule{"ignore_v2", "ignore_v2 cannot be in version 2, in which hosts know no other report",
         [](InterfaceConfig const& c) { return c.version != 2 || !c.ignore_v2; }},
    Rule{"compatibility", "compatibility can be false in version 3 only",
         [](InterfaceConfig const& c) { return c.version == 3 || c.compatibility; }},
    Rule{"robustness", "robustness must be 1 to 7",
         [](InterfaceConfig const& c) { return c.robustness >= 1 && c.robustness <= 7; }},
    Rule{"query_interval", "query_interval must be 1 s to 31744 s",
         [](InterfaceConfig const& c) {
             return within(c.query_interval, seconds{1}, k_longest_query_interval);
         }},
    Rule{"query_response_interval", "query_response_interval must be 0.1 s to 3174.4 s",
         [](InterfaceConfig const& c) {
             return within(c.query_response_interval, k_shortest_response, k_longest_response);
         }},
    Rule{"query_response_interval", "query_response_interval must be shorter than query_interval",
         [](InterfaceConfig const& c) { return c.query_response_interval < c.query_interval; }},
    Rule{"query_interval",
         "query_interval must be longer than 10 s in version 1, in which hosts take as long to "
         "answer",
         [](InterfaceConfig const& c) {
             return c.version != 1 || c.query_interval > k_version1_response;
         }},
    Rule{"query_response_interval", "query_response_interval must be at most 25.5 s in version 2",
         [](InterfaceConfig const& c) {
             return c.version != 2 || c.query_response_interval <= k_longest_v2_response;
         }},
    Rule{"last_member_query_interval", "last_member_query_interval must be 0.1 s to 3174.4 s",
         [](InterfaceConfig const& c) {
             return within(c.last_member_query_interval, k_shortest_response, k_longest_response);
         }},
    Rule{"last_member_query_interval",
         "last_member_query_interval must be at most 25.5 s in version 2",
         [](InterfaceConfig const& c) {
             return c.version != 2 || c.last_member_query_interval <= k_longest_v2_response;
         }},
    Rule{"last_member_query_count", "last_member_query_count must be at least 1",
         [](InterfaceConfig const& c) { return c.last_member_query_count.value_or(1) >= 1; }},
    Rule{"startup_query_interval", "startup_query_interval must be 0.1 s to 31744 s",
         [](InterfaceConfig const& c) {
             return within(c.startup_query_interval.value_or(seconds{1}), k_shortest_response,
                           k_longest_query_interval);
         }},
    Rule{"startup_query_count", "startup_query_count must be at least 1",
         [](InterfaceConfig const& c) { return c.startup_query_count.value_or(1) >= 1; }},
    Rule{"max_groups", "max_groups must be at least 1",
         [](InterfaceConfig const& c) { return c.max_groups >= 1; }},
    Rule{"max_sources", "max_sources must be at least 1",
         [](InterfaceConfig const& c) { return c.max_sources >= 1; }},
    Rule{"new_state_rate_per_host", "new_state_rate_per_host must not exceed new_state_rate",
         [](InterfaceConfig const& c) {
             return c.new_state_rate == 0 || c.new_state_rate_per_host <= c.new_state_rate;
         }},
    Rule{"querier_timeout", "querier_timeout must be longer than query_interval, and at most 24 h",
         [](InterfaceConfig const& c) {
             return !c.querier_timeout || (*c.querier_timeout > c.query_interval &&
                                           *c.querier_timeout <= std::chrono::hours{24});
         }},
    Rule{"advertisement_interval", "advertisement_interval must be 4 s to 180 s, in whole seconds",
         [](InterfaceConfig const& c) {
             return within(c.advertisement_interval, seconds{4}, seconds{180}) &&
                    c.advertisement_interval % seconds{1} == Duration{};
         }},
    Rule{"passive_receive", "passive_receive counts only where passive is true",
         [](InterfaceConfig const& c) { return c.passive || c.passive_receive; }},
    Rule{"passive_general_queries", "passive_general_queries counts only where passive is true",
         [](InterfaceConfig const& c) { return c.passive || !c.passive_general_queries; }},
    Rule{"passive_group_queries", "passive_group_queries counts only where passive is true",
         [](InterfaceConfig const& c) { return c.passive || !c.passive_group_queries; }},
    Rule{"adopted_interval_floor", "adopted_interval_floor must be 1 s to 10 min",
         [](InterfaceConfig const& c) {
             return within(c.adopted_interval_floor, seconds{1}, std::chrono::minutes{10});
         }},
    Rule{"max_hosts", "max_hosts must be at least 1",
         [](InterfaceConfig const& c) { return c.max_hosts >= 1; }},
    Rule{"max_groups_per_host", "max_groups_per_host must be at least 1",
         [](InterfaceConfig const& c) { return c.max_groups_per_host.value_or(1) >= 1; }},
    Rule{"max_groups_per_host", "max_groups_per_host counts only where host_tracking is true",
         [](InterfaceConfig const& c) { return c.host_tracking || !c.max_groups_per_host; }},
    Rule{"group_warning_percent", "group_warning_percent must be 0 to 100",
         [](InterfaceConfig const& c) { return c.group_warning_percent <= 100; }},
};

} // namespace

std::optional<ConfigFault> check(InterfaceConfig const& config) {
    for (Rule const& rule : k_rules) {
        if (!rule.holds(config)) {
            return ConfigFault{.member = rule.member, .sentence = rule.sentence};
        }
    }
    return std::nullopt;
}

} // namespace mcast::igmp
