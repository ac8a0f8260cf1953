// Entries that a test owns, since a table does not, and keys that fall into one bucket.
#pragma once

#include "mcast/handoff/table.h"

#include <cstdint>
#include <deque>
#include <vector>

namespace mcast::handoff {

inline FlowKey sample_key(std::uint32_t n) {
    return {Ipv4{0x0a000000 + n}, Ipv4{0xe8000000 + n % 7}};
}

class SampleEntries {
public:
    Entry* make(FlowKey key) {
        entries_.push_back({});
        Entry& entry = entries_.back();
        entry.key = key;
        entry.version = static_cast<std::uint32_t>(entries_.size());
        return &entry;
    }

private:
    std::deque<Entry> entries_; // addresses stay
};

// `n` keys whose probing starts at `home` in a table with as many buckets as this one, and so in
// one bucket of every smaller table too.
inline std::vector<FlowKey> colliding_keys(Table const& table, std::size_t home, std::size_t n) {
    std::vector<FlowKey> keys;
    for (std::uint32_t i = 0; keys.size() < n; ++i) {
        FlowKey const key{Ipv4{0xc0000000 + i}, Ipv4::of(239, 1, 2, 3)};
        if (table.home(key) == home) {
            keys.push_back(key);
        }
    }
    return keys;
}

} // namespace mcast::handoff
