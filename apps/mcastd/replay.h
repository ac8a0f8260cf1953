// Captures in, outcome out, the same in every run by construction: one thread runs the worker and
// control in turn, on the time of the captures.
//
// Before each packet, control does everything that is due by then, and the worker sends what
// control gave it; then the packet; then both again until they are quiet. After the last packet
// time stands still. Interfaces come up one second before the first packet.
#pragma once

#include "mcast/control/control_loop.h"
#include "mcast/dataplane/worker.h"
#include "mcast/platform/replay_source.h"

#include <cstdint>

namespace mcastd {

// The first packet's time, and when control starts.
inline constexpr mcast::TimePoint k_replay_origin{std::chrono::seconds{1000}};
inline constexpr mcast::TimePoint k_replay_start = k_replay_origin - std::chrono::seconds{1};

class Replay {
public:
    Replay(mcast::control::ControlLoop& control, mcast::dataplane::Worker& worker)
        : control_(control), worker_(worker) {}

    // Precondition: control was started at k_replay_start.
    void run(mcast::platform::ReplaySource& source);

    mcast::TimePoint now() const { return now_; }
    std::uint64_t packets() const { return packets_; }

private:
    void advance(mcast::TimePoint to);
    // Control and worker in turn, until neither has anything to do.
    void settle();

    mcast::control::ControlLoop& control_;
    mcast::dataplane::Worker& worker_;
    mcast::TimePoint now_ = k_replay_start;
    std::uint64_t packets_ = 0;
};

} // namespace mcastd
