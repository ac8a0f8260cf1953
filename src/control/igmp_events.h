// What the IGMP engine finds worth a line in the log.
#pragma once

#include "interfaces.h"

#include "mcast/igmp/output.h"

namespace mcast::control {

void log_event(Interfaces const& interfaces, igmp::Event const& event);

} // namespace mcast::control
