// Limits of rate and of memory, and the warning before a limit: sections 3.9.3 and 5.2 of the
// behaviours. Limits of number are in hostile_test.cpp.
#include "lan.h"

#include <gmock/gmock.h>

#include <map>

namespace mcast::igmp::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Ipv4 nth_group(std::uint32_t n) {
    return {Ipv4::of(239, 16, 0, 0).value + n};
}

void everybody_joins(Lan& lan, std::uint32_t groups) {
    for (std::uint32_t n = 0; n < groups; ++n) {
        lan.report(RecordType::is_ex, nth_group(n));
    }
    lan.forget();
}

std::size_t most_in_one_second(std::vector<Sent> const& sent) {
    std::size_t most = 0;
    std::size_t first = 0;
    for (std::size_t last = 0; last < sent.size(); ++last) {
        while (sent[last].at - sent[first].at >= 1s) {
            ++first;
        }
        most = std::max(most, last - first + 1);
    }
    return most;
}

TEST(QueryRate, TenThousandLeavesInOneSecond) {
    // IGMP-100
    constexpr std::uint32_t k_groups = 10000;
    Lan lan({.query_interval = 3600s, .max_groups = k_groups});
    everybody_joins(lan, k_groups);
    std::map<Ipv4, std::size_t> asked_when_gone;
    std::map<Ipv4, Duration> last_asked;
    std::map<Ipv4, std::size_t> asked;
    std::size_t counted = 0;
    auto const count = [&] {
        for (; counted < lan.sent.size(); ++counted) {
            ++asked[lan.sent[counted].what.query.group];
            last_asked[lan.sent[counted].what.query.group] = lan.sent[counted].at;
            EXPECT_FALSE(lan.sent[counted].what.query.suppress);
        }
        for (Change const& it : lan.changed) {
            EXPECT_EQ(asked[it.group], 2U) << to_string(it.group);
            // Hosts had a whole interval to answer the last one.
            EXPECT_GE(lan.now.time_since_epoch() - last_asked[it.group], 1s);
            asked_when_gone[it.group] = asked[it.group];
        }
        lan.changed.clear();
    };
    for (std::uint32_t n = 0; n < k_groups; ++n) {
        lan.report(RecordType::to_in, nth_group(n));
        lan.advance(100us);
        lan.report(RecordType::to_in, nth_group(n), "", k_host2); // changes nothing
        count();
    }
    EXPECT_GT(lan.counters().queries_deferred, 0U);
    while (lan.interface().groups > 0 && lan.now.time_since_epoch() < 60s) {
        lan.advance(10ms);
        count();
    }
    EXPECT_EQ(asked_when_gone.size(), k_groups);
    EXPECT_EQ(lan.sent.size(), 2 * k_groups);
    EXPECT_LE(most_in_one_second(lan.sent), 1500U); // a burst, and what a second adds
    // 19,000 beyond the burst at 500 a second, and ticks a second apart.
    EXPECT_LE(lan.now.time_since_epoch(), 43s);
}

TEST(QueryRate, DeferredSourcesEndAsMuchLater) {
    // IGMP-100, for sources: with two tokens, the third check waits for a tick.
    Lan lan({.query_rate = 1});
    for (Ipv4 const group : {k_g, k_g2, k_channel}) {
        lan.report(RecordType::is_in, group, "ab");
    }
    lan.forget();
    for (Ipv4 const group : {k_g, k_g2, k_channel}) {
        lan.report(RecordType::block, group, "a");
    }
    EXPECT_EQ(lan.source_timer('a', k_g2), 2s);
    EXPECT_EQ(lan.source_timer('a', k_channel), 3s);
    for (int i = 0; i < 20; ++i) { // saying so again makes it neither sooner nor later
        lan.advance(250ms);
        lan.report(RecordType::block, k_channel, "a");
    }
    EXPECT_THAT(lan.timed_queries(),
                ElementsAre("Q(G,{a}) S=0@0", "Q(G2,{a}) S=0@0", "Q(G,{a}) S=0@1",
                            "Q(G2,{a}) S=0@2", "Q(C,{a}) S=0@3", "Q(C,{a}) S=0@4"));
    EXPECT_EQ(lan.state(k_channel), "INC{b}");
}

TEST(QueryRate, SavedWhileItWaits) {
    Lan lan({.query_rate = 1});
    for (Ipv4 const group : {k_g, k_g2, k_channel}) {
        lan.report(RecordType::is_in, group, "a");
    }
    lan.forget();
    for (Ipv4 const group : {k_g, k_g2, k_channel}) {
        lan.report(RecordType::block, group, "a");
    }
    lan.report(RecordType::is_in, k_channel, "a", k_host2);
    lan.advance(20s);
    EXPECT_EQ(lan.state(k_channel), "INC{a}");
    EXPECT_EQ(lan.source_timer('a', k_channel), 250s);
}

