// Unknown flows: the parked packet makes the manager decide, and goes on by the entry that follows.
//
// A packet goes back through the worker that parked it, in the order of parking. When that worker's
// queue is full the packet waits here in its slot and the worker's further misses wait behind it:
// nothing is lost until the queue of misses itself is full, and that the worker counts.
#pragma once

#include "demux.h"
#include "injector.h"

#include "mcast/base/time.h"
#include "mcast/mgm/group_manager.h"

#include <cstddef>
#include <vector>

namespace mcast::control {

class Misses {
public:
    Misses(handoff::Shared& shared, mgm::GroupManager& manager, Injector& injector,
           Interfaces const& interfaces, Counters& counters);

    // At most `limit` of this worker's parked packets; returns how many were judged.
    std::size_t drain(WorkerId worker, std::size_t limit, TimePoint now);

private:
    enum class Step : std::uint8_t { judged, waits };
    Step judge(WorkerId worker, handoff::Frame& frame, TimePoint now);

    handoff::Shared& shared_;
    mgm::GroupManager& manager_;
    Injector& injector_;
    Interfaces const& interfaces_;
    Counters& counters_;
    std::vector<handoff::Frame*> waiting_; // by worker; nullptr: none
};

} // namespace mcast::control
