// An allocator that fails on demand. Whoever links it gets it for the whole program, which
// therefore is one of its own.
#pragma once

#include <utility>

namespace mcast::mgm::test {

// The allocation that fails counts down to zero, and it alone fails; negative: none does.
extern int until_failure;

// What the test itself does meanwhile does not fail, and does not count.
class MemoryOfOurOwn {
public:
    MemoryOfOurOwn() : rest_(std::exchange(until_failure, -1)) {}
    ~MemoryOfOurOwn() { until_failure = rest_; }
    int rest() const { return rest_; } // of the count
    MemoryOfOurOwn(MemoryOfOurOwn const&) = delete;
    MemoryOfOurOwn& operator=(MemoryOfOurOwn const&) = delete;

private:
    int rest_;
};

} // namespace mcast::mgm::test
