// Encoding of our queries, start-up, cadence, link and address changes: sections 7.1 and 7.2 of the
// behaviours.
#include "lan.h"

#include <gmock/gmock.h>

namespace mcast::igmp::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::uint8_t> first_query(InterfaceConfig const& config) {
    Lan lan(config);
    return bytes_of(lan.sent.at(0).what.query);
}

TEST(Startup, QueriesAtOnceThenAfterTheStartupInterval) {
    // IGMP-15
    Lan lan;
    lan.advance(300s);
    EXPECT_THAT(lan.timed_queries(), ElementsAre("GQ@0", "GQ@31.25", "GQ@156.25", "GQ@281.25"));
}

TEST(Startup, OneMoreStartupQueryWithRobustness3) {
    // IGMP-15
    Lan lan({.robustness = 3});
    lan.advance(100s);
    EXPECT_THAT(lan.timed_queries(), ElementsAre("GQ@0", "GQ@31.25", "GQ@62.5"));
}

TEST(Startup, ConfiguredStartupValues) {
    InterfaceConfig config;
    config.startup_query_interval = 1s;
    config.startup_query_count = 4;
    Lan lan(config);
    lan.advance(100s);
    EXPECT_THAT(lan.timed_queries(), ElementsAre("GQ@0", "GQ@1", "GQ@2", "GQ@3"));
}

TEST(Startup, GeneralQueryGoesToAllSystemsFromOurAddress) {
    // IGMP-1, IGMP-2
    Lan lan;
    QueryToSend const& query = lan.sent.at(0).what;
    EXPECT_EQ(query.destination, wire::k_all_systems);
    EXPECT_EQ(query.source, k_router);
    EXPECT_EQ(query.interface, k_lan);
    EXPECT_EQ(bytes_of(query.query).size(), 12U);
}

TEST(Startup, BytesOfTheGeneralQuery) {
    // IGMP-4 with golden vector V1, IGMP-10 with V2, and V3.
    EXPECT_THAT(first_query({}), ElementsAre(0x11, 0x64, 0xec, 0x1e, 0, 0, 0, 0, 0x02, 0x7d, 0, 0));
    EXPECT_THAT(first_query({.version = 2}), ElementsAre(0x11, 0x64, 0xee, 0x9b, 0, 0, 0, 0));
    EXPECT_THAT(first_query({.version = 1}), ElementsAre(0x11, 0, 0xee, 0xff, 0, 0, 0, 0));
}

TEST(Startup, ResponseIntervalIsRoundedDownAndTheRoundedValueCounts) {
    // IGMP-6
    EXPECT_EQ(first_query({.query_response_interval = 20s})[1], 0x89);
    Lan lan({.query_response_interval = 25s});
    EXPECT_EQ(lan.sent.at(0).what.query.max_resp_code, 0x8f);
    EXPECT_EQ(lan.interface().group_membership_interval, 2 * 125s + 2 * 24800ms);
}

TEST(Startup, QueryIntervalCode) {
    // IGMP-7
    EXPECT_EQ(first_query({.query_interval = 300s})[9], 0x92);
    EXPECT_EQ(first_query({.query_interval = 31744s})[9], 0xff);
}

TEST(Startup, MaxRespCodeIsNeverZero) {
    // IGMP-14
    for (std::uint8_t version : {std::uint8_t{2}, std::uint8_t{3}}) {
        Lan lan({.version = version,
                 .query_response_interval = 100ms,
                 .last_member_query_interval = 100ms});
        lan.v2(k_g);
        lan.leave(k_g);
        ASSERT_EQ(lan.sent.size(), 2U);
        for (Sent const& it : lan.sent) {
            EXPECT_EQ(it.what.query.max_resp_code, 1);
        }
    }
}

TEST(Startup, FaultyOrKnownInterfaceIsRefused) {
    Engine engine({});
    Output out;
    EXPECT_FALSE(engine.add_interface(k_lan, {.version = 7}, {}, {}, out));
    EXPECT_FALSE(engine.knows(k_lan));
    EXPECT_TRUE(engine.add_interface(k_lan, {}, {}, {}, out));
    EXPECT_FALSE(engine.add_interface(k_lan, {}, {}, {}, out));
    EXPECT_FALSE(engine.reconfigure(k_lan, {.version = 7}, {}, out));
}

TEST(Startup, SilentWithoutAddressOrLink) {
    Engine engine({});
    Output out;
    engine.add_interface(IfIndex{1}, {}, {}, {}, out);
    engine.add_interface(IfIndex{2}, {}, {.address = {k_router, 24}, .up = false}, {}, out);
    EXPECT_THAT(out.queries, IsEmpty());
    EXPECT_EQ(engine.next_due(), std::nullopt);
    engine.set_address(IfIndex{1}, {k_router, 24}, {}, out);
    engine.set_link(IfIndex{2}, true, {}, out);
    EXPECT_EQ(out.queries.size(), 2U);
}

