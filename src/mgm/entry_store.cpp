#include "entry_store.h"

#include <algorithm>

namespace mcast::mgm {

EntryStore::~EntryStore() {
    for (auto const& [key, entry] : entries_) {
        publisher_.withdraw(key);
    }
}

StoredEntry* EntryStore::find(FlowKey key) {
    auto const found = entries_.find(key);
    return found == entries_.end() ? nullptr : &found->second;
}

StoredEntry const* EntryStore::find(FlowKey key) const {
    auto const found = entries_.find(key);
    return found == entries_.end() ? nullptr : &found->second;
}

StoredEntry& EntryStore::create(FlowKey key) {
    StoredEntry& entry = entries_[key];
    entry.key = key;
    by_source_.insert(entry);
    return entry;
}

EntryStore::Map::iterator EntryStore::first_of(MembershipKey const& key,
                                               std::optional<FlowKey> after) {
    return after       ? entries_.upper_bound(*after)
           : key.group ? entries_.lower_bound({key.source.value_or(Ipv4{}), *key.group})
                       : entries_.begin();
}

bool EntryStore::publish(StoredEntry const& entry) {
    auto const* const before = reporter_.watched() ? publisher_.current(entry.key) : nullptr;
    bool const published = publisher_.publish({.key = entry.key,
                                               .arrival = entry.arrival.index,
                                               .outputs = entry.outputs,
                                               .highest_threshold = entry.highest_threshold,
                                               .negative = entry.negative});
    // What says the same as before is not published again.
    if (published && reporter_.watched() && publisher_.current(entry.key) != before) {
        reporter_.report(
            {.kind = before == nullptr ? EventKind::entry_created : EventKind::entry_changed,
             .interface = entry.arrival,
             .key = MembershipKey::of(entry.key),
             .outputs = entry.outputs,
             .negative = entry.negative});
    }
    return published;
}

void EntryStore::withdraw(FlowKey key, std::string_view reason) {
    if (publisher_.withdraw(key)) {
        reporter_.report(
            {.kind = EventKind::entry_withdrawn, .key = MembershipKey::of(key), .reason = reason});
    }
    entries_.erase(key);
}

std::optional<FlowKey> EntryStore::oldest_negative() const {
    return negatives_.empty() ? std::nullopt : std::optional{negatives_.front().key};
}

void EntryStore::begin_life(StoredEntry& entry, Duration lifetime, TimePoint now) {
    entry.serial = ++last_serial_;
    entry.born = now;
    entry.lifetime = lifetime;
    entry.packets_seen =
        entry.negative == handoff::Drop::none ? publisher_.totals(entry.key).packets : 0;
    entry.timer = wheel_.arm(now + lifetime, entry.key.packed());
    entry.among_negatives.unlink();
    if (entry.negative != handoff::Drop::none) {
        negatives_.push_back(entry);
    }
}

void EntryStore::set_lifetime(FlowKey key, std::uint64_t serial, Duration lifetime) {
    StoredEntry* entry = find(key);
    if (entry == nullptr || entry->serial != serial || entry->negative == handoff::Drop::none) {
        return;
    }
    // A flow that is refused for no time at all would ask with every packet.
    entry->lifetime = std::max<Duration>(lifetime, std::chrono::seconds{1});
    entry->timer.rearm(entry->born + entry->lifetime);
}

std::size_t EntryStore::expire(TimePoint now, std::size_t limit, std::uint64_t& expired) {
    return wheel_.expire(now, limit, [&](timer::Key packed) {
        FlowKey const key = FlowKey::unpacked(packed);
        if (StoredEntry* entry = find(key); entry != nullptr && !keep(*entry, now)) {
            withdraw(key, "expired");
            ++expired;
        }
    });
}

bool EntryStore::keep(StoredEntry& entry, TimePoint now) {
    if (entry.negative != handoff::Drop::none) {
        return false;
    }
    auto const packets = publisher_.totals(entry.key).packets;
    if (packets == entry.packets_seen) {
        return false;
    }
    entry.packets_seen = packets;
    return entry.timer.rearm(now + entry.lifetime);
}

} // namespace mcast::mgm
