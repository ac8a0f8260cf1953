#include "pace.h"

#include <algorithm>

namespace mcast::gen {

std::expected<void, std::string> apply(Pace const& pace, Scenario& scenario) {
    constexpr std::uint64_t k_second = std::chrono::nanoseconds{std::chrono::seconds{1}}.count();
    if (pace.count && pace.duration) {
        return std::unexpected("--count and --duration exclude each other");
    }
    if (pace.rate == 0 || (pace.rate && *pace.rate > k_second)) {
        return std::unexpected("--rate wants 1 to 1000000000 datagrams a second");
    }
    if (pace.count == 0 || (pace.duration && *pace.duration <= Duration::zero())) {
        return std::unexpected("--count and --duration want more than nothing");
    }
    for (Flow& flow : scenario.flows) {
        if (pace.rate) {
            flow.interval = Duration{k_second / *pace.rate};
        }
        if (pace.count) {
            flow.count = *pace.count;
        } else if (pace.duration) {
            // What is sent before that time is over; the first one at once.
            Duration const interval = std::max(flow.interval, Duration{1});
            flow.count = static_cast<std::uint64_t>((*pace.duration - Duration{1}) / interval) + 1;
        }
    }
    return {};
}

} // namespace mcast::gen
