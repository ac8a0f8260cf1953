// The four verbs of an entry's life: publish, withdraw, retire, reclaim. Control thread only.
//
// Owns every entry and its counters. When a version is retired and no worker can see it any more,
// what was counted on it is folded into the totals of its flow, per output too, so the hot path
// never touches a per-output counter.
#pragma once

#include "mcast/base/flow.h"
#include "mcast/handoff/entry.h"
#include "mcast/handoff/grace_period.h"
#include "mcast/handoff/retire_list.h"
#include "mcast/handoff/table.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <unordered_map>

namespace mcast::handoff {

// What a new version should say. `outputs` loses `arrival` by itself.
struct EntrySpec {
    FlowKey key{};
    IfIndex arrival = k_no_interface;
    IfSet outputs{};
    std::uint8_t highest_threshold = 0;
    Drop negative = Drop::none;
};

// Sums over all workers and all versions of one flow since it was first published.
struct FlowTotals {
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;
    std::uint64_t wrong_interface = 0;
    std::uint64_t ttl_expired = 0;
    std::uint64_t dropped = 0;
    std::uint64_t copies = 0;                 // packets times outputs of the version that took them
    std::map<IfIndex, std::uint64_t> outputs; // packets replicated to each output
};

class EntryPlaces;

class Publisher {
public:
    // `workers`: how many workers count. Both references must outlive the publisher.
    Publisher(Table& table, GracePeriod& grace, std::size_t workers);
    // Withdraws and frees everything at once. Precondition: no worker reads the table any more.
    ~Publisher();
    Publisher(Publisher const&) = delete;
    Publisher& operator=(Publisher const&) = delete;

    // False, and nothing changes, when the table is full and the key is new, or when the group is
    // not multicast. std::bad_alloc: nothing has changed. Publishing what is already current
    // changes nothing and retires nothing.
    bool publish(EntrySpec const& spec);
    // False when there is no such entry. The flow's totals and its count of versions are dropped
    // once its last version is reclaimed; if it is published again before that, both go on.
    bool withdraw(FlowKey key);
    // Frees what no worker can see any more, at most `limit` entries (and the table's outgrown
    // arrays, which are few). Returns how many entries.
    std::size_t reclaim(std::size_t limit);

    Entry const* current(FlowKey key) const { return table_.current(key); }
    // Live read: folded totals plus what the versions still in sight have counted so far.
    FlowTotals totals(FlowKey key) const;

    std::size_t size() const { return table_.size(); }
    std::size_t retired() const { return retired_.size(); }
    // For leak checks: versions allocated and not yet freed (current plus retired).
    std::size_t versions_alive() const { return alive_; }

private:
    struct Version;
    struct Flow;

    void fold(Version const& version, FlowTotals& into) const;
    Flow& flow_of(FlowKey key);
    void retire(Flow& flow, std::unique_ptr<Version> version) noexcept;

    Table& table_;
    std::size_t workers_;
    std::size_t alive_ = 0;
    std::unique_ptr<EntryPlaces> places_; // outlives what is in it
    std::unordered_map<FlowKey, std::unique_ptr<Flow>> flows_;
    RetireList<std::unique_ptr<Version>> retired_;
};

} // namespace mcast::handoff
