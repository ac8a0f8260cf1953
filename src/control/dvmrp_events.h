// What DVMRP's engine reports, as lines in the log. Control thread only.
#pragma once

#include "interfaces.h"

#include "mcast/dvmrp/output.h"

#include <string_view>

namespace mcast::control {

void log_event(Interfaces const& interfaces, dvmrp::Event const& event);

// "one-way", "two-way", "ignored".
std::string_view name_of(dvmrp::NeighborState state);

} // namespace mcast::control
