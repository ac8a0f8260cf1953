// The way up: copies frames into control's queues, within the limits of each class and port.
#pragma once

#include "mcast/dataplane/classify.h"
#include "mcast/dataplane/config.h"
#include "mcast/dataplane/policer.h"
#include "mcast/handoff/counters.h"
#include "mcast/handoff/worker_channel.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

struct rte_mbuf;

namespace mcast::dataplane {

class Punter {
public:
    // `by_port`: instead of `limits`, for as many ports as it has.
    Punter(handoff::WorkerChannel& channel, PuntLimits const& limits,
           std::span<PuntLimits const> by_port, std::uint64_t cycles_per_second);

    // Copies the frame, without tag and padding. Drop::none when it went up, else why not. `now` in
    // cycles. The frame stays the caller's.
    handoff::Drop punt(rte_mbuf const* frame, Verdict const& verdict, handoff::PuntClass to,
                       PortId port, std::uint64_t now);

    // Copies the frame's head, without tag, for the owner of the interface on which it wrongly came
    // in, and counts what became of that on `arrival`, that interface's counters.
    void alert(rte_mbuf const* frame, Verdict const& verdict, PortId port,
               handoff::InterfaceCounters& arrival, std::uint64_t now);

private:
    using PerClass = std::array<Policer, handoff::k_punt_classes>;

    handoff::WorkerChannel& channel_;
    std::array<PerClass, k_max_ports> policers_{};
    std::array<Policer, k_max_ports> alert_policers_{};
};

} // namespace mcast::dataplane
