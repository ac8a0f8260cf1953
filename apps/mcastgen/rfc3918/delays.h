// Delays in bounded memory: least, most and mean to the nanosecond, quantiles to 2 %. One thread.
#pragma once

#include "mcast/base/time.h"

#include <cstdint>
#include <vector>

namespace mcast::gen::rfc3918 {

class Delays {
public:
    // Below zero counts as zero.
    void add(Duration delay);
    void add(Delays const& others);

    std::uint64_t count() const { return count_; }
    Duration least() const { return least_; }
    Duration most() const { return most_; }
    Duration mean() const;
    // `share` of all are at most so long: 0.99. Zero without any.
    Duration quantile(double share) const;

private:
    std::vector<std::uint64_t> buckets_; // as many as were needed
    std::uint64_t count_ = 0;
    Duration least_{};
    Duration most_{};
    double sum_ = 0;
};

} // namespace mcast::gen::rfc3918
