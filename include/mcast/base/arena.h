// Memory for many small things that live as long as what owns the arena: taken in pieces, never
// given back one by one. After a small first block it comes in large ones that ask for huge pages:
// a million objects in pages of 4 KiB cost a page walk for nearly every look, which is dearer than
// the look itself. Where the kernel has no huge page to give, ordinary ones do.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <vector>

namespace mcast {

class Arena {
public:
    static constexpr std::size_t k_small_block = std::size_t{64} * 1024;
    static constexpr std::size_t k_huge_page = std::size_t{2} * 1024 * 1024;
    static constexpr std::size_t k_huge_block = 4 * k_huge_page; // resident as far as it is used

    // Uninitialised, aligned for a cache line. Precondition: bytes <= k_huge_block.
    // std::bad_alloc: nothing has changed.
    std::byte* take(std::size_t bytes);

private:
    struct Free {
        std::align_val_t alignment;
        void operator()(std::byte* block) const { ::operator delete(block, alignment); }
    };
    using Block = std::unique_ptr<std::byte, Free>;

    static Block small_block();
    static Block huge_block();

    std::vector<Block> blocks_;
    std::byte* free_ = nullptr;
    std::size_t left_ = 0;
};

} // namespace mcast
