#include "mcast/control/counters.h"

#include <numeric>

namespace mcast::control {

std::string_view name_of(Fate fate) {
    static constexpr std::array<std::string_view, k_fates> k_names{
        "igmp_handled",      "join_handled",     "proxy_handled",
        "dvmrp_handled",     "arp_answered",     "arp_learned",
        "echo_answered",     "miss_reinjected",  "miss_negative",
        "miss_no_entry",     "miss_malformed",   "unknown_interface",
        "short_frame",       "not_ipv4",         "bad_version",
        "bad_header_length", "bad_total_length", "bad_header_checksum",
        "arp_malformed",     "arp_not_for_us",   "arp_off_subnet",
        "arp_conflict",      "neighbours_full",  "icmp_malformed",
        "icmp_unsupported",  "echo_policed",     "echo_bad_source",
        "igmp_fragment",     "bad_ttl",          "igmp_not_enabled",
        "dvmrp_not_running", "not_our_address",  "host_unsupported",
        "inject_full"};
    static_assert(!k_names.back().empty(), "every fate has its name");
    return k_names[static_cast<std::size_t>(fate)];
}

std::string_view name_of(Deed deed) {
    static constexpr std::array<std::string_view, k_deeds> k_names{
        "igmp_queries_sent",   "igmp_queries_unsent", "discovery_sent",      "discovery_unsent",
        "join_reports_sent",   "join_reports_unsent", "proxy_reports_sent",  "proxy_reports_unsent",
        "dvmrp_sent",          "dvmrp_unsent",        "dvmrp_unresolved",    "arp_requests_sent",
        "arp_requests_unsent", "neighbours_given_up", "memberships_refused", "interfaces_published",
        "alerts_unreadable"};
    static_assert(!k_names.back().empty(), "every deed has its name");
    return k_names[static_cast<std::size_t>(deed)];
}

void Counters::add(Fate fate, IfIndex interface) {
    add(fate);
    if (interface.index() < k_max_interfaces) {
        ++interfaces_[interface.index()].fates[static_cast<std::size_t>(fate)];
    }
}

void Counters::add(Deed deed, IfIndex interface) {
    add(deed);
    if (interface.index() < k_max_interfaces) {
        ++interfaces_[interface.index()].deeds[static_cast<std::size_t>(deed)];
    }
}

std::uint64_t Counters::judged() const {
    return std::accumulate(fates_.begin(), fates_.end(), std::uint64_t{0});
}

} // namespace mcast::control
