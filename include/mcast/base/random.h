// A small seeded generator (SplitMix64): the same seed gives the same run. Not for secrets.
// Production seeds it from the system once; tests print the seed they use. One owner, one thread.
#pragma once

#include "mcast/base/time.h"

#include <cstdint>
#include <limits>

namespace mcast {

class Random {
public:
    using result_type = std::uint64_t;

    explicit constexpr Random(std::uint64_t seed) : state_(seed) {}

    static constexpr result_type min() { return 0; }
    static constexpr result_type max() { return std::numeric_limits<result_type>::max(); }

    constexpr result_type operator()() {
        state_ += 0x9e3779b97f4a7c15ULL;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
        return z ^ (z >> 31);
    }

    // Uniform enough in [0, bound); 0 when bound is 0.
    constexpr std::uint64_t below(std::uint64_t bound) {
        return bound == 0 ? 0 : (*this)() % bound;
    }

    // In (0, longest]: the random delays of IGMP and DVMRP exclude zero.
    constexpr Duration delay_up_to(Duration longest) {
        return Duration{
            static_cast<std::int64_t>(below(static_cast<std::uint64_t>(longest.count()))) + 1};
    }

private:
    std::uint64_t state_;
};

} // namespace mcast
