// What control counts. Each punted frame ends in exactly one of the fates below, those that were
// accepted too; so the sum of all fates is the sum of all punts. What control does on its own
// account is counted apart. Both are known for each interface, too. Control thread only: plain
// numbers.
#pragma once

#include "mcast/base/ids.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mcast::control {

enum class Fate : std::uint8_t {
    // accepted
    igmp_handled,    // given to the querier, whose own counters split this number exactly
    join_handled,    // given to the host side of joined groups, and to no querier
    proxy_handled,   // given to the proxy's host side, upstream
    dvmrp_handled,   // given to DVMRP, whose own counters split this number exactly
    arp_answered,    // a request for one of our addresses
    arp_learned,     // taught us a neighbour, or confirmed one
    echo_answered,   // ping
    miss_reinjected, // first packet of a flow: sent back to be forwarded
    // refused: unknown flows
    miss_negative,  // the flow goes nowhere; its entry says why
    miss_no_entry,  // no entry could be made: the limit of entries
    miss_malformed, // not an IPv4 packet to a group
    // refused: frames that say nothing to anybody here
    unknown_interface, // came from no interface that we have
    short_frame,
    not_ipv4, // neither IPv4 nor ARP
    bad_version,
    bad_header_length,
    bad_total_length,
    bad_header_checksum,
    // refused: ARP and ICMP
    arp_malformed,
    arp_not_for_us, // a conversation of others, from a neighbour that we do not keep
    arp_off_subnet, // a sender that does not belong to the link
    arp_conflict,   // somebody else uses our address
    neighbours_full,
    icmp_malformed,
    icmp_unsupported, // ICMP other than echo request
    echo_policed,     // more pings than we answer
    echo_bad_source,  // no answer could be sent to such an address
    // refused: IGMP
    igmp_fragment,
    bad_ttl, // IGMP from further away than the link
    igmp_not_enabled,
    dvmrp_not_running,
    // refused: the rest
    not_our_address,  // unicast to somebody else
    host_unsupported, // any other protocol for our own addresses or for 224.0.0.0/24
    inject_full,      // understood, but no slot for the answer
    count_
};
inline constexpr std::size_t k_fates = static_cast<std::size_t>(Fate::count_);
std::string_view name_of(Fate fate);

enum class Deed : std::uint8_t {
    igmp_queries_sent,
    igmp_queries_unsent, // no slot in the queue to the worker
    discovery_sent,      // advertisements and terminations of RFC 4286
    discovery_unsent,
    join_reports_sent, // of the groups that the router joins itself; leaves too
    join_reports_unsent,
    proxy_reports_sent, // upstream; leaves too
    proxy_reports_unsent,
    dvmrp_sent,
    dvmrp_unsent,     // no slot in the queue to the worker
    dvmrp_unresolved, // nobody knows the MAC of the neighbour (yet)
    arp_requests_sent,
    arp_requests_unsent,
    neighbours_given_up,  // did not answer any request
    memberships_refused,  // by the group manager
    interfaces_published, // snapshots
    alerts_unreadable,    // heads of packets on the wrong interface that are none
    count_
};
inline constexpr std::size_t k_deeds = static_cast<std::size_t>(Deed::count_);
std::string_view name_of(Deed deed);

class Counters {
public:
    void add(Fate fate) { ++fates_[static_cast<std::size_t>(fate)]; }
    void add(Deed deed) { ++deeds_[static_cast<std::size_t>(deed)]; }
    // On an interface, and so in all. Of one that does not exist: in all only.
    void add(Fate fate, IfIndex interface);
    void add(Deed deed, IfIndex interface);
    std::uint64_t of(Fate fate) const { return fates_[static_cast<std::size_t>(fate)]; }
    std::uint64_t of(Deed deed) const { return deeds_[static_cast<std::size_t>(deed)]; }
    // Precondition: interface.index() < k_max_interfaces.
    std::uint64_t of(Fate fate, IfIndex interface) const {
        return interfaces_[interface.index()].fates[static_cast<std::size_t>(fate)];
    }
    std::uint64_t of(Deed deed, IfIndex interface) const {
        return interfaces_[interface.index()].deeds[static_cast<std::size_t>(deed)];
    }
    // Punted frames judged so far.
    std::uint64_t judged() const;

private:
    struct OfInterface {
        std::array<std::uint64_t, k_fates> fates{};
        std::array<std::uint64_t, k_deeds> deeds{};
    };

    std::array<std::uint64_t, k_fates> fates_{};
    std::array<std::uint64_t, k_deeds> deeds_{};
    std::array<OfInterface, k_max_interfaces> interfaces_{};
};

} // namespace mcast::control
