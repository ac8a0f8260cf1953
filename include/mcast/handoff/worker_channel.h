// Everything that control shares with one worker, and everything it shares with all of them.
//
// Per worker: punt queues and alerts up, one inject queue down, counters. For all: the replication
// table and the interface snapshot. Nothing else crosses between cores.
#pragma once

#include "mcast/handoff/counters.h"
#include "mcast/handoff/frame_queue.h"
#include "mcast/handoff/interface_table.h"
#include "mcast/handoff/table.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace mcast::handoff {

// As much of a frame as an alert carries: Ethernet header, then IPv4 header and what follows it.
inline constexpr std::size_t k_alert_packet_bytes = 128;
inline constexpr std::size_t k_alert_bytes = 14 + k_alert_packet_bytes;

struct ChannelSizes {
    std::array<std::size_t, k_punt_classes> punt_slots{256, 1024, 1024, 256, 256}; // by PuntClass
    std::size_t alert_slots = 64;
    std::size_t inject_slots = 1024;
    std::size_t slot_bytes = 9728; // longest frame that can be punted or reinjected
};

struct WorkerChannel {
    explicit WorkerChannel(ChannelSizes const& sizes);

    FrameQueue& punt(PuntClass punt_class) { return *punts[static_cast<std::size_t>(punt_class)]; }

    std::array<std::unique_ptr<FrameQueue>, k_punt_classes> punts; // producer: worker
    // Copies of heads, cut to k_alert_bytes; `interface` is where the frame wrongly came in. Not a
    // punt class: the packet itself was dropped, and counted as that.
    FrameQueue alerts;                        // producer: worker
    FrameQueue inject;                        // producer: control
    std::unique_ptr<WorkerCounters> counters; // writer: worker
};

// All that the two kinds of core share. Built by main, passed by reference to both.
struct Shared {
    // `seed`: see Table.
    Shared(std::size_t workers, std::size_t entries, ChannelSizes const& sizes, GracePeriod& grace,
           std::uint64_t seed = 0);

    Table table;
    PublishedInterfaces interfaces;
    std::vector<std::unique_ptr<WorkerChannel>> workers;
};

} // namespace mcast::handoff
