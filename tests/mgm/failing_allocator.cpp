#include "failing_allocator.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace mcast::mgm::test {

int until_failure = -1;

namespace {

void* allocate(std::size_t size, std::size_t alignment = alignof(std::max_align_t)) {
    if (until_failure >= 0 && until_failure-- == 0) {
        throw std::bad_alloc{};
    }
    std::size_t const whole = (std::max<std::size_t>(size, 1) + alignment - 1) / alignment;
    if (void* memory = std::aligned_alloc(alignment, whole * alignment)) {
        return memory;
    }
    throw std::bad_alloc{};
}

} // namespace
} // namespace mcast::mgm::test

void* operator new(std::size_t size) {
    return mcast::mgm::test::allocate(size);
}
void* operator new[](std::size_t size) {
    return mcast::mgm::test::allocate(size);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
    return mcast::mgm::test::allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory, std::align_val_t) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
    std::free(memory);
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete[](void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
    std::free(memory);
}