TEST(QueryRate, ImmediateLeaveWaitsTooRatherThanEndsUnasked) {
    Lan lan({.immediate_leave = true, .query_rate = 1});
    for (Ipv4 const group : {k_g, k_g2, Ipv4::of(239, 1, 2, 5)}) {
        lan.v2(group);
        lan.leave(group);
    }
    EXPECT_EQ(lan.state(k_g2), "-");
    EXPECT_EQ(lan.state(Ipv4::of(239, 1, 2, 5)), "EXC{}/{}");
    lan.advance(10s);
    EXPECT_EQ(lan.interface().groups, 0U);
}

TEST(QueryRate, ZeroIsNoLimit) {
    Lan lan({.max_groups = 5000, .query_rate = 0});
    everybody_joins(lan, 5000);
    for (std::uint32_t n = 0; n < 5000; ++n) {
        lan.report(RecordType::to_in, nth_group(n));
    }
    EXPECT_EQ(lan.sent.size(), 5000U);
}

TEST(NewStateRate, ExcessIsRefusedAndRefreshesAreNot) {
    InterfaceConfig const config{
        .max_groups = 20, .new_state_rate = 10, .new_state_rate_per_host = 10};
    Lan lan(config);
    lan.report(RecordType::allow, k_g, "a");
    for (std::uint32_t n = 0; n < 19; ++n) {
        lan.report(RecordType::is_ex, nth_group(n), "", Ipv4{});
    }
    EXPECT_EQ(lan.interface().groups, 20U);
    // The bucket is empty: old sources are refreshed, a new one beside them is not taken.
    lan.advance(10ms);
    lan.report(RecordType::is_in, k_g, "ab");
    EXPECT_EQ(lan.state(), "INC{a}");
    EXPECT_EQ(lan.source_timer('a'), 270s);
    EXPECT_EQ(lan.counters().limit_rate, 1U);
    lan.advance(1s);
    lan.report(RecordType::is_in, k_g, "ab");
    EXPECT_EQ(lan.state(), "INC{a,b}");
    EXPECT_EQ(lan.events<LimitReached>().size(), 1U);
}

TEST(NewStateRate, OneHostLeavesRoomForOthers) {
    InterfaceConfig const config{
        .max_groups = 10, .new_state_rate = 1000, .new_state_rate_per_host = 5};
    Lan lan(config);
    for (std::uint32_t n = 0; n < 9; ++n) {
        lan.report(RecordType::is_ex, nth_group(n));
    }
    lan.report(RecordType::allow, nth_group(0), "a");
    for (char const name : {'b', 'c', 'n'}) {
        lan.report(RecordType::allow, nth_group(0), std::string{name});
    }
    EXPECT_EQ(lan.counters().limit_host_rate, 3U);
    lan.report(RecordType::allow, nth_group(0), "z", k_host2);
    EXPECT_EQ(lan.state(nth_group(0)), "EXC{a,z}/{}");
}

TEST(Memory, BudgetRefusesWhatIsNewAndKeepsWhatIsThere) {
    constexpr std::uint64_t k_budget = 1U << 20;
    Lan lan({.max_groups = 100000, .new_state_rate = 0, .new_state_rate_per_host = 0},
            {.max_megabytes = 1});
    everybody_joins(lan, 20000);
    std::size_t const groups = lan.interface().groups;
    EXPECT_GT(groups, 1000U);
    EXPECT_LT(groups, 20000U);
    EXPECT_LE(lan.engine.bytes(), k_budget);
    EXPECT_EQ(lan.counters().limit_memory, 20000U - groups);
    lan.report(RecordType::allow, nth_group(0), "abcyzn");
    EXPECT_LE(lan.engine.bytes(), k_budget);
    // Everything that is there is refreshed, for as long as it wants.
    for (int round = 0; round < 3; ++round) {
        lan.advance(100s);
        everybody_joins(lan, 20000);
        EXPECT_EQ(lan.interface().groups, groups);
        EXPECT_EQ(lan.group_timer(nth_group(0)), 270s);
        EXPECT_LE(lan.engine.bytes(), k_budget);
    }
    lan.advance(270s);
    EXPECT_EQ(lan.engine.bytes(), 0U);
    EXPECT_EQ(lan.engine.entries(), 0U);
}

