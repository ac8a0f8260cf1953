// Access lists by host, group and source: sections 5.3 (P1 to P4, P6) of the design.
#include "access.h"
#include "lan.h"

#include <gmock/gmock.h>

namespace mcast::igmp::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Ipv4Prefix only(Ipv4 address) {
    return {address, 32};
}
constexpr Ipv4Prefix k_239{Ipv4::of(239, 0, 0, 0), 8};

AccessList deny_source_a() {
    return {{.permit = false, .sources = only(source('a'))}};
}

TEST(Access, FirstRuleThatFitsDecides) {
    AccessList const rules{{.permit = true, .hosts = only(k_host1), .groups = only(k_g)},
                           {.permit = false, .groups = k_239},
                           {.permit = true}};
    EXPECT_TRUE(permits(rules, k_host1, k_g, source('a')));
    EXPECT_FALSE(permits(rules, k_host2, k_g, source('a')));
    EXPECT_FALSE(permits(rules, k_host1, k_g2, {}));
    EXPECT_TRUE(permits(rules, k_host2, k_channel, source('a')));
    EXPECT_TRUE(permits({}, k_host2, k_g, {}));
}

TEST(Access, AnySourceIsDecidedByRulesForAnySource) {
    AccessList const rules{{.permit = false, .sources = only(source('a'))},
                           {.permit = true, .sources = Ipv4Prefix{Ipv4::of(198, 51, 100, 0), 24}},
                           {.permit = false, .sources = Ipv4Prefix{}}};
    EXPECT_FALSE(permits(rules, k_host1, k_g, source('a')));
    EXPECT_TRUE(permits(rules, k_host1, k_g, source('b')));
    EXPECT_FALSE(permits(rules, k_host1, k_g, {}));
}

TEST(Access, DeniedSourcesAreLeftOutAndAnEmptiedListIsNoRecord) {
    // IGMP-162
    Lan lan({.access = deny_source_a()});
    lan.hear(k_host1, wire::ReportV3{.records = {record(RecordType::is_in, k_g, "a"),
                                                 record(RecordType::is_in, k_g2, "ab")}});
    EXPECT_EQ(lan.state(k_g), "-");
    EXPECT_EQ(lan.state(k_g2), "INC{b}");
    EXPECT_EQ(lan.counters().access_denied, 1U);
    EXPECT_EQ(lan.counters().access_denied_sources, 2U);
}

TEST(Access, EmptiedListIsNeverALeave) {
    // IGMP-162
    Lan lan({.access = deny_source_a()});
    lan.report(RecordType::is_in, k_g, "b");
    lan.report(RecordType::is_ex, k_g2, "");
    lan.forget();
    for (Ipv4 const group : {k_g, k_g2}) {
        lan.report(RecordType::to_in, group, "a");
        lan.report(RecordType::block, group, "a");
    }
    EXPECT_THAT(lan.queries(), IsEmpty());
    EXPECT_EQ(lan.state(k_g), "INC{b}");
    EXPECT_EQ(lan.state(k_g2), "EXC{}/{}");
    lan.report(RecordType::to_in, k_g, ""); // one that was empty is one
    EXPECT_THAT(lan.queries(), ElementsAre("Q(G,{b}) S=0"));
}

TEST(Access, EveryRecordAndEveryVersionIsDecidedByItself) {
    Lan lan({.access = {{.permit = false, .groups = only(k_g)}}});
    lan.v1(k_g);
    lan.v2(k_g);
    lan.hear(k_host1, wire::ReportV3{.records = {record(RecordType::is_ex, k_g),
                                                 record(RecordType::is_ex, k_g2)}});
    EXPECT_THAT(lan.engine.groups(k_lan), ElementsAre(k_g2));
    EXPECT_EQ(lan.counters().access_denied, 3U);
}

TEST(Access, DeniedHostNeitherJoinsNorLeaves) {
    Lan lan({.access = {{.permit = false, .hosts = only(k_host2)}}});
    lan.v2(k_g, k_host2);
    EXPECT_EQ(lan.state(), "-");
    lan.v2(k_g, k_host1);
    lan.forget();
    lan.leave(k_g, k_host2);
    lan.report(RecordType::to_in, k_g, "", k_host2);
    EXPECT_THAT(lan.queries(), IsEmpty());
    lan.leave(k_g, k_host1);
    EXPECT_THAT(lan.queries(), ElementsAre("Q(G) S=0"));
}

