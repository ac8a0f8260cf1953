// Which queues of which ports one worker polls and fills. Plain values; made by Ports, read by one
// worker.
//
// A port may have fewer transmit queues than there are workers (a capture file has one). Then the
// worker that owns the queue sends for the others: they pass it their frames over a ring, which it
// empties once a turn.
#pragma once

#include "mcast/base/ids.h"
#include "mcast/platform/numa_plan.h"

#include <cstdint>
#include <vector>

struct rte_mbuf;
struct rte_ring;

namespace mcast::platform {

class QueueDepths;

struct ReceiveQueue {
    PortId port{};
    std::uint16_t dpdk_port = 0;
    std::uint16_t queue = 0;
};

// One frame on its way to a port, on a worker's burst buffer or on a relay ring. Whoever sends it
// counts it under `interface`.
struct OutFrame {
    rte_mbuf* frame = nullptr;
    std::uint32_t length = 0;
    IfIndex interface = k_no_interface;
    std::uint16_t control = 0; // 1: control's own packet, counted as injected
};
static_assert(sizeof(OutFrame) == 16, "an element of a relay ring");

struct TransmitPath {
    std::uint16_t dpdk_port = 0;
    std::uint16_t queue = 0;
    rte_ring* relay = nullptr;    // not null: pass OutFrames to the queue's owner instead
    bool multi_segment = false;   // the port takes frames of several segments
    std::uint32_t longest = 1518; // frame, bytes without FCS
    bool exists = false;
};

// A ring that this worker empties, for a transmit queue that it owns.
struct Relay {
    PortId port{};
    rte_ring* ring = nullptr;
};

struct WorkerQueues {
    std::vector<ReceiveQueue> receive;
    std::vector<TransmitPath> transmit; // by PortId
    std::vector<Relay> relays;
    int node = k_any_node;         // of the worker's core; where its copies come from
    QueueDepths* depths = nullptr; // control asks there how full they are; may be none
};

} // namespace mcast::platform
