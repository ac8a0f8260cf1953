#include "mcast/handoff/table.h"

#include "buckets.h"

#include <cassert>
#include <optional>

namespace mcast::handoff {

namespace {

constexpr std::size_t k_first_buckets = 16;

} // namespace

Table::Table(std::size_t capacity, GracePeriod& grace, std::uint64_t seed, Compare compare)
    : buckets_(new Buckets(k_first_buckets, seed)), lookup_(lookup_of(compare)),
      capacity_(capacity), outgrown_(grace) {}

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
    (readable()->*lookup_)(keys, results);
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

std::size_t Table::passed() const {
    return writable().passed();
}

std::size_t Table::reclaim() {
    return outgrown_.reclaim(outgrown_.size(), [](std::unique_ptr<Buckets>&) {});
}

} // namespace mcast::handoff
