// Where a classified packet goes, given its entry: F9 to F12. Pure; any thread.
#pragma once

#include "mcast/base/if_set.h"
#include "mcast/handoff/counters.h"
#include "mcast/handoff/entry.h"
#include "mcast/handoff/interface_table.h"

#include <cstdint>

namespace mcast::dataplane {

struct Outputs {
    handoff::Drop drop = handoff::Drop::none; // none: replicate to `to`
    IfSet to{};
    IfSet below_threshold{}; // planned by the entry, but TTL too low for them (F11)
    IfSet down{};            // planned by the entry, but down
};

// The usual answer: to all outputs of the entry. Where this is true, forward() says the same.
inline bool forwards_to_all(handoff::Entry const& entry, handoff::InterfaceTable const& table,
                            IfIndex arrival, std::uint8_t ttl) {
    return entry.arrival == arrival && ttl > 1 && ttl > entry.highest_threshold &&
           entry.forwards() && !entry.outputs.contains(arrival) && !entry.outputs.empty() &&
           entry.outputs.is_within(table.up);
}

// `ttl` as it arrived. The order: arrival interface (F9), TTL (F10), negative entry, links,
// thresholds (F11). Never the arrival interface, even if the entry were wrong.
inline Outputs forward(handoff::Entry const& entry, handoff::InterfaceTable const& table,
                       IfIndex arrival, std::uint8_t ttl) {
    using handoff::Drop;
    if (entry.arrival != arrival) {
        // A negative entry may expect its flow nowhere: there is no route back.
        bool const nowhere = entry.arrival == k_no_interface && !entry.forwards();
        return {.drop = nowhere ? entry.negative : Drop::wrong_interface};
    }
    if (ttl <= 1) {
        return {.drop = Drop::ttl_expired};
    }
    if (!entry.forwards()) {
        return {.drop = entry.negative};
    }
    Outputs result;
    IfSet planned = entry.outputs;
    planned.erase(arrival);
    result.to = planned & table.up;
    if (result.to != planned) {
        result.down = planned - table.up;
    }
    if (ttl <= entry.highest_threshold) {
        result.to.for_each([&](IfIndex i) {
            if (ttl <= table.interfaces[i.index()].ttl_threshold) {
                result.below_threshold.insert(i);
            }
        });
        result.to = result.to - result.below_threshold;
    }
    if (result.to.empty()) {
        result.drop = result.below_threshold.empty() ? Drop::no_output : Drop::ttl_threshold;
    }
    return result;
}

} // namespace mcast::dataplane
