// Explicit host tracking and immediate leave: section 3.10 of the design, RFC 6636.
#include "lan.h"

#include <gmock/gmock.h>

namespace mcast::igmp::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

InterfaceConfig tracked(bool immediate = true) {
    return {.immediate_leave = immediate, .host_tracking = true};
}

// Every host of the link has had its query to answer.
struct Tracked : Lan {
    explicit Tracked(InterfaceConfig const& config = tracked(), Config const& global = {})
        : Lan(config, global) {
        settle();
    }
    std::vector<MemberView> hosts(Ipv4 group = k_g) const {
        return engine.hosts(k_lan, group, now);
    }
};

TEST(Tracking, LeaveOfOneOfTwoAsksNobody) {
    Tracked lan;
    lan.report(RecordType::is_ex, k_g, "", k_host1);
    lan.report(RecordType::is_ex, k_g, "", k_host2);
    lan.forget();
    lan.report(RecordType::to_in, k_g, "", k_host1);
    EXPECT_THAT(lan.queries(), IsEmpty());
    EXPECT_EQ(lan.group_timer(), 270s);
    EXPECT_EQ(lan.counters().checks_spared, 1U);
    EXPECT_EQ(lan.counters().fast_leaves, 0U);
}

TEST(Tracking, LastMemberEndsTheGroupAtOnce) {
    Tracked lan;
    lan.report(RecordType::is_ex, k_g, "", k_host1);
    lan.report(RecordType::is_ex, k_g, "", k_host2);
    lan.report(RecordType::to_in, k_g, "", k_host1);
    lan.forget();
    lan.report(RecordType::to_in, k_g, "", k_host2);
    EXPECT_EQ(lan.state(), "-");
    EXPECT_EQ(lan.changes(), 1U);
    EXPECT_THAT(lan.queries(), ElementsAre("Q(G) S=0")); // who is there all the same says so
    EXPECT_EQ(lan.counters().fast_leaves, 1U);
    EXPECT_EQ(lan.interface().hosts, 0U);
    EXPECT_EQ(lan.engine.bytes(), 0U);
}

TEST(Tracking, WithoutImmediateLeaveTheLastOneIsAskedAbout) {
    Tracked lan(tracked(false));
    lan.report(RecordType::is_ex, k_g, "", k_host1);
    lan.forget();
    lan.report(RecordType::to_in, k_g, "", k_host1);
    EXPECT_EQ(lan.group_timer(), 2s);
    EXPECT_THAT(lan.queries(), ElementsAre("Q(G) S=0"));
}

TEST(Tracking, SourcesAreProvenOneByOne) {
    Tracked lan;
    lan.report(RecordType::is_in, k_g, "ab", k_host1);
    lan.report(RecordType::is_in, k_g, "bc", k_host2);
    lan.forget();
    lan.report(RecordType::block, k_g, "ab", k_host1);
    EXPECT_EQ(lan.state(), "INC{b,c}");
    EXPECT_THAT(lan.queries(), ElementsAre("Q(G,{a}) S=0"));
    EXPECT_EQ(lan.source_timer('b'), 270s);
}

TEST(Tracking, ExcludeMembersWantWhatTheyDoNotExclude) {
    Tracked lan;
    lan.report(RecordType::is_ex, k_g, "y", k_host1);
    lan.report(RecordType::is_in, k_g, "ay", k_host2);
    lan.forget();
    // Nobody else wants y, while a comes with any source.
    lan.report(RecordType::block, k_g, "ay", k_host2);
    EXPECT_FALSE(lan.wanted('y'));
    EXPECT_TRUE(lan.wanted('a'));
    EXPECT_THAT(lan.queries(), ElementsAre("Q(G,{y}) S=0"));
}

TEST(Tracking, AnyModeOfTheLastExcludeMemberFallsBackToTheOthers) {
    Tracked lan;
    lan.report(RecordType::is_ex, k_g, "", k_host1);
    lan.report(RecordType::is_in, k_g, "a", k_host2);
    lan.report(RecordType::to_in, k_g, "", k_host1);
    EXPECT_EQ(lan.state(), "INC{a}");
    EXPECT_TRUE(lan.wanted('a'));
}

