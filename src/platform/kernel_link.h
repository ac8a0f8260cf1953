// Link state of a port whose frames pass through a kernel interface. Control thread.
#pragma once

#include "mcast/platform/ports.h"

#include <optional>
#include <string>

namespace mcast::platform {

// The interface behind an AF_PACKET port, from its device string; nullopt for any other port.
std::optional<std::string> af_packet_interface(PortInfo const& port);

// Whether the kernel's interface exists, is set up and has carrier.
bool kernel_link_up(std::string const& interface);

} // namespace mcast::platform
