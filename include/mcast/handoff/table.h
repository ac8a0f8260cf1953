// The replication table: (source, group) to entry. One writer (control), many readers (workers),
// no lock.
//
// Open addressing over buckets of one cache line: four 8-byte keys, compared at once, and four
// entry pointers. A slot may be given to another flow between a reader's loads of its key and of
// its entry; the entry itself says whose it is, and whoever reads it verifies that (find() does),
// so a slot reused under a reader's hands reads as a miss, never as another flow's entry. Entries
// and outgrown bucket arrays may only be freed after a grace period; growth builds a new array and
// swaps one pointer.
//
// Replacing an entry stores one pointer, so a reader that races with it gets the old entry or the
// new one, never a miss. Growth copies every slot in one call: its cost is that of the table's size
// and it happens once per doubling.
//
// Readers: find() and find_bulk(), on a worker, results valid until its next quiescent point.
// Writer: all else, on the control thread.
#pragma once

#include "mcast/base/flow.h"
#include "mcast/handoff/entry.h"
#include "mcast/handoff/grace_period.h"
#include "mcast/handoff/retire_list.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace mcast::handoff {

class Table {
public:
    // `capacity`: the most entries it will ever hold; the arrays start small and grow up to that.
    // `grace` frees outgrown arrays; it must outlive the table. `seed` is mixed into the hash: with
    // a random one nobody outside can choose sources that all fall into one bucket.
    // `compare`: how bursts are compared; tests choose, everybody else takes the best that the
    // processor has (AVX2, else SSE 4.2, else one lane after another).
    enum class Compare : std::uint8_t { best, portable, sse42, avx2 };
    static bool supports(Compare compare);
    Table(std::size_t capacity, GracePeriod& grace, std::uint64_t seed = 0,
          Compare compare = Compare::best);
    ~Table();
    Table(Table const&) = delete;
    Table& operator=(Table const&) = delete;

    // Worker. nullptr is a miss.
    Entry const* find(FlowKey key) const;
    // Worker. keys.size() == results.size() <= k_bulk. nullptr is a miss; a hit is to be verified
    // (below) before it is used: its cache line, which that needs, is not fetched here.
    static constexpr std::size_t k_bulk = 64;
    void find_bulk(std::span<FlowKey const> keys, std::span<Entry const*> results) const;
    // Worker. nullptr as well when the entry is another flow's.
    static Entry const* verified(Entry const* entry, FlowKey key) {
        return entry != nullptr && entry->key == key ? entry : nullptr;
    }

    // Control. Inserts or replaces; returns the entry that was there before (to be retired), or
    // nullptr. The table does not own it. Preconditions: size() < capacity() or the key is present;
    // the group is multicast (a key of zero marks a free slot). std::bad_alloc: nothing has
    // changed. After make_room() it needs no memory.
    Entry const* put(Entry const* entry);
    // Control. Grows if one more entry needs it. std::bad_alloc: nothing has changed.
    void make_room();
    // Control. Returns the entry removed (to be retired), or nullptr.
    Entry const* remove(FlowKey key);
    // Control. The current entry of this key, or nullptr.
    Entry const* current(FlowKey key) const { return find(key); }

    std::size_t size() const { return size_; }
    std::size_t capacity() const { return capacity_; }
    std::size_t buckets() const;
    // Control. The bucket at which this key's probing starts now, below buckets().
    std::size_t home(FlowKey key) const;
    // Control, slow. Buckets over which a key of another one had to be placed.
    std::size_t passed() const;
    // Control: frees outgrown arrays whose grace period has passed.
    std::size_t reclaim();

private:
    struct Buckets;
    using Lookup = void (Buckets::*)(std::span<FlowKey const>, std::span<Entry const*>) const;
    static Lookup lookup_of(Compare compare);

    // Pairs with the release stores of the constructor and of grow(): whoever sees the pointer sees
    // the array that it points to, filled.
    Buckets const* readable() const { return buckets_.load(std::memory_order_acquire); }
    // Control is the only writer of the pointer, so its own reads need no order.
    Buckets& writable() const { return *buckets_.load(std::memory_order_relaxed); }
    void grow();

    // Read by workers on every lookup, written once per growth; what control writes on every put is
    // kept off this cache line.
    alignas(64) std::atomic<Buckets*> buckets_;
    Lookup const lookup_;
    alignas(64) std::size_t capacity_;
    std::size_t size_ = 0;
    RetireList<std::unique_ptr<Buckets>> outgrown_;
};

} // namespace mcast::handoff
