// `show dvmrp ...`: listings of what DVMRP knows, from all of its domains in turn.
#pragma once

#include "paging.h"

#include <optional>

namespace mcast::control {

// With `only`, what concerns this interface.
api::Reply dvmrp_prunes(Core const& core, PageRequest const& request, std::optional<IfIndex> only);
api::Reply dvmrp_grafts(Core const& core, PageRequest const& request, std::optional<IfIndex> only);

// What is left until then, in seconds; null when there is no deadline.
api::Json left(std::optional<TimePoint> deadline, TimePoint now);

} // namespace mcast::control
