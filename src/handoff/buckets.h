// One array of the replication table: buckets of a cache line, linear probing by whole buckets.
//
// A lookup starts at the key's home bucket and walks on, until it meets the key or a bucket over
// which no stored key had to be placed: its mark is in its last slot (`k_passed`), and the writer
// counts such keys per bucket (`passing_`). So nearly every lookup, hit or miss, ends in its first
// cache line, and a removal leaves nothing behind that a later lookup would have to step over.
//
// find_from(), the find_bulk_...() and prefetch(): any worker. All else: control.
#pragma once

#include "mcast/handoff/table.h"

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

namespace mcast::handoff {

// Cannot be a flow: the high half of a flow's key is a multicast group.
inline constexpr std::uint64_t k_empty = 0;

inline constexpr std::size_t k_lanes = 4;

// In the last lane's slot: lookups go on to the next bucket. Entries are cache lines, so the low
// bits of their addresses are free.
inline constexpr std::uintptr_t k_passed = 1;

inline Entry const* entry_in(std::uintptr_t slot) {
    return std::bit_cast<Entry const*>(slot & ~k_passed);
}

struct alignas(64) Bucket {
    std::array<std::atomic<std::uint64_t>, k_lanes> keys;   // k_empty at first
    std::array<std::atomic<std::uintptr_t>, k_lanes> slots; // address of an Entry; 0 at first

    // Acquire pairs with the release stores of replace() and insert(): whoever sees the address
    // sees the frozen entry.
    Entry const* entry(std::size_t lane) const {
        return entry_in(slots[lane].load(std::memory_order_acquire));
    }
    // Relaxed: a lookup that misses a mark set meanwhile misses a key that is not there yet.
    bool passed() const {
        return (slots[k_lanes - 1].load(std::memory_order_relaxed) & k_passed) != 0;
    }
};
static_assert(sizeof(Bucket) == 64);
static_assert(alignof(Entry) > k_passed);

// Bit n: lane n holds this key. lookup.cpp has the same in one vector compare.
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

struct FreeBuckets {
    void operator()(Bucket* buckets) const { ::operator delete(buckets, alignment); }
    std::align_val_t alignment{alignof(Bucket)};
};
static_assert(std::is_trivially_destructible_v<Bucket>);

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

    std::size_t home(std::uint64_t key) const { return mix(key ^ seed_) >> shift_; }
    void prefetch(std::size_t bucket) const { __builtin_prefetch(&buckets_[bucket]); }
    // The entry in the first slot with this key; the caller verifies whose entry it is.
    Entry const* find_from(std::size_t bucket, std::uint64_t key) const;
    // The same for many keys from their homes on: lookup.cpp.
    void find_bulk_portable(std::span<FlowKey const> keys, std::span<Entry const*> found) const;
    void find_bulk_sse42(std::span<FlowKey const> keys, std::span<Entry const*> found) const;
    void find_bulk_avx2(std::span<FlowKey const> keys, std::span<Entry const*> found) const;

    std::optional<Slot> locate(std::uint64_t key) const;
    Entry const* replace(Slot slot, Entry const* entry);
    // Precondition: the key is not in the array, and has_room_for() one more.
    void insert(std::uint64_t key, Entry const* entry);
    // Precondition: the slot holds this key.
    Entry const* remove(Slot slot, std::uint64_t key);

    std::size_t passed() const;
    template <class F>
    void for_each(F&& f) const {
        for (std::size_t b = 0; b < count(); ++b) {
            for (std::size_t lane = 0; lane < k_lanes; ++lane) {
                if (Entry const* e = buckets_[b].entry(lane)) {
                    f(e);
                }
            }
        }
    }

private:
    // All 64 bits of the key reach the high bits, which choose the bucket. The fold between the two
    // products keeps rows of sources and of groups from falling into a pattern.
    static std::uint64_t mix(std::uint64_t x) {
        x *= 0x9e3779b97f4a7c15ULL;
        x ^= x >> 32;
        return x * 0x94d049bb133111ebULL;
    }
    std::size_t next(std::size_t bucket) const { return (bucket + 1) & mask_; }
    using Homes = std::array<Bucket const*, k_bulk>;
    void prefetch_all(std::span<FlowKey const> keys, Homes& homes) const;
    Entry const* resolve(std::uint32_t lanes, Bucket const& home, FlowKey key) const;
    void begin_passing(std::size_t bucket);
    void end_passing(std::size_t bucket);

    std::size_t mask_;
    unsigned shift_;
    std::uint64_t seed_;
    std::unique_ptr<Bucket[], FreeBuckets> buckets_;
    std::vector<std::uint32_t> passing_; // control only
};

} // namespace mcast::handoff
