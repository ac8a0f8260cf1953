// The sentences of `explain`, by table: what was done to the router, and what it says then.
#include "world.h"

#include <gtest/gtest.h>

#include <functional>

namespace mcast::control {
namespace {

constexpr Ipv4 k_group = Ipv4::of(239, 1, 1, 1);
constexpr Ipv4 k_source = Ipv4::of(10, 0, 0, 9);
constexpr FlowKey k_flow{k_source, k_group};

void nothing(World&) {}
void member(World& world) {
    world.join(k_lan1, k_group);
}
void stream(World& world) {
    world.miss(k_lan0, udp_frame(k_source, k_group));
    world.settle();
}
void member_and_stream(World& world) {
    member(world);
    stream(world);
}
void counted(World& world, handoff::Counter handoff::EntryCounters::* counter) {
    member_and_stream(world);
    (world.entry(k_flow)->counters->*counter).add(5);
}

struct Row {
    std::string title;
    std::function<void(World&)> prepare;
    std::string source;
    std::string group;
    std::string verdict;
    std::string says;    // somewhere in the sentence
    std::string at_lan1; // reason on lan1
};

std::vector<Row> table() {
    return {
        {"no host", nothing, "10.0.0.9", "239.1.1.1", "no_member", "", "no_member"},
        {"no host, stream seen", stream, "10.0.0.9", "239.1.1.1", "no_member", "", "no_member"},
        {"wanted, not seen yet", member, "10.0.0.9", "239.1.1.1", "forwarded",
         "arrives on lan0 and leaves through lan1 (no packet of it has been seen yet", "forwarded"},
        {"flows", [](World& w) { counted(w, &handoff::EntryCounters::packets); }, "10.0.0.9",
         "239.1.1.1", "forwarded", "lan1 (5 packets so far)", "forwarded"},
        {"TTL 1", [](World& w) { counted(w, &handoff::EntryCounters::ttl_expired); }, "10.0.0.9",
         "239.1.1.1", "ttl_expired", "the sender's TTL is 1", "forwarded"},
        {"wrong interface", [](World& w) { counted(w, &handoff::EntryCounters::wrong_interface); },
         "10.0.0.9", "239.1.1.1", "wrong_interface", "none of them on lan0", "forwarded"},
        {"no route", member, "172.16.0.1", "239.1.1.1", "no_route", "172.16.0.1", "no_route"},
        {"link-local", member, "10.0.0.9", "224.0.0.251", "link_local_group", "never crosses",
         "no_member"},
        {"martian", member, "127.0.0.1", "239.1.1.1", "martian_source", "127.0.0.1", ""},
        {"our own", member, "10.0.2.1", "239.1.1.1", "own_source", "10.0.2.1", ""},
        {"output down",
         [](World& w) {
             Config const config = three_lans();
             member_and_stream(w);
             w.control.link_changed(PortId{1}, false, w.now);
         },
         "10.0.0.9", "239.1.1.1", "no_output", "every output is down", "link_down"},
        {"arrival down",
         [](World& w) {
             member_and_stream(w);
             w.control.link_changed(PortId{0}, false, w.now);
         },
         "10.0.0.9", "239.1.1.1", "interface_down", "lan0", "forwarded"},
        {"excluded",
         [](World& w) {
             w.report(k_lan1, exclude_report(k_group, {k_source}));
             w.settle();
             stream(w);
         },
         "10.0.0.9", "239.1.1.1", "vetoed", "", "vetoed"},
        {"SSM", stream, "10.0.0.9", "232.1.1.1", "ssm_unrequested", "", "no_member"},
    };
}

TEST(Explain, SaysWhatHappensAndWhy) {
    for (Row const& row : table()) {
        SCOPED_TRACE(row.title);
        World world;
        row.prepare(world);
        auto const answer = world.ask("explain", {row.source, row.group});
        EXPECT_EQ(answer["verdict"], row.verdict) << answer.dump(1);
        EXPECT_NE(answer["sentence"].get<std::string>().find(row.says), std::string::npos)
            << answer.dump(1);
        ASSERT_EQ(answer["interfaces"].size(), 3U);
        if (!row.at_lan1.empty()) {
            EXPECT_EQ(answer["interfaces"][1]["reason"], row.at_lan1) << answer.dump(1);
        }
        for (auto const& interface : answer["interfaces"]) {
            EXPECT_FALSE(interface["sentence"].get<std::string>().empty());
        }
    }
}

TEST(Explain, ArrivalIsTheRightOne) {
    World world;
    member_and_stream(world);
    auto const answer = world.ask("explain", {"10.0.0.9", "239.1.1.1", "in", "lan0"});
    EXPECT_EQ(answer["verdict"], "forwarded");
    ASSERT_EQ(answer["interfaces"].size(), 3U);
    EXPECT_EQ(answer["interfaces"][0]["reason"], "arrival");
    EXPECT_EQ(answer["entry"]["outputs"][0], "lan1");
    EXPECT_EQ(answer["owner"], "static");
}

TEST(Explain, ArrivalIsAWrongOne) {
    for (auto const prepare : {nothing, member, member_and_stream}) {
        World world;
        prepare(world);
        auto const answer = world.ask("explain", {"10.0.0.9", "239.1.1.1", "in", "lan2"});
        EXPECT_EQ(answer["verdict"], "wrong_interface") << answer.dump(1);
        EXPECT_NE(answer["sentence"].get<std::string>().find("on lan2 goes no further: the route "
                                                             "to the source leads through lan0"),
                  std::string::npos);
        EXPECT_EQ(answer["arrival"], "lan0");
        EXPECT_EQ(answer["interfaces"].size(), 3U);
    }
}

TEST(Explain, NoRoomForAnotherEntry) {
    Config config = three_lans();
    config.limits.entries = 2;
    World world(config);
    member(world);
    for (std::uint8_t host = 10; host < 13; ++host) {
        world.miss(k_lan0, udp_frame(Ipv4::of(10, 0, 0, host), k_group));
        world.settle();
    }
    EXPECT_EQ(world.ask("explain", {"10.0.0.11", "239.1.1.1"})["verdict"], "forwarded");
    auto const answer = world.ask("explain", {"10.0.0.12", "239.1.1.1"});
    EXPECT_EQ(answer["verdict"], "entry_limit") << answer.dump(1);
    EXPECT_EQ(answer["interfaces"][1]["reason"], "entry_limit");
    EXPECT_FALSE(answer["interfaces"][1]["forwarded"]);
    EXPECT_EQ(world.ask("show", {"status"})["entries_evicted"], 0);
}

TEST(Explain, HostsOverALimitAreSaid) {
    Config config = three_lans();
    config.interfaces[1].igmp.max_groups = 1;
    World world(config);
    world.join(k_lan1, Ipv4::of(239, 9, 9, 9));
    auto const before = world.ask("explain", {"10.0.0.9", "239.1.1.1"});
    EXPECT_EQ(before["interfaces"][1]["sentence"],
              "no host has asked for this group or source here");
    member(world);
    auto const answer = world.ask("explain", {"10.0.0.9", "239.1.1.1"});
    EXPECT_EQ(answer["interfaces"][1]["reason"], "no_member");
    EXPECT_NE(answer["interfaces"][1]["sentence"].get<std::string>().find(
                  "hosts were refused: 1 over the limit of groups"),
              std::string::npos)
        << answer.dump(1);
}

// IGMP-128, IGMP-129: boundaries, and the local scope that any of them implies.
TEST(Explain, Boundaries) {
    Config config = three_lans();
    config.groups.push_back({k_group, std::nullopt, "lan1"});
    config.groups.push_back({Ipv4::of(239, 255, 1, 1), std::nullopt, "lan1"});
    config.interfaces[1].boundaries.push_back({Ipv4::of(239, 1, 0, 0), 16});
    World world(config);
    for (char const* const group : {"239.1.1.1", "239.255.1.1"}) {
        auto const answer = world.ask("explain", {"10.0.0.9", group});
        EXPECT_EQ(answer["verdict"], "boundary_out") << answer.dump(1);
        EXPECT_EQ(answer["interfaces"][1]["reason"], "boundary");
    }
    auto const inward = world.ask("explain", {"10.0.1.9", "239.1.1.1"});
    EXPECT_EQ(inward["verdict"], "boundary_in");
}

TEST(Explain, ThresholdIsSaid) {
    Config config = three_lans();
    config.interfaces[1].ttl_threshold = 32;
    World world(config);
    member(world);
    auto const answer = world.ask("explain", {"10.0.0.9", "239.1.1.1"});
    EXPECT_NE(answer["interfaces"][1]["sentence"].get<std::string>().find("TTL above 32"),
              std::string::npos);
}

} // namespace
} // namespace mcast::control
