// What the engine knows, copied for those who show it. Values; times are deadlines on the engine's
// clock.
#pragma once

#include "mcast/base/ids.h"
#include "mcast/base/ipv4.h"
#include "mcast/base/time.h"
#include "mcast/igmp/config.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace mcast::igmp {

enum class FilterMode : std::uint8_t { include, exclude };

struct SourceView {
    Ipv4 source{};
    std::optional<TimePoint> expires{}; // nullopt: timer at zero, the source is excluded
    TimePoint created{};
    Ipv4 last_reporter{}; // of this source
    std::uint8_t queries_left = 0;
};

// A host that explicit tracking knows as a member of a group.
struct MemberView {
    Ipv4 host{};
    FilterMode mode = FilterMode::include;
    TimePoint expires{};
    std::vector<Ipv4> sources{}; // wanted ones, or in exclude mode unwanted ones; sorted
};

struct GroupView {
    Ipv4 group{};
    FilterMode mode = FilterMode::include;
    std::optional<TimePoint> expires{}; // the group timer: in exclude mode only
    std::uint8_t compatibility = 3;     // version of the oldest host heard lately
    std::optional<TimePoint> v1_host_until{};
    std::optional<TimePoint> v2_host_until{};
    TimePoint created{};
    Ipv4 last_reporter{};
    bool checking = false; // a last-member check runs
    std::uint8_t queries_left = 0;
    std::optional<TimePoint> next_query{}; // specific one, of the group or of a source
    std::vector<SourceView> sources{};
};

struct InterfaceView {
    InterfaceConfig config{};
    Ipv4Prefix address{};
    bool enabled = false;      // link up and an address
    TimePoint enabled_since{}; // while it is
    bool querier = false;      // our role
    Ipv4 querier_address{};
    std::uint8_t querier_version = 0; // of its last general query; ours when we are querier
    TimePoint querier_since{};
    std::optional<TimePoint> querier_expires{};    // as non-querier
    std::optional<TimePoint> next_general_query{}; // as querier
    std::uint8_t startup_queries_left = 0;
    bool advertising = false; // as a multicast router, to snooping switches
    std::optional<TimePoint> next_advertisement{};
    // Until then we speak no later version, having heard an older querier (RFC 9776 section 7.3.1).
    std::optional<TimePoint> v1_querier_until{};
    std::optional<TimePoint> v2_querier_until{};
    // In force now: adopted from the querier, or our own.
    std::uint8_t version = 3;
    std::uint8_t robustness = 2;
    std::uint8_t startup_query_count = 2;
    std::uint8_t last_member_query_count = 2;
    Duration query_interval{};
    Duration query_response_interval{};
    Duration startup_query_interval{};
    Duration last_member_query_interval{};
    Duration last_member_query_time{};
    Duration group_membership_interval{};
    Duration other_querier_present_interval{};
    Duration older_host_present_interval{};
    std::size_t hosts = 0; // tracked
    std::size_t groups = 0;
    std::size_t sources = 0;
};

} // namespace mcast::igmp
