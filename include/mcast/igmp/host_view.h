// What the host side knows and counts, copied for those who show it. Values; times are deadlines on
// the host's clock.
#pragma once

#include "mcast/base/ipv4.h"
#include "mcast/base/time.h"
#include "mcast/igmp/counters.h"
#include "mcast/igmp/engine.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace mcast::igmp {

struct HostView {
    std::uint8_t version = 3; // in which we speak now
    bool enabled = false;     // link up and an address
    Ipv4Prefix address{};
    Ipv4 querier{}; // who sent the last general query; 0.0.0.0: nobody yet
    std::uint8_t querier_version = 0;
    TimePoint querier_heard{};
    // While they run, an older querier is taken to be present (RFC 9776 section 7.2.1).
    std::optional<TimePoint> v1_querier_until{};
    std::optional<TimePoint> v2_querier_until{};
    std::optional<TimePoint> next_answer{};         // to a general query; version 3
    std::optional<TimePoint> next_retransmission{}; // of changes; version 3
    std::size_t groups = 0;                         // wanted
    std::size_t pending = 0;                        // groups with changes to report again
};

struct HostSourceView {
    Ipv4 source{};
    std::uint8_t reports_left = 0;
};

struct HostGroupView {
    Ipv4 group{};
    Wish wish{};                           // empty: only its end is still to be reported
    std::uint8_t mode_reports_left = 0;    // of a change of the filter mode
    std::vector<HostSourceView> sources{}; // whose change is to be reported again
    std::optional<TimePoint> answer{};     // to a query for this group, or the next report
    bool last_reporter = false;            // versions 1 and 2
};

// Every message heard is counted in `heard` (its totals and refusals; see counters.h).
struct HostCounters {
    Counters heard{};
    std::uint64_t sent_reports_v1 = 0;
    std::uint64_t sent_reports_v2 = 0;
    std::uint64_t sent_reports_v3 = 0;
    std::uint64_t sent_records = 0; // in those of version 3
    std::uint64_t sent_leaves = 0;
    std::uint64_t suppressed = 0;      // reports that somebody else's made unnecessary
    std::uint64_t truncated_lists = 0; // excluded sources beyond what one report holds
    std::uint64_t widened_answers = 0; // queries for more sources than are noted for one answer
    std::uint64_t merged_queries = 0;  // answered by an answer that was due already
    std::uint64_t withheld_channels =
        0; // source-specific groups: no older version can ask for them
    std::uint64_t version_changes = 0;
};

struct HostCounterName {
    std::string_view name;
    std::uint64_t HostCounters::* member;
};

inline constexpr std::array k_host_counters = {
    HostCounterName{"sent-reports-v1", &HostCounters::sent_reports_v1},
    HostCounterName{"sent-reports-v2", &HostCounters::sent_reports_v2},
    HostCounterName{"sent-reports-v3", &HostCounters::sent_reports_v3},
    HostCounterName{"sent-records", &HostCounters::sent_records},
    HostCounterName{"sent-leaves", &HostCounters::sent_leaves},
    HostCounterName{"suppressed", &HostCounters::suppressed},
    HostCounterName{"truncated-lists", &HostCounters::truncated_lists},
    HostCounterName{"widened-answers", &HostCounters::widened_answers},
    HostCounterName{"merged-queries", &HostCounters::merged_queries},
    HostCounterName{"withheld-channels", &HostCounters::withheld_channels},
    HostCounterName{"version-changes", &HostCounters::version_changes},
};

static_assert(sizeof(HostCounters) ==
                  sizeof(Counters) + k_host_counters.size() * sizeof(std::uint64_t),
              "every counter has its name");

} // namespace mcast::igmp
