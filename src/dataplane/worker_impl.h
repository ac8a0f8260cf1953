// The worker's inside; see worker.h.
#pragma once

#include "mcast/dataplane/worker.h"

#include "punter.h"

#include "mcast/dataplane/classify.h"
#include "mcast/dataplane/replicate.h"
#include "mcast/dataplane/tx_buffer.h"
#include "mcast/handoff/entry.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace mcast::dataplane {

class Worker::Impl {
public:
    Impl(WorkerSetup setup, handoff::Shared& shared, platform::Pools const& pools,
         platform::Qsbr& grace);
    ~Impl();

    void run(platform::StopFlag const& stop);
    bool poll_once();
    bool take_injections(std::uint64_t now);
    void process(PortId port, rte_mbuf** frames, std::uint16_t count, std::uint64_t now);
    void finish_turn();
    void drain_relays() { transmit_.drop_relayed(); }
    std::uint64_t cycles_at(TimePoint at) const;

private:
    static constexpr std::uint16_t k_burst = 32;
    // Control's packets a turn; the rest waits, so that they cannot starve the receive queues.
    static constexpr int k_injections = 64;

    // Frames of a burst that are judged together: a train of usual packets, or one of any other
    // kind.
    struct Part {
        FlowKey key;
        std::uint32_t bytes; // of a train's packets
        std::uint8_t ttl;    // of a train
        std::uint8_t frames;
        std::uint8_t question; // which one it asks; or k_no_question
        bool train;
    };
    // One burst between classification and replication.
    struct Burst {
        IfIndex arrival; // of all trains
        std::array<Part, k_burst> parts;
        std::array<Verdict, k_burst> verdicts; // by part; of those that are no trains
        std::size_t questions;
        // By question.
        std::array<FlowKey, k_burst> keys;
        std::array<handoff::Entry const*, k_burst> entries;
    };
    static constexpr std::uint8_t k_no_question = 0xff;
    // The last answer of forward(), for the packets that follow. The replicator is aimed at `to`.
    struct Recent {
        handoff::Entry const* entry = nullptr; // none: ask again
        handoff::InterfaceTable const* table = nullptr;
        IfIndex arrival = k_no_interface;
        bool for_all = true; // no output was left out, which would be counted for each packet
        IfSet to{};
        // Gone by it, and not counted yet.
        std::uint64_t packets = 0;
        std::uint64_t bytes = 0;

        // Packets of the same entry.
        bool holds_for(handoff::Entry const& other, IfIndex from, std::uint8_t ttl,
                       handoff::InterfaceTable const& now) const {
            return entry == &other && for_all && table == &now && arrival == from && ttl > 1 &&
                   ttl > other.highest_threshold;
        }
        // Packets of another that come from and go where those did: where this is true,
        // forwards_to_all() is, and the replicator need not be aimed again.
        bool is_way_of(handoff::Entry const& other, IfIndex from, std::uint8_t ttl,
                       handoff::InterfaceTable const& now) const {
            return entry != nullptr && for_all && table == &now && arrival == from &&
                   other.arrival == from && other.forwards() && ttl > 1 &&
                   ttl > other.highest_threshold && other.outputs == to;
        }
    };
    enum class Origin : std::uint8_t { received, reinjected };

    void process_burst(PortId port, rte_mbuf** frames, std::uint16_t count, std::uint64_t now);
    std::size_t judge_all(PortId port, rte_mbuf** frames, std::uint16_t count);
    static std::uint64_t follow(Part& part, std::span<rte_mbuf* const> frames);
    rte_mbuf* judge_other(Verdict& verdict, rte_mbuf* frame, PortId port);
    rte_mbuf* take_out(rte_mbuf* frame, Verdict& verdict);
    void look_up();
    bool forward_train(std::span<rte_mbuf*> frames, Part const& train, handoff::Entry const& entry);
    bool inject(handoff::Frame const& frame, std::uint64_t now);
    bool transmit_injected(handoff::Frame const& frame);
    bool reinject(handoff::Frame const& frame, std::uint64_t now);
    void settle(rte_mbuf* frame, Verdict const& verdict, handoff::Entry const* entry, PortId port,
                Origin origin, std::uint64_t now);
    void forward_one(rte_mbuf* frame, Verdict const& verdict, handoff::Entry const& entry,
                     std::uint64_t now);
    void turn_to(handoff::Entry const& entry, IfIndex arrival, IfSet const* some);
    void count_recent();
    void drop_known(rte_mbuf* frame, Verdict const& verdict, handoff::Entry const& entry,
                    handoff::Drop why, std::uint64_t now);
    void punt_one(rte_mbuf* frame, Verdict const& verdict, handoff::PuntClass to, PortId port,
                  std::uint64_t now);
    void drop_one(rte_mbuf* frame, handoff::InterfaceCounters& counters, handoff::Drop why);
    handoff::InterfaceCounters& counters_of(IfIndex arrival, PortId port);
    void rest(std::uint32_t idle_turns);

    WorkerSetup setup_;
    handoff::Shared& shared_;
    handoff::WorkerChannel& channel_;
    platform::WorkerPools pools_;
    platform::Qsbr& grace_;
    handoff::WorkerCounters& counters_;
    handoff::InterfaceTable const* table_ = nullptr; // of this turn
    TxBuffers transmit_;
    Replicator replicator_;
    Punter punter_;
    Recent recent_;
    Burst burst_; // here, so that no burst clears it
    bool online_ = false;
};

// What went by the last answer of forward() is counted together, before that is forgotten.
inline void Worker::Impl::count_recent() {
    if (recent_.packets != 0) {
        counters_.interfaces[recent_.arrival.index()].forwarded.add(recent_.packets);
        handoff::EntryCounters& of_entry = recent_.entry->counters[setup_.id.index()];
        of_entry.packets.add(recent_.packets);
        of_entry.bytes.add(recent_.bytes);
    }
    recent_.packets = 0;
    recent_.bytes = 0;
    recent_.entry = nullptr;
}

} // namespace mcast::dataplane
