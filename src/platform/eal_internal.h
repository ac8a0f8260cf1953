// Shared by the parts of the EAL start.
#pragma once

#include "mcast/platform/config.h"
#include "mcast/platform/start_error.h"

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace mcast::platform {

// True when the user's own arguments have one of these options ("-l", "--lcores").
bool gives(std::span<std::string const> extra, std::initializer_list<std::string_view> options);

// The device without its arguments: what EAL and sysfs call it.
std::string device_name(PortConfig const& port);

// Megabytes of free hugepages of every size, in a folder of sysfs whose name is hugepages.
std::uint64_t free_hugepages(std::filesystem::path const& folder);

// The part of preflight() that is about cores.
std::optional<StartError> check_cores(Config const& config);

// Sends DPDK's log lines to mcast::log, from now on. They are held back at first, unless the level
// is debug: when EAL does not start, one sentence says why.
void take_dpdk_log();
// EAL has started: what was held back is logged, and nothing held back any more.
void release_dpdk_log();
// It has not: the errors among what was held back, in one line, for the sentence.
std::string withhold_dpdk_log();

} // namespace mcast::platform
