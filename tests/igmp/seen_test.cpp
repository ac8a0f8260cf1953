// What is shown of an interface and its groups, what clearing does, and which counters move: the
// commands and counters that operators of routers expect.
#include "lan.h"

#include <gmock/gmock.h>

namespace mcast::igmp::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Cleared {
    Output out;
    std::vector<Ipv4> changed() const {
        std::vector<Ipv4> groups;
        for (Change const& change : out.changes) {
            groups.push_back(change.group);
        }
        return groups;
    }
};

TEST(Seen, TimersOfTheQuerierAndOfItsLoss) {
    Lan lan;
    InterfaceView const fresh = lan.interface();
    EXPECT_EQ(fresh.enabled_since, TimePoint{});
    EXPECT_EQ(fresh.startup_queries_left, 1);
    EXPECT_EQ(*fresh.next_general_query - lan.now, 31250ms);
    EXPECT_EQ(fresh.querier_expires, std::nullopt);
    EXPECT_EQ(fresh.other_querier_present_interval, 255s);
    EXPECT_EQ(fresh.older_host_present_interval, 260s);
    EXPECT_EQ(fresh.startup_query_interval, 31250ms);
    EXPECT_EQ(fresh.last_member_query_interval, 1s);
    EXPECT_EQ(fresh.last_member_query_count, 2);
    EXPECT_EQ(fresh.startup_query_count, 2);
    lan.advance(5s);
    lan.hear(k_better, general(2));
    InterfaceView const lost = lan.interface();
    EXPECT_FALSE(lost.querier);
    EXPECT_EQ(lost.querier_version, 2);
    EXPECT_EQ(lost.startup_queries_left, 0);
    EXPECT_EQ(lost.next_general_query, std::nullopt);
    EXPECT_EQ(*lost.querier_expires - lan.now, 255s);
    EXPECT_EQ(*lost.v2_querier_until - lan.now, 255s);
    EXPECT_EQ(lost.v1_querier_until, std::nullopt);
    EXPECT_EQ(lost.version, 2);
}

TEST(Seen, ACheckSaysWhenItAsksNext) {
    Lan lan;
    lan.settle();
    lan.v2(k_g);
    EXPECT_EQ(lan.group().next_query, std::nullopt);
    lan.leave(k_g);
    EXPECT_EQ(*lan.group().next_query - lan.now, 1s);
    EXPECT_EQ(lan.group().queries_left, 1);
}

TEST(Seen, GroupsOneByOneAreAllGroups) {
    Lan lan;
    lan.settle();
    for (Ipv4 const group : {k_g2, k_channel, k_g}) {
        lan.report(RecordType::allow, group, "a");
    }
    std::vector<Ipv4> walked;
    for (auto at = lan.engine.next_group(k_lan, {}); at; at = lan.engine.next_group(k_lan, at)) {
        walked.push_back(*at);
    }
    EXPECT_EQ(walked, lan.engine.groups(k_lan));
    EXPECT_EQ(walked.size(), 3U);
    EXPECT_EQ(lan.engine.next_group(IfIndex{9}, {}), std::nullopt);
}

TEST(Seen, StatisticsBeginAgainAndCountersGoOn) {
    Lan lan;
    lan.settle();
    lan.v2(k_g);
    lan.v2(k_g2);
    lan.leave(k_g2);
    lan.advance(10s);
    auto const before = lan.engine.statistics(k_lan).value();
    EXPECT_EQ(before.counted.reports_v2, 2U);
    EXPECT_EQ(before.counted.groups_peak, 2U);
    EXPECT_EQ(before.since, TimePoint{});
    lan.engine.clear_statistics(k_lan, lan.now);
    auto const cleared = lan.engine.statistics(k_lan).value();
    for (CounterName const& counter : k_counters) {
        // The peak begins with what is there.
        std::uint64_t const wanted = counter.member == &Counters::groups_peak ? 1 : 0;
        EXPECT_EQ(cleared.counted.*counter.member, wanted) << counter.name;
    }
    EXPECT_EQ(cleared.since, lan.now);
    lan.v2(k_g2);
    EXPECT_EQ(lan.engine.statistics(k_lan)->counted.reports_v2, 1U);
    EXPECT_EQ(lan.engine.statistics(k_lan)->counted.groups_peak, 2U);
    EXPECT_EQ(lan.counters().reports_v2, 3U) << "what adds up with other books is not cleared";
}

