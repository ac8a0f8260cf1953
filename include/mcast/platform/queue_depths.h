// How full the rings of NICs are that one worker polls and fills.
//
// Only that worker may ask a driver: rte_eth_rx_queue_count() walks the ring from where the next
// burst begins, and rte_ethdev.h wants neither it nor rte_eth_tx_descriptor_status() called beside
// a burst on the same queue (for the latter: "on a dataplane core, not concurrently on the same
// queue"). So control asks the worker, which answers between two turns; control reads the answer
// when it likes, and never waits. While nobody asks, a worker reads one word a turn for it.
#pragma once

#include "mcast/base/ids.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace mcast::platform {

// A receive or transmit queue of a port, and the length of its ring.
struct NicQueue {
    PortId port{};
    std::uint16_t dpdk_port = 0;
    std::uint16_t queue = 0;
    std::uint16_t descriptors = 0;
};

class QueueDepths {
public:
    QueueDepths(std::vector<NicQueue> receive, std::vector<NicQueue> transmit);

    std::span<NicQueue const> receive() const { return receive_; }
    std::span<NicQueue const> transmit() const { return transmit_; }

    // Control.
    void ask() {
        asked_.store(asked_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    }
    // Descriptors in use, by place in receive() and transmit(): packets that wait for the worker,
    // or for the NIC (that about, for drivers tell in steps). nullopt: the driver does not say, or
    // the worker has answered neither of the last two times.
    std::optional<std::uint32_t> received(std::size_t i) const { return read(i); }
    std::optional<std::uint32_t> sent(std::size_t i) const { return read(receive_.size() + i); }

    // The worker, between turns.
    void answer() {
        if (asked_.load(std::memory_order_relaxed) != answered_.load(std::memory_order_relaxed))
            [[unlikely]] {
            measure();
        }
    }

private:
    static constexpr std::int32_t k_unknown = -1;
    // Written by the worker. Relaxed: each says its own thing.
    using Depth = std::atomic<std::int32_t>;

    void measure();
    std::optional<std::uint32_t> read(std::size_t i) const;

    std::vector<NicQueue> receive_;
    std::vector<NicQueue> transmit_;
    std::unique_ptr<Depth[]> depths_; // of receive_, then of transmit_
    // Control writes, the worker reads: how often it was asked.
    std::atomic<std::uint32_t> asked_{0};
    // The worker writes, with release after the depths; control reads, with acquire before them.
    std::atomic<std::uint32_t> answered_{0};
};

} // namespace mcast::platform
