#include "mcast/base/arena.h"

#include <sys/mman.h>

#include <utility>

namespace mcast {

namespace {

constexpr std::size_t k_line = 64;

std::byte* aligned_memory(std::size_t size, std::size_t alignment) {
    return static_cast<std::byte*>(::operator new(size, std::align_val_t{alignment}));
}

} // namespace

Arena::Block Arena::small_block() {
    return {aligned_memory(k_small_block, k_line), Free{std::align_val_t{k_line}}};
}

Arena::Block Arena::huge_block() {
    Block block{aligned_memory(k_huge_block, k_huge_page), Free{std::align_val_t{k_huge_page}}};
    (void)::madvise(block.get(), k_huge_block, MADV_HUGEPAGE); // advice: it may be declined
    return block;
}

std::byte* Arena::take(std::size_t bytes) {
    std::size_t const size = (bytes + k_line - 1) / k_line * k_line;
    if (size > left_) {
        bool const small = blocks_.empty() && size <= k_small_block;
        blocks_.push_back(small ? small_block() : huge_block());
        free_ = blocks_.back().get();
        left_ = small ? k_small_block : k_huge_block;
    }
    left_ -= size;
    return std::exchange(free_, free_ + size);
}

} // namespace mcast
