// Packet buffers that ThreadSanitizer understands.
#pragma once

namespace mcast::handover {

// Pools made after this keep their free buffers under a lock instead of in DPDK's rings, whose
// ordering ThreadSanitizer does not see: a buffer that one thread gave back and another took would
// look like a race. Does nothing in other builds, which use the pools of the appliance.
void use_visible_pools();

} // namespace mcast::handover
