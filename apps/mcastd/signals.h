// SIGTERM and SIGINT ask for a graceful stop; a second one ends the process at once. SIGPIPE is
// ignored: a client that hangs up is an error of a write, not the end of a router.
#pragma once

namespace mcastd {

void catch_signals();
bool stop_requested();

} // namespace mcastd
