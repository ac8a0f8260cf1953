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

    // One burst between classification and replication.
    struct Burst {
        std::array<Verdict, k_burst> verdicts;
        std::array<FlowKey, k_burst> keys;
        std::array<std::uint16_t, k_burst> which; // of the frames that ask the table
        std::array<handoff::Entry const*, k_burst> entries;
        std::size_t lookups = 0;
    };
    enum class Origin : std::uint8_t { received, reinjected };

    void process_burst(PortId port, rte_mbuf** frames, std::uint16_t count, std::uint64_t now);
    Verdict judge(rte_mbuf const* frame, PortId port) const;
    bool inject(handoff::Frame const& frame, std::uint64_t now);
    bool transmit_injected(handoff::Frame const& frame);
    bool reinject(handoff::Frame const& frame, std::uint64_t now);
    void settle(rte_mbuf* frame, Verdict const& verdict, handoff::Entry const* entry, PortId port,
                Origin origin, std::uint64_t now);
    void forward_one(rte_mbuf* frame, Verdict const& verdict, handoff::Entry const& entry,
                     std::uint64_t now);
    void punt_one(rte_mbuf* frame, Verdict const& verdict, handoff::PuntClass to, PortId port,
                  std::uint64_t now);
    void drop_one(rte_mbuf* frame, handoff::InterfaceCounters& counters, handoff::Drop why);
    handoff::InterfaceCounters& counters_of(IfIndex arrival, PortId port);
    void rest(std::uint32_t idle_turns) const;

    WorkerSetup setup_;
    handoff::Shared& shared_;
    handoff::WorkerChannel& channel_;
    platform::Pools const& pools_;
    platform::Qsbr& grace_;
    handoff::WorkerCounters& counters_;
    handoff::InterfaceTable const* table_ = nullptr; // of this turn
    TxBuffers transmit_;
    Replicator replicator_;
    Punter punter_;
    bool online_ = false;
};

} // namespace mcast::dataplane
