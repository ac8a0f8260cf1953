// Specific queries, the S flag, and one schedule per group: section 7.5 of the behaviours.
#include "lan.h"

#include <gmock/gmock.h>

namespace mcast::igmp::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Schedule, GroupIsAskedAboutLmqcTimes) {
    // IGMP-87
    Lan lan({.last_member_query_interval = 500ms, .last_member_query_count = 3});
    lan.report(RecordType::is_ex, k_g);
    lan.forget();
    lan.report(RecordType::to_in, k_g);
    lan.advance(1500ms - 1ns);
    EXPECT_NE(lan.state(), "-");
    lan.advance(1ns);
    EXPECT_EQ(lan.state(), "-");
    EXPECT_THAT(lan.timed_queries(), ElementsAre("Q(G) S=0@0", "Q(G) S=0@0.5", "Q(G) S=0@1"));
}

TEST(Schedule, SpecificQueryBytesAndDestination) {
    // IGMP-3 and golden vector V5.
    Lan lan;
    lan.report(RecordType::is_ex, k_g);
    lan.forget();
    lan.report(RecordType::to_in, k_g);
    ASSERT_EQ(lan.sent.size(), 1U);
    EXPECT_EQ(lan.sent[0].what.destination, k_g);
    EXPECT_THAT(bytes_of(lan.sent[0].what.query),
                ElementsAre(0x11, 0x0a, 0xfb, 0x73, 0xef, 1, 2, 3, 2, 0x7d, 0, 0));
}

TEST(Schedule, SavedGroupIsAskedAboutWithTheSFlag) {
    // IGMP-88
    Lan lan;
    lan.report(RecordType::is_ex, k_g);
    lan.report(RecordType::to_in, k_g);
    lan.advance(500ms);
    lan.report(RecordType::is_ex, k_g, "", k_host2);
    lan.forget();
    lan.advance(10s);
    EXPECT_THAT(lan.timed_queries(), ElementsAre("Q(G) S=1@1"));
    EXPECT_EQ(lan.group_timer(), 260s);
}

TEST(Schedule, SavedAndThenAgedGroupIsAskedAboutAgain) {
    // A check ends when a report saves the group; a timer that is low later is only old.
    Lan lan;
    lan.report(RecordType::is_ex, k_g);
    lan.report(RecordType::to_in, k_g);
    lan.report(RecordType::is_ex, k_g, "", k_host2);
    lan.advance(269s);
    lan.forget();
    lan.report(RecordType::to_in, k_g);
    EXPECT_THAT(lan.queries(), ElementsAre("Q(G) S=0"));
    EXPECT_EQ(lan.group_timer(), 1s);
}

TEST(Schedule, SavedSourceIsAskedAboutWithTheSFlagAlone) {
    // IGMP-90
    Lan lan;
    lan.report(RecordType::is_in, k_g, "a");
    lan.report(RecordType::block, k_g, "a");
    lan.advance(500ms);
    lan.report(RecordType::is_in, k_g, "a", k_host2);
    lan.forget();
    lan.advance(10s);
    EXPECT_THAT(lan.queries(), ElementsAre("Q(G,{a}) S=1"));
    EXPECT_EQ(lan.state(), "INC{a}");
}

TEST(Schedule, EachSourceIsAskedAboutLmqcTimes) {
    // IGMP-91: twice each, and never a second time before there was time to answer the first.
    Lan lan;
    lan.report(RecordType::is_in, k_g, "abc");
    lan.report(RecordType::block, k_g, "a");
    lan.advance(500ms);
    lan.report(RecordType::block, k_g, "b");
    lan.forget();
    lan.advance(1s);
    lan.report(RecordType::block, k_g, "c");
    lan.advance(10s);
    EXPECT_THAT(lan.timed_queries(), ElementsAre("Q(G,{a}) S=0@1", "Q(G,{b}) S=0@1.5",
                                                 "Q(G,{c}) S=0@1.5", "Q(G,{c}) S=0@2.5"));
    EXPECT_EQ(lan.state(), "-");
}

TEST(Schedule, WhatFallsDueTogetherSharesAQuery) {
    // IGMP-91
    Lan lan;
    lan.report(RecordType::is_in, k_g, "ab");
    lan.report(RecordType::block, k_g, "a");
    lan.report(RecordType::block, k_g, "b");
    lan.forget();
    lan.advance(10s);
    EXPECT_THAT(lan.timed_queries(), ElementsAre("Q(G,{a,b}) S=0@1"));
}

