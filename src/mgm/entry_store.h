// The manager's own side of each forwarding entry, its age, and its publication. Control thread.
#pragma once

#include "clients.h"

#include "mcast/base/flow.h"
#include "mcast/base/if_set.h"
#include "mcast/base/time.h"
#include "mcast/handoff/publisher.h"
#include "mcast/mgm/component.h"
#include "mcast/mgm/views.h"
#include "mcast/timer/wheel.h"

#include <boost/intrusive/list.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

namespace mcast::mgm {

// A hook that leaves its list by itself when its entry goes.
using NegativeHook =
    boost::intrusive::list_member_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

struct StoredEntry {
    FlowKey key{};

    // where it comes from
    std::optional<Route> route;
    InterfaceRef routed{k_no_interface, {}};  // toward the source, by route
    InterfaceRef arrival{k_no_interface, {}}; // as its owner decided
    ClientSerial owner = k_nobody;
    Ipv4 upstream{};

    // what components said about single outputs
    IfSet owner_asked;
    IfSet owner_vetoed;
    IfSet igmp_asked;
    IfSet igmp_vetoed;
    IfSet switched_on; // without membership, for this entry only
    IfSet switched_off;

    // what follows
    IfSet outputs;
    std::uint8_t highest_threshold = 0;
    handoff::Drop negative = handoff::Drop::none;

    // age
    std::uint64_t serial = 0; // new whenever it begins or ceases to forward
    TimePoint born{};         // of this serial
    Duration lifetime{};
    std::uint64_t packets_seen = 0; // when its traffic was last looked at
    timer::Handle timer;
    NegativeHook among_negatives; // linked in the store while it refuses its flow
};

class EntryStore {
public:
    EntryStore(handoff::Publisher& publisher, Limits const& limits)
        : publisher_(publisher), limits_(limits) {}
    ~EntryStore();

    using Map = std::map<FlowKey, StoredEntry>;

    StoredEntry* find(FlowKey key);
    StoredEntry const* find(FlowKey key) const;
    Map& all() { return entries_; }
    Map const& all() const { return entries_; }
    std::size_t size() const { return entries_.size(); }
    bool full() const { return entries_.size() >= limits_.entries; }

    // Calls f(StoredEntry&) for those that the key matches, in order.
    template <class F>
    void for_matching(MembershipKey const& key, F&& f) {
        auto it = key.group ? entries_.lower_bound({key.source.value_or(Ipv4{}), *key.group})
                            : entries_.begin();
        for (; it != entries_.end() && (!key.group || it->first.group == *key.group); ++it) {
            if (key.matches(it->first)) {
                f(it->second);
            } else {
                break; // (S,G): past its one place
            }
        }
    }

    StoredEntry& create(FlowKey key);
    // False when the table has no room; nothing changed then.
    bool publish(StoredEntry const& entry);
    void withdraw(FlowKey key);

    // The negative entry that began to be one longest ago.
    std::optional<FlowKey> oldest_negative() const;

    // Begins a new life, as what `negative` says it is now.
    void begin_life(StoredEntry& entry, Duration lifetime, TimePoint now);
    // Only while it is still the same life and refuses its flow.
    void set_lifetime(FlowKey key, std::uint64_t serial, Duration lifetime);

    // Withdraws what has outlived its time, at most `limit` are looked at. `expired` counts.
    std::size_t expire(TimePoint now, std::size_t limit, std::uint64_t& expired);
    std::optional<TimePoint> next_due() const { return wheel_.next_due(); }

private:
    using Negatives = boost::intrusive::list<
        StoredEntry,
        boost::intrusive::member_hook<StoredEntry, NegativeHook, &StoredEntry::among_negatives>,
        boost::intrusive::constant_time_size<false>>;

    bool keep(StoredEntry& entry, TimePoint now);

    handoff::Publisher& publisher_;
    Limits const& limits_;
    timer::Wheel wheel_;
    Negatives negatives_; // oldest first; outlives the entries
    Map entries_;
    std::uint64_t last_serial_ = 0;
};

} // namespace mcast::mgm
