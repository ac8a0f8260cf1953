// `igmp query INTERFACE [GROUP]`: asks hosts once, now, what they want.
#pragma once

#include "core.h"

#include "mcast/api/messages.h"

namespace mcast::control {

api::Reply query_command(Core& core, api::Request const& request);

} // namespace mcast::control
