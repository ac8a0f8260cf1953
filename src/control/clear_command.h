// `clear igmp groups|interfaces|querier|statistics [INTERFACE] [GROUP]` and `clear dvmrp
// neighbors|prunes|routes|statistics [INTERFACE]`: forgets what is known, so that it is learnt
// anew. Configuration and static groups stay.
#pragma once

#include "core.h"

#include "mcast/api/messages.h"

namespace mcast::control {

api::Reply clear_command(Core& core, api::Request const& request, TimePoint now);
// Precondition: the first word is "dvmrp".
api::Reply clear_dvmrp(Core& core, api::Request const& request, TimePoint now);

} // namespace mcast::control
