// "--expect" arguments to expectations. No state.
#pragma once

#include "check_report.h"

#include <expected>
#include <string>
#include <vector>

namespace mcast::gen {

// Each "FLOW=FIRST-LAST" or "FLOW=COUNT" (from 0), FLOW a name of the scenario or a number; "none"
// expects nothing. The error is a sentence.
std::expected<std::vector<Expectation>, std::string>
parse_expectations(std::vector<std::string> const& texts, FlowNames const& names);

} // namespace mcast::gen
