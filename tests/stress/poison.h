// Frees of cache-line aligned objects (entries, their counters, bucket arrays) overwrite them
// first.
//
// So a reader that still holds one sees nonsense even without a sanitizer, and ThreadSanitizer sees
// the write. Linking poison.cpp replaces the aligned operator new and delete of the program.
#pragma once

#include <cstdint>

namespace mcast::stress {

// Aligned objects allocated and not yet freed, by the whole program.
std::int64_t aligned_objects();

} // namespace mcast::stress
