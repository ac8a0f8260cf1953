#include "mcast/platform/queue_depths.h"

#include <utility>

#include <rte_ethdev.h>

namespace mcast::platform {

namespace {

// What a driver answers when it has no such operation, or does not like the question, is below 0.
std::int32_t receive_depth(NicQueue const& queue) {
    return rte_eth_rx_queue_count(queue.dpdk_port, queue.queue);
}

// Descriptors count from where the next packet goes, all around the ring: so the packet that was
// sent last is at the end, and what the NIC is not done with is one piece before it. Where that
// begins is found by halves.
std::int32_t transmit_depth(NicQueue const& queue) {
    std::uint16_t done = 0;
    std::uint16_t waiting = queue.descriptors;
    while (done < waiting) {
        auto const middle = static_cast<std::uint16_t>(done + (waiting - done) / 2);
        int const status = rte_eth_tx_descriptor_status(queue.dpdk_port, queue.queue, middle);
        if (status < 0) {
            return status;
        }
        if (status == RTE_ETH_TX_DESC_FULL) {
            waiting = middle;
        } else {
            done = static_cast<std::uint16_t>(middle + 1);
        }
    }
    return queue.descriptors - waiting;
}

} // namespace

QueueDepths::QueueDepths(std::vector<NicQueue> receive, std::vector<NicQueue> transmit)
    : receive_(std::move(receive)), transmit_(std::move(transmit)),
      depths_(std::make_unique<Depth[]>(receive_.size() + transmit_.size())) {
    for (std::size_t i = 0; i < receive_.size() + transmit_.size(); ++i) {
        depths_[i].store(k_unknown, std::memory_order_relaxed);
    }
}

void QueueDepths::measure() {
    std::uint32_t const asked = asked_.load(std::memory_order_relaxed);
    std::size_t next = 0;
    for (NicQueue const& queue : receive_) {
        depths_[next++].store(receive_depth(queue), std::memory_order_relaxed);
    }
    for (NicQueue const& queue : transmit_) {
        depths_[next++].store(transmit_depth(queue), std::memory_order_relaxed);
    }
    // Pairs with the acquire in read(): who sees the answer's number sees its depths.
    answered_.store(asked, std::memory_order_release);
}

std::optional<std::uint32_t> QueueDepths::read(std::size_t i) const {
    std::uint32_t const answered = answered_.load(std::memory_order_acquire);
    if (asked_.load(std::memory_order_relaxed) - answered > 1) {
        return std::nullopt;
    }
    std::int32_t const depth = depths_[i].load(std::memory_order_relaxed);
    return depth < 0 ? std::nullopt : std::optional{static_cast<std::uint32_t>(depth)};
}

} // namespace mcast::platform