TEST(Startup, LinkDownForgetsGroupsOnceAndStartsAgain) {
    // IGMP-33
    Lan lan;
    lan.settle();
    for (std::uint8_t i = 1; i <= 5; ++i) {
        lan.v2(Ipv4::of(239, 1, 1, i));
    }
    lan.report(RecordType::allow, k_channel, "ab");
    EXPECT_EQ(lan.engine.entries(), 8U);
    lan.forget();
    Output out;
    lan.engine.set_link(k_lan, false, lan.now, out);
    EXPECT_EQ(out.changes.size(), 6U);
    EXPECT_EQ(lan.engine.entries(), 0U);
    EXPECT_TRUE(lan.engine.wish(k_lan, k_channel).empty());
    EXPECT_EQ(lan.engine.next_due(), std::nullopt);
    lan.engine.set_link(k_lan, false, lan.now, out);
    EXPECT_EQ(out.changes.size(), 6U);

    out.clear();
    lan.engine.set_link(k_lan, true, lan.now, out);
    EXPECT_EQ(out.queries.size(), 1U);
    EXPECT_EQ(lan.engine.next_due(), lan.now + 31250ms);
}

TEST(Startup, MessagesToADownInterfaceAreCounted) {
    Lan lan;
    Output out;
    lan.engine.set_link(k_lan, false, lan.now, out);
    lan.v2(k_g);
    EXPECT_EQ(lan.counters().not_enabled, 1U);
    lan.engine.receive({.interface = IfIndex{7}, .ttl = 1}, lan.now, out);
    EXPECT_EQ(lan.engine.not_enabled(), 1U);
}

TEST(Startup, RemovedInterfaceLeavesNothing) {
    Lan lan;
    lan.v2(k_g);
    Output out;
    lan.engine.remove_interface(k_lan, out);
    EXPECT_EQ(out.changes.size(), 1U);
    EXPECT_FALSE(lan.engine.knows(k_lan));
    EXPECT_EQ(lan.engine.entries(), 0U);
    EXPECT_EQ(lan.engine.next_due(), std::nullopt);
}

TEST(Startup, QuerierTellsItsNewAddressAtOnce) {
    Lan lan;
    lan.settle();
    lan.v2(k_g);
    Output out;
    lan.engine.set_address(k_lan, {Ipv4::of(192, 0, 2, 5), 24}, lan.now, out);
    ASSERT_EQ(out.queries.size(), 1U);
    EXPECT_EQ(out.queries[0].source, Ipv4::of(192, 0, 2, 5));
    EXPECT_EQ(lan.state(), "EXC{}/{}");
}

TEST(Startup, NewVersionIsSpokenAtOnceAndGroupsStay) {
    Lan lan;
    lan.settle();
    lan.v2(k_g);
    Output out;
    EXPECT_TRUE(lan.engine.reconfigure(k_lan, {.version = 2}, lan.now, out));
    ASSERT_EQ(out.queries.size(), 1U);
    EXPECT_EQ(out.queries[0].query.version, 2);
    EXPECT_EQ(lan.state(), "EXC{}/{}");
}

TEST(Startup, ShorterIntervalBringsTheNextQueryForward) {
    Lan lan;
    lan.settle();
    Output out;
    lan.engine.reconfigure(k_lan, {.query_interval = 20s}, lan.now, out);
    EXPECT_EQ(lan.interface().next_general_query, lan.now + 20s);
}

TEST(Startup, QueryOnDemandKeepsTheCadence) {
    Lan lan;
    lan.settle();
    auto const next = lan.interface().next_general_query;
    Output out;
    lan.engine.query_now(k_lan, out);
    EXPECT_EQ(out.queries.size(), 1U);
    EXPECT_EQ(lan.interface().next_general_query, next);
    lan.lose_election();
    lan.engine.query_now(k_lan, out);
    EXPECT_EQ(out.queries.size(), 1U);
}

TEST(Startup, GroupQueryOnDemandLowersNothing) {
    Lan lan;
    lan.settle();
    lan.v2(k_g);
    Output out;
    EXPECT_TRUE(lan.engine.query_now(k_lan, k_g, out));
    ASSERT_EQ(out.queries.size(), 1U);
    EXPECT_EQ(text_of(out.queries[0]), "Q(G) S=1");
    EXPECT_EQ(lan.group_timer(), 270s);
    EXPECT_EQ(lan.counters().sent_group_queries, 1U);
    lan.lose_election();
    EXPECT_FALSE(lan.engine.query_now(k_lan, k_g, out));
    EXPECT_FALSE(lan.engine.query_now(k_lan, out));
    Lan old({.version = 1});
    EXPECT_FALSE(old.engine.query_now(k_lan, k_g, out));
    EXPECT_TRUE(old.engine.query_now(k_lan, out));
}

TEST(Startup, NothingWrapsAfterMoreThan32BitsOfMilliseconds) {
    // IGMP-172
    Lan lan;
    lan.advance(std::chrono::milliseconds{(std::int64_t{1} << 32) + 12345});
    lan.forget();
    lan.v2(k_g);
    EXPECT_EQ(lan.group_timer(), 270s);
    lan.advance(269s);
    EXPECT_EQ(lan.state(), "EXC{}/{}");
    lan.advance(1s);
    EXPECT_EQ(lan.state(), "-");
    EXPECT_THAT(lan.queries(), ElementsAre("GQ", "GQ"));
}

} // namespace
} // namespace mcast::igmp::test
