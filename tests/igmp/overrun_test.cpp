// What hosts answered may have been refused before it came here: silence proves nothing then
// (section 5.5 of the reference).
#include "lan.h"

#include <gmock/gmock.h>

namespace mcast::igmp::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Overrun, CheckWhoseAnswersMayBeLostIsDoneAgain) {
    Lan lan;
    lan.v2(k_g);
    lan.forget();
    lan.leave(k_g);
    lan.advance(500ms);
    lan.engine.overrun(k_lan, lan.now);
    lan.advance_to(4s - 1ns);
    EXPECT_EQ(lan.state(), "EXC{}/{}");
    EXPECT_THAT(lan.timed_queries(),
                ElementsAre("Q(G) S=0@0", "Q(G) S=0@1", "Q(G) S=0@2", "Q(G) S=0@3"));
    EXPECT_EQ(lan.counters().timers_doubted, 1U);
    lan.advance(1ns);
    EXPECT_EQ(lan.state(), "-");
}

TEST(Overrun, AnswerToTheSecondCheckSavesTheGroup) {
    Lan lan;
    lan.v2(k_g);
    lan.leave(k_g);
    lan.engine.overrun(k_lan, lan.now + 1s);
    lan.advance_to(2500ms);
    lan.v2(k_g, k_host2);
    EXPECT_EQ(lan.group_timer(), 270s);
}

TEST(Overrun, AsLongAsItLastsLeavesWait) {
    Lan lan;
    lan.v2(k_g);
    lan.leave(k_g);
    for (int second = 1; second <= 20; ++second) {
        lan.advance_to(second * 1s);
        lan.engine.overrun(k_lan, lan.now);
    }
    EXPECT_EQ(lan.state(), "EXC{}/{}");
    // A check that began at 20 s did so before it was known that something was refused then.
    lan.advance_to(24s);
    EXPECT_EQ(lan.state(), "-");
}

TEST(Overrun, SourceIsAskedAboutAgain) {
    Lan lan;
    lan.report(RecordType::is_in, k_g, "ab");
    lan.report(RecordType::block, k_g, "a");
    lan.advance(500ms);
    lan.engine.overrun(k_lan, lan.now);
    lan.forget();
    lan.advance_to(4s - 1ns);
    EXPECT_TRUE(lan.wanted('a'));
    EXPECT_THAT(lan.timed_queries(),
                ElementsAre("Q(G,{a}) S=0@1", "Q(G,{a}) S=0@2", "Q(G,{a}) S=0@3"));
    lan.advance(1ns);
    EXPECT_EQ(lan.state(), "INC{b}");
}

TEST(Overrun, MembershipThatAgesIsAskedAboutFirst) {
    Lan lan;
    lan.v2(k_g);
    lan.report(RecordType::is_in, k_g2, "a");
    lan.advance(100s);
    lan.engine.overrun(k_lan, lan.now);
    lan.advance_to(272s - 1ns);
    EXPECT_THAT(lan.specific_queries(),
                ElementsAre("Q(G) S=0", "Q(G2,{a}) S=0", "Q(G) S=0", "Q(G2,{a}) S=0"));
    EXPECT_EQ(lan.state(), "EXC{}/{}");
    EXPECT_EQ(lan.state(k_g2), "INC{a}");
    lan.advance(1ns);
    EXPECT_EQ(lan.state(), "-");
    EXPECT_EQ(lan.state(k_g2), "-");
}

TEST(Overrun, LongAgoIsForgotten) {
    Lan lan;
    lan.engine.overrun(k_lan, lan.now);
    lan.advance(1s);
    lan.v2(k_g);
    lan.advance(270s);
    EXPECT_EQ(lan.state(), "-");
    EXPECT_THAT(lan.specific_queries(), IsEmpty());
}

TEST(Overrun, WhoCannotBeAskedGetsARound) {
    // Hosts of version 1 answer general queries only, and others do not listen to us.
    for (bool const querier : {true, false}) {
        Lan lan;
        querier ? lan.v1(k_g) : lan.v2(k_g);
        lan.advance(269s);
        if (!querier) {
            lan.lose_election();
        }
        lan.engine.overrun(k_lan, lan.now);
        lan.advance_to(404s - 1ns);
        EXPECT_EQ(lan.state(), "EXC{}/{}");
        lan.advance(1ns);
        EXPECT_EQ(lan.state(), "-");
        EXPECT_THAT(lan.specific_queries(), IsEmpty());
    }
}

TEST(Overrun, ImmediateLeaveStaysImmediate) {
    Lan lan({.immediate_leave = true});
    lan.v2(k_g);
    lan.engine.overrun(k_lan, lan.now);
    lan.leave(k_g);
    EXPECT_EQ(lan.state(), "-");
}

} // namespace
} // namespace mcast::igmp::test
