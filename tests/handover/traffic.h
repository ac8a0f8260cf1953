// Sends the streams of a run and judges what comes back. One thread, except where it says so.
//
// Of each worker at most a bounded number of packets is under way, far below the room in the rings:
// nothing can be lost for lack of it. A worker takes its packets in order, so whatever comes out
// settles all that was sent to this worker before.
#pragma once

#include "streams.h"
#include "timeline.h"
#include "wire.h"

#include "checker.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

struct rte_mempool;

namespace mcast::handover {

class Traffic {
public:
    Traffic(Wire& wire, rte_mempool* pool, Streams streams);

    // The first packet of each stream, through control and back; returns when all have come back.
    void establish();
    // All streams, until told to stop; returns when everything that was sent has come out.
    void run();
    void stop() { stop_.store(true, std::memory_order_relaxed); } // any thread

    // Any thread. Packets of this worker that have come out so far.
    std::uint64_t settled(WorkerId worker) const {
        return settled_[worker.index()].load(std::memory_order_relaxed);
    }
    std::uint64_t settled() const; // of all workers

    // After the thread has ended.
    // What went wrong, one line each: lost, duplicated, reordered, damaged, in the wrong place.
    std::vector<std::string> faults() const;
    Verdict judge(Kind kind, Timeline const& timeline, bool Sighting::* seen) const;
    std::uint64_t sent() const;
    std::uint64_t received(IfIndex interface) const;

private:
    static constexpr std::size_t k_under_way = 256;
    static constexpr std::size_t k_burst = 32;

    struct Pending {
        std::uint32_t flow;
        std::uint64_t sequence;
        TimePoint sent;
    };

    std::size_t worker_of(std::uint32_t flow) const { return flow / 10 % wire_.workers(); }
    bool send_next();
    bool send(std::uint32_t flow);
    std::size_t receive();
    void came_out(IfIndex interface, std::span<std::uint8_t const> frame);
    void settle(std::size_t worker, TimePoint until, TimePoint now);
    void finish();
    void check_flow(std::uint32_t flow, IfIndex interface, gen::CheckResult const& result,
                    std::vector<std::string>& faults) const;

    Wire& wire_;
    rte_mempool* pool_;
    Streams streams_;
    std::vector<std::uint64_t> next_sequence_;     // by flow
    std::vector<std::vector<Sighting>> sightings_; // by flow; of those that one owner wants
    std::array<std::deque<Pending>, Wire::k_most_workers> under_way_;
    std::array<std::atomic<std::uint64_t>, Wire::k_most_workers> settled_{};
    std::array<gen::Checker, Wire::k_ports> checkers_; // by interface
    std::uint32_t next_both_ = 1;
    std::uint32_t next_single_ = 10;
    std::uint64_t turn_ = 0;
    TimePoint last_sent_{};
    std::vector<std::string> troubles_;
    std::atomic<bool> stop_{false};
};

} // namespace mcast::handover
