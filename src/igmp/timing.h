// The intervals in force on an interface, derived from configured and adopted values: RFC 9776
// section 8. Where hosts or routers were told a rounded value, the rounded value counts. Values.
#pragma once

#include "mcast/base/time.h"
#include "mcast/igmp/config.h"

#include <cstdint>
#include <optional>

namespace mcast::igmp {

// What a non-querier takes over from the querier.
struct Adopted {
    std::optional<std::uint8_t> robustness{};
    std::optional<Duration> query_interval{};
    Duration response{}; // the longest that the querier gives hosts to answer

    bool operator==(Adopted const&) const = default;
};

struct Timing {
    std::uint8_t version = 3; // in which we speak
    std::uint8_t robustness = 2;
    std::uint8_t startup_count = 2;
    std::uint8_t last_member_count = 2;
    std::uint8_t response_code = 0;    // Max Resp Code of general queries
    std::uint8_t last_member_code = 0; // and of specific ones
    Duration query_interval{};
    Duration response{};
    Duration startup_interval{};
    Duration last_member_interval{};
    Duration last_member_time{};
    Duration membership{};    // GMI
    Duration other_querier{}; // OQPI
    Duration older_host{};    // OHPI
};

Timing timing_of(InterfaceConfig const& config, std::uint8_t version, Adopted const& adopted);

// The code that says `time` in a query of this version, rounded down but never to zero, which would
// make a version 1 query of it (IGMP-14).
std::uint8_t code_of(Duration time, std::uint8_t version);
// What hosts make of it; version 1 knows 10 s only.
Duration time_of(std::uint8_t code, std::uint8_t version);

// The next moment of a fixed cadence; one that was missed altogether starts again from `now`.
constexpr TimePoint next_on_cadence(TimePoint scheduled, Duration interval, TimePoint now) {
    TimePoint const next = scheduled + interval;
    return next > now ? next : now + interval;
}

} // namespace mcast::igmp
