// From a report to a forwarding entry and back, through the real queues.
#include "world.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace mcast::control {
namespace {

using std::chrono::seconds;

constexpr Ipv4 k_group = Ipv4::of(239, 1, 1, 1);
constexpr Ipv4 k_source = Ipv4::of(10, 0, 0, 9);
constexpr Ipv4 k_other_source = Ipv4::of(10, 0, 0, 10);
constexpr FlowKey k_flow{k_source, k_group};

std::vector<Frame> reinjected(World& world, std::size_t worker = 0) {
    std::vector<Frame> frames;
    for (Injected const& out : world.injected(worker)) {
        if (out.injection == handoff::Injection::reinject) {
            EXPECT_EQ(out.interface, k_lan0);
            frames.push_back(out.bytes);
        }
    }
    return frames;
}

handoff::Entry const& entry_of(World const& world, FlowKey flow) {
    handoff::Entry const* const entry = world.entry(flow);
    if (entry == nullptr) {
        throw std::runtime_error("there is no entry " + to_string(flow));
    }
    return *entry;
}

TEST(Flow, FirstPacketIsParkedAndSentOnBySameWorker) {
    World world(three_lans(), 2);
    world.join(k_lan1, k_group);
    world.injected();
    Frame const packet = udp_frame(k_source, k_group, "first");
    world.miss(k_lan0, packet, 1);
    world.settle();
    EXPECT_EQ(reinjected(world, 1), std::vector<Frame>{packet});
    EXPECT_TRUE(reinjected(world, 0).empty());
    ASSERT_NE(world.entry(k_flow), nullptr);
    EXPECT_EQ(entry_of(world, k_flow).outputs, IfSet{k_lan1});
    EXPECT_EQ(entry_of(world, k_flow).arrival, k_lan0);
    EXPECT_EQ(world.control.counters().of(Fate::miss_reinjected), 1U);
}

TEST(Flow, ReportAndStreamInOneTurnForwardFromTheFirstPacket) {
    World world;
    world.miss(k_lan0, udp_frame(k_source, k_group));
    world.report(k_lan1, exclude_report(k_group, {}));
    world.control.step(world.now);
    EXPECT_EQ(reinjected(world).size(), 1U);
}

TEST(Flow, ParkedPacketsOfOneFlowKeepTheirOrder) {
    World world;
    world.join(k_lan1, k_group);
    world.injected();
    std::vector<Frame> packets;
    for (int i = 0; i < 10; ++i) {
        packets.push_back(udp_frame(k_source, k_group, std::to_string(i)));
        world.miss(k_lan0, packets.back());
    }
    world.settle();
    EXPECT_EQ(reinjected(world), packets);
}

TEST(Flow, ParkedPacketsWaitForRoomInTheQueueDown) {
    handoff::ChannelSizes sizes = World::small_queues();
    sizes.inject_slots = 4;
    World world(three_lans(), 1, sizes);
    world.injected();
    world.join(k_lan1, k_group);
    world.injected();
    std::vector<Frame> packets;
    for (int i = 0; i < 10; ++i) {
        packets.push_back(udp_frame(k_source, k_group, std::to_string(i)));
        world.miss(k_lan0, packets.back());
    }
    std::vector<Frame> got;
    for (int turn = 0; turn < 10; ++turn) {
        world.settle();
        for (Frame& frame : reinjected(world)) {
            got.push_back(std::move(frame));
        }
    }
    EXPECT_EQ(got, packets);
    EXPECT_EQ(world.control.counters().of(Fate::miss_reinjected), 10U);
}

TEST(Flow, UnwantedFlowGetsNegativeEntryAndIsCounted) {
    World world;
    world.miss(k_lan0, udp_frame(k_source, k_group));
    world.settle();
    ASSERT_NE(world.entry(k_flow), nullptr);
    EXPECT_EQ(entry_of(world, k_flow).negative, handoff::Drop::no_member);
    EXPECT_EQ(world.control.counters().of(Fate::miss_negative), 1U);
    EXPECT_TRUE(reinjected(world).empty());
}

TEST(Flow, LateJoinTurnsNegativeEntryPositive) {
    World world;
    world.miss(k_lan0, udp_frame(k_source, k_group));
    world.settle();
    world.join(k_lan2, k_group);
    EXPECT_TRUE(entry_of(world, k_flow).forwards());
    EXPECT_EQ(entry_of(world, k_flow).outputs, IfSet{k_lan2});
}

TEST(Flow, NegativeEntryAges) {
    World world;
    world.miss(k_lan0, udp_frame(k_source, k_group));
    world.settle();
    world.run_for(seconds{31});
    EXPECT_EQ(world.entry(k_flow), nullptr);
}

// RFC 9776 section 6.4.2: queries at once and again, then silence means nobody.
TEST(Flow, LeaveIsCheckedByQueriesThenEndsTheStream) {
    World world;
    world.join(k_lan1, k_group);
    world.miss(k_lan0, udp_frame(k_source, k_group));
    world.settle();
    world.injected();
    world.leave(k_lan1, k_group);
    auto const asked = world.queries(k_lan1);
    ASSERT_EQ(asked.size(), 1U);
    EXPECT_EQ(asked.front().group, k_group);
    EXPECT_TRUE(entry_of(world, k_flow).forwards());
    world.run_for(std::chrono::milliseconds{2100}); // last member query time: 2 times 1 s
    ASSERT_NE(world.entry(k_flow), nullptr);
    EXPECT_EQ(entry_of(world, k_flow).negative, handoff::Drop::no_member);
    EXPECT_EQ(world.queries(k_lan1).size(), 1U);
}

TEST(Flow, SilentMemberExpires) {
    World world;
    world.join(k_lan1, k_group);
    world.run_for(seconds{269});
    EXPECT_EQ(world.ask("show", {"groups"}).size(), 1U);
    world.run_for(seconds{2}); // group membership interval: 2 times 125 s and 2 times 10 s
    EXPECT_TRUE(world.ask("show", {"groups"}).empty()) << world.ask("show", {"groups"}).dump();
}

// IGMP-169: a report that came in time is not beaten by the timer it refreshes.
TEST(Flow, ReportInTheQueueCountsBeforeItsTimer) {
    Config config = three_lans();
    config.limits.entry_idle = seconds{3600};
    World world(config);
    world.join(k_lan1, k_group);
    world.miss(k_lan0, udp_frame(k_source, k_group));
    world.settle();
    world.report(k_lan1, exclude_report(k_group, {}));
    world.now += seconds{300}; // control was away for a while
    world.settle();
    EXPECT_EQ(world.ask("show", {"groups"})[0]["uptime_seconds"], 300.0); // never gone
    EXPECT_TRUE(entry_of(world, k_flow).forwards());
}

// IGMP-122: the exclude rows of the verdict table.
TEST(Flow, ExcludedSourceIsRefusedOthersPass) {
    World world;
    world.report(k_lan1, exclude_report(k_group, {k_source}));
    world.settle();
    world.miss(k_lan0, udp_frame(k_source, k_group));
    world.miss(k_lan0, udp_frame(k_other_source, k_group));
    world.settle();
    EXPECT_EQ(entry_of(world, k_flow).negative, handoff::Drop::vetoed);
    EXPECT_TRUE(entry_of(world, {k_other_source, k_group}).forwards());
}

TEST(Flow, ChangedExcludeListIsAskedAgain) {
    World world;
    world.join(k_lan1, k_group);
    world.miss(k_lan0, udp_frame(k_source, k_group));
    world.settle();
    ASSERT_TRUE(entry_of(world, k_flow).forwards());
    world.report(k_lan1, exclude_report(k_group, {k_source}));
    world.settle();
    world.run_for(seconds{3}); // the last member query time of the source
    EXPECT_EQ(entry_of(world, k_flow).negative, handoff::Drop::vetoed);
    world.report(k_lan1, include_report(k_group, {k_source})); // ALLOW
    world.settle();
    EXPECT_TRUE(entry_of(world, k_flow).forwards());
}

// What hosts say in one turn is published once: as it is in the end.
TEST(Flow, ChangesOfATurnChangeTheEntryOnce) {
    Config config = three_lans();
    config.interfaces[2].igmp.immediate_leave = true;
    World world(config);
    world.join(k_lan1, k_group);
    world.miss(k_lan0, udp_frame(k_source, k_group));
    world.settle();
    std::size_t const before = world.list({"events", "entry_changed"}).size();
    for (int i = 0; i < 10; ++i) {
        world.report(k_lan2, exclude_report(k_group, {}));
        world.report(k_lan2, {{{wire::RecordType::to_in, k_group, {}, {}}}});
    }
    world.report(k_lan2, exclude_report(k_group, {}));
    world.control.step(world.now);
    world.settle();
    EXPECT_EQ(entry_of(world, k_flow).outputs, (IfSet{k_lan1, k_lan2}));
    EXPECT_EQ(world.list({"events", "entry_changed"}).size() - before, 1U);
    EXPECT_EQ(world.list({"igmp", "statistics", "lan2"})[0]["counters"]["protocol"]["fast-leaves"],
              10);
}

TEST(Flow, IncludeGivesOneSourceOnly) {
    World world;
    world.report(k_lan1, include_report(k_group, {k_source}));
    world.settle();
    world.miss(k_lan0, udp_frame(k_source, k_group));
    world.miss(k_lan0, udp_frame(k_other_source, k_group));
    world.settle();
    EXPECT_EQ(entry_of(world, k_flow).outputs, IfSet{k_lan1});
    EXPECT_EQ(entry_of(world, {k_other_source, k_group}).negative, handoff::Drop::no_member);
}

// IGMP-134
TEST(Flow, NeverBackOutOfTheArrivalInterface) {
    World world;
    world.join(k_lan0, k_group);
    world.miss(k_lan0, udp_frame(k_source, k_group));
    world.settle();
    EXPECT_FALSE(entry_of(world, k_flow).forwards());
}

TEST(Flow, StaticGroupForwardsWithoutAnyHost) {
    Config config = three_lans();
    config.groups.push_back({k_group, std::nullopt, "lan2"});
    World world(config);
    world.miss(k_lan0, udp_frame(k_source, k_group));
    world.settle();
    EXPECT_EQ(entry_of(world, k_flow).outputs, IfSet{k_lan2});
    world.run_for(seconds{600}); // IGMP-164: no timer ends it
    world.miss(k_lan0, udp_frame(k_source, k_group));
    world.settle();
    EXPECT_TRUE(entry_of(world, k_flow).forwards());
}

// What is configured is no host's wish: rules and limits for hosts do not concern it.
TEST(Flow, StaticGroupsAreBeyondRulesAndLimitsOfHosts) {
    // IGMP-164, P5
    Config config = three_lans();
    config.interfaces[2].igmp.access = {{.permit = false}};
    config.interfaces[2].igmp.max_groups = 1;
    config.igmp.max_entries = 1;
    Ipv4 const second = Ipv4::of(239, 1, 1, 2);
    config.groups.push_back({k_group, std::nullopt, "lan2"});
    config.groups.push_back({second, std::nullopt, "lan2"});
    World world(config);
    world.join(k_lan1, Ipv4::of(239, 9, 9, 9)); // no host gets anything more
    world.join(k_lan2, k_group);
    world.leave(k_lan2, k_group);
    EXPECT_TRUE(world.list({"igmp", "groups", "lan2"}).empty());
    for (Ipv4 const group : {k_group, second}) {
        world.miss(k_lan0, udp_frame(k_source, group));
        world.settle();
        EXPECT_EQ(entry_of(world, {k_source, group}).outputs, IfSet{k_lan2});
    }
    EXPECT_EQ(world.ask("show", {"groups"}).size(), 3U); // counted all the same
}

// IGMP-164, for a row of groups
TEST(Flow, StaticGroupsInARow) {
    Config config = three_lans();
    config.groups.push_back({.group = Ipv4::of(239, 7, 0, 250),
                             .source = std::nullopt,
                             .interface = "lan2",
                             .count = 3,
                             .increment = 4});
    World world(config);
    for (auto const& [group, is_there] : {std::pair{Ipv4::of(239, 7, 0, 250), true},
                                          {Ipv4::of(239, 7, 0, 254), true},
                                          {Ipv4::of(239, 7, 1, 2), true},
                                          {Ipv4::of(239, 7, 0, 251), false},
                                          {Ipv4::of(239, 7, 1, 6), false}}) {
        world.miss(k_lan0, udp_frame(k_source, group));
        world.settle();
        EXPECT_EQ(entry_of(world, {k_source, group}).forwards(), is_there) << to_string(group);
    }
    EXPECT_EQ(world.ask("show", {"groups"}).size(), 3U);
}

TEST(Flow, StaticGroupFromAnySourceButOne) {
    Config config = three_lans();
    config.interfaces[2].igmp_enabled = false;
    for (Ipv4 const unwanted : {k_source, Ipv4::of(10, 0, 0, 77)}) {
        config.groups.push_back(
            {.group = k_group, .source = unwanted, .interface = "lan2", .exclude = true});
    }
    World world(config);
    world.miss(k_lan0, udp_frame(k_source, k_group));
    world.miss(k_lan0, udp_frame(Ipv4::of(10, 0, 0, 77), k_group));
    world.miss(k_lan0, udp_frame(k_other_source, k_group));
    world.settle();
    EXPECT_FALSE(entry_of(world, k_flow).forwards());
    EXPECT_FALSE(entry_of(world, {Ipv4::of(10, 0, 0, 77), k_group}).forwards());
    EXPECT_EQ(entry_of(world, {k_other_source, k_group}).outputs, IfSet{k_lan2});
    auto const shown = world.ask("show", {"groups"})[0];
    EXPECT_EQ(shown["mode"], "exclude");
    EXPECT_EQ(shown["sources"][0]["state"], "block");
}

TEST(Flow, StaticRouteLeadsToDistantSources) {
    Config config = three_lans();
    config.routes.push_back({{Ipv4::of(192, 168, 0, 0), 16}, "lan2", Ipv4::of(10, 0, 2, 254)});
    World world(config);
    world.join(k_lan1, k_group);
    Ipv4 const far = Ipv4::of(192, 168, 7, 7);
    world.miss(k_lan2, udp_frame(far, k_group));
    world.settle();
    EXPECT_EQ(entry_of(world, {far, k_group}).arrival, k_lan2);
    EXPECT_EQ(entry_of(world, {far, k_group}).outputs, IfSet{k_lan1});
}

TEST(Flow, NoRouteIsSaidByName) {
    World world;
    world.join(k_lan1, k_group);
    Ipv4 const lost = Ipv4::of(172, 16, 0, 1);
    world.miss(k_lan0, udp_frame(lost, k_group));
    world.settle();
    EXPECT_EQ(entry_of(world, {lost, k_group}).negative, handoff::Drop::no_route);
}

TEST(Flow, LinkDownForgetsMembersAndPublishesSnapshot) {
    World world;
    world.join(k_lan1, k_group);
    world.miss(k_lan0, udp_frame(k_source, k_group));
    world.settle();
    world.control.link_changed(PortId{1}, false, world.now);
    EXPECT_FALSE(world.shared.interfaces.current().up.contains(k_lan1));
    world.settle();
    EXPECT_EQ(entry_of(world, k_flow).negative, handoff::Drop::no_member);
    world.injected();
    world.control.link_changed(PortId{1}, true, world.now);
    world.settle();
    EXPECT_TRUE(world.shared.interfaces.current().up.contains(k_lan1));
    EXPECT_EQ(world.queries(k_lan1).size(), 1U); // a querier asks at once who is there
}

TEST(Flow, StartQueriesEveryLinkAndStopGivesEverythingBack) {
    World world;
    auto const out = world.injected();
    EXPECT_EQ(out.size(), 3U);
    world.join(k_lan1, k_group);
    world.control.stop(world.now);
    for (auto const& owner : world.ask("show", {"owners"})) {
        EXPECT_EQ(owner["state"], "U") << owner.dump();
    }
}

// The limit of entries is named; entries that forward are never given up for another.
TEST(Flow, EntryLimitIsCounted) {
    Config config = three_lans();
    config.limits.entries = 2;
    World world(config);
    world.join(k_lan1, k_group);
    for (std::uint8_t i = 1; i <= 3; ++i) {
        world.miss(k_lan0, udp_frame(Ipv4::of(10, 0, 0, i + 20), k_group));
    }
    world.settle();
    EXPECT_EQ(world.control.counters().of(Fate::miss_negative), 0U);
    EXPECT_EQ(world.control.counters().of(Fate::miss_no_entry), 1U);
    auto const status = world.ask("show", {"status"});
    EXPECT_EQ(status["entries_refused"], 1);
    EXPECT_EQ(status["entries_evicted"], 0);
}

TEST(Flow, RefusedFlowsMakeRoom) {
    Config config = three_lans();
    config.limits.entries = 2;
    World world(config);
    for (std::uint8_t i = 1; i <= 5; ++i) {
        world.miss(k_lan0, udp_frame(Ipv4::of(10, 0, 0, i + 20), k_group));
    }
    world.settle();
    EXPECT_EQ(world.control.counters().of(Fate::miss_negative), 5U);
    EXPECT_EQ(world.control.counters().of(Fate::miss_no_entry), 0U);
    EXPECT_EQ(world.ask("show", {"status"})["entries_evicted"], 3);
}

} // namespace
} // namespace mcast::control
