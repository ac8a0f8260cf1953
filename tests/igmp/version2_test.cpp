// Hosts and interfaces of versions 1 and 2: section 7.3 of the behaviours.
#include "lan.h"

#include <gmock/gmock.h>

namespace mcast::igmp::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Version2, ReportMakesTheGroup) {
    // IGMP-13, IGMP-38
    Lan lan;
    lan.settle();
    lan.v2(k_g);
    EXPECT_EQ(lan.state(), "EXC{}/{}");
    EXPECT_EQ(lan.group().compatibility, 2);
    EXPECT_EQ(lan.group().last_reporter, k_host1);
    EXPECT_EQ(lan.group_timer(), 270s);
    EXPECT_EQ(lan.changes(), 1U);
    EXPECT_TRUE(lan.engine.wish(k_lan, k_g).any_source);
    EXPECT_THAT(lan.engine.groups(k_lan), ElementsAre(k_g));
}

TEST(Version2, RepeatedReportRefreshesOnly) {
    // IGMP-39
    Lan lan;
    lan.v2(k_g);
    lan.advance(100s);
    lan.forget();
    lan.v2(k_g, k_host2);
    EXPECT_EQ(lan.group_timer(), 270s);
    EXPECT_EQ(lan.changes(), 0U);
    EXPECT_EQ(lan.group().last_reporter, k_host2);
}

TEST(Version2, SilentMemberExpires) {
    // IGMP-40
    for (bool const older : {false, true}) {
        Lan lan({.rfc3376_timers = older});
        lan.v2(k_g);
        lan.advance((older ? 260s : 270s) - 1ns);
        EXPECT_NE(lan.state(), "-");
        lan.forget();
        lan.advance(1ns);
        EXPECT_EQ(lan.state(), "-");
        EXPECT_EQ(lan.changes(), 1U);
    }
}

TEST(Version2, LeaveIsCheckedTwiceThenEnds) {
    // IGMP-87 for a leave: queries at 0 and LMQI, the end at LMQT.
    Lan lan;
    lan.v2(k_g);
    lan.forget();
    lan.leave(k_g);
    EXPECT_EQ(lan.group_timer(), 2s);
    lan.advance(2s - 1ns);
    EXPECT_NE(lan.state(), "-");
    EXPECT_EQ(lan.changes(), 0U);
    lan.advance(1ns);
    EXPECT_EQ(lan.state(), "-");
    EXPECT_EQ(lan.changes(), 1U);
    EXPECT_THAT(lan.timed_queries(), ElementsAre("Q(G) S=0@0", "Q(G) S=0@1"));
}

TEST(Version2, SavedByAnotherHost) {
    // IGMP-42
    Lan lan;
    lan.v2(k_g);
    lan.leave(k_g);
    lan.advance(1500ms);
    lan.forget();
    lan.v2(k_g, k_host2);
    EXPECT_EQ(lan.group_timer(), 270s);
    EXPECT_EQ(lan.changes(), 0U);
    lan.advance(20s);
    EXPECT_NE(lan.state(), "-");
    EXPECT_THAT(lan.specific_queries(), IsEmpty());
}

TEST(Version2, MoreLeavesDuringACheckChangeNothing) {
    // IGMP-43
    Lan lan;
    lan.v2(k_g);
    lan.leave(k_g);
    lan.advance(500ms);
    lan.forget();
    for (int i = 0; i < 3; ++i) {
        lan.leave(k_g, k_host2);
    }
    EXPECT_THAT(lan.queries(), IsEmpty());
    EXPECT_EQ(lan.group_timer(), 1500ms);
}

TEST(Version2, AgedTimerIsNotACheck) {
    // A group timer that is low from ageing alone still owes its queries.
    Lan lan;
    lan.v2(k_g);
    lan.advance(269s);
    lan.forget();
    lan.leave(k_g);
    EXPECT_THAT(lan.queries(), ElementsAre("Q(G) S=0"));
    EXPECT_EQ(lan.group_timer(), 1s);
}

TEST(Version2, LeaveToTheGroupItself) {
    // IGMP-44
    Lan lan;
    lan.v2(k_g);
    lan.forget();
    auto const bytes = bytes_of(wire::Leave{k_g});
    lan.receive({.interface = k_lan,
                 .source = k_host1,
                 .destination = k_g,
                 .ttl = 1,
                 .source_mac = k_other_mac,
                 .payload = bytes});
    EXPECT_THAT(lan.queries(), ElementsAre("Q(G) S=0"));
}