TEST(Schedule, GroupThatIsCheckedAnewIsAskedAboutOneIntervalLater) {
    // The second query of the first check would be none to a host that has the new one to answer.
    Lan lan;
    lan.report(RecordType::is_ex, k_g);
    lan.report(RecordType::to_in, k_g);
    lan.advance(500ms);
    lan.report(RecordType::is_ex, k_g, "", k_host2);
    lan.advance(400ms);
    lan.forget();
    lan.report(RecordType::to_in, k_g);
    lan.advance(10s);
    EXPECT_THAT(lan.timed_queries(), ElementsAre("Q(G) S=0@0.9", "Q(G) S=0@1.9"));
}

TEST(Schedule, SavedAndDoubtfulSourcesAreAskedAboutApart) {
    Lan lan;
    lan.report(RecordType::is_in, k_g, "ab");
    lan.report(RecordType::block, k_g, "ab");
    lan.advance(500ms);
    lan.report(RecordType::allow, k_g, "b", k_host2);
    lan.forget();
    lan.advance(1s);
    EXPECT_THAT(lan.queries(), ElementsAre("Q(G,{b}) S=1", "Q(G,{a}) S=0"));
}

TEST(Schedule, GroupQueryCoversSavedSources) {
    // RFC 9776 section 6.6.3.2: Q(G) in the same tick makes the S=1 message needless.
    Lan lan;
    lan.report(RecordType::is_ex, k_g);
    lan.report(RecordType::allow, k_g, "a");
    lan.forget();
    lan.report(RecordType::to_in, k_g);
    lan.report(RecordType::allow, k_g, "a", k_host2);
    EXPECT_THAT(lan.queries(), ElementsAre("Q(G) S=0", "Q(G,{a}) S=0"));
    lan.advance(10s);
    EXPECT_THAT(lan.queries(), ElementsAre("Q(G) S=0"));
    EXPECT_EQ(lan.state(), "INC{a}");
}

TEST(Schedule, SourceAlreadyLowIsNotAskedAboutAgain) {
    // IGMP-92
    Lan lan;
    lan.report(RecordType::is_in, k_g, "a");
    lan.advance(268500ms);
    lan.forget();
    lan.report(RecordType::block, k_g, "a");
    EXPECT_THAT(lan.queries(), IsEmpty());
    EXPECT_EQ(lan.source_timer('a'), 1500ms);
}

TEST(Schedule, NonQuerierLowersByTheQueriersQuery) {
    // IGMP-93
    Lan lan;
    lan.v2(k_g);
    lan.lose_election();
    lan.advance(70s);
    lan.hear(k_better, specific(k_g, "", true));
    EXPECT_EQ(lan.group_timer(), 200s);
    lan.hear(k_better, specific(k_g));
    EXPECT_EQ(lan.group_timer(), 2s);
}

TEST(Schedule, OnlyRunningSourceTimersAreLowered) {
    // IGMP-94
    Lan lan;
    lan.report(RecordType::is_ex, k_g, "y");
    lan.report(RecordType::allow, k_g, "a");
    lan.lose_election();
    lan.hear(k_better, specific(k_g, "any"));
    EXPECT_EQ(lan.state(), "EXC{a}/{y}");
    EXPECT_EQ(lan.source_timer('a'), 2s);
    EXPECT_EQ(lan.group_timer(), 270s);
}

TEST(Schedule, QueryForAnUnknownGroupMakesNothing) {
    Lan lan;
    lan.lose_election();
    lan.hear(k_better, specific(k_g));
    lan.hear(k_better, specific(k_g, "a"));
    EXPECT_EQ(lan.state(), "-");
    EXPECT_EQ(lan.engine.entries(), 0U);
    EXPECT_EQ(lan.changes(), 0U);
}

TEST(Schedule, StrangersDoNotLower) {
    // IGMP-165
    for (bool const trust : {false, true}) {
        Lan lan({.trust_any_query = trust});
        lan.v2(k_g);
        lan.lose_election();
        lan.hear(k_worse, specific(k_g));
        EXPECT_EQ(lan.group_timer(), trust ? 2s : 270s);
        EXPECT_EQ(lan.counters().untrusted_queries, trust ? 0U : 1U);
    }
}

