#include "poison.h"

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <malloc.h>
#include <new>

namespace {

std::atomic<std::int64_t> objects{0};

void* allocate(std::size_t bytes, std::align_val_t alignment) {
    auto const line = static_cast<std::size_t>(alignment);
    void* const memory = std::aligned_alloc(line, (bytes + line - 1) / line * line);
    if (memory == nullptr) {
        throw std::bad_alloc{};
    }
    objects.fetch_add(1, std::memory_order_relaxed);
    return memory;
}

void poison_and_free(void* memory) {
    if (memory == nullptr) {
        return;
    }
    std::memset(memory, 0xdb, malloc_usable_size(memory));
    asm volatile("" : : "r"(memory) : "memory"); // the compiler may not drop stores before a free
    objects.fetch_sub(1, std::memory_order_relaxed);
    std::free(memory);
}

} // namespace

namespace mcast::stress {

std::int64_t aligned_objects() {
    return objects.load(std::memory_order_relaxed);
}

} // namespace mcast::stress

void* operator new(std::size_t bytes, std::align_val_t alignment) {
    return allocate(bytes, alignment);
}

void* operator new[](std::size_t bytes, std::align_val_t alignment) {
    return allocate(bytes, alignment);
}

void operator delete(void* memory, std::align_val_t) noexcept {
    poison_and_free(memory);
}

void operator delete[](void* memory, std::align_val_t) noexcept {
    poison_and_free(memory);
}

void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
    poison_and_free(memory);
}

void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept {
    poison_and_free(memory);
}
