// DVMRP at the manager's table.
#include "dvmrp_world.h"

#include "mcast/mgm/group_manager.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace mcast::control {
namespace {

using testing::HasSubstr;

TEST(DvmrpComponent, FramesAsTheDraftWantsThem) {
    Dvmrp world;
    auto const probes = world.sent();
    ASSERT_EQ(probes.size(), 3U);
    for (Sent const& it : probes) { // DVMRP-1, DVMRP-16
        EXPECT_EQ(it.ip.source, ours(it.interface));
        EXPECT_EQ(it.ip.destination, k_all_routers);
        EXPECT_EQ(it.ip.ttl, 1);
        EXPECT_EQ(it.ip.tos, 0xc0);
        EXPECT_TRUE(it.ip.options.empty());
        EXPECT_EQ(it.ethernet.destination, Mac::of_group(k_all_routers));
        EXPECT_EQ(it.ethernet.source, k_router_mac);
    }
    // The whole table goes to the new neighbour alone, at the MAC from which it spoke (DVMRP-20).
    world.probe(k_lan0);
    world.run_for(seconds{1});
    bool found = false;
    for (Sent const& it : world.sent()) {
        if (it.ip.destination == host_of(k_lan0) &&
            std::holds_alternative<Report>(it.message.body)) {
            EXPECT_EQ(it.ethernet.destination, k_host_mac);
            found = true;
        }
    }
    EXPECT_TRUE(found);
    EXPECT_EQ(world.control.counters().of(Deed::dvmrp_unresolved), 0U);
    EXPECT_EQ(world.control.counters().of(Fate::dvmrp_handled), 1U);
}

TEST(DvmrpComponent, AStreamFollowsDependentsAndMembers) {
    Dvmrp world;
    world.converge();
    world.packet();
    EXPECT_EQ(world.outputs(), "lan1 ");
    EXPECT_EQ(world.control.manager().entry(k_flow)->upstream, host_of(k_lan0));
    world.join(k_lan2, k_group);
    EXPECT_EQ(world.outputs(), "lan1 lan2 ");
    EXPECT_EQ(world.prunes_and_grafts(), "");
    world.say(k_lan1, Prune{k_source, k_group, 300, {}}, ours(k_lan1));
    EXPECT_EQ(world.outputs(), "lan2 ");
    world.leave(k_lan2, k_group);
    world.run_for(seconds{5});
    EXPECT_EQ(world.outputs(), "");
    EXPECT_EQ(world.prunes_and_grafts(), "prune lan0 ");
    world.join(k_lan2, k_group); // DVMRP-115
    EXPECT_EQ(world.outputs(), "lan2 ");
    EXPECT_EQ(world.prunes_and_grafts(), "graft lan0 ");
    world.say(k_lan0, GraftAck{k_source, k_group, {}}, ours(k_lan0));
    world.say(k_lan1, Graft{k_source, k_group, {}}, ours(k_lan1));
    EXPECT_EQ(world.outputs(), "lan1 lan2 ");
    EXPECT_EQ(world.texts<GraftAck>(), "graft acknowledgement lan1 ");
}

// DVMRP-98. The prune is repeated while packets come, on which the entry alone can tell: it
// refuses them, and lapses.
TEST(DvmrpComponent, PacketsThatStillComeArePrunedAgain) {
    Dvmrp world;
    world.probe(k_lan0);
    world.report(k_lan0, k_far, 2);
    world.sent();
    world.packet();
    EXPECT_EQ(world.outputs(), "");
    EXPECT_EQ(world.prunes_and_grafts(), "prune lan0 ");
    for (int second = 0; second < 10; ++second) {
        auto const* const entry = world.entry(k_flow);
        ASSERT_NE(entry, nullptr);
        entry->counters[0].dropped.add(1);
        world.run_for(seconds{1});
        if (second % 5 == 0) {
            world.probe(k_lan0);
        }
    }
    EXPECT_THAT(world.prunes_and_grafts(), HasSubstr("prune lan0 prune lan0 "));
}

TEST(DvmrpComponent, RoutesAreTheManagers) {
    Dvmrp world;
    world.packet();
    EXPECT_EQ(world.entry(k_flow)->negative, handoff::Drop::no_route);
    world.converge();
    world.join(k_lan2, k_group);
    world.packet();
    EXPECT_EQ(world.control.manager().entry(k_flow)->arrival.index, k_lan0);
    world.report(k_lan1, k_far, 1);
    world.settle();
    EXPECT_EQ(world.control.manager().entry(k_flow)->arrival.index, k_lan1);
    EXPECT_EQ(world.outputs(), "lan2 ");
    world.run_for(seconds{36}); // both neighbours are silent
    EXPECT_EQ(world.control.manager().entry(k_flow)->negative, handoff::Drop::no_route);
}

// However many wait: control has other work, too.
TEST(DvmrpComponent, ATurnTakesOnlySoManyRoutes) {
    Dvmrp world;
    world.probe(k_lan0);
    Report report;
    for (std::uint32_t n = 0; n < 300; ++n) {
        report.routes.push_back({{Ipv4{Ipv4::of(20, 0, 0, 0).value + (n << 8)}, 24}, 2});
    }
    auto const handled = [&] { return world.control.counters().of(Fate::dvmrp_handled); };
    std::uint64_t const before = handled();
    for (int n = 0; n < 8; ++n) {
        world.queue(k_lan0, report);
    }
    world.control.step(world.now);
    EXPECT_EQ(handled() - before, 1U);
    for (int n = 0; n < 9; ++n) { // short ones, behind them
        world.queue(k_lan0, Probe{1, {ours(k_lan0)}});
    }
    world.settle();
    EXPECT_EQ(handled() - before, 17U);
}

// A change of the way to some sources is a question about their entries, and about no other's.
TEST(DvmrpComponent, ARouteThatChangesTouchesItsEntriesAlone) {
    Dvmrp world;
    world.converge();
    Ipv4Prefix const other{Ipv4::of(10, 8, 0, 0), 24};
    world.report(k_lan0, other, 2);
    constexpr std::uint8_t k_streams = 20;
    for (std::uint8_t n = 0; n < k_streams; ++n) {
        world.packet({Ipv4::of(10, 9, 0, n), k_group});
        world.packet({Ipv4::of(10, 8, 0, n), k_group});
    }
    auto const asked = [&] {
        return world.control.manager().counters().alerts.of(mgm::AlertKind::rpf_question);
    };
    std::uint64_t const before = asked();
    handoff::Entry const* const untouched = world.entry({Ipv4::of(10, 8, 0, 7), k_group});
    world.report(k_lan1, other, 1);
    for (std::uint8_t n = 0; n < k_streams; ++n) {
        auto const moved = world.control.manager().entry({Ipv4::of(10, 8, 0, n), k_group});
        EXPECT_EQ(moved->arrival.index, k_lan1);
    }
    EXPECT_EQ(asked() - before, k_streams);
    EXPECT_NE(world.entry({Ipv4::of(10, 8, 0, 7), k_group}), untouched);
    handoff::Entry const* const still = world.entry(k_flow);
    std::uint64_t const then = asked();
    world.report(k_lan0, other, 1); // and back: the lower address
    EXPECT_EQ(asked() - then, k_streams);
    EXPECT_EQ(world.entry(k_flow), still);
}

// Exclude lists and single sources hold beside an owner that is a wildcard receiver.
TEST(DvmrpComponent, WhatMembersWantOfASource) {
    Dvmrp world;
    world.converge();
    world.say(k_lan1, Report{{{k_far, k_infinity}}}); // D depends no longer
    world.report(k_lan2, exclude_report(k_group, {k_source}));
    world.packet();
    EXPECT_EQ(world.outputs(), "");
    FlowKey const other{Ipv4::of(10, 9, 0, 6), k_group};
    world.packet(other);
    EXPECT_EQ(world.outputs(other), "lan2 ");
    world.report(k_lan2, exclude_report(k_group, {}));
    world.settle();
    EXPECT_EQ(world.outputs(), "lan2 ");
}

// Sources of a link of ours are found the other way round while our port is down.
TEST(DvmrpComponent, AnotherWayToALinkThatIsDown) {
    Dvmrp world;
    world.converge();
    FlowKey const flow{Ipv4::of(10, 0, 2, 77), k_group};
    world.control.link_changed(PortId{2}, false, world.now);
    world.settle();
    world.report(k_lan0, {Ipv4::of(10, 0, 2, 0), 24}, 2);
    world.packet(flow);
    ASSERT_TRUE(world.control.manager().entry(flow));
    EXPECT_EQ(world.control.manager().entry(flow)->arrival.index, k_lan0);
    world.control.link_changed(PortId{2}, true, world.now);
    world.settle();
    EXPECT_EQ(world.control.manager().entry(flow)->arrival.index, k_lan2);
}

// The same where DVMRP came by command; and where it went, there is no other way.
TEST(DvmrpComponent, AnotherWayWhereItCameByCommand) {
    Config config = dvmrp_everywhere();
    config.interfaces[2].dvmrp_enabled = false;
    Dvmrp world(config);
    world.converge();
    FlowKey const flow{Ipv4::of(10, 0, 2, 77), k_group};
    auto const arrival = [&] {
        world.packet(flow);
        auto const entry = world.control.manager().entry(flow);
        return entry ? entry->arrival.index : k_no_interface;
    };
    world.command("owner", {"take", "lan2", "dvmrp"});
    world.settle();
    world.control.link_changed(PortId{2}, false, world.now);
    world.settle();
    world.report(k_lan0, {Ipv4::of(10, 0, 2, 0), 24}, 2);
    EXPECT_EQ(arrival(), k_lan0);
    world.command("owner", {"release", "lan2", "dvmrp"});
    world.settle();
    EXPECT_EQ(arrival(), k_lan2);
    world.command("owner", {"take", "lan2", "dvmrp"}); // while it is down
    world.settle();
    world.report(k_lan0, {Ipv4::of(10, 0, 2, 0), 24}, 2);
    EXPECT_EQ(arrival(), k_lan0);
}

// A member on an interface of another component is served, and pruned for when it leaves.
TEST(DvmrpComponent, WhatOthersWantIsNotPruned) {
    Config config = dvmrp_everywhere();
    config.interfaces[2].dvmrp_enabled = false; // IGMP alone
    Dvmrp world(config);
    world.probe(k_lan0);
    world.report(k_lan0, k_far, 2);
    world.sent();
    world.join(k_lan2, k_group);
    world.packet();
    EXPECT_EQ(world.outputs(), "lan2 ");
    EXPECT_EQ(world.prunes_and_grafts(), "");
    world.leave(k_lan2, k_group);
    world.run_for(seconds{5});
    EXPECT_EQ(world.prunes_and_grafts(), "prune lan0 ");
    world.probe(k_lan0);
    world.run_for(seconds{31}); // the entry that refuses it is gone
    world.probe(k_lan0);
    EXPECT_EQ(world.outputs(), "no entry");
    world.join(k_lan2, k_group);
    EXPECT_EQ(world.prunes_and_grafts(), "graft lan0 ");
}

// Between IGMP alone and DVMRP beside it, with a member there: it is served in every turn, and
// nothing is said upstream.
TEST(DvmrpComponent, AnInterfaceChangesHandsUnderAStream) {
    Dvmrp world;
    world.converge();
    world.say(k_lan1, Report{{{k_far, k_infinity}}});
    world.join(k_lan2, k_group);
    world.packet();
    ASSERT_EQ(world.outputs(), "lan2 ");
    for (std::string const verb : {"release", "take", "release", "take"}) {
        auto const done = world.command("owner", {verb, "lan2", "dvmrp"});
        ASSERT_TRUE(done.contains("change")) << done.dump();
        for (int turn = 0; turn < 30; ++turn) {
            EXPECT_EQ(world.outputs(), "lan2 ") << verb << ", turn " << turn;
            world.control.step(world.now);
            world.now += std::chrono::milliseconds{1};
            if (turn % 3 == 0) {
                world.grace.end_all();
            }
        }
        world.settle();
        world.run_for(seconds{3});
        EXPECT_EQ(world.outputs(), "lan2 ");
    }
    EXPECT_EQ(world.prunes_and_grafts(), "");
}

// More flows than are looked at in one turn: none is pruned before it is known who else wants it.
TEST(DvmrpComponent, ManyFlowsAtAReleasedInterface) {
    constexpr std::uint8_t k_blocks = 3;
    constexpr std::uint8_t k_each = 200;
    Config config = dvmrp_everywhere();
    config.limits.entries = 2048;
    Dvmrp world(config);
    world.probe(k_lan0);
    world.report(k_lan0, k_far, 2);
    for (std::uint8_t block = 0; block < k_blocks; ++block) {
        for (std::uint8_t n = 0; n < k_each; ++n) {
            FlowKey const flow{k_source, Ipv4::of(239, 2, block, n)};
            world.join(k_lan2, flow.group);
            world.packet(flow);
            ASSERT_EQ(world.outputs(flow), "lan2 ");
            world.sent();
        }
    }
    world.command("owner", {"release", "lan2", "dvmrp"});
    world.settle();
    world.run_for(seconds{2});
    EXPECT_EQ(world.prunes_and_grafts(), "");
    EXPECT_EQ(world.outputs({k_source, Ipv4::of(239, 2, k_blocks - 1, k_each - 1)}), "lan2 ");
    // And when its member leaves, it is pruned.
    world.probe(k_lan0);
    world.leave(k_lan2, Ipv4::of(239, 2, 0, 0));
    world.run_for(seconds{5});
    EXPECT_EQ(world.prunes_and_grafts(), "prune lan0 ");
}

TEST(DvmrpComponent, Explains) {
    Dvmrp world;
    world.converge();
    world.packet();
    auto const ask = [&] {
        return world.ask("explain", {to_string(k_source), to_string(k_group)});
    };
    auto const sentence = [&](int interface) {
        return ask()["interfaces"][interface]["sentence"].get<std::string>();
    };
    EXPECT_EQ(ask()["interfaces"][1]["forwarded"], true);
    EXPECT_THAT(sentence(2),
                HasSubstr("no router here depends on us for 10.9.0.0/24, and no host"));
    world.say(k_lan1, Prune{k_source, k_group, 300, {}}, ours(k_lan1));
    EXPECT_THAT(sentence(1), HasSubstr("that depend on us (1) have pruned it"));
    EXPECT_EQ(ask()["verdict"], "vetoed");
    EXPECT_THAT(ask()["sentence"].get<std::string>(),
                HasSubstr("so DVMRP has 10.0.0.9 upstream prune it"));
    world.report(k_lan2, k_far, 1); // another router there has the better way
    EXPECT_EQ(ask()["owner"], "dvmrp");
}

// IGMP-110. A source-specific group goes to D only when D has grafted that source; our own members
// are a reason to graft, before any packet, on whichever interface.
TEST(DvmrpComponent, AChannelIsAskedFor) {
    Config config = dvmrp_everywhere();
    config.interfaces[2].dvmrp_enabled = false; // IGMP alone
    Dvmrp world(config);
    world.converge();
    FlowKey const channel{k_source, Ipv4::of(232, 1, 1, 1)};
    world.packet(channel);
    EXPECT_EQ(world.outputs(channel), "");
    EXPECT_THAT(world.ask("explain", {"10.9.0.5", "232.1.1.1"})["interfaces"][1]["sentence"],
                HasSubstr("(1) has grafted this source, and its group is not flooded"));
    world.sent();
    world.say(k_lan1, Graft{channel.source, channel.group, {}}, ours(k_lan1));
    EXPECT_EQ(world.outputs(channel), "lan1 ");
    EXPECT_EQ(world.prunes_and_grafts(), "graft lan0 ");
    world.say(k_lan1, Prune{channel.source, channel.group, 300, {}}, ours(k_lan1));
    EXPECT_EQ(world.outputs(channel), "");
    EXPECT_EQ(world.prunes_and_grafts(), "prune lan0 ");
    FlowKey const next{Ipv4::of(10, 9, 0, 6), channel.group};
    for (IfIndex const on : {k_lan1, k_lan2}) {
        world.report(on, include_report(next.group, {next.source}));
        world.settle();
        EXPECT_EQ(world.prunes_and_grafts(), "graft lan0 ");
        world.packet(next);
        EXPECT_EQ(world.outputs(next), "lan" + std::to_string(on.value) + " ");
        world.report(on, {{{wire::RecordType::block, next.group, {next.source}, {}}}});
        world.run_for(seconds{5});
        EXPECT_EQ(world.outputs(next), "");
        EXPECT_EQ(world.prunes_and_grafts(), "prune lan0 ");
    }
}

// The interface goes to IGMP alone and back: who wants the channel there is no less a reason.
TEST(DvmrpComponent, AChannelWhereAnInterfaceChangesHands) {
    Dvmrp world;
    world.converge();
    FlowKey const channel{k_source, Ipv4::of(232, 1, 1, 1)};
    world.report(k_lan2, include_report(channel.group, {channel.source}));
    world.settle();
    EXPECT_EQ(world.prunes_and_grafts(), "graft lan0 ");
    for (std::string const verb : {"release", "take"}) {
        ASSERT_TRUE(world.command("owner", {verb, "lan2", "dvmrp"}).contains("change"));
        world.run_for(seconds{5});
    }
    EXPECT_THAT(world.prunes_and_grafts(), testing::Not(HasSubstr("prune")));
    world.packet(channel);
    EXPECT_EQ(world.outputs(channel), "lan2 ");
}

TEST(DvmrpComponent, IsShown) {
    Dvmrp world;
    world.converge();
    auto const neighbors = world.list({"dvmrp", "neighbors"});
    ASSERT_EQ(neighbors.size(), 2U);
    EXPECT_EQ(neighbors[0]["neighbor"], "10.0.0.9");
    EXPECT_EQ(neighbors[0]["state"], "two-way");
    EXPECT_EQ(neighbors[0]["version"], "3.255");
    EXPECT_EQ(neighbors[0]["capabilities"], "PGM");
    EXPECT_EQ(world.list({"dvmrp", "neighbors", "lan1"}).size(), 1U);
    auto const routes = world.list({"dvmrp", "routes"}, 1);
    ASSERT_EQ(routes.size(), 4U) << "three connected ones, and the learned one; page by page";
    int learned = 0;
    for (api::Json const& route : routes) {
        if (route["prefix"] == "10.9.0.0/24") {
            ++learned;
            EXPECT_EQ(route["metric"], 3);
            EXPECT_EQ(route["interface"], "lan0");
            EXPECT_EQ(route["neighbor"], "10.0.0.9");
            EXPECT_EQ(route["dependents"], api::Json::array({"10.0.1.9"}));
        } else {
            EXPECT_TRUE(route["neighbor"].is_null());
        }
    }
    EXPECT_EQ(learned, 1);
    auto const interfaces = world.list({"dvmrp", "interfaces"});
    ASSERT_EQ(interfaces.size(), 3U);
    EXPECT_EQ(interfaces[2]["leaf"], true);
    EXPECT_EQ(interfaces[0]["two_way"], 1);
    for (api::Json const& row : world.list({"dvmrp", "statistics", "lan0"})) {
        EXPECT_TRUE(row["counter"] != "reports" || row["count"] == 1);
    }
    for (auto const& words : {std::vector<std::string>{"dvmrp"},
                              {"dvmrp", "weather"},
                              {"dvmrp", "routes", "lan9"},
                              {"dvmrp", "routes", "lan0", "lan1"}}) {
        EXPECT_TRUE(world.page(words, api::Json::object()).contains("sentence"));
    }
    EXPECT_TRUE(world.page({"dvmrp", "routes"}, {{"after", "0 x"}}).contains("sentence"));
    EXPECT_TRUE(world.page({"dvmrp", "neighbors"}, {{"after", "77"}}).contains("sentence"));
}

// A subnet without DVMRP is told of if the configuration says so, and its sources come out.
TEST(DvmrpComponent, RedistributesASubnet) {
    Config config = dvmrp_everywhere();
    config.interfaces[2].dvmrp_enabled = false; // IGMP alone
    for (bool const told : {false, true}) {
        if (told) {
            config.dvmrp->redistribute.push_back({});
        }
        Dvmrp world(config);
        world.probe(k_lan1);
        world.report(k_lan1, {Ipv4::of(10, 0, 2, 0), 24}, 2 + k_infinity);
        FlowKey const flow{host_of(k_lan2), k_group};
        world.packet(flow, k_lan2);
        EXPECT_EQ(world.outputs(flow), told ? "lan1 " : "");
    }
}

// Ours to tell by redistribution is what DVMRP does not hold, whatever the file says of it.
TEST(DvmrpComponent, RedistributesWhatItDoesNotHold) {
    Config config = dvmrp_everywhere();
    config.dvmrp->redistribute.push_back({.metric = 5});
    Dvmrp world(config);
    auto const metric = [&] {
        for (api::Json const& route : world.list({"dvmrp", "routes"})) {
            if (route["prefix"] == "10.0.2.0/24") {
                return route["metric"].get<int>();
            }
        }
        return 0;
    };
    EXPECT_EQ(metric(), 1);
    world.command("owner", {"release", "lan2", "dvmrp"});
    world.run_for(seconds{2});
    EXPECT_EQ(metric(), 5);
    world.command("owner", {"take", "lan2", "dvmrp"});
    world.run_for(seconds{2});
    EXPECT_EQ(metric(), 1);
    world.control.link_changed(PortId{2}, false, world.now);
    world.settle();
    EXPECT_NE(metric(), 5);
}

// DVMRP-75.
TEST(DvmrpComponent, Farewell) {
    Dvmrp world;
    world.converge();
    world.control.farewell();
    int unreachable = 0;
    for (Sent const& it : world.sent()) {
        auto const* const report = std::get_if<Report>(&it.message.body);
        ASSERT_NE(report, nullptr);
        for (Route const& route : report->routes) {
            EXPECT_EQ(route.metric, k_infinity);
            ++unreachable;
        }
    }
    EXPECT_GT(unreachable, 2);
    world.control.stop(world.now);
}

// Two domains know nothing of each other's routes (RFC 2715).
TEST(DvmrpComponent, Domains) {
    Config config = dvmrp_everywhere();
    config.interfaces[1].dvmrp_domain = 7;
    Dvmrp world(config);
    world.probe(k_lan0);
    world.probe(k_lan1);
    world.report(k_lan0, k_far, 2);
    world.sent();
    world.run_for(seconds{65});
    for (Sent const& it : world.sent()) {
        auto const* const report = std::get_if<Report>(&it.message.body);
        for (Route const& route : report != nullptr ? report->routes : std::vector<Route>{}) {
            EXPECT_FALSE(it.interface == k_lan1 && route.prefix == k_far);
        }
    }
    auto const components = world.control.manager().components();
    EXPECT_THAT(components, testing::Contains(mgm::ComponentId{mgm::k_dvmrp_protocol, 0}));
    EXPECT_THAT(components, testing::Contains(mgm::ComponentId{mgm::k_dvmrp_protocol, 7}));
}

} // namespace
} // namespace mcast::control