TEST(Version2, LeaveOfAnUnknownGroup) {
    // IGMP-45
    Lan lan;
    lan.forget();
    lan.leave(k_g);
    EXPECT_EQ(lan.state(), "-");
    EXPECT_THAT(lan.queries(), IsEmpty());
    EXPECT_EQ(lan.changes(), 0U);
}

TEST(Version2, NonQuerierIgnoresLeaves) {
    // IGMP-46
    Lan lan;
    lan.lose_election();
    lan.v2(k_g);
    lan.leave(k_g);
    EXPECT_EQ(lan.group_timer(), 270s);
    EXPECT_THAT(lan.queries(), IsEmpty());
}

TEST(Version2, QueryOfTheQuerierNeverRaises) {
    // IGMP-48: LMQC x MRT is 2 s, the timer has 1.2 s.
    Lan lan;
    lan.v2(k_g);
    lan.lose_election();
    lan.advance(lan.group_timer() - 1200ms);
    lan.hear(k_better, general());
    lan.hear(k_better, wire::Query{.version = 2, .max_resp_code = 10, .group = k_g});
    EXPECT_EQ(lan.group_timer(), 1200ms);
}

TEST(Version2, Version1HostForbidsLeaving) {
    // IGMP-49
    Lan lan;
    lan.v1(k_g);
    EXPECT_EQ(lan.group().compatibility, 1);
    lan.forget();
    lan.leave(k_g);
    EXPECT_THAT(lan.queries(), IsEmpty());
    EXPECT_EQ(lan.counters().compatibility_ignored, 1U);
    lan.advance(200s);
    lan.v2(k_g);
    lan.advance(60s);
    lan.forget();
    lan.leave(k_g);
    EXPECT_THAT(lan.queries(), ElementsAre("Q(G) S=0"));
}

TEST(Version2, ModeFallsBackOneVersionAtATime) {
    // IGMP-50
    Lan lan;
    lan.v1(k_g);
    lan.advance(100s);
    lan.v2(k_g);
    lan.advance(160s - 1ns);
    EXPECT_EQ(lan.group().compatibility, 1);
    lan.advance(1ns);
    EXPECT_EQ(lan.group().compatibility, 2);
    lan.report(RecordType::is_ex, k_g);
    lan.advance(100s);
    EXPECT_EQ(lan.group().compatibility, 3);
}

TEST(Version2, OlderHostWantsAllSources) {
    // IGMP-51
    Lan lan;
    lan.report(RecordType::is_in, k_g, "ab");
    EXPECT_FALSE(lan.wanted('n'));
    lan.v2(k_g);
    EXPECT_EQ(lan.state(), "EXC{}/{}");
    EXPECT_TRUE(lan.wanted('n'));
}

TEST(Version2, BlockIsIgnored) {
    // IGMP-52
    Lan lan;
    lan.v2(k_g);
    lan.forget();
    lan.report(RecordType::block, k_g, "a");
    EXPECT_EQ(lan.state(), "EXC{}/{}");
    EXPECT_THAT(lan.queries(), IsEmpty());
}

TEST(Version2, ExcludeListsAreIgnored) {
    Lan lan;
    lan.v2(k_g);
    lan.report(RecordType::to_ex, k_g, "y");
    lan.report(RecordType::is_ex, k_g, "z");
    EXPECT_EQ(lan.state(), "EXC{}/{}");
}

TEST(Version2, ToInUnderVersion1IsIgnored) {
    // IGMP-54
    Lan lan;
    lan.v1(k_g);
    lan.forget();
    lan.report(RecordType::to_in, k_g);
    EXPECT_THAT(lan.queries(), IsEmpty());
    EXPECT_EQ(lan.group_timer(), 270s);
}

TEST(Version2, ToInUnderVersion2IsALeave) {
    // IGMP-55
    Lan lan;
    lan.v2(k_g);
    lan.forget();
    lan.report(RecordType::to_in, k_g);
    EXPECT_THAT(lan.queries(), ElementsAre("Q(G) S=0"));
    EXPECT_EQ(lan.group_timer(), 2s);
}

