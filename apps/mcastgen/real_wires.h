// The ports of a test plan as they are: interfaces of the kernel, or DPDK's. One thread.
#pragma once

#include "commands.h"

#include "rfc3918/plan.h"
#include "rfc3918/wires.h"

#include "mcast/platform/start_error.h"

#include <expected>
#include <memory>
#include <span>
#include <string>

namespace mcast::gen {

std::expected<std::unique_ptr<rfc3918::Wires>, platform::StartError>
open_wires(rfc3918::Plan const& plan, std::span<std::string const> eal);

} // namespace mcast::gen
