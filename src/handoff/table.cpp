#include "mcast/handoff/table.h"

#include "buckets.h"

#include <array>
#include <bit>
#include <cassert>
#include <optional>

namespace mcast::handoff {

namespace {

constexpr std::size_t k_first_buckets = 16;

// A lookup that ended in a slot of the right key. The slot may have been given to another flow
// between the loads of its key and of its entry; the entry itself says whose it is.
Entry const* verified(Entry const* entry, FlowKey key) {
    return entry != nullptr && entry->key == key ? entry : nullptr;
}

} // namespace

Table::Table(std::size_t capacity, GracePeriod& grace, std::uint64_t seed)
    : buckets_(new Buckets(k_first_buckets, seed)), capacity_(capacity), outgrown_(grace) {}

Table::~Table() {
    delete buckets_.load(std::memory_order_relaxed);
}

Entry const* Table::find(FlowKey key) const {
    Buckets const& buckets = *readable();
    std::uint64_t const packed = key.packed();
    return verified(buckets.find_from(buckets.home(packed), packed), key);
}

void Table::find_bulk(std::span<FlowKey const> keys, std::span<Entry const*> results) const {
    assert(keys.size() == results.size() && keys.size() <= k_bulk);
    Buckets const& buckets = *readable();
    std::array<std::uint64_t, k_bulk> homes; // NOLINT: filled as far as it is read
    for (std::size_t i = 0; i < keys.size(); ++i) {
        homes[i] = buckets.home(keys[i].packed());
        buckets.prefetch(homes[i]);
    }
    std::uint64_t found = 0;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        results[i] = buckets.find_from(homes[i], keys[i].packed());
        if (results[i] != nullptr) {
            __builtin_prefetch(results[i]);
            found |= std::uint64_t{1} << i;
        }
    }
    for (; found != 0; found &= found - 1) {
        auto const i = static_cast<std::size_t>(std::countr_zero(found));
        results[i] = verified(results[i], keys[i]);
    }
}

Entry const* Table::put(Entry const* entry) {
    assert(entry->key.group.is_multicast());
    std::uint64_t const packed = entry->key.packed();
    if (std::optional<Slot> slot = writable().locate(packed)) {
        return writable().replace(*slot, entry);
    }
    assert(size_ < capacity_);
    make_room();
    writable().insert(packed, entry);
    ++size_;
    return nullptr;
}

Entry const* Table::remove(FlowKey key) {
    std::optional<Slot> const slot =
        key.group.is_multicast() ? writable().locate(key.packed()) : std::nullopt;
    if (!slot) {
        return nullptr;
    }
    --size_;
    return writable().remove(*slot, key.packed());
}

void Table::make_room() {
    if (!writable().has_room_for(size_ + 1)) {
        grow();
    }
}

void Table::grow() {
    outgrown_.make_room(1);
    Buckets& old = writable();
    auto bigger = std::make_unique<Buckets>(old.count() * 2, old.seed());
    old.for_each([&](Entry const* entry) { bigger->insert(entry->key.packed(), entry); });
    // Release: the filled array is visible before the pointer to it. Pairs with readable().
    buckets_.store(bigger.release(), std::memory_order_release);
    outgrown_.retire(std::unique_ptr<Buckets>(&old));
}

std::size_t Table::buckets() const {
    return writable().count();
}

std::size_t Table::home(FlowKey key) const {
    return writable().home(key.packed());
}

std::size_t Table::tombstones() const {
    return writable().tombstones();
}

std::size_t Table::reclaim() {
    return outgrown_.reclaim(outgrown_.size(), [](std::unique_ptr<Buckets>&) {});
}

} // namespace mcast::handoff
