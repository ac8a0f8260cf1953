// Lightweight IGMPv3: the table of RFC 5790 section 4, row by row.
#include "lan.h"

#include <gmock/gmock.h>

namespace mcast::igmp::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using enum RecordType;

Lan lite(InterfaceConfig config = {}) {
    config.lite_exclude_filter = true;
    return Lan(config);
}

TEST(Lite, IncludeAndAllowAddToTheList) {
    for (RecordType const type : {is_in, allow}) {
        Lan lan = lite();
        lan.report(type, k_g, "a");
        lan.advance(10s);
        lan.report(type, k_g, "b");
        EXPECT_EQ(lan.state(), "INC{a,b}");
        EXPECT_EQ(lan.source_timer('a'), 260s);
        EXPECT_EQ(lan.source_timer('b'), 270s);
    }
}

TEST(Lite, ExcludeMeansAnySourceWhateverItExcludes) {
    for (RecordType const type : {is_ex, to_ex}) {
        Lan lan = lite();
        lan.settle();
        lan.report(type, k_g, "yz");
        EXPECT_EQ(lan.state(), "EXC{}/{}");
        EXPECT_EQ(lan.group_timer(), 270s);
        EXPECT_TRUE(lan.wanted('y'));
        EXPECT_THAT(lan.queries(), IsEmpty());
    }
}

TEST(Lite, ExcludeLeavesTheListAlone) {
    // By RFC 9776 a source that is not named would go.
    for (RecordType const type : {is_ex, to_ex}) {
        Lan lan = lite();
        lan.settle();
        lan.report(is_in, k_g, "ab");
        lan.report(type, k_g, "b");
        EXPECT_EQ(lan.state(), "EXC{a,b}/{}");
        EXPECT_THAT(lan.queries(), IsEmpty());
        lan.advance(60s);
        lan.report(is_in, k_g, "a");
        lan.advance(210s); // the group timer and that of b end
        EXPECT_EQ(lan.state(), "INC{a}");
    }
}

TEST(Lite, BlockAsksForWhatIsOnTheList) {
    Lan lan = lite();
    lan.settle();
    lan.report(is_in, k_g, "ab");
    lan.report(block, k_g, "bc");
    EXPECT_THAT(lan.queries(), ElementsAre("Q(G,{b}) S=0"));
    lan.advance(2s);
    EXPECT_EQ(lan.state(), "INC{a}");
}

TEST(Lite, BlockWhereAnySourceIsWantedMakesNothing) {
    Lan lan = lite();
    lan.settle();
    lan.report(is_ex, k_g);
    lan.report(block, k_g, "a");
    EXPECT_EQ(lan.state(), "EXC{}/{}");
    EXPECT_THAT(lan.queries(), IsEmpty());
}

TEST(Lite, ToIncludeAsksForTheRest) {
    Lan lan = lite();
    lan.settle();
    lan.report(is_in, k_g, "ab");
    lan.report(to_in, k_g, "bc");
    EXPECT_THAT(lan.queries(), ElementsAre("Q(G,{a}) S=0"));
    EXPECT_EQ(lan.state(), "INC{a,b,c}");
}

TEST(Lite, ToIncludeAsksForTheGroupToo) {
    Lan lan = lite();
    lan.settle();
    lan.report(is_in, k_g, "a");
    lan.report(is_ex, k_g);
    lan.report(to_in, k_g, "b");
    EXPECT_THAT(lan.queries(), ElementsAre("Q(G) S=0", "Q(G,{a}) S=0"));
    lan.advance(2s);
    EXPECT_EQ(lan.state(), "INC{b}");
}

TEST(Lite, ASourceThatEndsIsForgottenAtOnce) {
    Lan lan = lite();
    lan.report(is_in, k_g, "a");
    lan.advance(100s);
    lan.report(is_ex, k_g);
    lan.advance(170s);
    EXPECT_EQ(lan.state(), "EXC{}/{}"); // RFC 9776: EXC{}/{a}, which would block a
    EXPECT_TRUE(lan.wanted('a'));
}

TEST(Lite, TurnedOnAtRunTimeItForgetsWhatWasExcluded) {
    Lan lan;
    lan.report(is_ex, k_g, "y");
    ASSERT_EQ(lan.state(), "EXC{}/{y}");
    Output out;
    ASSERT_TRUE(lan.engine.reconfigure(k_lan, {.lite_exclude_filter = true}, lan.now, out));
    lan.report(is_ex, k_g, "y");
    EXPECT_EQ(lan.state(), "EXC{}/{}");
    EXPECT_TRUE(lan.wanted('y'));
}

} // namespace
} // namespace mcast::igmp::test
