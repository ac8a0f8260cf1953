// `owner take|release INTERFACE PROTOCOL`: who owns an interface changes while streams go on.
#pragma once

#include "core.h"

#include "mcast/api/messages.h"

namespace mcast::control {

api::Reply owner_command(Core& core, api::Request const& request, TimePoint now);

} // namespace mcast::control
