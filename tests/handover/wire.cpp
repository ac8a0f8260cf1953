#include "wire.h"

#include <stdexcept>

#include <sched.h>

#include <fmt/format.h>
#include <rte_eth_ring.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_ring.h>

namespace mcast::handover {

namespace {

void demand(bool condition, char const* what) {
    if (!condition) {
        throw std::runtime_error(what);
    }
}

} // namespace

Wire& Wire::with_workers(std::size_t workers) {
    static Wire wire(workers);
    return wire;
}

Wire::Wire(std::size_t workers) : workers_(workers) {
    for (std::size_t port = 0; port < k_ports; ++port) {
        make_port(port);
    }
}

void Wire::make_port(std::size_t port) {
    std::array<rte_ring*, k_most_workers> in{};
    std::array<rte_ring*, k_most_workers> out{};
    for (std::size_t worker = 0; worker < workers_; ++worker) {
        Lane& mine = lanes_[port][worker];
        in[worker] = mine.to_worker =
            rte_ring_create(fmt::format("in{}.{}", port, worker).c_str(), k_slots, 0, 0);
        out[worker] = mine.from_worker =
            rte_ring_create(fmt::format("out{}.{}", port, worker).c_str(), k_slots, 0, 0);
        mine.stalled = &stalled_[worker];
        mine.standing = &standing_[worker];
        demand(in[worker] != nullptr && out[worker] != nullptr, "no memory for rings");
    }
    auto const queues = static_cast<std::uint16_t>(workers_);
    int const made = rte_eth_from_rings(fmt::format("wire{}", port).c_str(), in.data(), queues,
                                        out.data(), queues, 0);
    demand(made >= 0, "no port of rings");
    std::uint16_t const id = ports_[port] = static_cast<std::uint16_t>(made);
    // Ring ports need a pool to be configured but never take from it.
    rte_mempool* const pool =
        rte_pktmbuf_pool_create(fmt::format("unused{}", port).c_str(), 7, 0, 0, 128, 0);
    rte_eth_conf const conf{};
    demand(rte_eth_dev_configure(id, queues, queues, &conf) == 0, "port not configured");
    for (std::uint16_t queue = 0; queue < queues; ++queue) {
        demand(rte_eth_rx_queue_setup(id, queue, 512, 0, nullptr, pool) == 0 &&
                   rte_eth_tx_queue_setup(id, queue, 512, 0, nullptr) == 0,
               "queue not set up");
        Lane* const its = &lanes_[port][queue];
        demand(rte_eth_add_rx_callback(id, queue, received, its) != nullptr &&
                   rte_eth_add_tx_callback(id, queue, sending, its) != nullptr,
               "no callback");
    }
    demand(rte_eth_dev_start(id) == 0, "port not started");
}

bool Wire::send(PortId port, std::size_t worker, rte_mbuf* frame) {
    Lane& its = lane(port, worker);
    its.sent.fetch_add(1, std::memory_order_release); // pairs with received()
    return rte_ring_enqueue(its.to_worker, frame) == 0;
}

rte_mbuf* Wire::take(PortId port, std::size_t worker) {
    Lane& its = lane(port, worker);
    void* frame = nullptr;
    if (rte_ring_dequeue(its.from_worker, &frame) != 0) {
        return nullptr;
    }
    (void)its.taken.load(std::memory_order_acquire); // pairs with sending()
    return static_cast<rte_mbuf*>(frame);
}

// On the worker, within its turn: after the driver gave the frames.
std::uint16_t Wire::received(std::uint16_t, std::uint16_t, rte_mbuf**, std::uint16_t count,
                             std::uint16_t, void* lane) {
    auto& its = *static_cast<Lane*>(lane);
    while (its.stalled->load(std::memory_order_relaxed)) {
        its.standing->store(true, std::memory_order_relaxed);
        sched_yield();
    }
    its.standing->store(false, std::memory_order_relaxed);
    (void)its.sent.load(std::memory_order_acquire); // pairs with send()
    return count;
}

// On the worker: before the driver gets the frames.
std::uint16_t Wire::sending(std::uint16_t, std::uint16_t, rte_mbuf**, std::uint16_t count,
                            void* lane) {
    static_cast<Lane*>(lane)->taken.fetch_add(1, std::memory_order_release); // pairs with take()
    return count;
}

} // namespace mcast::handover
