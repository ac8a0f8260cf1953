// The books at the end: is every packet and every buffer accounted for?
#pragma once

#include "mcast/control/control_loop.h"
#include "mcast/platform/pools.h"

namespace mcastd {

// Logs the accounting and the balance of buffers. False when something does not add up.
// Preconditions: the workers are gone and the ports are closed.
bool close_the_books(mcast::control::ControlLoop const& control,
                     mcast::platform::Pools const& pools, mcast::TimePoint now);

} // namespace mcastd
