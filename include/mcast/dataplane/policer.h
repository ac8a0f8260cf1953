// A token bucket without tokens: it remembers when the next packet is due and lets a burst run
// ahead of that (the generic cell rate algorithm). Time in any unit, passed in. One worker.
#pragma once

#include <algorithm>
#include <cstdint>

namespace mcast::dataplane {

class Policer {
public:
    Policer() = default; // lets everything pass
    Policer(std::uint32_t packets_per_second, std::uint64_t ticks_per_second) {
        if (packets_per_second != 0) {
            gap_ = std::max<std::uint64_t>(ticks_per_second / packets_per_second, 1);
            ahead_ = gap_ * (std::max(packets_per_second / 4, k_least_burst) - 1);
        }
    }

    // `now` does not go back.
    bool passes(std::uint64_t now) {
        std::uint64_t const due = std::max(due_, now);
        if (due - now > ahead_) {
            return false;
        }
        due_ = due + gap_;
        return true;
    }

private:
    static constexpr std::uint32_t k_least_burst = 8;

    std::uint64_t gap_ = 0;   // between two packets at the allowed rate
    std::uint64_t ahead_ = 0; // how far a burst may run ahead
    std::uint64_t due_ = 0;
};

} // namespace mcast::dataplane
