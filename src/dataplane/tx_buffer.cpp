#include "mcast/dataplane/tx_buffer.h"

#include <algorithm>
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

void TxBuffers::count_sent(Label label, std::uint64_t frames, std::uint64_t bytes) {
    handoff::InterfaceCounters& counters = counters_.interfaces[label.interface.index()];
    if (label.control != 0) {
        counters.injected.add(frames);
        return;
    }
    counters.frames_sent.add(frames);
    counters.bytes_sent.add(bytes);
}

void TxBuffers::refuse(rte_mbuf* frame, Label label) {
    handoff::InterfaceCounters& counters = counters_.interfaces[label.interface.index()];
    if (label.control != 0) {
        counters.inject_dropped.add(1);
    } else {
        counters.copy_drops[static_cast<std::size_t>(CopyDrop::tx_full)].add(1);
    }
    rte_pktmbuf_free(frame);
}

// How many of the lane's frames the driver took. Their mbufs may be gone by then.
std::size_t TxBuffers::send(Lane& lane) const {
    return rte_eth_tx_burst(lane.path.dpdk_port, lane.path.queue, lane.waiting.data(),
                            static_cast<std::uint16_t>(lane.count));
}

// How many of them the relay ring had room for; the owner of the queue counts those.
std::size_t TxBuffers::pass_on(Lane const& lane) const {
    std::array<OutFrame, k_burst> out;
    std::size_t at = 0;
    for (std::size_t r = 0; r < lane.runs; ++r) {
        Label const label = lane.run[r].label;
        for (std::size_t end = at + lane.run[r].frames; at < end; ++at) {
            rte_mbuf* const frame = lane.waiting[at];
            out[at] = {.frame = frame,
                       .length = frame->pkt_len,
                       .interface = label.interface,
                       .control = label.control};
        }
    }
    return rte_ring_enqueue_burst_elem(lane.path.relay, out.data(), sizeof(OutFrame),
                                       static_cast<unsigned>(lane.count), nullptr);
}

void TxBuffers::flush(Lane& lane) {
    bool const relayed = lane.path.relay != nullptr;
    std::size_t const taken = relayed ? pass_on(lane) : send(lane);
    std::size_t at = 0;
    for (std::size_t r = 0; r < lane.runs; ++r) {
        Run run = lane.run[r];
        std::size_t const end = at + run.frames;
        // Those that were not taken are still ours to look at.
        for (std::size_t left = std::max(at, taken); left < end; ++left) {
            --run.frames;
            run.bytes -= lane.waiting[left]->pkt_len;
            refuse(lane.waiting[left], run.label);
        }
        if (!relayed) {
            count_sent(run.label, run.frames, run.bytes);
        }
        at = end;
    }
    lane.count = 0;
    lane.runs = 0;
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

bool TxBuffers::empty_relays() {
    bool any = false;
    for (platform::Relay const& relay : relays_) {
        unsigned const count = rte_ring_dequeue_burst_elem(
            relay.ring, relayed_.data(), sizeof(OutFrame), relayed_.size(), nullptr);
        for (unsigned i = 0; i < count; ++i) {
            OutFrame const& out = relayed_[i];
            put(relay.port, out.frame, out.length, {out.interface, out.control});
        }
        any = any || count != 0;
    }
    return any;
}

void TxBuffers::drop_relayed() {
    for (platform::Relay const& relay : relays_) {
        OutFrame out;
        while (rte_ring_dequeue_elem(relay.ring, &out, sizeof out) == 0) {
            refuse(out.frame, {out.interface, out.control});
        }
    }
}

} // namespace mcast::dataplane
