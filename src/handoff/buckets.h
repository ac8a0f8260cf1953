// One array of the replication table: buckets of a cache line, linear probing by whole buckets.
//
// A lookup starts at the key's home bucket and walks on until it meets the key or a bucket with an
// empty slot. For that to be right, a bucket over which a stored key had to be placed must not show
// an empty slot; the writer counts such keys per bucket (`passing_`). A removal from a passed-over
// bucket leaves a tombstone, and all tombstones of a bucket turn empty when its count returns to 0.
// So chains are never longer than the keys of this moment demand, however many came and went.
//
// find_from() and prefetch(): any worker. All else: control.
#pragma once

#include "mcast/handoff/table.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace mcast::handoff {

// Neither can be a flow: the low half of a flow's key is a multicast group.
inline constexpr std::uint64_t k_empty = 0;
inline constexpr std::uint64_t k_tombstone = 1;

inline constexpr std::size_t k_lanes = 4;

struct alignas(64) Bucket {
    std::array<std::atomic<std::uint64_t>, k_lanes> keys;   // k_empty at first
    std::array<std::atomic<Entry const*>, k_lanes> entries; // nullptr at first
};
static_assert(sizeof(Bucket) == 64);

// Bit n: lane n holds this key. One function, so that one vector compare can replace it.
//
// Acquire pairs with the release store of the key in Buckets::insert(): whoever sees the key sees
// the entry stored before it.
inline std::uint32_t lanes_equal(Bucket const& bucket, std::uint64_t key) {
    std::uint32_t lanes = 0;
    for (std::size_t lane = 0; lane < k_lanes; ++lane) {
        bool const equal = bucket.keys[lane].load(std::memory_order_acquire) == key;
        lanes |= static_cast<std::uint32_t>(equal) << lane;
    }
    return lanes;
}

struct Slot {
    std::size_t bucket;
    std::size_t lane;
};

struct Table::Buckets {
public:
    // `count` is a power of two.
    Buckets(std::size_t count, std::uint64_t seed);

    std::size_t count() const { return mask_ + 1; }
    std::uint64_t seed() const { return seed_; }
    // At most 5 of 8 slots are taken: chains stay within a bucket or two.
    bool has_room_for(std::size_t keys) const { return keys <= count() * k_lanes / 8 * 5; }

    std::size_t home(std::uint64_t key) const { return mix(key ^ seed_) & mask_; }
    void prefetch(std::size_t bucket) const { __builtin_prefetch(&buckets_[bucket]); }
    // The entry in the first slot with this key; the caller verifies whose entry it is.
    Entry const* find_from(std::size_t bucket, std::uint64_t key) const;

    std::optional<Slot> locate(std::uint64_t key) const;
    Entry const* replace(Slot slot, Entry const* entry);
    // Precondition: the key is not in the array, and has_room_for() one more.
    void insert(std::uint64_t key, Entry const* entry);
    // Precondition: the slot holds this key.
    Entry const* remove(Slot slot, std::uint64_t key);

    std::size_t tombstones() const;
    template <class F>
    void for_each(F&& f) const {
        for (std::size_t b = 0; b < count(); ++b) {
            for (auto const& entry : buckets_[b].entries) {
                if (Entry const* e = entry.load(std::memory_order_relaxed)) {
                    f(e);
                }
            }
        }
    }

private:
    // All 64 bits of the key reach the low bits, which choose the bucket.
    static std::uint64_t mix(std::uint64_t x) {
        x ^= x >> 32;
        x *= 0xbf58476d1ce4e5b9ULL;
        x ^= x >> 29;
        x *= 0x94d049bb133111ebULL;
        return x ^ (x >> 32);
    }
    std::size_t next(std::size_t bucket) const { return (bucket + 1) & mask_; }
    void clear_tombstones(std::size_t bucket);

    std::size_t mask_;
    std::uint64_t seed_;
    std::unique_ptr<Bucket[]> buckets_;
    std::vector<std::uint32_t> passing_; // control only
};

} // namespace mcast::handoff
