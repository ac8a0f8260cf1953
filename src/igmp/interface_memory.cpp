// What follows when an allocation fails, below all budgets: it counts as a limit that was reached,
// and fails toward delivery. The books stay right, every group keeps a timer that runs, and nothing
// ends that hosts may have spoken for: they are asked first, as after an overrun.
#include "interface.h"

#include <algorithm>

namespace mcast::igmp {

namespace {

constexpr Duration k_again = std::chrono::seconds{1};

} // namespace

// A check that began this very moment counts as begun before: its query may not have been sent.
void Interface::out_of_memory(TimePoint now) {
    ++counters_.limit_memory;
    overrun_ = now + Duration{1};
    arm_querier();
}

// With its timer from the start: arming that takes no memory. std::bad_alloc: nothing has changed.
Interface::Groups::iterator Interface::make_group(Ipv4 group, TimePoint now) {
    timer::Handle timer = shared_.wheel.arm(TimePoint::max(), key_of(index_, group));
    auto const at = groups_.try_emplace(group, Group{.address = group, .created = now}).first;
    at->second.timer = std::move(timer);
    return at;
}

void Interface::settle_half_done(Groups::iterator at, Footprint before, TimePoint now,
                                 Output& out) {
    Ipv4 const group = at->first;
    changed(group, out);
    settle(at, before, out);
    auto const left = groups_.find(group);
    if (left == groups_.end()) {
        return;
    }
    // What was due may be still; it is tried again, but not at once.
    timer::Handle& timer = left->second.timer;
    if (auto const due = timer.due(); due && *due <= now) {
        timer.rearm(now + k_again);
    }
}

void Interface::changed(Ipv4 group, Output& out) noexcept {
    try {
        out.changes.push_back({index_, group});
    } catch (std::bad_alloc const&) {
        out.unnoted.insert(index_);
    }
}

void Interface::note(Event const& event, Output& out) noexcept {
    try {
        out.events.push_back(event);
    } catch (std::bad_alloc const&) {
        return; // there are counters beside
    }
}

} // namespace mcast::igmp