TEST(Tracking, ReportersWithoutAddressMakeItUnsafe) {
    // IGMP-168
    Tracked lan;
    lan.report(RecordType::is_ex, k_g, "", k_host1);
    lan.report(RecordType::is_ex, k_g, "", Ipv4{});
    lan.forget();
    lan.report(RecordType::to_in, k_g, "", k_host1);
    EXPECT_NE(lan.state(), "-");
    EXPECT_EQ(lan.group_timer(), 2s);
    EXPECT_THAT(lan.queries(), ElementsAre("Q(G) S=0"));
    lan.report(RecordType::is_ex, k_g, "", Ipv4{});
    EXPECT_EQ(lan.group_timer(), 270s);
}

TEST(Tracking, OlderHostsMakeItUnsafe) {
    // IGMP-168: they keep silent when somebody else reports.
    for (std::uint8_t const version : {std::uint8_t{1}, std::uint8_t{2}}) {
        Tracked lan;
        lan.report(RecordType::is_ex, k_g, "", k_host1);
        version == 1 ? lan.v1(k_g, k_host2) : lan.v2(k_g, k_host2);
        lan.report(RecordType::to_in, k_g, "", k_host1);
        EXPECT_NE(lan.state(), "-");
        EXPECT_EQ(lan.counters().fast_leaves, 0U);
    }
    // In the moments between the older-host timer and the end of what it could have joined, too.
    Tracked lan;
    lan.v2(k_g, k_host2);
    lan.advance(265s);
    lan.report(RecordType::is_ex, k_g, "", k_host1);
    EXPECT_EQ(lan.group().compatibility, 3);
    lan.report(RecordType::to_in, k_g, "", k_host1);
    EXPECT_EQ(lan.group_timer(), 2s);
}

TEST(Tracking, StrangersLeaveIsAskedAbout) {
    Tracked lan;
    lan.report(RecordType::is_ex, k_g, "", k_host1);
    lan.forget();
    lan.report(RecordType::to_in, k_g, "", k_host2);
    EXPECT_NE(lan.state(), "-");
    EXPECT_THAT(lan.queries(), ElementsAre("Q(G) S=0"));
}

TEST(Tracking, ProvesNothingBeforeEverybodyHadAQuery) {
    Lan lan(tracked());
    lan.report(RecordType::is_ex, k_g, "", k_host1);
    lan.report(RecordType::to_in, k_g, "", k_host1);
    EXPECT_EQ(lan.group_timer(), 2s);
    // Nor after groups were forgotten.
    Tracked later;
    Output out;
    later.engine.clear(k_lan, std::nullopt, out);
    later.report(RecordType::is_ex, k_g, "", k_host1);
    later.report(RecordType::to_in, k_g, "", k_host1);
    EXPECT_EQ(later.group_timer(), 2s);
    later.advance(135s);
    later.report(RecordType::is_ex, k_g, "", k_host1);
    later.report(RecordType::to_in, k_g, "", k_host1);
    EXPECT_EQ(later.state(), "-");
}

TEST(Tracking, HostsEndWhenTheyFallSilent) {
    Tracked lan;
    lan.report(RecordType::is_ex, k_g, "", k_host1);
    lan.advance(200s);
    lan.report(RecordType::is_ex, k_g, "", k_host2);
    EXPECT_EQ(lan.interface().hosts, 2U);
    lan.advance(70s);
    ASSERT_EQ(lan.hosts().size(), 1U);
    EXPECT_EQ(lan.hosts()[0].host, k_host2);
    EXPECT_EQ(lan.interface().hosts, 1U);
    lan.report(RecordType::to_in, k_g, "", k_host2);
    EXPECT_EQ(lan.state(), "-");
}

TEST(Tracking, AnswerAboutSourcesIsNoChangeOfMode) {
    // A host that wants any source answers a query about a with IS_IN({a}).
    Tracked lan;
    lan.report(RecordType::is_ex, k_g, "y", k_host1);
    lan.report(RecordType::is_in, k_g, "y", k_host1);
    ASSERT_EQ(lan.hosts().size(), 1U);
    EXPECT_EQ(lan.hosts()[0].mode, FilterMode::exclude);
    EXPECT_THAT(lan.hosts()[0].sources, IsEmpty());
}

