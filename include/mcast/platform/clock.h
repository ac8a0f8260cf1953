// The clock: read once a turn by the programs, passed to everything else. Any thread.
#pragma once

#include "mcast/base/time.h"

#include <cstdint>

namespace mcast::platform {

// CLOCK_MONOTONIC.
TimePoint now();

// The processor's time stamp counter, for measuring turns and policing. The rate is known once EAL
// has started.
std::uint64_t cycles();
std::uint64_t cycles_per_second();

} // namespace mcast::platform
