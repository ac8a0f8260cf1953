#include "mcast/platform/clock.h"

#include <ctime>

#include <rte_cycles.h>

namespace mcast::platform {

TimePoint now() {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return TimePoint{std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec}};
}

std::uint64_t cycles() {
    return rte_get_tsc_cycles();
}

std::uint64_t cycles_per_second() {
    return rte_get_tsc_hz();
}

} // namespace mcast::platform
