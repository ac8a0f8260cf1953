// [dvmrp] and [interface.dvmrp] as text.
#pragma once

#include "mcast/config/config.h"

namespace mcast::config {

class Printer;

void print_dvmrp_of(Printer& out, control::InterfaceConfig const& interface);
void print_dvmrp(Printer& out, dvmrp::Config const& config);

} // namespace mcast::config
