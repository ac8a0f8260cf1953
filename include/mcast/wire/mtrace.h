// Multicast traceroute as values: draft-ietf-idmr-traceroute-ipm-07. A query goes toward the
// receiver's last-hop router; each router on the way to the source adds a block; the last one sends
// all of it as a response. IGMP types 0x1F and 0x1E.
//
// Any thread; no state. Memory taken is bounded by the bytes given.
#pragma once

#include "mcast/base/ipv4.h"
#include "mcast/wire/cursor.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string_view>
#include <vector>

namespace mcast::wire {

inline constexpr std::uint8_t k_type_mtrace_response = 0x1e;
inline constexpr std::uint8_t k_type_mtrace_request = 0x1f;
inline constexpr std::uint32_t k_trace_count_unknown = 0xffffffff;
inline constexpr std::uint8_t k_trace_routing_dvmrp = 1;
inline constexpr std::uint8_t k_trace_group_state_only = 63; // as mask length

// Any byte can stand here; from 0x80 on it ends the trace.
enum class TraceCode : std::uint8_t {
    no_error = 0,
    wrong_interface = 1,
    prune_sent = 2,
    pruned = 3,
    scoped = 4,
    no_route = 5,
    wrong_last_hop = 6,
    not_forwarding = 7,
    reached_rp = 8,
    rpf_interface = 9,
    no_multicast = 10,
    hidden = 11,
    no_space = 0x81,
    old_router = 0x82,
    prohibited = 0x83,
};
std::string_view name_of(TraceCode code); // "unknown" for other bytes

// What one router adds.
struct TraceBlock {
    std::uint32_t arrival = 0; // of the query: the middle 32 bits of an NTP time stamp
    Ipv4 incoming{};
    Ipv4 outgoing{};
    Ipv4 previous_hop{};
    std::uint32_t input_packets = k_trace_count_unknown;
    std::uint32_t output_packets = k_trace_count_unknown;
    std::uint32_t flow_packets = k_trace_count_unknown;
    std::uint8_t routing_protocol = k_trace_routing_dvmrp;
    std::uint8_t needed_ttl = 0;
    bool source_counted = false;  // S: flow_packets is of the whole source network
    std::uint8_t mask_length = 0; // 0..63
    TraceCode code = TraceCode::no_error;

    bool operator==(TraceBlock const&) const = default;
};

struct Mtrace {
    bool response = false;
    std::uint8_t hops = 0; // wanted
    Ipv4 group{};
    Ipv4 source{};
    Ipv4 destination{};
    Ipv4 response_address{};
    std::uint8_t response_ttl = 0;
    std::uint32_t query_id = 0; // 24 bits
    std::vector<TraceBlock> blocks{};

    // A query is a request that no router has touched yet.
    bool is_query() const { return !response && blocks.empty(); }
    bool operator==(Mtrace const&) const = default;
};

enum class MtraceError : std::uint8_t {
    too_short, // below 24 bytes
    not_mtrace,
    bad_checksum,
    bad_length, // no whole number of blocks
    count_
};
inline constexpr std::size_t k_mtrace_errors = static_cast<std::size_t>(MtraceError::count_);
std::string_view name_of(MtraceError error);

// By its first byte.
constexpr bool is_mtrace(Bytes payload) {
    return !payload.empty() &&
           (payload[0] == k_type_mtrace_request || payload[0] == k_type_mtrace_response);
}

// `payload`: exactly the IP payload.
std::expected<Mtrace, MtraceError> decode_mtrace(Bytes payload);

// False (and `out` has failed) when it does not fit, or a query ID above 24 bits or a mask length
// above 63 has no form.
bool encode(Mtrace const& trace, Writer& out);

} // namespace mcast::wire
