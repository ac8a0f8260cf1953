#include "failing_allocator.h"

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
    if (void* memory = std::aligned_alloc(alignment, (size + alignment) / alignment * alignment)) {
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
