#include "flow_model.h"

#include <deque>

namespace mcast::stress {

namespace {

FlowKey ordinary(std::uint32_t n) {
    return {Ipv4{0x0a000000 + n}, Ipv4{0xe8000000 + n % 11}};
}

// Keys that share their home in a table of up to 1024 buckets.
std::vector<FlowKey> crowd(std::uint64_t table_seed, std::size_t size) {
    constexpr std::uint32_t k_to_grow = 1500;
    handoff::ManualGrace grace;
    handoff::Table table(k_to_grow, grace, table_seed);
    std::deque<handoff::Entry> entries;
    for (std::uint32_t n = 0; n < k_to_grow; ++n) {
        entries.push_back({.key = ordinary(n)});
        table.put(&entries.back());
    }
    std::vector<FlowKey> keys;
    for (std::uint32_t n = 0; keys.size() < size; ++n) {
        FlowKey const key{Ipv4{0xc0000000 + n}, Ipv4::of(239, 1, 2, 3)};
        if (table.home(key) == table.buckets() - 1) {
            keys.push_back(key);
        }
    }
    return keys;
}

} // namespace

Flows::Flows(std::uint64_t table_seed) {
    auto const crowded = crowd(table_seed, k_crowded - k_pinned / 2);
    for (std::uint32_t n = 0; n < k_pinned / 2; ++n) {
        keys_.push_back(ordinary(n));
    }
    keys_.insert(keys_.end(), crowded.begin(), crowded.end());
    for (std::uint32_t n = k_pinned / 2; keys_.size() < k_count; ++n) {
        keys_.push_back(ordinary(n));
    }
}

} // namespace mcast::stress
