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

// DVMRP-133 (CVE-2020-3566), as control sees it: workers let in what their rate and queue allow,
// and count the rest. Made-up routers of lan2 take nothing from the neighbours of other links, and
// what they leave behind is bounded.
TEST(DvmrpComponent, AFloodOfDvmrpOnOneLink) {
    constexpr std::size_t k_most_neighbors = 32;
    constexpr std::size_t k_most_routes = 500;
    Config config = dvmrp_everywhere();
    config.dvmrp->max_routes = k_most_routes;
    Dvmrp world(config);
    world.converge();
    world.packet();
    ASSERT_EQ(world.outputs(), "lan1 ");
    Random random{133};
    auto const below = [&](std::uint32_t limit) {
        return static_cast<std::uint32_t>(random.below(limit));
    };
    auto const body = [&]() -> Body {
        Ipv4 const source{below(~0U)};
        Ipv4 const group{Ipv4::of(239, 0, 0, 0).value + below(1U << 20U)};
        switch (below(5)) {
        case 0:
            return Probe{below(3), {}};
        case 1:
            return Probe{below(3), {ours(k_lan2)}};
        case 2:
            return Report{
                {{{{source.value & 0xffffff00U}, 24}, static_cast<std::uint8_t>(1 + below(63))}}};
        case 3:
            return Prune{source, group, 1 + below(7200), {}};
        default:
            return Graft{source, group, {}};
        }
    };
    for (int turn = 0; turn < 3750; ++turn) { // a thousand a second, for a minute
        for (int n = 0; n < 16; ++n) {
            Ipv4 const host{Ipv4::of(10, 0, 2, 2).value + below(250)};
            std::array<std::uint8_t, 600> room{};
            wire::Writer out(room);
            Message const message{.capabilities = k_capabilities, .version = {}, .body = body()};
            ASSERT_TRUE(
                wire::build_dvmrp_frame({k_host_mac, host, {}}, k_all_routers, 1, message, out));
            world.punt(PuntClass::dvmrp, k_lan2, {out.written().begin(), out.written().end()});
        }
        world.run_for(std::chrono::milliseconds{16});
        (void)world.injected();
        if (turn % 625 == 0) {
            world.probe(k_lan0);
            world.probe(k_lan1);
        }
        if (turn % 25 == 0) {
            ASSERT_LE(world.list({"dvmrp", "neighbors", "lan2"}).size(), k_most_neighbors);
        }
    }
    for (std::string const interface : {"lan0", "lan1"}) {
        auto const rows = world.list({"dvmrp", "neighbors", interface});
        ASSERT_EQ(rows.size(), 1U);
        EXPECT_EQ(rows[0]["state"], "two-way");
        EXPECT_GE(rows[0]["uptime_seconds"].get<double>(), 60.0);
    }
    EXPECT_LE(world.list({"dvmrp", "routes"}).size(), k_most_routes + 4);
    EXPECT_EQ(world.outputs(), "lan1 ");
}

} // namespace
} // namespace mcast::control
