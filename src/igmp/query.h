// Queries as values of the wire, in the version that the interface speaks. Pure.
#pragma once

#include "schedule.h"
#include "timing.h"

#include "mcast/base/ipv4.h"
#include "mcast/wire/igmp.h"

#include <cstdint>
#include <vector>

namespace mcast::igmp {

wire::Query general_query(Timing const& timing);

// More than one when the sources do not fit into the MTU (IGMP-97). None in a version that cannot
// ask: about a group in version 1, about sources before version 3.
std::vector<wire::Query> specific_queries(Timing const& timing, Ipv4 group,
                                          SpecificQuery const& query, std::uint16_t mtu);

} // namespace mcast::igmp