TEST(Tracking, HostsAreShownWithWhatTheyWant) {
    Tracked lan;
    lan.report(RecordType::is_ex, k_g, "yz", k_host2);
    lan.report(RecordType::allow, k_g, "ab", k_host1);
    lan.report(RecordType::block, k_g, "a", k_host1);
    auto const hosts = lan.hosts();
    ASSERT_EQ(hosts.size(), 2U);
    EXPECT_EQ(hosts[0].host, k_host1);
    EXPECT_EQ(hosts[0].mode, FilterMode::include);
    EXPECT_EQ(hosts[0].sources, sources("b"));
    EXPECT_EQ(hosts[0].expires, lan.now + 270s);
    EXPECT_EQ(hosts[1].mode, FilterMode::exclude);
    EXPECT_EQ(hosts[1].sources, sources("yz"));
}

TEST(Tracking, MoreHostsThanTheLimitMeansUntracked) {
    InterfaceConfig config = tracked();
    config.max_hosts = 2;
    Tracked lan(config);
    lan.report(RecordType::is_ex, k_g, "", k_host1);
    lan.report(RecordType::is_ex, k_g2, "", k_host2);
    lan.report(RecordType::is_ex, k_g, "", Ipv4::of(192, 0, 2, 13));
    EXPECT_EQ(lan.counters().limit_hosts, 1U);
    EXPECT_EQ(lan.interface().hosts, 2U);
    lan.report(RecordType::to_in, k_g, "", k_host1);
    EXPECT_EQ(lan.group_timer(), 2s); // somebody else is there
    lan.report(RecordType::to_in, k_g2, "", k_host2);
    EXPECT_EQ(lan.state(k_g2), "-"); // the other group is tracked still
}

TEST(Tracking, GroupsOfOneHostAreLimited) {
    InterfaceConfig config = tracked();
    config.max_groups_per_host = 2;
    Tracked lan(config);
    Ipv4 const third = Ipv4::of(239, 1, 2, 5);
    for (Ipv4 const group : {k_g, k_g2, third}) {
        lan.report(RecordType::is_ex, group, "", k_host1);
    }
    EXPECT_THAT(lan.engine.groups(k_lan), ElementsAre(k_g, k_g2));
    EXPECT_EQ(lan.counters().limit_host_groups, 1U);
    lan.report(RecordType::is_ex, third, "", k_host2); // another host may
    EXPECT_EQ(lan.state(third), "EXC{}/{}");
    lan.advance(100s);
    lan.report(RecordType::is_ex, k_g, "", k_host1); // and what is there is refreshed
    EXPECT_EQ(lan.group_timer(k_g), 270s);
    lan.report(RecordType::to_in, k_g, "", k_host1);
    lan.report(RecordType::is_ex, third, "", k_host1); // one for one
    EXPECT_EQ(lan.hosts(third).size(), 2U);
}

TEST(Tracking, ItsMemoryIsInTheBudget) {
    InterfaceConfig config = tracked();
    config.max_hosts = 100'000;
    config.verify_source_subnet = false;
    Tracked lan(config, {.max_megabytes = 1});
    for (std::uint32_t n = 0; n < 20'000; ++n) {
        lan.report(RecordType::is_ex, k_g, "", {Ipv4::of(10, 0, 0, 1).value + n});
    }
    EXPECT_GT(lan.interface().hosts, 1000U);
    EXPECT_LE(lan.engine.bytes(), 1U << 20);
    EXPECT_EQ(lan.counters().limit_hosts, 20'000U - lan.interface().hosts);
    lan.advance(270s);
    EXPECT_EQ(lan.interface().hosts, 0U);
    EXPECT_EQ(lan.engine.bytes(), 0U);
}

TEST(Tracking, SameLeaverCannotBeForgedIntoWhatOthersHave) {
    // A5: a forged leave for each member in turn ends the group, and the answers bring it back.
    Tracked lan;
    lan.report(RecordType::is_ex, k_g, "", k_host1);
    lan.forget();
    lan.report(RecordType::to_in, k_g, "", k_host1); // forged
    EXPECT_THAT(lan.queries(), ElementsAre("Q(G) S=0"));
    lan.report(RecordType::is_ex, k_g, "", k_host1); // the true host's answer
    EXPECT_EQ(lan.state(), "EXC{}/{}");
}

} // namespace
} // namespace mcast::igmp::test
