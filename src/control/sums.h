// What all workers counted, added up.
#pragma once

#include "mcast/handoff/worker_channel.h"

#include <array>
#include <cstdint>
#include <optional>

namespace mcast::control {

struct Sums {
    std::uint64_t received = 0;
    std::uint64_t reinjected = 0;
    std::uint64_t forwarded = 0;
    std::array<std::uint64_t, handoff::k_punt_classes> punted{};
    std::array<std::uint64_t, handoff::k_drop_reasons> drops{};
    std::uint64_t copies = 0;
    std::uint64_t fragments = 0;
    std::uint64_t frames_sent = 0;
    std::uint64_t threshold = 0;
    std::uint64_t link_down = 0;
    std::array<std::uint64_t, handoff::k_copy_drop_reasons> copy_drops{};
    std::uint64_t injected = 0;
    std::uint64_t inject_dropped = 0;
    std::uint64_t alerts = 0;
    std::uint64_t alerts_policed = 0;
    std::uint64_t alerts_full = 0;

    void add(handoff::InterfaceCounters const& counters);
    std::uint64_t all_drops() const;
    std::uint64_t all_punted() const;
    std::uint64_t all_copy_drops() const;
    // Both are 0 when every packet and every copy is accounted for.
    std::int64_t difference() const;
    std::int64_t copy_difference() const;
};

Sums sums_of_interface(handoff::Shared const& shared, IfIndex interface);
// Frames that belong to no interface.
Sums sums_of_port(handoff::Shared const& shared, PortId port);
Sums sums_of_worker(handoff::WorkerCounters const& counters);
Sums sums_of_all(handoff::Shared const& shared);

} // namespace mcast::control
