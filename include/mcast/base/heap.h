// The heap of the process, as a core that must never pause wants it.
#pragma once

namespace mcast {

// glibc keeps small blocks that were freed apart, up to any number, and joins all of them to their
// neighbours in the middle of some later request: 9 ms after 30,000 routes had gone. From now on
// each is joined when it is freed. Before the first thread; once.
void free_at_once();

} // namespace mcast
