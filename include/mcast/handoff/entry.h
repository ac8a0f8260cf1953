// A forwarding entry as workers see it: frozen at publication, one cache line.
//
// Written by: control, before publication, never after. Read by: workers, between two quiescent
// points. A change is a new entry; the old one is retired and freed when no worker can see it.
#pragma once

#include "mcast/base/flow.h"
#include "mcast/base/ids.h"
#include "mcast/base/if_set.h"
#include "mcast/handoff/counters.h"

#include <cstddef>
#include <cstdint>

namespace mcast::handoff {

// What one worker counted on one version of an entry. Written by: that worker. Read by: control,
// which folds it into the totals of the flow when the version is retired.
struct alignas(64) EntryCounters {
    Counter packets; // accepted and replicated
    Counter bytes;   // IPv4 total lengths of those
    Counter wrong_interface;
    Counter ttl_expired;
    Counter dropped; // by a negative entry, a threshold or outputs that are down
};

struct alignas(64) Entry {
    FlowKey key{};
    IfSet outputs{};                    // never contains `arrival`
    EntryCounters* counters = nullptr;  // one per worker, owned by the publisher
    IfIndex arrival = k_no_interface;   // where the flow is expected (RPF interface)
    std::uint8_t highest_threshold = 0; // of the outputs: TTLs above it need no test per output
    Drop negative = Drop::none;         // other than none: drop and count under this name
    std::uint32_t version = 0;          // counts the versions of this key, from 1

    bool forwards() const { return negative == Drop::none; }
};
static_assert(sizeof(Entry) == 64, "the common case is one cache line");

// Where a worker's counters of an entry are, by the entry's address alone: a publisher's entries
// have them right behind. To prefetch, no more.
inline void const* counters_behind(Entry const* entry, WorkerId worker) {
    return reinterpret_cast<std::byte const*>(entry) + sizeof(Entry) +
           worker.index() * sizeof(EntryCounters);
}

} // namespace mcast::handoff