TEST(Schedule, QuerierIgnoresTheChecksOfOthers) {
    Lan lan;
    lan.v2(k_g);
    lan.hear(k_worse, specific(k_g));
    EXPECT_EQ(lan.group_timer(), 270s);
}

TEST(Schedule, FormerQuerierMayFinishItsChecks) {
    Lan lan({}, {}, {.address = {Ipv4::of(192, 0, 2, 9), 24}, .mac = k_router_mac});
    lan.hear(k_router, general());
    Output out;
    lan.engine.set_address(k_lan, {k_better, 24}, lan.now, out);
    lan.v2(k_g);
    lan.v2(k_g2);
    lan.hear(k_router, specific(k_g));
    EXPECT_EQ(lan.group_timer(), 2s);
    lan.advance(2s);
    lan.hear(k_router, specific(k_g2));
    EXPECT_EQ(lan.group_timer(k_g2), 268s);
}

TEST(Schedule, ManySourcesAreSplitByTheMtu) {
    // IGMP-97
    Lan lan({.max_sources = 2000});
    wire::GroupRecord all{.type = RecordType::is_in, .group = k_g};
    for (std::uint32_t i = 1; i <= 1000; ++i) {
        all.sources.push_back({Ipv4::of(198, 51, 100, 0).value + 256 + i});
    }
    lan.hear(k_host1, wire::ReportV3{.records = {all}});
    lan.forget();
    all.type = RecordType::block;
    lan.hear(k_host1, wire::ReportV3{.records = {all}});
    ASSERT_EQ(lan.sent.size(), 3U);
    EXPECT_EQ(lan.sent[0].what.query.sources.size(), 366U);
    EXPECT_EQ(lan.sent[1].what.query.sources.size(), 366U);
    EXPECT_EQ(lan.sent[2].what.query.sources.size(), 268U);
    EXPECT_LE(bytes_of(lan.sent[0].what.query).size() + 24, 1500U);
}

TEST(Schedule, WantedUntilTheCheckEnds) {
    // IGMP-98
    Lan lan;
    lan.report(RecordType::is_in, k_g, "ab");
    lan.report(RecordType::block, k_g, "a");
    lan.advance(2s - 1ns);
    EXPECT_TRUE(lan.wanted('a'));
    lan.advance(1ns);
    EXPECT_FALSE(lan.wanted('a'));
    EXPECT_TRUE(lan.wanted('b'));
}

TEST(Schedule, ClearedGroupIsNotAskedAbout) {
    // IGMP-99
    Lan lan;
    lan.v2(k_g);
    lan.leave(k_g);
    lan.forget();
    Output out;
    lan.engine.clear(k_lan, k_g, out);
    EXPECT_EQ(out.changes.size(), 1U);
    lan.advance(10s);
    EXPECT_THAT(lan.queries(), IsEmpty());
    lan.v2(k_g);
    EXPECT_FALSE(lan.group().checking);
    EXPECT_EQ(lan.group().queries_left, 0);
}

TEST(Schedule, HundredAndEightyGroupsLeaveInOneReport) {
    // IGMP-171
    Lan lan;
    wire::ReportV3 join;
    wire::ReportV3 part;
    for (std::uint8_t i = 1; i <= 180; ++i) {
        join.records.push_back(record(RecordType::to_ex, Ipv4::of(239, 1, 3, i)));
        part.records.push_back(record(RecordType::to_in, Ipv4::of(239, 1, 3, i)));
    }
    lan.hear(k_host1, join);
    EXPECT_EQ(lan.interface().groups, 180U);
    lan.forget();
    lan.hear(k_host1, part);
    lan.hear(k_host2, part); // the storm during the check costs nothing
    EXPECT_EQ(lan.sent.size(), 180U);
    lan.advance(1s);
    EXPECT_EQ(lan.sent.size(), 360U);
    lan.advance(1s);
    EXPECT_EQ(lan.interface().groups, 0U);
    EXPECT_EQ(lan.sent.size(), 360U);
}

TEST(Schedule, LateTickStillWarnsBeforeTheEnd) {
    // A turn that comes too late for both: the query that was owed goes out first.
    Lan lan;
    lan.v2(k_g);
    lan.leave(k_g);
    lan.forget();
    lan.now += 5s;
    lan.advance(0s);
    EXPECT_THAT(lan.queries(), ElementsAre("Q(G) S=0"));
    EXPECT_EQ(lan.state(), "-");
}

} // namespace
} // namespace mcast::igmp::test
