#include "mcast/platform/replay_source.h"

#include <algorithm>
#include <utility>

#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_mbuf_dyn.h>

namespace mcast::platform {

namespace {

// A driver may give nothing once without being at its end.
constexpr int k_empty_polls = 4;

} // namespace

ReplaySource::ReplaySource(std::span<ReceiveQueue const> queues, TimePoint origin)
    : origin_(origin) {
    for (ReceiveQueue const& queue : queues) {
        lanes_.emplace_back().queue = queue;
    }
    std::ranges::sort(
        lanes_, {}, [](Lane const& lane) { return std::pair{lane.queue.port, lane.queue.queue}; });
    timestamp_offset_ = rte_mbuf_dynfield_lookup(RTE_MBUF_DYNFIELD_TIMESTAMP_NAME, nullptr);
    int const bit = rte_mbuf_dynflag_lookup(RTE_MBUF_DYNFLAG_RX_TIMESTAMP_NAME, nullptr);
    timestamp_flag_ = bit < 0 ? 0 : std::uint64_t{1} << bit;
}

ReplaySource::~ReplaySource() {
    for (Lane& lane : lanes_) {
        for (std::size_t i = lane.first; i < lane.end; ++i) {
            rte_pktmbuf_free(lane.waiting[i]);
        }
    }
}

void ReplaySource::fill(Lane& lane) const {
    if (lane.drained || lane.first != lane.end) {
        return;
    }
    lane.first = 0;
    for (int poll = 0; poll < k_empty_polls; ++poll) {
        lane.end = rte_eth_rx_burst(lane.queue.dpdk_port, lane.queue.queue, lane.waiting.data(),
                                    static_cast<std::uint16_t>(k_burst));
        if (lane.end != 0) {
            return;
        }
    }
    lane.drained = true;
}

std::uint64_t ReplaySource::microseconds(rte_mbuf const* frame) const {
    if (timestamp_offset_ < 0 || (frame->ol_flags & timestamp_flag_) == 0) {
        return 0;
    }
    return *RTE_MBUF_DYNFIELD(frame, timestamp_offset_, rte_mbuf_timestamp_t const*);
}

std::optional<ReplayPacket> ReplaySource::next() {
    Lane* best = nullptr;
    std::uint64_t best_time = 0;
    for (Lane& lane : lanes_) {
        fill(lane);
        if (lane.first == lane.end) {
            continue;
        }
        std::uint64_t const time = microseconds(lane.waiting[lane.first]);
        if (best == nullptr || time < best_time) {
            best = &lane;
            best_time = time;
        }
    }
    if (best == nullptr) {
        return std::nullopt;
    }
    if (!earliest_) {
        earliest_ = best_time;
    }
    // A capture whose own times go backwards gives packets at the origin, not before it.
    std::uint64_t const later = best_time - std::min(best_time, *earliest_);
    return ReplayPacket{origin_ + std::chrono::microseconds{later}, best->queue.port,
                        best->waiting[best->first++]};
}

} // namespace mcast::platform
