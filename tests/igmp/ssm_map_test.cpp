// Sources for hosts that cannot name them: RFC 4604 section 3 as operators bend it (RFC 8652
// `ssm-map`).
#include "lan.h"

#include <gmock/gmock.h>

namespace mcast::igmp::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr Ipv4Prefix k_channels{Ipv4::of(232, 1, 0, 0), 16};

Config mapped(std::string_view names = "ab") {
    return {.ssm_map = {{k_channels, sources(names)}}};
}

TEST(SsmMap, AJoinOfVersion2IsOneForTheSources) {
    Lan lan({}, mapped());
    lan.v2(k_channel);
    EXPECT_EQ(lan.state(k_channel), "INC{a,b}");
    EXPECT_EQ(lan.source_timer('a', k_channel), 270s);
    EXPECT_TRUE(lan.wanted('b', k_channel));
    EXPECT_FALSE(lan.wanted('c', k_channel));
    EXPECT_EQ(lan.counters().ssm_mapped, 1U);
    EXPECT_EQ(lan.counters().old_version_in_ssm, 0U);
}

TEST(SsmMap, TheGroupDoesNotFallBackToAnOlderVersion) {
    // IGMP-103: a host of version 3 goes on to say what it wants, and to be able to leave.
    for (int const version : {1, 2}) {
        Lan lan({}, mapped("a"));
        version == 1 ? lan.v1(k_channel) : lan.v2(k_channel);
        EXPECT_EQ(lan.group(k_channel).compatibility, 3) << version;
        lan.report(RecordType::allow, k_channel, "c");
        EXPECT_EQ(lan.state(k_channel), "INC{a,c}");
        lan.report(RecordType::block, k_channel, "c");
        lan.advance(2s);
        EXPECT_EQ(lan.state(k_channel), "INC{a}");
    }
}

TEST(SsmMap, ALeaveAsksForTheMappedSourcesOnly) {
    Lan lan({}, mapped("a"));
    lan.settle();
    lan.v2(k_channel);
    lan.report(RecordType::allow, k_channel, "c", k_host2);
    lan.leave(k_channel);
    EXPECT_THAT(lan.queries(), ElementsAre("Q(C,{a}) S=0"));
    lan.advance(2s);
    EXPECT_EQ(lan.state(k_channel), "INC{c}");
}

TEST(SsmMap, WhoStaysAnswersInVersion2) {
    Lan lan({}, mapped("a"));
    lan.v2(k_channel);
    lan.v2(k_channel, k_host2);
    lan.leave(k_channel);
    lan.advance(1s);
    lan.v2(k_channel, k_host2);
    lan.advance(60s);
    EXPECT_EQ(lan.state(k_channel), "INC{a}");
}

TEST(SsmMap, AllItemsThatFitCount) {
    Config config = mapped("b");
    config.ssm_map.push_back({{k_channel, 32}, sources("ca")});
    config.ssm_map.push_back({{Ipv4::of(232, 9, 0, 0), 16}, sources("z")});
    Lan lan({}, config);
    lan.v2(k_channel);
    EXPECT_EQ(lan.state(k_channel), "INC{a,b,c}");
}

TEST(SsmMap, WhereNothingFitsOlderHostsAreNotHeard) {
    // IGMP-103, IGMP-104
    Lan lan({}, mapped());
    lan.v2(Ipv4::of(232, 2, 0, 1));
    EXPECT_EQ(lan.counters().old_version_in_ssm, 1U);
    EXPECT_EQ(lan.counters().ssm_mapped, 0U);
    lan.v2(k_g); // no source-specific group: as ever
    EXPECT_EQ(lan.state(k_g), "EXC{}/{}");
}

TEST(SsmMap, NotWhereWeSpeakAnOlderVersion) {
    // Version 2 has no query for a source: nobody could leave.
    Lan lan({.version = 2}, mapped());
    lan.v2(k_channel);
    EXPECT_EQ(lan.state(k_channel), "-");
    EXPECT_EQ(lan.counters().old_version_in_ssm, 1U);
}

TEST(SsmMap, AccessListsJudgeTheMappedSources) {
    Lan lan({.access = {{.permit = false, .sources = Ipv4Prefix{source('a'), 32}}}}, mapped());
    lan.v2(k_channel);
    EXPECT_EQ(lan.state(k_channel), "INC{b}");
    EXPECT_EQ(lan.counters().access_denied_sources, 1U);
}

TEST(SsmMap, ALeaveOfWhatNobodyJoinedMakesNothing) {
    Lan lan({}, mapped());
    lan.settle();
    lan.leave(k_channel);
    EXPECT_EQ(lan.state(k_channel), "-");
    EXPECT_THAT(lan.queries(), IsEmpty());
}

} // namespace
} // namespace mcast::igmp::test
