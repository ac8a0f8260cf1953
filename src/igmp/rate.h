// Limits of rate that tell the hosts of a link apart. Values.
#pragma once

#include "mcast/base/ipv4.h"
#include "mcast/base/rate.h"
#include "mcast/base/time.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace mcast::igmp {

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
