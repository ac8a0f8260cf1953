// A router in one thread for the benches: a real worker on ports made of rings, the real control
// loop, and one clock that advances with the processor time of this thread, so that a shared
// machine does not count. Whoever drives it runs worker and control in turn; in mcastd they run
// beside each other, and control naps when it has nothing to do.
#pragma once

#include "wire.h" // of tests/handover

#include "mcast/control/control_loop.h"
#include "mcast/dataplane/worker.h"
#include "mcast/platform/pools.h"
#include "mcast/platform/qsbr.h"
#include "mcast/wire/igmp.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace mcast::bench {

inline constexpr PortId k_wan{0};
inline constexpr PortId k_lan{1};
inline constexpr Ipv4 k_source = Ipv4::of(10, 0, 0, 5);
inline constexpr Ipv4 k_host = Ipv4::of(10, 1, 0, 9);

// Of this thread alone.
double cpu_nanoseconds();

using Frame = std::vector<std::uint8_t>;
Frame report_frame(wire::ReportV3 const& report);
Frame report_frame(wire::RecordType type, Ipv4 group);
Frame data_frame(Ipv4 group);

class Router {
public:
    explicit Router(Duration last_member_interval = std::chrono::seconds{1});
    ~Router();

    TimePoint now() const;
    // Virtual time only: nothing happens meanwhile.
    void skip(Duration by) { skipped_ += by; }

    void send(PortId port, Frame const& frame);
    // False, and nothing sent, where the worker is that far behind.
    bool try_send(PortId port, Frame const& frame);
    // Takes what came out of the lan; whether a datagram was among it.
    bool datagram_came();
    void worker_turn() { worker_->poll_once(); }
    // True when there was work.
    bool control_turn() { return control_->step(now()); }
    // Until neither has anything to do.
    void settle();

    handoff::FrameQueue& igmp_queue() { return shared_.workers[0]->punt(handoff::PuntClass::igmp); }
    void drain();
    // With members on the lan.
    std::size_t groups() const;
    control::ControlLoop& control() { return *control_; }
    dataplane::Worker& worker() { return *worker_; }
    handover::Wire& wire() { return wire_; }

private:
    handover::Wire& wire_;
    platform::Qsbr grace_{1};
    platform::Pools pools_;
    handoff::Shared shared_;
    std::unique_ptr<control::ControlLoop> control_;
    std::unique_ptr<dataplane::Worker> worker_;
    double start_ = cpu_nanoseconds();
    Duration skipped_{};
};

} // namespace mcast::bench
