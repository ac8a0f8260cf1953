// Groups that the router joins as a host: IGMP-164 for what is permanent, RFC 9776 section 5 for
// what is said of it. lan1 has the group; its own querier runs there.
#include "world.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

namespace mcast::control {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr Ipv4 k_group = Ipv4::of(239, 1, 1, 1);
constexpr Ipv4 k_channel = Ipv4::of(232, 1, 1, 1);
constexpr Ipv4 k_a = Ipv4::of(10, 0, 0, 9);
constexpr Ipv4 k_b = Ipv4::of(10, 0, 0, 10);

Config joining(std::vector<GroupConfig> groups) {
    Config config = three_lans();
    config.interfaces[1].address.address.value += 99; // the host .9 would win the election
    for (GroupConfig& group : groups) {
        group.interface = group.interface.empty() ? "lan1" : group.interface;
        group.join = true;
        config.groups.push_back(group);
    }
    return config;
}

// Reports and leaves on lan1 since the last call.
std::vector<std::string> said(World& world) {
    std::vector<std::string> texts;
    for (Injected const& out : world.injected()) {
        auto const datagram = wire::decode_datagram(out.bytes);
        if (out.interface != k_lan1 || !datagram ||
            datagram->ip.protocol != wire::k_protocol_igmp) {
            continue;
        }
        auto const message = wire::decode_igmp(datagram->payload).value();
        if (auto const* v3 = std::get_if<wire::ReportV3>(&message)) {
            for (wire::GroupRecord const& record : v3->records) {
                std::string sources;
                for (Ipv4 const source : record.sources) {
                    sources += " " + to_string(source);
                }
                texts.push_back(
                    fmt::format("{} {}{}", name_of(record.type), to_string(record.group), sources));
            }
        } else if (auto const* v2 = std::get_if<wire::ReportV2>(&message)) {
            texts.push_back("REPORT2 " + to_string(v2->group));
        } else if (auto const* leave = std::get_if<wire::Leave>(&message)) {
            texts.push_back("LEAVE " + to_string(leave->group));
        }
    }
    return texts;
}

void hear(World& world, wire::Igmp const& message) {
    world.punt(handoff::PuntClass::igmp, k_lan1, igmp_frame(k_lan1, message));
    world.settle();
}

TEST(Joins, ReportedAtOnceAndAgain) {
    World world(joining({{.group = k_group, .source = std::nullopt, .interface = {}}}));
    world.settle();
    EXPECT_THAT(said(world), ElementsAre("TO_EX 239.1.1.1"));
    world.run_for(1s);
    EXPECT_THAT(said(world), ElementsAre("TO_EX 239.1.1.1"));
}

TEST(Joins, ForwardedAsEveryPermanentGroup) {
    World world(joining({{.group = k_group, .source = std::nullopt, .interface = {}}}));
    world.settle();
    world.miss(k_lan0, udp_frame(k_a, k_group));
    world.settle();
    EXPECT_EQ(world.entry({k_a, k_group})->outputs, IfSet{k_lan1});
}

TEST(Joins, OurOwnQueriesAreAnswered) {
    // Other routers of the link would let the group end else.
    World world(joining({{.group = k_group, .source = std::nullopt, .interface = {}}}));
    world.run_for(60s);
    said(world);
    world.run_for(135s);
    EXPECT_THAT(said(world), ElementsAre("IS_EX 239.1.1.1"));
    world.command("igmp", {"query", "lan1", "239.1.1.1"});
    world.run_for(1s);
    EXPECT_THAT(said(world), ElementsAre("IS_EX 239.1.1.1"));
}

TEST(Joins, QueriesOfAnotherRouterAreAnsweredInItsVersion) {
    World world(joining({{.group = k_group, .source = std::nullopt, .interface = {}}}));
    world.run_for(60s);
    said(world);
    hear(world, wire::Query{.version = 2, .max_resp_code = 100});
    world.run_for(10s);
    EXPECT_THAT(said(world), ElementsAre("REPORT2 239.1.1.1"));
    auto const row = world.list({"igmp", "joins"}).at(0);
    EXPECT_EQ(row["version"], 2);
    EXPECT_EQ(row["querier"], "10.0.1.9");
}

TEST(Joins, WhereNoQuerierRunsTheyAreHeardToo) {
    Config config = joining({{.group = k_group, .source = std::nullopt, .interface = {}}});
    config.interfaces[1].igmp_enabled = false;
    World world(config);
    world.run_for(10s);
    said(world);
    hear(world, wire::Query{.max_resp_code = 100, .qrv = 2, .qqic = 125});
    world.run_for(10s);
    EXPECT_THAT(said(world), ElementsAre("IS_EX 239.1.1.1"));
}

TEST(Joins, SourcesAndExclusionsAddUp) {
    Config config = joining({{.group = k_channel, .source = k_b, .interface = {}},
                             {.group = k_channel, .source = k_a, .interface = {}},
                             {.group = k_group, .source = k_b, .interface = {}, .exclude = true},
                             {.group = k_group, .source = k_a, .interface = {}, .exclude = true}});
    config.interfaces[1].igmp_enabled = false;
    World world(config);
    world.settle();
    EXPECT_THAT(said(world), UnorderedElementsAre("ALLOW 232.1.1.1 10.0.0.9 10.0.0.10",
                                                  "TO_EX 239.1.1.1 10.0.0.9 10.0.0.10"));
    auto const rows = world.list({"igmp", "joins", "lan1"}, 1);
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0]["filter"], "include");
    EXPECT_EQ(rows[1]["filter"], "exclude");
    EXPECT_EQ(rows[1]["sources"], api::Json::array({"10.0.0.9", "10.0.0.10"}));
    EXPECT_EQ(world.list({"igmp", "joins", "lan2"}).size(), 0U);
    EXPECT_EQ(world.list({"igmp", "joins", "239.1.1.1"}).size(), 1U);
}

TEST(Joins, ARowIsJoinedAsOne) {
    World world(
        joining({{.group = k_group, .source = std::nullopt, .interface = {}, .count = 300}}));
    world.settle();
    EXPECT_EQ(said(world).size(), 300U);
    EXPECT_EQ(world.list({"igmp", "joins"}, 64).size(), 300U);
}

TEST(Joins, LeftWithTheProtocolAndWithTheRouter) {
    World world(joining({{.group = k_group, .source = std::nullopt, .interface = {}}}));
    world.run_for(60s);
    said(world);
    world.command("owner", {"release", "lan1", "static"});
    world.settle();
    EXPECT_THAT(said(world), ElementsAre("TO_IN 239.1.1.1"));
    EXPECT_THAT(world.list({"igmp", "joins"}), IsEmpty());
    world.command("owner", {"take", "lan1", "static"});
    world.settle();
    EXPECT_THAT(said(world), ElementsAre("TO_EX 239.1.1.1"));
    world.control.farewell();
    EXPECT_THAT(said(world), ElementsAre("TO_IN 239.1.1.1"));
    world.control.stop(world.now);
    EXPECT_THAT(said(world), IsEmpty());
}

TEST(Joins, WithoutJoinNothingIsSaid) {
    Config config = three_lans();
    config.groups.push_back({k_group, std::nullopt, "lan1"});
    World world(config);
    world.run_for(200s);
    EXPECT_THAT(said(world), IsEmpty());
}

} // namespace
} // namespace mcast::control
