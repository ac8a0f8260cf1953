// Pieces of an arena: apart from each other, aligned, and there until the arena goes.
#include "mcast/base/arena.h"
#include "mcast/base/random.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <vector>

namespace mcast {
namespace {

struct Piece {
    std::byte* at;
    std::size_t size;
    std::byte mark;
};

TEST(Arena, PiecesDoNotOverlapAndStay) {
    Arena arena;
    Random random(3);
    std::vector<Piece> pieces;
    std::size_t total = 0;
    while (total < 3 * Arena::k_huge_block) {
        std::size_t const size = 1 + random.below(100'000);
        Piece const piece{arena.take(size), size, static_cast<std::byte>(pieces.size())};
        ASSERT_EQ(reinterpret_cast<std::uintptr_t>(piece.at) % 64, 0U);
        std::memset(piece.at, static_cast<int>(piece.mark), size);
        pieces.push_back(piece);
        total += size;
    }
    for (Piece const& piece : pieces) {
        ASSERT_EQ(piece.at[0], piece.mark);
        ASSERT_EQ(piece.at[piece.size - 1], piece.mark);
    }
}

TEST(Arena, GivesAWholeBlockAtOnce) {
    Arena arena;
    std::memset(arena.take(Arena::k_huge_block), 1, Arena::k_huge_block);
    std::memset(arena.take(1), 1, 1);
}

} // namespace
} // namespace mcast