TEST(Seen, LeavesThatWereActedOn) {
    Lan lan;
    lan.settle();
    lan.leave(k_g); // IGMP-45: of nobody
    EXPECT_EQ(lan.counters().leaves_processed, 0U);
    lan.v2(k_g);
    lan.leave(k_g);
    lan.report(RecordType::allow, k_g2, "ab");
    lan.report(RecordType::block, k_g2, "a");
    EXPECT_EQ(lan.counters().leaves_processed, 2U);
    lan.lose_election(); // IGMP-46: the querier's business then
    lan.v2(k_g);
    lan.leave(k_g);
    EXPECT_EQ(lan.counters().leaves_processed, 2U);
}

TEST(Seen, ChangesOfCompatibility) {
    Lan lan;
    lan.settle();
    lan.v2(k_g);
    EXPECT_EQ(lan.counters().compatibility_changes, 0U) << "a new group has no mode to change";
    lan.v1(k_g);
    lan.v2(k_g);
    EXPECT_EQ(lan.counters().compatibility_changes, 1U);
    lan.advance(255s);
    lan.v2(k_g);
    lan.advance(10s); // IGMP-50: version 1 is forgotten, version 2 is not
    lan.v2(k_g);
    EXPECT_EQ(lan.counters().compatibility_changes, 2U);
    EXPECT_EQ(lan.group().compatibility, 2);
}

TEST(Clear, RestartIsAsWhenTheLinkComesUp) {
    Lan lan;
    lan.settle();
    lan.v2(k_g);
    lan.lose_election();
    Cleared done;
    lan.engine.restart(k_lan, lan.now, done.out);
    EXPECT_THAT(done.changed(), ElementsAre(k_g));
    ASSERT_EQ(done.out.queries.size(), 1U);
    EXPECT_TRUE(done.out.queries[0].query.is_general());
    EXPECT_TRUE(lan.interface().querier);
    EXPECT_EQ(lan.interface().startup_queries_left, 1);
    EXPECT_EQ(lan.interface().enabled_since, lan.now);
    EXPECT_EQ(lan.interface().groups, 0U);
    lan.forget();
    lan.advance(32s);
    EXPECT_THAT(lan.queries(), ElementsAre("GQ"));
}

TEST(Clear, RestartOfALinkThatIsDownDoesNothing) {
    Lan lan({}, {}, {.address = {k_router, 24}, .up = false});
    Cleared done;
    lan.engine.restart(k_lan, lan.now, done.out);
    lan.engine.elect_again(k_lan, lan.now, done.out);
    EXPECT_THAT(done.out.queries, IsEmpty());
    EXPECT_FALSE(lan.interface().querier);
}

TEST(Clear, TheElectionBeginsAgainAndGroupsStay) {
    Lan lan;
    lan.settle();
    lan.v2(k_g);
    lan.hear(k_better, general(2, 3, 60));
    EXPECT_EQ(lan.interface().version, 2);
    Cleared done;
    lan.engine.elect_again(k_lan, lan.now, done.out);
    EXPECT_THAT(done.changed(), IsEmpty());
    EXPECT_EQ(lan.state(), "EXC{}/{}");
    EXPECT_TRUE(lan.interface().querier);
    EXPECT_EQ(lan.interface().version, 3);
    EXPECT_EQ(lan.interface().robustness, 2);
    ASSERT_EQ(done.out.queries.size(), 1U);
    EXPECT_EQ(done.out.events.size(), 2U) << "the querier changed, and the version did";
    // Who is better wins again at its next query (IGMP-16).
    lan.hear(k_better, general());
    EXPECT_FALSE(lan.interface().querier);
}

TEST(Seen, WhatIsCountedOfAMessageBesideItsKind) {
    Lan lan;
    lan.hear(k_worse, wire::Query{.version = 2, .max_resp_code = 10, .group = k_g});
    lan.hear(k_worse, specific(k_g));
    lan.hear(k_worse, general(2));
    EXPECT_EQ(lan.counters().group_queries, 2U);
    EXPECT_EQ(lan.counters().group_queries_v2, 1U);
    EXPECT_EQ(lan.counters().without_router_alert, 0U);
    auto const bytes = bytes_of(wire::ReportV2{k_g});
    lan.receive({.interface = k_lan,
                 .source = k_host1,
                 .destination = k_g,
                 .ttl = 1,
                 .source_mac = k_other_mac,
                 .payload = bytes});
    EXPECT_EQ(lan.state(), "EXC{}/{}");
    EXPECT_EQ(lan.counters().without_router_alert, 1U);
}

} // namespace
} // namespace mcast::igmp::test
