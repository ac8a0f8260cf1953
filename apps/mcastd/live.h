// The daemon at work: control's turns on this thread, questions answered between them, links
// watched; and a nap when there is nothing to do, for workers cannot wake us.
#pragma once

#include "mcast/api/server.h"
#include "mcast/control/control_loop.h"
#include "mcast/handoff/worker_channel.h"
#include "mcast/platform/ports.h"

namespace mcastd {

// Returns when a stop is requested.
void run_live(mcast::control::ControlLoop& control, mcast::platform::Ports& ports,
              mcast::api::Server& server);

// After that, while workers run still: what others should hear of our end is on the wire when it
// returns, if no worker hangs.
void say_goodbye(mcast::control::ControlLoop& control, mcast::handoff::Shared const& shared);

// Waits until the server has something to read, or `longest` is over.
void nap(mcast::api::Server const& server, mcast::Duration longest);

} // namespace mcastd
