// How fast and how long a scenario's flows send, from the command line instead of the file.
#pragma once

#include "scenario.h"

#include <cstdint>
#include <expected>
#include <optional>
#include <string>

namespace mcast::gen {

struct Pace {
    std::optional<std::uint64_t> rate{};  // datagrams a second of each flow
    std::optional<std::uint64_t> count{}; // datagrams of each flow
    std::optional<Duration> duration{};   // each flow sends for so long; not with `count`
};

// Changes every flow; IGMP conversations stay as they are. The error is a sentence.
std::expected<void, std::string> apply(Pace const& pace, Scenario& scenario);

} // namespace mcast::gen
