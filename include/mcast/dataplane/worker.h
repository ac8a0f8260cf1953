// One poll-mode worker: receive, classify, look up, replicate, send.
//
// A turn takes control's injections first, then a burst from each receive queue, then what other
// workers ask it to send, sends, counts, and passes a quiescent point. It shares with control only
// what is in handoff/ and with other workers only the relay rings. No lock, log, allocation or
// system call in a turn (the idle policy of run() may pause, yield or sleep between turns).
//
// Order of decisions: classify.h (edge rules F1..F8), the table (F9: a miss is punted and installs
// nothing), forward.h (F9..F12), replicate (F13..F18). A positive entry's packet counts as
// forwarded even if every copy of it fails later; copies have counters of their own. A packet of a
// known flow on the wrong interface (F9) is dropped; where that interface is in alert mode its head
// also goes up, within a limit.
//
// Owned by main, used by one thread at a time.
#pragma once

#include "mcast/base/ids.h"
#include "mcast/base/time.h"
#include "mcast/dataplane/config.h"
#include "mcast/handoff/worker_channel.h"
#include "mcast/platform/config.h"
#include "mcast/platform/lcores.h"
#include "mcast/platform/pools.h"
#include "mcast/platform/qsbr.h"
#include "mcast/platform/queues.h"

#include <cstdint>
#include <memory>
#include <vector>

struct rte_mbuf;

namespace mcast::dataplane {

struct WorkerSetup {
    WorkerId id{};
    platform::WorkerQueues queues;
    PuntLimits limits;
    // By PortId, where a port's limit is shared with other workers; a port without one: `limits`.
    std::vector<PuntLimits> port_limits = {};
    platform::Idle idle = platform::Idle::spin;
    std::uint32_t wake_up_within = 50;   // microseconds: the longest sleep
    std::uint64_t cycles_per_second = 0; // platform::cycles_per_second()
};

class Worker {
public:
    // The references must outlive the worker; `shared` must have a channel for setup.id.
    Worker(WorkerSetup setup, handoff::Shared& shared, platform::Pools const& pools,
           platform::Qsbr& grace);
    ~Worker();
    Worker(Worker const&) = delete;
    Worker& operator=(Worker const&) = delete;

    // Turns until asked to stop: comes online, idles as configured, goes offline, drains.
    void run(platform::StopFlag const& stop);

    // One turn; true when there was work. Usable without run(): then the worker is offline for the
    // grace period, which is right when one thread runs control and worker in turn.
    bool poll_once();

    // The parts of a turn, for replay: injections; packets as if received on `port` at `at` (the
    // policers' time), taking ownership of the frames; end of turn (send, count, quiescent).
    bool take_injections(TimePoint at);
    void process(PortId port, rte_mbuf** frames, std::uint16_t count, TimePoint at);
    void finish_turn();

    // After all workers have stopped: frees, and counts as not sent, what others passed to this one
    // too late.
    void drain_relays();

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace mcast::dataplane
