// A limit of rate, on a time that is passed in: a bucket that is full at the start. A value.
#pragma once

#include "mcast/base/time.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace mcast {

// How fast a bucket fills and how much it holds. A rate of 0 is no limit.
class Rate {
public:
    constexpr Rate(std::uint32_t per_second, std::uint32_t burst)
        : pause_(per_second == 0 ? Duration{} : Duration{std::chrono::seconds{1}} / per_second),
          depth_(pause_ * std::max<std::uint32_t>(burst, 1)) {}

    // Whether the bucket that will be full at `full` holds at least one token now.
    constexpr bool ready(TimePoint full, TimePoint now) const {
        return full - now + pause_ <= depth_ || full <= now;
    }
    // The bucket may be overdrawn: what belongs together is not torn apart, and waited for later.
    constexpr TimePoint spend(TimePoint full, std::size_t tokens, TimePoint now) const {
        return std::max(full, now) + pause_ * static_cast<std::int64_t>(tokens);
    }

private:
    Duration pause_; // between two tokens
    Duration depth_; // from empty to full
};

class Bucket {
public:
    explicit constexpr Bucket(Rate rate) : rate_(rate) {}

    bool ready(TimePoint now) const { return rate_.ready(full_, now); }
    void spend(std::size_t tokens, TimePoint now) { full_ = rate_.spend(full_, tokens, now); }

private:
    Rate rate_;
    TimePoint full_{}; // when it is
};

} // namespace mcast
