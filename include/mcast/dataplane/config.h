// What the dataplane must know beyond its queues: how much it may punt. Plain values.
#pragma once

#include <cstdint>

namespace mcast::dataplane {

// Packets per second and port that may go up to control, by class, and heads of packets on the
// wrong interface (alerts); 0 is unlimited. Bursts of a quarter of a second's worth (at least 8)
// pass.
struct PuntLimits {
    std::uint32_t dvmrp = 1000;
    std::uint32_t igmp = 20000; // reports and leaves
    std::uint32_t query = 1000;
    std::uint32_t miss = 20000;
    std::uint32_t host = 1000;
    std::uint32_t alerts = 100;

    bool operator==(PuntLimits const&) const = default;
};

} // namespace mcast::dataplane
