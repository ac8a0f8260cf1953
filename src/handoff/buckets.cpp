#include "buckets.h"

#include <bit>
#include <memory>
#include <new>

#include <sys/mman.h>

namespace mcast::handoff {

namespace {

std::size_t lowest(std::uint32_t lanes) {
    return static_cast<std::size_t>(std::countr_zero(lanes));
}

// A large array in huge pages, where the system has them to give: a lookup in it would miss the
// translation cache nearly every time.
std::unique_ptr<Bucket[], FreeBuckets> allocate(std::size_t count) {
    constexpr std::size_t k_huge_page = std::size_t{2} << 20;
    std::size_t const bytes = count * sizeof(Bucket);
    std::size_t const alignment = bytes < k_huge_page ? alignof(Bucket) : k_huge_page;
    void* const memory = ::operator new(bytes, std::align_val_t{alignment});
    if (bytes >= k_huge_page) {
        (void)madvise(memory, bytes, MADV_HUGEPAGE); // without it, it is slower and as right
    }
    auto* const buckets = static_cast<Bucket*>(memory);
    std::uninitialized_value_construct_n(buckets, count);
    return {buckets, FreeBuckets{std::align_val_t{alignment}}};
}

} // namespace

Table::Buckets::Buckets(std::size_t count, std::uint64_t seed)
    : mask_(count - 1), shift_(64 - static_cast<unsigned>(std::countr_zero(count))), seed_(seed),
      buckets_(allocate(count)), passing_(count) {}

Entry const* Table::Buckets::find_from(std::size_t bucket, std::uint64_t key) const {
    // Bounded by the number of buckets: every one of them may be marked.
    for (std::size_t left = count(); left != 0; --left, bucket = next(bucket)) {
        Bucket const& here = buckets_[bucket];
        if (std::uint32_t const lanes = lanes_equal(here, key); lanes != 0) {
            return here.entry(lowest(lanes));
        }
        if (!here.passed()) {
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
        if (!buckets_[bucket].passed()) {
            return std::nullopt;
        }
    }
    return std::nullopt;
}

Entry const* Table::Buckets::replace(Slot slot, Entry const* entry) {
    auto& place = buckets_[slot.bucket].slots[slot.lane];
    std::uintptr_t const before = place.load(std::memory_order_relaxed);
    // Release: the entry's fields are visible before the pointer to it. Pairs with Bucket::entry().
    place.store(reinterpret_cast<std::uintptr_t>(entry) | (before & k_passed),
                std::memory_order_release);
    return entry_in(before);
}

void Table::Buckets::insert(std::uint64_t key, Entry const* entry) {
    for (std::size_t bucket = home(key);; bucket = next(bucket)) {
        std::uint32_t const free = lanes_equal(buckets_[bucket], k_empty);
        if (free != 0) {
            std::size_t const lane = lowest(free);
            // The entry before the key that leads to it (lanes_equal()), which is stored last,
            // after the marks on its way here.
            replace({bucket, lane}, entry);
            buckets_[bucket].keys[lane].store(key, std::memory_order_release);
            return;
        }
        begin_passing(bucket);
    }
}

Entry const* Table::Buckets::remove(Slot slot, std::uint64_t key) {
    Bucket& here = buckets_[slot.bucket];
    std::uintptr_t const before = here.slots[slot.lane].load(std::memory_order_relaxed);
    // A reader that saw the key before this gets `before`, nullptr, or later another flow's entry,
    // which it refuses. Relaxed: these stores publish nothing; what keeps `before` alive for such a
    // reader is the grace period that begins after this call.
    here.slots[slot.lane].store(before & k_passed, std::memory_order_relaxed);
    here.keys[slot.lane].store(k_empty, std::memory_order_relaxed);
    for (std::size_t bucket = home(key); bucket != slot.bucket; bucket = next(bucket)) {
        end_passing(bucket);
    }
    return entry_in(before);
}

std::size_t Table::Buckets::passed() const {
    std::size_t sum = 0;
    for (std::size_t b = 0; b < count(); ++b) {
        sum += buckets_[b].passed() ? 1 : 0;
    }
    return sum;
}

void Table::Buckets::begin_passing(std::size_t bucket) {
    if (passing_[bucket]++ == 0) {
        auto& slot = buckets_[bucket].slots[k_lanes - 1];
        slot.store(slot.load(std::memory_order_relaxed) | k_passed, std::memory_order_release);
    }
}

// With no stored key beyond this bucket no lookup has to go on from it. A reader that is under way
// past it looks for a key that is gone: a miss is right.
void Table::Buckets::end_passing(std::size_t bucket) {
    if (--passing_[bucket] == 0) {
        auto& slot = buckets_[bucket].slots[k_lanes - 1];
        slot.store(slot.load(std::memory_order_relaxed) & ~k_passed, std::memory_order_release);
    }
}

} // namespace mcast::handoff
