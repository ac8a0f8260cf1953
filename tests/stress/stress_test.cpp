// The handoff between real threads, with the grace period of production (design of the table: no
// lock, one writer; entries outlive every reader that can see them).
//
// Environment: MCAST_STRESS_LOOKUPS (of all readers together; default 2000000), MCAST_STRESS_SEED.
#include "arena.h"
#include "poison.h"

#include "mcast/handoff/frame_queue.h"

#include <gtest/gtest.h>

#include <charconv>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string_view>
#include <thread>

namespace mcast::stress {
namespace {

std::uint64_t from_environment(char const* name, std::uint64_t otherwise) {
    char const* const text = std::getenv(name);
    if (text == nullptr) {
        return otherwise;
    }
    std::string_view const digits(text);
    std::uint64_t value = 0;
    auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    bool const whole = error == std::errc{} && end == digits.data() + digits.size();
    EXPECT_TRUE(whole) << name << " is not a number: " << digits;
    return whole ? value : otherwise;
}

std::uint64_t lookups() {
    return from_environment("MCAST_STRESS_LOOKUPS", 2'000'000);
}

std::uint64_t seed() {
    return from_environment("MCAST_STRESS_SEED", std::random_device{}());
}

// Rounds begin with a small table, so that each sees every growth.
TEST(Stress, ReadersSeeOnlySoundEntriesWhileControlPublishesWithdrawsAndGrows) {
    constexpr std::uint64_t k_rounds = 4;
    constexpr std::size_t k_readers = 2;
    std::uint64_t const total = lookups();
    std::uint64_t const first_seed = seed();
    std::cout << "seed " << first_seed << std::endl; // before a crash, too
    std::int64_t const objects_before = aligned_objects();
    Report sum;
    for (std::uint64_t round = 0; round < k_rounds; ++round) {
        Arena arena(first_seed + round, k_readers, total / k_rounds / k_readers + 1);
        Report const report = arena.run();
        ASSERT_EQ(report.mistake, "") << "round " << round;
        EXPECT_GT(report.buckets, 256U) << "the table hardly grew in round " << round;
        sum.add(report);
    }
    std::cout << "lookups " << sum.lookups << ", hits " << sum.hits << ", versions published "
              << sum.published << ", freed " << sum.freed << ", interface snapshots "
              << sum.snapshots << ", buckets at most " << sum.buckets << '\n';
    EXPECT_GE(sum.lookups, total);
    EXPECT_EQ(sum.freed, sum.published);
    EXPECT_EQ(aligned_objects(), objects_before) << "bucket arrays, entries or counters leaked";
}

// Bytes that follow from the number of the frame, for its length that does too.
void fill(handoff::Frame& frame, std::uint64_t n) {
    frame.length = static_cast<std::uint32_t>(8 + n % 57);
    frame.interface = IfIndex{static_cast<std::uint16_t>(n)};
    for (std::uint8_t& byte : frame.bytes()) {
        byte = static_cast<std::uint8_t>(n++ * 31);
    }
}

bool is_frame(handoff::Frame const& frame, std::uint64_t n) {
    bool right =
        frame.length == 8 + n % 57 && frame.interface == IfIndex{static_cast<std::uint16_t>(n)};
    for (std::uint8_t byte : frame.bytes()) {
        right = right && byte == static_cast<std::uint8_t>(n++ * 31);
    }
    return right;
}

void produce(handoff::FrameQueue& queue, std::uint64_t frames, std::uint64_t with_seed) {
    Random random(with_seed);
    for (std::uint64_t n = 0; n < frames;) {
        handoff::Frame* const frame = queue.acquire();
        if (frame == nullptr) {
            std::this_thread::yield();
        } else if (random.below(8) == 0) {
            queue.put_back(frame);
        } else {
            fill(*frame, n++);
            queue.push(frame);
        }
    }
}

// Holds up to four frames and releases them in random order. Returns how many were right.
std::uint64_t consume(handoff::FrameQueue& queue, std::uint64_t frames, std::uint64_t with_seed) {
    struct Held {
        handoff::Frame* frame;
        std::uint64_t number;
    };
    Random random(with_seed);
    std::vector<Held> held;
    std::uint64_t right = 0;
    for (std::uint64_t n = 0; n < frames || !held.empty();) {
        handoff::Frame* const frame = n < frames ? queue.pop() : nullptr;
        if (frame != nullptr) {
            held.push_back({frame, n++});
        } else if (n < frames) {
            std::this_thread::yield();
        }
        if (held.size() == 4 || (frame == nullptr && !held.empty())) {
            std::swap(held[random.below(held.size())], held.back());
            right += is_frame(*held.back().frame, held.back().number) ? 1 : 0;
            queue.release(held.back().frame);
            held.pop_back();
        }
    }
    return right;
}

TEST(Stress, EveryFrameCrossesOnceInOrderAndIntact) {
    std::uint64_t const frames = lookups() / 10;
    std::uint64_t const with_seed = seed();
    std::cout << "seed " << with_seed << ", frames " << frames << std::endl;
    handoff::FrameQueue queue(7, 64);
    std::jthread const producer([&] { produce(queue, frames, with_seed); });
    EXPECT_EQ(consume(queue, frames, with_seed + 1), frames);
}

} // namespace
} // namespace mcast::stress
