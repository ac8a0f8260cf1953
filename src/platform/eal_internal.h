// Shared by the parts of the EAL start.
#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace mcast::platform {

// True when the user's own arguments have one of these options ("-l", "--lcores").
bool gives(std::span<std::string const> extra, std::initializer_list<std::string_view> options);

// Sends DPDK's log lines to mcast::log, from now on.
void take_dpdk_log();

} // namespace mcast::platform
