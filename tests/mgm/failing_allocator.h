// An allocator that fails on demand. Whoever links it gets it for the whole program, which
// therefore is one of its own.
#pragma once

namespace mcast::mgm::test {

// The allocation that fails counts down to zero, and it alone fails; negative: none does.
extern int until_failure;

} // namespace mcast::mgm::test
