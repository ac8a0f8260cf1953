// The manager's own side of each forwarding entry, its age, and its publication. Control thread.
#pragma once

#include "clients.h"
#include "reporter.h"
#include "walk.h"

#include "mcast/base/flow.h"
#include "mcast/base/if_set.h"
#include "mcast/base/time.h"
#include "mcast/handoff/publisher.h"
#include "mcast/mgm/component.h"
#include "mcast/mgm/views.h"
#include "mcast/timer/wheel.h"

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/set.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <tuple>

namespace mcast::mgm {

// Hooks that leave their container by themselves when their entry goes.
using AutoUnlink = boost::intrusive::link_mode<boost::intrusive::auto_unlink>;
using NegativeHook = boost::intrusive::list_member_hook<AutoUnlink>;
using SourceHook = boost::intrusive::set_member_hook<AutoUnlink>;

// What a change can make different: put back as a whole when memory runs out in the middle of one.
struct EntryState {
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
};

struct StoredEntry : EntryState {
    FlowKey key{};

    // age
    std::uint64_t serial = 0; // new whenever it begins or ceases to forward
    TimePoint born{};         // of this serial
    Duration lifetime{};
    std::uint64_t packets_seen = 0; // when its traffic was last looked at
    timer::Handle timer;
    NegativeHook among_negatives; // linked in the store while it refuses its flow

    SourceHook by_source;
    std::uint64_t seen = 0; // ticket of the last walk whose change it has followed
};

class EntryStore {
public:
    EntryStore(handoff::Publisher& publisher, Limits const& limits, Reporter const& reporter)
        : publisher_(publisher), limits_(limits), reporter_(reporter) {}
    ~EntryStore();

    using Map = std::map<FlowKey, StoredEntry>;

    StoredEntry* find(FlowKey key);
    StoredEntry const* find(FlowKey key) const;
    Map& all() { return entries_; }
    Map const& all() const { return entries_; }
    std::size_t size() const { return entries_.size(); }
    bool full() const { return entries_.size() >= limits_.entries; }

    // Calls f(StoredEntry&), which may withdraw that entry and no other, for the entries of the
    // walk after its last one, as long as f returns true. True when the walk has come to its end;
    // an entry at which f returned false will be visited again.
    template <class F>
    bool visit(Walk& walk, F&& f) {
        if (auto const* key = std::get_if<MembershipKey>(&walk.over)) {
            return visit(walk, first_of(*key, walk.after), entries_.end(), f,
                         [](auto const& it) -> StoredEntry& { return it->second; });
        }
        Ipv4Prefix const prefix = std::get<Ipv4Prefix>(walk.over);
        auto const from = walk.after ? by_source_.upper_bound(*walk.after)
                                     : by_source_.lower_bound(FlowKey{prefix.network(), {}});
        return visit(walk, from, by_source_.end(), f,
                     [](auto const& it) -> StoredEntry& { return *it; });
    }

    StoredEntry& create(FlowKey key);
    // False when the table has no room; nothing changed then.
    bool publish(StoredEntry const& entry);
    // `reason`: for the record.
    void withdraw(FlowKey key, std::string_view reason = {});

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

    struct KeyOf {
        using type = FlowKey;
        FlowKey operator()(StoredEntry const& entry) const { return entry.key; }
    };
    struct BySource {
        bool operator()(FlowKey a, FlowKey b) const {
            return std::tuple{a.source, a.group} < std::tuple{b.source, b.group};
        }
    };
    using Sources = boost::intrusive::set<
        StoredEntry,
        boost::intrusive::member_hook<StoredEntry, SourceHook, &StoredEntry::by_source>,
        boost::intrusive::key_of_value<KeyOf>, boost::intrusive::compare<BySource>,
        boost::intrusive::constant_time_size<false>>;

    Map::iterator first_of(MembershipKey const& key, std::optional<FlowKey> after);
    template <class Iterator, class F, class Entry>
    static bool visit(Walk& walk, Iterator it, Iterator const& end, F& f, Entry entry_at) {
        while (it != end && walk.covers(entry_at(it).key)) {
            StoredEntry& entry = entry_at(it);
            FlowKey const key = entry.key;
            ++it;
            if (!f(entry)) {
                return false;
            }
            walk.after = key;
        }
        return true;
    }
    bool keep(StoredEntry& entry, TimePoint now);

    handoff::Publisher& publisher_;
    Limits const& limits_;
    Reporter const& reporter_;
    timer::Wheel wheel_;
    Negatives negatives_; // oldest first; these two outlive the entries
    Sources by_source_;
    Map entries_;
    std::uint64_t last_serial_ = 0;
};

} // namespace mcast::mgm
