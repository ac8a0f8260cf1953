#include "delays.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace mcast::gen::rfc3918 {
namespace {

// Each power of two is cut into 64: what a bucket holds differs by less than 2 %.
constexpr unsigned k_bits = 6;

std::size_t bucket_of(std::uint64_t value) {
    auto const width = static_cast<unsigned>(std::bit_width(value));
    if (width <= k_bits + 1) {
        return value;
    }
    unsigned const shift = width - k_bits - 1;
    return (std::size_t{shift} << k_bits) + (value >> shift);
}

// The largest value of a bucket.
std::uint64_t top_of(std::size_t bucket) {
    if (bucket < (std::size_t{2} << k_bits)) {
        return bucket;
    }
    std::size_t const shift = (bucket >> k_bits) - 1;
    return (((bucket - (shift << k_bits)) + 1) << shift) - 1;
}

} // namespace

void Delays::add(Duration delay) {
    delay = std::max(delay, Duration::zero());
    auto const bucket = bucket_of(static_cast<std::uint64_t>(delay.count()));
    if (bucket >= buckets_.size()) {
        buckets_.resize(bucket + 1);
    }
    ++buckets_[bucket];
    least_ = count_ == 0 ? delay : std::min(least_, delay);
    most_ = std::max(most_, delay);
    sum_ += static_cast<double>(delay.count());
    ++count_;
}

void Delays::add(Delays const& others) {
    if (others.count_ == 0) {
        return;
    }
    buckets_.resize(std::max(buckets_.size(), others.buckets_.size()));
    for (std::size_t bucket = 0; bucket < others.buckets_.size(); ++bucket) {
        buckets_[bucket] += others.buckets_[bucket];
    }
    least_ = count_ == 0 ? others.least_ : std::min(least_, others.least_);
    most_ = std::max(most_, others.most_);
    sum_ += others.sum_;
    count_ += others.count_;
}

Duration Delays::mean() const {
    return count_ == 0 ? Duration{} : Duration{std::llround(sum_ / static_cast<double>(count_))};
}

Duration Delays::quantile(double share) const {
    auto const wanted = static_cast<std::uint64_t>(std::ceil(static_cast<double>(count_) * share));
    std::uint64_t below = 0;
    for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
        below += buckets_[bucket];
        if (below >= wanted && below != 0) {
            return std::min(most_, Duration{static_cast<std::int64_t>(top_of(bucket))});
        }
    }
    return most_;
}

} // namespace mcast::gen::rfc3918
