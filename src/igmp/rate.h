// Limits of rate, on a time that is passed in: a bucket that is full at the start, and as many of
// them as tell the hosts of a link apart. Values.
#pragma once

#include "mcast/base/ipv4.h"
#include "mcast/base/time.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace mcast::igmp {

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

// A fixed number of buckets, by the low bits of the address: hosts of a subnet up to /22 have one
// each, those of a larger one share, and no flood of addresses takes memory.
class HostBuckets {
public:
    explicit HostBuckets(Rate rate) : rate_(rate), full_(k_buckets) {}

    bool ready(Ipv4 host, TimePoint now) const { return rate_.ready(full_[at(host)], now); }
    void spend(Ipv4 host, TimePoint now) { full_[at(host)] = rate_.spend(full_[at(host)], 1, now); }

private:
    static constexpr std::size_t k_buckets = 1024;
    static std::size_t at(Ipv4 host) { return host.value % k_buckets; }

    Rate rate_;
    std::vector<TimePoint> full_;
};

} // namespace mcast::igmp
