// Link state of a port whose frames pass through a kernel interface. Control thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mcast::platform {

// The interface behind an AF_PACKET port, from its device string; empty when it names
// none, nullopt for any other port.
std::optional<std::string> af_packet_interface(std::string_view device);

bool kernel_has(std::string const& interface);

// Whether the kernel's interface exists, is set up and has carrier.
bool kernel_link_up(std::string const& interface);

} // namespace mcast::platform
