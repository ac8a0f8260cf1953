// A full queue ends no stream: IGMP is told what workers refused and what still waits, before its
// timers run.
#include "world.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace mcast::control {
namespace {

using namespace std::chrono_literals;

constexpr Ipv4 k_group = Ipv4::of(239, 1, 2, 3);
constexpr auto k_full = static_cast<std::size_t>(handoff::Drop::igmp_full);
constexpr auto k_policed = static_cast<std::size_t>(handoff::Drop::igmp_policed);

bool knows_group(World const& world) {
    return !world.ask("show", {"groups"}).empty();
}

// Two of them are as much as a turn takes.
wire::ReportV3 long_report() {
    std::vector<Ipv4> sources;
    for (std::uint32_t n = 0; n < 300; ++n) {
        sources.push_back(Ipv4{Ipv4::of(10, 9, 0, 1).value + n});
    }
    return exclude_report(Ipv4::of(239, 9, 9, 9), sources);
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

TEST(OverrunTest, AnswerThatWaitsBehindOthersIsNotLate) {
    World world;
    world.join(k_lan1, k_group);
    world.leave(k_lan1, k_group);
    world.now += 3s;
    for (int n = 0; n < 4; ++n) {
        world.report(k_lan1, long_report());
    }
    world.report(k_lan1, exclude_report(k_group, {}));
    world.settle();
    auto const groups = world.list({"igmp", "groups", "lan1", "239.1.2.3"});
    ASSERT_EQ(groups.size(), 1U);
    EXPECT_GE(groups[0]["uptime_seconds"].get<double>(), 3.0) << "it was forgotten meanwhile";
}

TEST(OverrunTest, TurnTakesTwoLongReportsAndAnyOtherFrames) {
    World world;
    world.settle();
    auto const& reports = world.shared.workers[0]->punt(handoff::PuntClass::igmp);
    auto const& others = world.shared.workers[0]->punt(handoff::PuntClass::host);
    std::vector<std::uint8_t> const data(1200);
    wire::IcmpEcho const echo{.data = data};
    for (int n = 0; n < 6; ++n) {
        world.report(k_lan1, long_report());
        world.punt(handoff::PuntClass::host, k_lan1,
                   echo_frame(host_of(k_lan1), Ipv4::of(10, 0, 1, 1), echo));
    }
    world.control.step(world.now);
    EXPECT_EQ(reports.waiting(), 4U);
    EXPECT_EQ(others.waiting(), 0U);
}

} // namespace
} // namespace mcast::control
