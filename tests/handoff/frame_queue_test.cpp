#include "mcast/handoff/frame_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

namespace mcast::handoff {
namespace {

void fill(Frame& frame, std::uint8_t value) {
    frame.length = 3;
    frame.interface = IfIndex{value};
    std::ranges::fill(frame.bytes(), value);
}

TEST(FrameQueue, CarriesFramesInOrder) {
    FrameQueue queue(4, 100);
    for (std::uint8_t n = 1; n <= 3; ++n) {
        Frame* const frame = queue.acquire();
        ASSERT_NE(frame, nullptr);
        fill(*frame, n);
        queue.push(frame);
    }
    EXPECT_EQ(queue.waiting(), 3U);
    for (std::uint8_t n = 1; n <= 3; ++n) {
        Frame* const frame = queue.pop();
        ASSERT_NE(frame, nullptr);
        EXPECT_EQ(frame->interface, IfIndex{n});
        EXPECT_EQ(std::vector(frame->bytes().begin(), frame->bytes().end()),
                  (std::vector<std::uint8_t>{n, n, n}));
        queue.release(frame);
    }
    EXPECT_EQ(queue.pop(), nullptr);
    EXPECT_EQ(queue.waiting(), 0U);
}

struct Slots : testing::TestWithParam<std::size_t> {};

// All slots can be filled at once, and one more is refused, for every size of the rings.
TEST_P(Slots, AreAllUsable) {
    FrameQueue queue(GetParam(), 65);
    EXPECT_EQ(queue.slots(), GetParam());
    EXPECT_EQ(queue.slot_bytes(), 65U);
    for (int round = 0; round < 3; ++round) {
        std::set<std::uint8_t*> places;
        for (std::size_t i = 0; i < GetParam(); ++i) {
            Frame* const frame = queue.acquire();
            ASSERT_NE(frame, nullptr);
            EXPECT_EQ(frame->storage.size(), 65U);
            places.insert(frame->storage.data());
            queue.push(frame);
        }
        EXPECT_EQ(places.size(), GetParam()) << "every slot has bytes of its own";
        EXPECT_EQ(queue.acquire(), nullptr);
        for (std::size_t i = 0; i < GetParam(); ++i) {
            Frame* const frame = queue.pop();
            ASSERT_NE(frame, nullptr);
            queue.release(frame);
        }
        EXPECT_EQ(queue.pop(), nullptr);
    }
}
INSTANTIATE_TEST_SUITE_P(Sizes, Slots, testing::Values(1, 2, 3, 63, 64, 65));

TEST(FrameQueue, ConsumerHoldsAndReleasesOutOfOrder) {
    FrameQueue queue(3, 64);
    std::vector<Frame*> held;
    for (int i = 0; i < 3; ++i) {
        queue.push(queue.acquire());
        held.push_back(queue.pop());
    }
    EXPECT_EQ(queue.acquire(), nullptr) << "all held";
    queue.release(held[1]);
    Frame* const again = queue.acquire();
    EXPECT_EQ(again, held[1]);
    EXPECT_EQ(queue.acquire(), nullptr);
    queue.push(again);
    queue.release(held[2]);
    queue.release(held[0]);
    EXPECT_EQ(queue.pop(), held[1]);
}

TEST(FrameQueue, SlotsThatArePutBackAreGivenAgain) {
    FrameQueue queue(2, 64);
    Frame* const first = queue.acquire();
    Frame* const second = queue.acquire();
    queue.put_back(first);
    queue.put_back(second);
    EXPECT_EQ(queue.waiting(), 0U) << "the consumer sees nothing of it";
    EXPECT_NE(queue.acquire(), nullptr);
    EXPECT_NE(queue.acquire(), nullptr);
    EXPECT_EQ(queue.acquire(), nullptr);
}

TEST(FrameQueue, AnAcquiredSlotRemembersNothing) {
    FrameQueue queue(1, 64);
    Frame* frame = queue.acquire();
    fill(*frame, 7);
    frame->injection = Injection::reinject;
    queue.push(frame);
    queue.release(queue.pop());
    frame = queue.acquire();
    EXPECT_EQ(frame->length, 0U);
    EXPECT_EQ(frame->interface, k_no_interface);
    EXPECT_EQ(frame->injection, Injection::transmit);
}

} // namespace
} // namespace mcast::handoff
