// Time as the core counts it: nanoseconds on a monotonic clock that is always passed in.
//
// There is no now() here on purpose: production reads the clock once a turn (platform/clock.h), a
// test passes a variable. 64 bits of nanoseconds last 292 years, so nothing wraps.
#pragma once

#include <chrono>
#include <cstdint>

namespace mcast {

using Duration = std::chrono::nanoseconds;

struct MonotonicEpoch {
    using duration = Duration;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<MonotonicEpoch, Duration>;
    static constexpr bool is_steady = true;
};
using TimePoint = MonotonicEpoch::time_point;

} // namespace mcast
