// What strangers and floods do to DVMRP at the manager's table: nothing.
#include "dvmrp_world.h"

#include "mcast/base/random.h"

#include <gtest/gtest.h>

namespace mcast::control {
namespace {

// A route that moves takes the arrival along; a source without a route is nobody's.
// Section 3.3.2: a packet from the wrong side is discarded without further processing. A prune for
// it would be ignored upstream, and held for sent here.
TEST(DvmrpComponent, APacketFromTheWrongSideIsNotPruned) {
    Dvmrp world;
    world.probe(k_lan0);
    world.report(k_lan0, k_far, 2);
    world.sent();
    world.packet(k_flow, k_lan1);
    EXPECT_EQ(world.outputs(), "");
    EXPECT_EQ(world.prunes_and_grafts(), "");
    world.entry(k_flow)->counters[0].dropped.add(1); // one from upstream, which nobody wants
    world.run_for(seconds{2});
    EXPECT_EQ(world.prunes_and_grafts(), "prune lan0 ");
}

// IGMP-157, as control sees it: workers let in what their queue holds, and refuse the rest. Reports
// of made-up hosts and groups take nothing from neighbours, members or streams, and nothing stays.
TEST(DvmrpComponent, ReportsOfAFloodBreakNothing) {
    constexpr std::uint32_t k_groups = 500;
    constexpr auto k_full = static_cast<std::size_t>(handoff::Drop::igmp_full);
    Config config = dvmrp_everywhere();
    config.interfaces[2].igmp.max_groups = k_groups;
    Dvmrp world(config);
    world.converge();
    for (std::uint32_t n = 0; n < k_groups; ++n) {
        world.join(k_lan2, Ipv4{k_group.value + n});
    }
    world.packet();
    ASSERT_EQ(world.outputs(), "lan1 lan2 ");
    Random random{157};
    auto& refused = world.shared.workers[0]->counters->interfaces[k_lan2.index()].drops[k_full];
    for (int tenth = 0; tenth < 600; ++tenth) {
        for (int n = 0; n < 60; ++n) {
            Ipv4 const host{Ipv4::of(10, 0, 2, 2).value +
                            static_cast<std::uint32_t>(random.below(250))};
            Ipv4 const group{Ipv4::of(239, 64, 0, 0).value +
                             static_cast<std::uint32_t>(random.below(1U << 20U))};
            world.punt(PuntClass::igmp, k_lan2, igmp_frame(host, wire::ReportV2{group}));
        }
        refused.add(100'000); // of a million a second
        world.run_for(std::chrono::milliseconds{100});
        if (tenth % 100 == 0) {
            world.probe(k_lan0);
            world.probe(k_lan1);
        }
    }
    for (api::Json const& neighbor : world.list({"dvmrp", "neighbors"})) {
        EXPECT_EQ(neighbor["state"], "two-way");
        EXPECT_GE(neighbor["uptime_seconds"].get<double>(), 60.0);
    }
    EXPECT_EQ(world.list({"dvmrp", "neighbors"}).size(), 2U);
    auto const groups = world.list({"igmp", "groups", "lan2"});
    EXPECT_EQ(groups.size(), k_groups);
    for (api::Json const& group : groups) {
        EXPECT_GE(group["uptime_seconds"].get<double>(), 60.0);
    }
    EXPECT_EQ(world.outputs(), "lan1 lan2 ");
    EXPECT_EQ(world.list({"entries"}).size(), 1U);
}

} // namespace
} // namespace mcast::control