TEST(GroupWarning, OnceUpAndOnceDown) {
    Lan lan({.max_groups = 100});
    everybody_joins(lan, 79);
    EXPECT_THAT(lan.events<GroupWarning>(), IsEmpty());
    lan.report(RecordType::is_ex, nth_group(79));
    lan.report(RecordType::is_ex, nth_group(80));
    ASSERT_EQ(lan.events<GroupWarning>().size(), 1U);
    EXPECT_TRUE(lan.events<GroupWarning>()[0].above);
    EXPECT_EQ(lan.events<GroupWarning>()[0].groups, 80U);
    Output out;
    // One that comes and goes at the mark is worth no second line.
    for (int i = 0; i < 10; ++i) {
        lan.engine.clear(k_lan, nth_group(80), out);
        lan.engine.clear(k_lan, nth_group(79), out);
        lan.report(RecordType::is_ex, nth_group(79));
        lan.report(RecordType::is_ex, nth_group(80));
    }
    EXPECT_THAT(out.events, IsEmpty());
    EXPECT_EQ(lan.events<GroupWarning>().size(), 1U);
    lan.engine.clear(k_lan, std::nullopt, out);
    ASSERT_EQ(out.events.size(), 1U);
    EXPECT_FALSE(std::get<GroupWarning>(out.events[0]).above);
    EXPECT_EQ(std::get<GroupWarning>(out.events[0]).groups, 69U);
}

TEST(UsageWarning, EntriesOnceUpAndOnceDown) {
    // L8 of L3
    Lan lan({}, {.max_entries = 100});
    everybody_joins(lan, 79);
    EXPECT_THAT(lan.events<UsageWarning>(), IsEmpty());
    lan.report(RecordType::is_ex, nth_group(79));
    lan.report(RecordType::is_ex, nth_group(80));
    auto const warnings = lan.events<UsageWarning>();
    ASSERT_EQ(warnings.size(), 1U);
    EXPECT_EQ(warnings[0].what, UsageWarning::What::entries);
    EXPECT_TRUE(warnings[0].above);
    EXPECT_EQ(warnings[0].used, 80U);
    EXPECT_EQ(warnings[0].limit, 100U);
    Output out;
    for (std::size_t n = 80; n > 65; --n) {
        lan.engine.clear(k_lan, nth_group(n), out);
    }
    ASSERT_EQ(out.events.size(), 1U);
    EXPECT_FALSE(std::get<UsageWarning>(out.events[0]).above);
    EXPECT_EQ(std::get<UsageWarning>(out.events[0]).used, 69U);
}

TEST(UsageWarning, Memory) {
    // L8 of L11
    Lan lan({.max_groups = 100'000, .new_state_rate = 0, .new_state_rate_per_host = 0},
            {.max_megabytes = 1});
    std::size_t n = 0;
    while (lan.events<UsageWarning>().empty() && n < 10'000) {
        lan.report(RecordType::is_ex, nth_group(n++));
    }
    auto const warnings = lan.events<UsageWarning>();
    ASSERT_EQ(warnings.size(), 1U);
    EXPECT_EQ(warnings[0].what, UsageWarning::What::bytes);
    EXPECT_GE(warnings[0].used * 100, warnings[0].limit * 80);
    EXPECT_THAT(lan.events<LimitReached>(), IsEmpty());
}

TEST(UsageWarning, NeverWhenToldSo) {
    Lan lan({}, {.max_entries = 10, .warning_percent = 0});
    everybody_joins(lan, 20);
    EXPECT_THAT(lan.events<UsageWarning>(), IsEmpty());
}

TEST(LimitWarning, EachLimitOnceInTenSeconds) {
    // L7: what is refused all the time is a line in ten seconds, and hides no other limit.
    Lan lan({.max_groups = 1, .max_sources = 1});
    lan.report(RecordType::allow, k_g, "a");
    lan.forget();
    for (int i = 0; i < 100; ++i) {
        lan.v2(k_g2);
        lan.report(RecordType::allow, k_g, "ab");
    }
    EXPECT_EQ(lan.counters().limit_groups, 100U);
    EXPECT_EQ(lan.counters().limit_sources, 100U);
    std::vector<LimitReached::Which> warned;
    for (LimitReached const& event : lan.events<LimitReached>()) {
        warned.push_back(event.which);
    }
    EXPECT_THAT(warned, ElementsAre(LimitReached::Which::groups, LimitReached::Which::sources));
    lan.forget();
    lan.advance(10s - 1ns);
    lan.v2(k_g2);
    EXPECT_THAT(lan.events<LimitReached>(), IsEmpty());
    lan.advance(1ns);
    lan.v2(k_g2);
    EXPECT_EQ(lan.events<LimitReached>().size(), 1U);
}

} // namespace
} // namespace mcast::igmp::test
