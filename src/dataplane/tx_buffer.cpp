#include "mcast/dataplane/tx_buffer.h"

#include <bit>

#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_ring.h>
#include <rte_ring_elem.h>

namespace mcast::dataplane {

using handoff::CopyDrop;
using platform::OutFrame;

TxBuffers::TxBuffers(std::vector<platform::TransmitPath> paths, std::vector<platform::Relay> relays,
                     handoff::WorkerCounters& counters)
    : relays_(std::move(relays)), counters_(counters) {
    for (std::size_t port = 0; port < paths.size() && port < k_max_ports; ++port) {
        lanes_[port].path = paths[port];
    }
}

void TxBuffers::count_sent(OutFrame const& out) {
    handoff::InterfaceCounters& counters = counters_.interfaces[out.interface.index()];
    if (out.control != 0) {
        counters.injected.add(1);
        return;
    }
    counters.frames_sent.add(1);
    counters.bytes_sent.add(out.length);
}

void TxBuffers::refuse(OutFrame const& out) {
    handoff::InterfaceCounters& counters = counters_.interfaces[out.interface.index()];
    if (out.control != 0) {
        counters.inject_dropped.add(1);
    } else {
        counters.copy_drops[static_cast<std::size_t>(CopyDrop::tx_full)].add(1);
    }
    rte_pktmbuf_free(out.frame);
}

// How many of the lane's frames the driver took. Their mbufs may be gone by then.
std::size_t TxBuffers::send(Lane const& lane) const {
    std::array<rte_mbuf*, k_burst> frames;
    for (std::size_t i = 0; i < lane.count; ++i) {
        frames[i] = lane.waiting[i].frame;
    }
    return rte_eth_tx_burst(lane.path.dpdk_port, lane.path.queue, frames.data(),
                            static_cast<std::uint16_t>(lane.count));
}

void TxBuffers::flush(Lane& lane) {
    std::size_t taken = 0;
    if (lane.path.relay != nullptr) {
        // The owner counts what it takes; only what does not fit is ours to count.
        taken = rte_ring_enqueue_burst_elem(lane.path.relay, lane.waiting.data(), sizeof(OutFrame),
                                            static_cast<unsigned>(lane.count), nullptr);
    } else {
        taken = send(lane);
        for (std::size_t i = 0; i < taken; ++i) {
            count_sent(lane.waiting[i]);
        }
    }
    for (std::size_t i = taken; i < lane.count; ++i) {
        refuse(lane.waiting[i]);
    }
    lane.count = 0;
}

void TxBuffers::flush_all() {
    for (std::uint64_t rest = dirty_; rest != 0; rest &= rest - 1) {
        Lane& lane = lanes_[static_cast<std::size_t>(std::countr_zero(rest))];
        if (lane.count != 0) {
            flush(lane);
        }
    }
    dirty_ = 0;
}

bool TxBuffers::take_relayed() {
    bool any = false;
    for (platform::Relay const& relay : relays_) {
        std::array<OutFrame, 2 * k_burst> taken;
        unsigned const count = rte_ring_dequeue_burst_elem(relay.ring, taken.data(),
                                                           sizeof(OutFrame), taken.size(), nullptr);
        for (unsigned i = 0; i < count; ++i) {
            put(relay.port, taken[i]);
        }
        any = any || count != 0;
    }
    return any;
}

void TxBuffers::drop_relayed() {
    for (platform::Relay const& relay : relays_) {
        OutFrame out;
        while (rte_ring_dequeue_elem(relay.ring, &out, sizeof out) == 0) {
            refuse(out);
        }
    }
}

} // namespace mcast::dataplane
