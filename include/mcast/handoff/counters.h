// Counters that one worker writes and the control core reads, and the names of every refusal.
//
// A Counter has exactly one writer; it is a relaxed atomic only so that a concurrent read is a
// defined value (no torn 64-bit load, no data race). There is no read-modify-write on the hot path.
//
// Accounting identity, exact whenever the workers are quiet:
//   received + reinjected = forwarded + sum(drops) + sum(punted)
//   copies + fragments    = frames_sent + sum(copy drops)
// where `copies` is the sum of fan-outs, and `fragments` counts the frames that fragmentation made
// out of copies beyond one each. A packet on the wrong interface is a drop, and no more than that,
// also where its head goes up to control as an alert: alerts have counters of their own.
#pragma once

#include "mcast/base/ids.h"

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mcast::handoff {

class Counter {
public:
    // Writer only.
    void add(std::uint64_t n) {
        value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
    }
    // Any thread.
    std::uint64_t read() const { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> value_{0};
};

// Why a received packet went no further. Each packet that is not forwarded or punted is counted
// under exactly one of these. Rule numbers (F1..F20) are those of the edge rules for IPv4
// multicast.
enum class Drop : std::uint8_t {
    none, // not a drop: "forward" where a verdict is stored
    // frame
    short_frame,    // shorter than its headers claim
    unknown_vlan,   // no interface is configured for this port and tag
    interface_down, // the arrival interface is disabled or its link is down
    not_ipv4,       // neither IPv4 nor ARP
    not_for_us,     // unicast frame or packet to somebody else; we route no unicast
    // F1: IPv4 header
    bad_version,
    bad_header_length,
    bad_total_length,
    bad_header_checksum,
    // F3..F7
    link_local_group, // 224.0.0.0/24 never crosses a router
    reserved_group,   // 224.0.0.0 itself, 240/4
    martian_source,   // 0/8, 127/8, 169.254/16, class D, E, broadcast, directed broadcast
    own_source,       // one of our own addresses, from outside
    unicast_mac,      // group destination inside a frame to somebody else's unicast MAC
    source_routed,    // LSRR or SSRR option
    // tunnels: IPv4 packets inside others
    tunnel_unknown,       // no tunnel of this interface is between these two addresses
    tunnel_fragment,      // the outer packet is a fragment
    tunnel_nested,        // what came out of a tunnel carries a further packet
    tunnel_not_multicast, // what came out of a tunnel is for one of our addresses, and not DVMRP
    tunnel_no_buffer,     // no buffer of its own for what came out
    // F8..F12
    boundary_in,     // scope boundary on the arrival interface
    wrong_interface, // F9: not the interface on which this flow is expected
    ttl_expired,     // F10: TTL 0 or 1 on arrival
    ttl_threshold,   // F11: below the threshold of every output
    no_output,       // every output is down or closed
    // negative entries: control decided that the flow goes nowhere
    no_route,        // no route back to the source
    no_owner,        // no protocol runs on the interface toward the source
    no_member,       // nobody wants it
    boundary_out,    // members exist, but only behind scope boundaries
    vetoed,          // members exist, but their protocols refuse this source
    ssm_unrequested, // SSM range and nobody asked for this source
    entry_limit,     // the table of entries is full
    // punting
    miss_policed, // rate limit for unknown flows on this port
    miss_full,    // queue of misses full
    igmp_policed, // reports and leaves
    igmp_full,
    query_policed, // IGMP queries of other routers
    query_full,
    dvmrp_not_running, // and so nobody to hand it to
    dvmrp_policed,
    dvmrp_full,
    host_policed, // ARP, ICMP and other packets for our own addresses
    host_full,
    punt_too_long, // longer than a punt slot
    reinject_miss, // parked packet came back but its entry is gone again
    count_
};
inline constexpr std::size_t k_drop_reasons = static_cast<std::size_t>(Drop::count_);
// The word shown to people and in JSON, e.g. "ttl_expired".
std::string_view name_of(Drop reason);
// One sentence: what it means and what to do about it.
std::string_view explain(Drop reason);

// Why one copy of a forwarded packet did not leave.
enum class CopyDrop : std::uint8_t {
    dont_fragment,   // F16: larger than the output's MTU and DF set
    no_buffer,       // pool of private headers or fragments empty
    tx_full,         // the port's transmit queue took no more
    fragment_failed, // cannot be fragmented (bad options, too many fragments)
    too_long,        // the port cannot transmit such a frame
    no_next_hop,     // nobody has answered for the way to the tunnel's other end
    count_
};
inline constexpr std::size_t k_copy_drop_reasons = static_cast<std::size_t>(CopyDrop::count_);
std::string_view name_of(CopyDrop reason);
std::string_view explain(CopyDrop reason);

// Separate bounded queues, so that a flood of one class cannot starve another. IGMP has two: what
// other queriers ask decides who may speak on a link, and must not wait behind hosts.
enum class PuntClass : std::uint8_t { dvmrp, igmp, miss, host, query, count_ };
inline constexpr std::size_t k_punt_classes = static_cast<std::size_t>(PuntClass::count_);
std::string_view name_of(PuntClass punt_class);
std::string_view explain(PuntClass punt_class);

// Written by: its worker. Read by: control. One per worker and interface (or port, see below).
struct alignas(64) InterfaceCounters {
    Counter received; // packets, and their bytes as on the wire without FCS
    Counter received_bytes;
    Counter reinjected; // parked first packets that control sent back to be forwarded
    Counter forwarded;  // inputs that were replicated to at least one output
    std::array<Counter, k_punt_classes> punted;
    std::array<Counter, k_drop_reasons> drops;

    // as an output
    Counter copies;      // planned copies out of this interface (sum of fan-outs)
    Counter fragments;   // extra frames made by fragmentation
    Counter frames_sent; // multicast frames that the port took
    Counter bytes_sent;  // bytes of those
    Counter threshold;   // copies not planned because of the TTL threshold
    Counter link_down;   // copies not planned because the output is down
    std::array<Counter, k_copy_drop_reasons> copy_drops;
    Counter injected;       // control's own packets (queries, ARP ...) sent
    Counter inject_dropped; // control's own packets that could not be sent

    // heads of packets that were dropped as wrong_interface here, for the interface's owner
    Counter alerts;         // handed up
    Counter alerts_policed; // not handed up: faster than the limit for them allows
    Counter alerts_full;    // not handed up: their queue was full
};

// Bursts of 1, 2-3, 4-7, 8-15, 16-31 and 32 packets: a worker that gets full ones is behind, one
// that gets single ones has time to spare.
inline constexpr std::size_t k_burst_sizes = 6;
inline constexpr std::array<std::string_view, k_burst_sizes> k_burst_names{"1",    "2-3",   "4-7",
                                                                           "8-15", "16-31", "32"};
constexpr std::size_t burst_size(std::uint16_t packets) {
    return static_cast<std::size_t>(std::bit_width(packets)) - 1;
}
static_assert(burst_size(1) == 0 && burst_size(31) == 4 && burst_size(32) == 5);

// Written by: its worker. Read by: control.
struct WorkerCounters {
    std::array<InterfaceCounters, k_max_interfaces> interfaces;
    std::array<InterfaceCounters, k_max_ports> ports; // frames that belong to no interface
    Counter turns;                                    // poll turns; the heartbeat
    Counter busy_turns;                               // turns that found work
    Counter busy_cycles;                              // TSC cycles spent in busy turns
    Counter idle_cycles;                              // in the others, and asleep
    Counter sleeps;                                   // how often it slept
    std::array<Counter, k_burst_sizes> bursts;        // received, by their size
};

} // namespace mcast::handoff
