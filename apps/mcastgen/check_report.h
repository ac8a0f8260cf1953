// The result of a check as a table for people and as JSON for programs. No state.
#pragma once

#include "checker.h"

#include <map>
#include <string>

namespace mcast::gen {

// Flow identifiers to names, from the scenario when there is one.
using FlowNames = std::map<std::uint32_t, std::string>;

// Header, one line a flow, totals, verdict.
std::string check_table(CheckResult const& result, FlowNames const& names);
std::string check_json(CheckResult const& result, FlowNames const& names);

} // namespace mcast::gen
