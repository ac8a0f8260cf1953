// Tells IGMP when messages of a link did not reach it: refused by a worker's limit or a full queue,
// or still waiting while timers are about to run. Control thread.
#pragma once

#include "igmp_component.h"
#include "interfaces.h"

#include "mcast/base/ids.h"
#include "mcast/base/time.h"
#include "mcast/handoff/worker_channel.h"

#include <array>
#include <cstdint>

namespace mcast::control {

class Overruns {
public:
    // Before timers of IGMP run, and only then: it reads what other cores write. `left`: reports
    // that waited when the turn began still do. One that has come since is as late as it looks.
    void tell(handoff::Shared const& shared, Interfaces const& interfaces, IgmpComponent& igmp,
              bool left, TimePoint now);

private:
    std::array<std::uint64_t, k_max_interfaces> refused_{}; // in all, when last looked at
};

} // namespace mcast::control
