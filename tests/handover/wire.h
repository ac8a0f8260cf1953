// The cables: ports made of rings whose other ends the test holds, with one queue in each direction
// for each worker, so that a stream stays with one worker and keeps its order.
//
// The drivers' rings order memory between the threads at their ends, in code that ThreadSanitizer
// does not see. Each lane says it once more in words that it hears. This orders the test's traffic
// thread and the workers, never control and the workers: what those two share must stand on its
// own.
#pragma once

#include "mcast/base/ids.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

struct rte_mbuf;
struct rte_ring;

namespace mcast::handover {

class Wire {
public:
    static constexpr std::size_t k_ports = 4;
    static constexpr std::size_t k_most_workers = 4;
    static constexpr unsigned k_slots = 4096;

    // Once a process: ports come and go slowly.
    static Wire& with_workers(std::size_t workers);

    std::uint16_t dpdk_port(PortId port) const { return ports_[port.index()]; }
    std::size_t workers() const { return workers_; }

    // One thread at a time. The frame belongs to the worker then. False: no room.
    bool send(PortId port, std::size_t worker, rte_mbuf* frame);
    // Calls f(frame, worker) for what has come out of the port; f owns the frame.
    template <class F>
    std::size_t drain(PortId port, F&& f) {
        std::size_t done = 0;
        for (std::size_t worker = 0; worker < workers_; ++worker) {
            while (rte_mbuf* const frame = take(port, worker)) {
                f(frame, worker);
                ++done;
            }
        }
        return done;
    }

    // The worker stops in the middle of its next turn, and goes on when told. Control thread.
    void stall(WorkerId worker, bool on) {
        stalled_[worker.index()].store(on, std::memory_order_relaxed);
    }
    bool standing(WorkerId worker) const {
        return standing_[worker.index()].load(std::memory_order_relaxed);
    }

private:
    struct Lane {
        rte_ring* to_worker = nullptr;
        rte_ring* from_worker = nullptr;
        std::atomic<std::uint64_t> sent{0};  // traffic thread releases, worker acquires
        std::atomic<std::uint64_t> taken{0}; // worker releases, traffic thread acquires
        std::atomic<bool>* stalled = nullptr;
        std::atomic<bool>* standing = nullptr;
    };

    explicit Wire(std::size_t workers);
    Lane& lane(PortId port, std::size_t worker) { return lanes_[port.index()][worker]; }
    void make_port(std::size_t port);
    rte_mbuf* take(PortId port, std::size_t worker);
    static std::uint16_t received(std::uint16_t port, std::uint16_t queue, rte_mbuf** frames,
                                  std::uint16_t count, std::uint16_t most, void* lane);
    static std::uint16_t sending(std::uint16_t port, std::uint16_t queue, rte_mbuf** frames,
                                 std::uint16_t count, void* lane);

    std::size_t workers_;
    std::array<std::atomic<bool>, k_most_workers> stalled_{};
    std::array<std::atomic<bool>, k_most_workers> standing_{};
    std::array<std::array<Lane, k_most_workers>, k_ports> lanes_;
    std::array<std::uint16_t, k_ports> ports_{};
};

} // namespace mcast::handover
