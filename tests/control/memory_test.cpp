// An allocation that fails while hosts join and leave costs a moment: what the group manager has is
// what IGMP wants, soon after memory is back.
#include "failing_allocator.h"
#include "world.h"

#include <gtest/gtest.h>

#include <string>

namespace mcast::control {
namespace {

using namespace std::chrono_literals;
using mgm::test::until_failure;

constexpr Ipv4 k_group = Ipv4::of(239, 1, 2, 3);
constexpr Ipv4 k_source = Ipv4::of(10, 0, 0, 7);
constexpr Ipv4 k_other = Ipv4::of(10, 0, 0, 8);
constexpr int k_most_allocations = 2000; // of one turn; a bound for the loops

std::size_t memberships(World const& world) {
    return world.list({"memberships"}).size();
}

// One turn with an allocation that fails; false when there were not so many.
bool turn(World& world, int failing) {
    until_failure = failing;
    world.control.step(world.now);
    bool const failed = until_failure < 0;
    until_failure = -1;
    return failed;
}

// Calls story(failing) for each allocation of a turn.
template <class Story>
void at_each_place(Story const& story) {
    int failing = 0;
    while (failing < k_most_allocations && story(failing)) {
        ++failing;
    }
    EXPECT_GT(failing, 10);
    EXPECT_LT(failing, k_most_allocations);
}

TEST(MemoryTest, AJoinComesThrough) {
    at_each_place([](int failing) {
        World world;
        world.settle();
        world.report(k_lan1, include_report(k_group, {k_source, k_other}));
        bool const failed = turn(world, failing);
        world.settle();
        world.report(k_lan1, include_report(k_group, {k_source, k_other})); // robustness
        world.settle();
        EXPECT_EQ(memberships(world), 2U) << failing;
        return failed;
    });
}

TEST(MemoryTest, ALeaveEndsIt) {
    at_each_place([](int failing) {
        World world;
        world.settle();
        world.report(k_lan1, include_report(k_group, {k_source, k_other}));
        world.settle();
        world.report(k_lan1, {{{wire::RecordType::block, k_group, {k_source}, {}}}});
        bool const failed = turn(world, failing);
        world.settle();
        world.report(k_lan1, {{{wire::RecordType::block, k_group, {k_source}, {}}}});
        world.run_for(6s);
        EXPECT_EQ(memberships(world), 1U) << failing;
        return failed;
    });
}

TEST(MemoryTest, TheTimersThatEndItMayFail) {
    at_each_place([](int failing) {
        World world;
        world.settle();
        world.report(k_lan1, include_report(k_group, {k_source, k_other}));
        world.settle();
        world.report(k_lan1, {{{wire::RecordType::block, k_group, {k_source}, {}}}});
        world.settle();
        world.run_for(1500ms);
        world.now += 600ms;
        bool const failed = turn(world, failing);
        world.run_for(10s);
        EXPECT_EQ(memberships(world), 1U) << failing;
        return failed;
    });
}

} // namespace
} // namespace mcast::control
