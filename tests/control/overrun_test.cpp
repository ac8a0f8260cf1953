// A full queue ends no stream: IGMP is told what workers refused, before its timers run.
#include "world.h"

#include <gtest/gtest.h>

namespace mcast::control {
namespace {

using namespace std::chrono_literals;

constexpr Ipv4 k_group = Ipv4::of(239, 1, 2, 3);
constexpr auto k_full = static_cast<std::size_t>(handoff::Drop::igmp_full);
constexpr auto k_policed = static_cast<std::size_t>(handoff::Drop::igmp_policed);

bool knows_group(World const& world) {
    return !world.ask("show", {"groups"}).empty();
}

handoff::Counter& refused(World& world, IfIndex interface, std::size_t why) {
    return world.shared.workers[0]->counters->interfaces[interface.index()].drops[why];
}

TEST(OverrunTest, RefusedReportsKeepAGroupThatIsBeingChecked) {
    for (std::size_t const why : {k_full, k_policed}) {
        World world;
        world.join(k_lan1, k_group);
        world.settle();
        world.leave(k_lan1, k_group);
        world.settle();
        refused(world, k_lan1, why).add(1);
        world.run_for(3s);
        EXPECT_TRUE(knows_group(world));
        world.run_for(2s);
        EXPECT_FALSE(knows_group(world));
    }
}

TEST(OverrunTest, OtherLinksAreNotConcerned) {
    World world;
    world.join(k_lan1, k_group);
    world.settle();
    world.leave(k_lan1, k_group);
    world.settle();
    refused(world, k_lan2, k_full).add(1);
    world.run_for(3s);
    EXPECT_FALSE(knows_group(world));
}

} // namespace
} // namespace mcast::control
