// What every entry must say, as a function of its key and one free byte: a reader that recomputes
// it notices an entry that is torn, freed, or another flow's.
#pragma once

#include "mcast/handoff/publisher.h"
#include "mcast/handoff/table.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace mcast::stress {

// The free byte ("flavour") travels as highest_threshold.
inline handoff::EntrySpec spec_of(FlowKey key, std::uint8_t flavour) {
    handoff::EntrySpec spec{.key = key, .highest_threshold = flavour};
    std::uint32_t const base = key.source.value ^ key.group.value;
    spec.arrival = IfIndex{static_cast<std::uint16_t>(base % k_max_interfaces)};
    for (std::uint32_t n = 0; n < flavour % 5U; ++n) {
        std::uint32_t const output = base * 7 + flavour + n * 31;
        spec.outputs.insert(IfIndex{static_cast<std::uint16_t>(output % k_max_interfaces)});
    }
    spec.outputs.erase(spec.arrival);
    spec.negative = flavour % 8 == 7 ? handoff::Drop::no_member : handoff::Drop::none;
    return spec;
}

inline bool is_sound(handoff::Entry const& entry, FlowKey asked) {
    handoff::EntrySpec const spec = spec_of(asked, entry.highest_threshold);
    return entry.key == asked && entry.arrival == spec.arrival && entry.outputs == spec.outputs &&
           entry.negative == spec.negative && entry.version != 0 && entry.counters != nullptr;
}

// Keys by index. The first k_pinned are published for the whole run, half of them among keys that
// share one bucket; those up to k_crowded share that bucket too, and come and go.
class Flows {
public:
    static constexpr std::size_t k_pinned = 64;
    static constexpr std::size_t k_crowded = 128;
    static constexpr std::size_t k_count = 16384;

    explicit Flows(std::uint64_t table_seed);

    FlowKey operator[](std::size_t n) const { return keys_[n]; }
    // A key that is never published.
    static FlowKey never(std::uint32_t n) { return {Ipv4{n}, Ipv4::of(224, 1, 1, 1)}; }

private:
    std::vector<FlowKey> keys_;
};

} // namespace mcast::stress