TEST(Version2, LeaveAfterTheHostTimerRanOut) {
    // IGMP-56: OHPI is 260 s, GMI 270 s.
    Lan lan;
    lan.v2(k_g);
    lan.advance(265s);
    EXPECT_EQ(lan.group().compatibility, 3);
    lan.forget();
    lan.leave(k_g);
    EXPECT_THAT(lan.queries(), ElementsAre("Q(G) S=0"));
}

TEST(Version2, LeaveInVersion3ModeAsksAboutSources) {
    Lan lan;
    lan.report(RecordType::is_in, k_g, "ab");
    lan.forget();
    lan.leave(k_g);
    EXPECT_THAT(lan.queries(), ElementsAre("Q(G,{a,b}) S=0"));
}

TEST(Version2, IgnoredVersions) {
    // IGMP-57, IGMP-58
    Lan one({.ignore_v1 = true});
    one.v1(k_g);
    EXPECT_EQ(one.state(), "-");
    EXPECT_EQ(one.counters().version_filtered, 1U);

    Lan two({.ignore_v2 = true});
    two.report(RecordType::is_ex, k_g);
    two.forget();
    two.v2(k_g2);
    two.leave(k_g);
    EXPECT_EQ(two.state(k_g2), "-");
    EXPECT_THAT(two.queries(), IsEmpty());
    EXPECT_EQ(two.counters().version_filtered, 2U);
}

TEST(Version2, WithoutCompatibilityOlderHostsAreNotHeard) {
    // P4: RFC 9776 section 7.3.1, for links that carry channels alone.
    Lan lan({.compatibility = false});
    lan.report(RecordType::is_in, k_g, "a");
    lan.forget();
    lan.v1(k_g);
    lan.v2(k_g2);
    lan.leave(k_g);
    EXPECT_EQ(lan.state(), "INC{a}");
    EXPECT_EQ(lan.state(k_g2), "-");
    EXPECT_THAT(lan.queries(), IsEmpty());
    EXPECT_EQ(lan.counters().version_filtered, 3U);
}

TEST(Version2, ImmediateLeave) {
    // IGMP-166
    Lan lan({.immediate_leave = true});
    lan.v2(k_g);
    lan.forget();
    lan.leave(k_g);
    EXPECT_EQ(lan.state(), "-");
    EXPECT_EQ(lan.changes(), 1U);
    EXPECT_THAT(lan.queries(), ElementsAre("Q(G) S=0"));
    EXPECT_EQ(lan.counters().fast_leaves, 1U);

    lan.v1(k_g);
    lan.leave(k_g);
    EXPECT_EQ(lan.state(), "EXC{}/{}");
}

TEST(Version2, InterfaceOfVersion2) {
    Lan lan({.version = 2});
    lan.settle();
    lan.report(RecordType::allow, k_g, "a"); // section 3.7.5: an any-source join
    EXPECT_EQ(lan.state(), "EXC{}/{}");
    lan.report(RecordType::to_ex, k_g, "y");
    lan.report(RecordType::block, k_g, "z");
    EXPECT_EQ(lan.state(), "EXC{}/{}");
    EXPECT_THAT(lan.queries(), IsEmpty());
    lan.report(RecordType::allow, k_channel, "a");
    EXPECT_EQ(lan.state(k_channel), "-");

    lan.report(RecordType::to_in, k_g);
    ASSERT_EQ(lan.sent.size(), 1U);
    // Golden vector V4.
    EXPECT_THAT(bytes_of(lan.sent[0].what.query),
                ElementsAre(0x11, 0x0a, 0xfd, 0xf0, 0xef, 1, 2, 3));
    EXPECT_EQ(lan.sent[0].what.destination, k_g);
    lan.advance(500ms);
    lan.v2(k_g, k_host2);
    lan.forget();
    lan.advance(60s);
    // Saved: version 2 has no S flag, so the rest is not sent.
    EXPECT_THAT(lan.specific_queries(), IsEmpty());
    EXPECT_EQ(lan.state(), "EXC{}/{}");
}

TEST(Version2, InterfaceOfVersion1KnowsNoLeave) {
    Lan lan({.version = 1});
    lan.settle();
    lan.v1(k_g);
    lan.v2(k_g2);
    lan.leave(k_g);
    lan.leave(k_g2);
    lan.report(RecordType::to_in, k_g2);
    EXPECT_THAT(lan.queries(), IsEmpty());
    EXPECT_EQ(lan.group_timer(k_g2), 270s);
}

} // namespace
} // namespace mcast::igmp::test
