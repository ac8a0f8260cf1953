// Who may have which group and source on an interface: a list of rules, the first that fits
// decides. Values.
#pragma once

#include "mcast/base/ipv4.h"

#include <cstddef>
#include <optional>
#include <vector>

namespace mcast::igmp {

// A rule fits when all of its prefixes do; one that is absent fits everything. `sources` of a rule
// fits "any source", which is what an exclude record asks for, only when it is 0.0.0.0/0.
struct AccessRule {
    bool permit = false;
    std::optional<Ipv4Prefix> hosts{};
    std::optional<Ipv4Prefix> groups{};
    std::optional<Ipv4Prefix> sources{};

    bool operator==(AccessRule const&) const = default;
};

// What no rule fits is permitted: a last rule without prefixes says otherwise.
using AccessList = std::vector<AccessRule>;
inline constexpr std::size_t k_max_access_rules = 256; // every record is held against them

// The rule before the n-th that fits all that the n-th fits, which then never decides anything.
std::optional<std::size_t> covered_by(AccessList const& list, std::size_t n);

} // namespace mcast::igmp
