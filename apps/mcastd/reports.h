// From what the platform knows to what control shows: plain values, so that neither knows the
// other.
#pragma once

#include "mcast/config/config.h"
#include "mcast/control/control_loop.h"
#include "mcast/platform/pools.h"
#include "mcast/platform/ports.h"

#include <vector>

namespace mcastd {

std::vector<mcast::control::PortFacts> port_facts(mcast::platform::Ports const& ports);

// The references must outlive the reporters. Buffers that are in use now (the ports' own rings) are
// the balance from which `mbuf_balance` counts.
mcast::control::Reporters make_reporters(mcast::config::Config const& config,
                                         mcast::platform::Ports const& ports,
                                         mcast::platform::Pools const& pools);

} // namespace mcastd