TEST(Access, ExcludeIsDecidedAsAnySource) {
    // Only senders of one subnet may be had, each by name.
    Lan lan({.access = {{.permit = true, .sources = Ipv4Prefix{Ipv4::of(198, 51, 100, 0), 24}},
                        {.permit = false}}});
    lan.report(RecordType::is_ex, k_g, "y");
    lan.v2(k_g);
    EXPECT_EQ(lan.state(), "-");
    lan.report(RecordType::allow, k_g, "b");
    EXPECT_EQ(lan.state(), "INC{b}");
    lan.forget();
    lan.report(RecordType::to_in, k_g, ""); // leaves what it may have
    EXPECT_THAT(lan.queries(), ElementsAre("Q(G,{b}) S=0"));
}

TEST(Access, VersionTwoInterfaceCannotBeTalkedRound) {
    // There, a list of sources asks for any source.
    Lan lan({.version = 2,
             .access = {{.permit = true, .sources = only(source('b'))}, {.permit = false}}});
    lan.report(RecordType::is_in, k_g, "b");
    EXPECT_EQ(lan.state(), "-");
    EXPECT_EQ(lan.counters().access_denied, 1U);
}

TEST(Access, NewRuleRemovesWhatNobodyMayHave) {
    // IGMP-163
    Lan lan;
    lan.v2(k_g);
    lan.report(RecordType::is_in, k_channel, "ab");
    lan.report(RecordType::is_ex, k_g2, "y");
    lan.report(RecordType::allow, k_g2, "b");
    lan.leave(k_g);
    Output out;
    InterfaceConfig config;
    config.access = {{.permit = false, .groups = only(k_g)},
                     {.permit = false, .groups = only(k_channel), .sources = only(source('a'))},
                     {.permit = true, .groups = only(k_g2), .sources = only(source('b'))},
                     {.permit = false, .groups = only(k_g2)}};
    ASSERT_TRUE(lan.engine.reconfigure(k_lan, config, lan.now, out));
    EXPECT_THAT(out.changes, testing::UnorderedElementsAre(Change{k_lan, k_g}, Change{k_lan, k_g2},
                                                           Change{k_lan, k_channel}));
    EXPECT_EQ(lan.state(k_g), "-");
    EXPECT_FALSE(lan.wanted('n', k_g));
    EXPECT_EQ(lan.state(k_channel), "INC{b}");
    EXPECT_EQ(lan.state(k_g2), "INC{b}");
    lan.forget();
    lan.advance(10s); // IGMP-99: the check of the group went with it
    EXPECT_THAT(lan.specific_queries(), IsEmpty());
    lan.advance(300s);
    EXPECT_EQ(lan.engine.bytes(), 0U);
}

TEST(Access, RuleAgainstOneHostLeavesWhatOthersMayHave) {
    // IGMP-163: whose membership it is, is not known; the denied host's ends with its timer.
    Lan lan;
    lan.v2(k_g, k_host2);
    Output out;
    InterfaceConfig config;
    config.access = {{.permit = false, .hosts = only(k_host2)}};
    lan.engine.reconfigure(k_lan, config, lan.now, out);
    EXPECT_THAT(out.changes, IsEmpty());
    lan.v2(k_g, k_host2);
    lan.advance(270s);
    EXPECT_EQ(lan.state(), "-");
}

TEST(Access, RuleThatNeverDecidesIsFound) {
    AccessList const list{{.permit = true, .groups = k_239},
                          {.permit = false, .hosts = only(k_host1)},
                          {.permit = false, .groups = only(k_g), .sources = only(source('a'))},
                          {.permit = false, .groups = Ipv4Prefix{Ipv4::of(224, 0, 0, 0), 4}}};
    EXPECT_EQ(covered_by(list, 0), std::nullopt);
    EXPECT_EQ(covered_by(list, 1), std::nullopt);
    EXPECT_EQ(covered_by(list, 2), 0U);
    EXPECT_EQ(covered_by(list, 3), std::nullopt);
}

} // namespace
} // namespace mcast::igmp::test
