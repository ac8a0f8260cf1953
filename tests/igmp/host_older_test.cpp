// The host side toward queriers of versions 1 and 2: RFC 9776 section 7.2, RFC 2236 sections 3, 6.
#include "uplink.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mcast::igmp::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

struct OldLink : Uplink {
    explicit OldLink(std::uint8_t version, HostConfig const& config = {}, std::uint64_t seed = 1)
        : Uplink(config, seed) {
        hear(general(version));
    }
};

TEST(HostOlderTest, AVersion2QuerierHearsOfGroupsAndNotOfSources) {
    // IGMP-115
    OldLink up(2);
    EXPECT_EQ(up.host.version(), 2);
    up.want(k_g, only("a"));
    EXPECT_THAT(up.reports(), ElementsAre("REPORT2(G)"));
    up.advance(10s);
    EXPECT_THAT(up.reports(), ElementsAre("REPORT2(G)"));
    up.want(k_g, only("ab"));
    up.want(k_g, all_but("c"));
    up.advance(1min);
    EXPECT_THAT(up.reports(), IsEmpty());
    up.want(k_g, {});
    ASSERT_THAT(up.sent, SizeIs(1));
    EXPECT_EQ(up.sent[0].what.destination, wire::k_all_routers);
    EXPECT_THAT(up.reports(), ElementsAre("LEAVE(G)"));
    up.advance(1min);
    EXPECT_THAT(up.reports(), IsEmpty());
    EXPECT_THAT(up.host.groups({}, 9), IsEmpty());
}

TEST(HostOlderTest, AVersion1QuerierHearsNoLeave) {
    OldLink up(1);
    up.want(k_g, all_but());
    ASSERT_THAT(up.sent, SizeIs(1));
    EXPECT_EQ(up.sent[0].what.destination, k_g);
    EXPECT_THAT(up.reports(), ElementsAre("REPORT1(G)"));
    up.advance(1min);
    up.forget();
    up.want(k_g, {});
    up.advance(1min);
    EXPECT_THAT(up.reports(), IsEmpty());
}

TEST(HostOlderTest, GroupQueriesDoNotChangeTheVersion) {
    // IGMP-120: the answer is one of version 3.
    Uplink up;
    up.want(k_g, only("a"));
    up.advance(1min);
    up.forget();
    up.hear(wire::Query{.version = 2, .max_resp_code = 10, .group = k_g});
    EXPECT_EQ(up.host.version(), 3);
    up.advance(1s);
    EXPECT_THAT(up.reports(), ElementsAre("IS_IN(G,{a})"));
}

TEST(HostOlderTest, TheVersionComesBackAfterTheOlderQuerierIsGone) {
    // RFC 9776 section 8.12: 2 x 125 s + 10 x 10 s after its last general query.
    for (std::uint8_t const version : {std::uint8_t{1}, std::uint8_t{2}}) {
        OldLink up(version);
        up.advance(100s);
        up.hear(general(version));
        up.advance(350s - 1ns);
        EXPECT_EQ(up.host.version(), version);
        up.advance(1ns);
        EXPECT_EQ(up.host.version(), 3);
        EXPECT_THAT(up.versions, SizeIs(2));
    }
    OldLink up(2); // and 10 times the response time that the querier named
    up.advance(1s);
    up.hear(wire::Query{.version = 2, .max_resp_code = 10});
    up.advance(260s - 1ns);
    EXPECT_EQ(up.host.version(), 2);
    up.advance(1ns);
    EXPECT_EQ(up.host.version(), 3);
}

TEST(HostOlderTest, TheOldestQuerierCounts) {
    OldLink up(2);
    up.hear(general(1));
    EXPECT_EQ(up.host.version(), 1);
    up.advance(100s);
    up.hear(general(2));
    up.hear(general(3));
    EXPECT_EQ(up.host.version(), 1);
    up.advance(250s);
    EXPECT_EQ(up.host.version(), 2);
    up.advance(100s);
    EXPECT_EQ(up.host.version(), 3);
}

TEST(HostOlderTest, WhatIsOwedEndsWithTheVersionAndTheQueryIsAnswered) {
    // RFC 9776 section 7.2.1
    Uplink up({.robustness = 7});
    up.want(k_g, all_but("a"));
    up.want(k_g2, {});
    EXPECT_THAT(up.reports(), ElementsAre("TO_EX(G,{a})"));
    up.hear(general(2));
    up.advance(10s);
    EXPECT_THAT(up.reports(), ElementsAre("REPORT2(G)"));
    up.advance(1min);
    EXPECT_THAT(up.reports(), IsEmpty());
    EXPECT_EQ(up.host.view().pending, 0U);
}

