// What the group manager does, reported as it happens to whoever keeps a record of it.
//
// An observer changes nothing and may not call the manager: it is called in the middle of its work.
// It must not throw. Events are values; reporting them allocates nothing. Control thread only.
#pragma once

#include "mcast/base/if_set.h"
#include "mcast/base/time.h"
#include "mcast/handoff/counters.h"
#include "mcast/mgm/component.h"
#include "mcast/mgm/views.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace mcast::mgm {

enum class EventKind : std::uint8_t {
    taken,       // by `component`, which owns the interface or, for IGMP, is on it from here on
    released,    // by `component`
    ready,       // the change of owner is complete: `change` has its durations
    gate_closed, // of `component`, which is IGMP
    gate_opened, // with `epoch`
    join,        // delivered to `component`; `cause` says why
    prune,
    local_join,
    local_leave,
    wrong_interface,
    entry_created, // `key`, expected on `interface`; `outputs`, or `negative` and why
    entry_changed,
    entry_withdrawn, // `reason`: why, if it was for its age
    stale_swept,     // what IGMP had not added again in time
    refused,         // `reason`: the counter that counted it
    count_
};
inline constexpr std::size_t k_event_kinds = static_cast<std::size_t>(EventKind::count_);
std::string_view name_of(EventKind kind);

// Members that say nothing about a kind have their defaults.
struct Event {
    EventKind kind{};
    TimePoint at{}; // the manager's time, that of its last step or miss
    std::optional<ComponentId> component{};
    InterfaceRef interface{k_no_interface, {}};
    MembershipKey key{};
    AlertCause cause{};
    Epoch epoch{};
    HandOver change{};
    IfSet outputs{};
    handoff::Drop negative = handoff::Drop::none;
    std::string_view reason{}; // of static life
};

class Observer {
public:
    virtual ~Observer() = default;
    virtual void on_event(Event const& event) = 0;
};

} // namespace mcast::mgm
