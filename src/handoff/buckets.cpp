#include "buckets.h"

#include <bit>

namespace mcast::handoff {

namespace {

std::size_t lowest(std::uint32_t lanes) {
    return static_cast<std::size_t>(std::countr_zero(lanes));
}

} // namespace

Table::Buckets::Buckets(std::size_t count, std::uint64_t seed)
    : mask_(count - 1), seed_(seed), buckets_(std::make_unique<Bucket[]>(count)), passing_(count) {}

Entry const* Table::Buckets::find_from(std::size_t bucket, std::uint64_t key) const {
    // Bounded by the number of buckets: tombstones may leave no empty slot to stop at.
    for (std::size_t left = count(); left != 0; --left, bucket = next(bucket)) {
        Bucket const& here = buckets_[bucket];
        if (std::uint32_t const lanes = lanes_equal(here, key); lanes != 0) {
            // Acquire pairs with the release stores of replace() and insert(): whoever sees the
            // pointer sees the frozen entry.
            return here.entries[lowest(lanes)].load(std::memory_order_acquire);
        }
        if (lanes_equal(here, k_empty) != 0) {
            return nullptr;
        }
    }
    return nullptr;
}

std::optional<Slot> Table::Buckets::locate(std::uint64_t key) const {
    std::size_t bucket = home(key);
    for (std::size_t left = count(); left != 0; --left, bucket = next(bucket)) {
        if (std::uint32_t const lanes = lanes_equal(buckets_[bucket], key); lanes != 0) {
            return Slot{bucket, lowest(lanes)};
        }
        if (lanes_equal(buckets_[bucket], k_empty) != 0) {
            return std::nullopt;
        }
    }
    return std::nullopt;
}

Entry const* Table::Buckets::replace(Slot slot, Entry const* entry) {
    auto& place = buckets_[slot.bucket].entries[slot.lane];
    Entry const* const before = place.load(std::memory_order_relaxed);
    // Release: the entry's fields are visible before the pointer to it. Pairs with find_from().
    place.store(entry, std::memory_order_release);
    return before;
}

void Table::Buckets::insert(std::uint64_t key, Entry const* entry) {
    for (std::size_t bucket = home(key);; bucket = next(bucket)) {
        Bucket& here = buckets_[bucket];
        std::uint32_t const free = lanes_equal(here, k_empty) | lanes_equal(here, k_tombstone);
        if (free != 0) {
            std::size_t const lane = lowest(free);
            // Release: the entry's fields are visible before the pointer (find_from()) ...
            here.entries[lane].store(entry, std::memory_order_release);
            // ... and the pointer before the key that leads to it (lanes_equal()).
            here.keys[lane].store(key, std::memory_order_release);
            return;
        }
        ++passing_[bucket];
    }
}

Entry const* Table::Buckets::remove(Slot slot, std::uint64_t key) {
    Bucket& here = buckets_[slot.bucket];
    Entry const* const before = here.entries[slot.lane].load(std::memory_order_relaxed);
    // A reader that saw the key before this gets `before`, nullptr, or later another flow's entry,
    // which it refuses. Relaxed: these stores publish nothing; what keeps `before` alive for such a
    // reader is the grace period that begins after this call.
    here.entries[slot.lane].store(nullptr, std::memory_order_relaxed);
    here.keys[slot.lane].store(passing_[slot.bucket] == 0 ? k_empty : k_tombstone,
                               std::memory_order_relaxed);
    for (std::size_t bucket = home(key); bucket != slot.bucket; bucket = next(bucket)) {
        if (--passing_[bucket] == 0) {
            clear_tombstones(bucket);
        }
    }
    return before;
}

std::size_t Table::Buckets::tombstones() const {
    std::size_t sum = 0;
    for (std::size_t b = 0; b < count(); ++b) {
        sum += static_cast<std::size_t>(std::popcount(lanes_equal(buckets_[b], k_tombstone)));
    }
    return sum;
}

// No stored key had to be placed beyond this bucket any more, so no lookup has to go on from it. A
// reader that is under way past it looks for a key that is gone: a miss is right.
void Table::Buckets::clear_tombstones(std::size_t bucket) {
    for (auto& key : buckets_[bucket].keys) {
        if (key.load(std::memory_order_relaxed) == k_tombstone) {
            // Relaxed: tombstone and empty both say "not here"; nothing is published by this store.
            key.store(k_empty, std::memory_order_relaxed);
        }
    }
}

} // namespace mcast::handoff