TEST(HostOlderTest, AJoinInTheTurnOfTheChangeIsNotLost) {
    Uplink up;
    up.host.want(k_g, only("a"), up.now);
    up.hear(general(2));
    up.run();
    EXPECT_THAT(up.reports(), ElementsAre("REPORT2(G)"));

    OldLink old(2);
    old.advance(350s - 1ns);
    old.host.want(k_g, only("a"), old.now + 1ns);
    old.advance(1ns); // the older querier's timer comes first
    EXPECT_THAT(old.reports(), ElementsAre("ALLOW(G,{a})"));
}

TEST(HostOlderTest, SomebodyElsesReportMakesOursUnnecessary) {
    OldLink up(2);
    up.want(k_g, all_but());
    up.advance(1min);
    up.forget();
    up.hear(general(2));
    up.hear(wire::ReportV2{k_g}, k_host1);
    up.advance(1min);
    EXPECT_THAT(up.reports(), IsEmpty());
    EXPECT_EQ(up.host.counters().suppressed, 1U);
    up.want(k_g, {}); // the last report was not ours
    up.advance(1min);
    EXPECT_THAT(up.reports(), IsEmpty());
}

TEST(HostOlderTest, NobodySuppressesInVersion3) {
    Uplink up;
    up.want(k_g, all_but());
    up.advance(1min);
    up.forget();
    up.hear(general());
    up.hear(wire::ReportV2{k_g}, k_host1);
    up.hear(wire::ReportV3{.records = {record(RecordType::is_ex, k_g)}}, k_host1);
    up.advance(10s);
    EXPECT_THAT(up.reports(), ElementsAre("IS_EX(G,{})"));
}

TEST(HostOlderTest, TheTimerIsDrawnAnewOnlyForAShorterAnswer) {
    // RFC 2236 section 6: a delaying member, and a query with less time than is left.
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        OldLink up(2, {}, seed);
        up.want(k_g, all_but());
        up.advance(1min);
        up.forget();
        up.hear(general(2));
        TimePoint const first = *up.host.groups({}, 1)[0].answer;
        up.hear(wire::Query{.version = 2, .max_resp_code = 255, .group = k_g});
        EXPECT_EQ(up.host.groups({}, 1)[0].answer, first);
        if (first > up.now + 100ms) {
            up.hear(wire::Query{.version = 2, .max_resp_code = 1, .group = k_g});
            EXPECT_LE(*up.host.groups({}, 1)[0].answer, up.now + 100ms);
        }
        up.advance(1min);
        EXPECT_THAT(up.reports(), ElementsAre("REPORT2(G)"));
    }
}

TEST(HostOlderTest, ChannelsAreNotForOlderVersions) {
    // RFC 4604: the source would be lost on the way.
    OldLink up(2);
    up.want(k_channel, only("a"));
    up.hear(general(2));
    up.want(k_channel, only("ab"));
    up.advance(1min);
    up.want(k_channel, {});
    up.advance(1min);
    EXPECT_THAT(up.reports(), IsEmpty());
    EXPECT_EQ(up.host.counters().withheld_channels, 1U);
}

TEST(HostOlderTest, AChannelIsReportedWhenVersion3ComesBack) {
    OldLink up(2);
    up.want(k_channel, only("a"));
    up.advance(350s);
    up.hear(general());
    up.advance(10s);
    EXPECT_THAT(up.reports(), ElementsAre("IS_IN(C,{a})"));
}

TEST(HostOlderTest, AConfiguredVersionIsTheHighest) {
    Uplink up({.version = 2});
    up.hear(general(3));
    up.want(k_g, only("a"));
    EXPECT_THAT(up.reports(), ElementsAre("REPORT2(G)"));
    Uplink first({.version = 1});
    first.want(k_g, only("a"));
    EXPECT_THAT(first.reports(), ElementsAre("REPORT1(G)"));
}

TEST(HostOlderTest, CompatibilityCanBeSwitchedOff) {
    // RFC 9776 section 7.2.1 for links of source-specific groups alone.
    OldLink up(2, {.compatibility = false});
    EXPECT_EQ(up.host.version(), 3);
    up.want(k_channel, only("a"));
    EXPECT_THAT(up.reports(), ElementsAre("ALLOW(C,{a})"));
}

TEST(HostOlderTest, AFloodOfGeneralQueriesCostsOneRound) {
    OldLink up(2);
    up.want(k_g, all_but());
    up.advance(1min);
    up.forget();
    for (int i = 0; i < 1000; ++i) {
        up.hear(general(2));
    }
    EXPECT_EQ(up.host.counters().merged_queries, 999U);
    up.advance(10s);
    EXPECT_THAT(up.reports(), ElementsAre("REPORT2(G)"));
}

TEST(HostOlderTest, FarewellIsALeave) {
    OldLink up(2);
    up.want(k_g, all_but());
    HostOutput out;
    up.host.farewell(out);
    ASSERT_THAT(out.reports, SizeIs(1));
    EXPECT_EQ(text_of(out.reports[0]), "LEAVE(G)");
}

} // namespace
} // namespace mcast::igmp::test
