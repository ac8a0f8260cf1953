// Who is querier, and whose values count: section 7.2 of the behaviours.
#include "lan.h"

#include <gmock/gmock.h>

namespace mcast::igmp::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Election, LowerAddressWins) {
    // IGMP-16
    Lan lan;
    lan.settle();
    lan.hear(k_better, general());
    EXPECT_FALSE(lan.interface().querier);
    EXPECT_EQ(lan.interface().querier_address, k_better);
    EXPECT_EQ(lan.interface().next_general_query, std::nullopt);
    ASSERT_EQ(lan.events<QuerierChanged>().size(), 1U);
    EXPECT_FALSE(lan.events<QuerierChanged>()[0].ours);
    lan.advance(254s);
    EXPECT_THAT(lan.queries(), IsEmpty());
}

TEST(Election, StartupQueriesEndWithIt) {
    Lan lan;
    lan.forget();
    lan.hear(k_better, general());
    lan.advance(100s);
    EXPECT_THAT(lan.queries(), IsEmpty());
}

TEST(Election, HigherAddressLoses) {
    Lan lan;
    lan.settle();
    lan.hear(k_worse, general());
    EXPECT_TRUE(lan.interface().querier);
}

TEST(Election, SilenceOfTheOtherMakesUsQuerier) {
    // IGMP-18: OQPI is 255 s.
    Lan lan;
    lan.settle();
    lan.lose_election();
    lan.advance(255s - 1ns);
    EXPECT_FALSE(lan.interface().querier);
    EXPECT_THAT(lan.queries(), IsEmpty());
    lan.advance(1ns);
    EXPECT_TRUE(lan.interface().querier);
    EXPECT_THAT(lan.queries(), ElementsAre("GQ"));
    lan.advance(125s);
    EXPECT_THAT(lan.queries(), ElementsAre("GQ"));
}

TEST(Election, RegularQueriesKeepUsSilent) {
    // IGMP-19
    Lan lan;
    lan.settle();
    for (int i = 0; i < 20; ++i) {
        lan.hear(k_better, general());
        lan.advance(125s);
    }
    EXPECT_THAT(lan.queries(), IsEmpty());
}

TEST(Election, SpecificQueryElectsOnlyByTheOlderRfc) {
    // IGMP-20
    Lan lan;
    lan.hear(k_better, specific(k_g));
    EXPECT_TRUE(lan.interface().querier);
    Lan older({.rfc3376_election = true});
    older.hear(k_better, specific(k_g));
    EXPECT_FALSE(older.interface().querier);
}

TEST(Election, QueryFromNowhereIsIgnored) {
    // IGMP-21
    Lan lan;
    lan.settle();
    auto const next = lan.interface().next_general_query;
    lan.hear(Ipv4{}, general(2));
    EXPECT_TRUE(lan.interface().querier);
    EXPECT_EQ(lan.interface().version, 3);
    EXPECT_EQ(lan.interface().next_general_query, next);
    EXPECT_EQ(lan.counters().proxy_queries, 1U);
}

TEST(Election, OffSubnetQueryIsDropped) {
    // IGMP-22, also where reports from elsewhere are welcome.
    Lan lan({.verify_source_subnet = false});
    lan.hear(Ipv4::of(10, 9, 9, 9), general());
    EXPECT_TRUE(lan.interface().querier);
    EXPECT_EQ(lan.counters().off_subnet, 1U);
}

TEST(Election, OwedSpecificQueriesAreStillSent) {
    // IGMP-24
    Lan lan;
    lan.settle();
    lan.v2(k_g);
    lan.leave(k_g);
    EXPECT_THAT(lan.queries(), ElementsAre("Q(G) S=0"));
    lan.hear(k_better, general());
    lan.advance(60s);
    EXPECT_THAT(lan.queries(), ElementsAre("Q(G) S=0"));
    EXPECT_EQ(lan.state(), "-");
}

TEST(Election, AddressesAreComparedAsNumbers) {
    // IGMP-25
    Lan lan({}, {}, {.address = {Ipv4::of(10, 0, 1, 2), 8}, .mac = k_router_mac});
    lan.hear(Ipv4::of(10, 1, 0, 1), general());
    EXPECT_TRUE(lan.interface().querier);
}

TEST(Election, NonQuerierAdoptsValues) {
    // IGMP-26
    Lan lan;
    lan.hear(k_better, general(3, 3, 60));
    lan.v2(k_g);
    EXPECT_EQ(lan.group_timer(), 200s);
    EXPECT_EQ(lan.interface().querier_expires, lan.now + 3 * 60s + 5s);
}

TEST(Election, ZeroMeansOurOwnValues) {
    // IGMP-27
    Lan lan;
    lan.hear(k_better, general(3, 3, 60));
    lan.hear(k_better, general(3, 0, 0));
    EXPECT_EQ(lan.interface().robustness, 2);
    EXPECT_EQ(lan.interface().query_interval, 125s);
}

TEST(Election, LoserOfTheElectionTeachesNothing) {
    // IGMP-28
    Lan lan;
    lan.hear(k_worse, general(3, 1, 1));
    EXPECT_EQ(lan.interface().robustness, 2);
    EXPECT_EQ(lan.interface().group_membership_interval, 270s);
}

TEST(Election, AdoptionIsClampedAndEndsWithOurOwnRole) {
    Lan lan;
    lan.hear(k_better, general(3, 1, 1));
    EXPECT_EQ(lan.interface().robustness, 1);
    EXPECT_EQ(lan.interface().query_interval, 10s);
    EXPECT_EQ(lan.counters().values_adopted, 1U);
    lan.advance(15s); // OQPI of 1 x 10 s + 5 s
    EXPECT_TRUE(lan.interface().querier);
    EXPECT_EQ(lan.interface().robustness, 2);
    EXPECT_EQ(lan.interface().query_interval, 125s);
}

// A forged query with the longest values must not silence us, or keep memberships, for days.
TEST(Election, AdoptionIsClampedFromAbove) {
    Lan lan;
    wire::Query query = general(3, 7, 0xff);
    query.max_resp_code = 0xff;
    lan.hear(k_better, query);
    lan.v2(k_g);
    EXPECT_LE(lan.group_timer(), 7 * 600s + 2 * 25500ms);
    lan.advance(7 * 600s + 26s);
    EXPECT_TRUE(lan.interface().querier_address == k_router);
}

// The network address is below every router's, and nobody's.
TEST(Election, NetworkAddressIsNoRouter) {
    Lan lan;
    lan.hear(Ipv4::of(192, 0, 2, 0), general());
    EXPECT_TRUE(lan.interface().querier_address == k_router);
    EXPECT_EQ(lan.counters().bad_source, 1U);
}

// Else any host could turn the link back to version 1, which knows no leaves.
TEST(Election, WhoLosesDoesNotSetTheVersion) {
    Lan lan;
    lan.hear(k_worse, general(1));
    EXPECT_EQ(lan.interface().version, 3);
    EXPECT_EQ(lan.counters().wrong_version_queries, 1U);
}

TEST(Election, LongerResponseTimeOfTheQuerierKeepsGroupsAlive) {
    Lan lan;
    auto query = general();
    query.max_resp_code = 0x89; // 20 s
    lan.hear(k_better, query);
    EXPECT_EQ(lan.interface().group_membership_interval, 290s);
}

TEST(Election, OwnQueryLoopedBack) {
    // IGMP-30
    Lan lan;
    auto const bytes = bytes_of(general());
    lan.receive({.interface = k_lan,
                 .source = k_router,
                 .destination = wire::k_all_systems,
                 .ttl = 1,
                 .router_alert = true,
                 .source_mac = k_router_mac,
                 .payload = bytes});
    EXPECT_EQ(lan.counters().rx_own, 1U);
    EXPECT_TRUE(lan.interface().querier);
    EXPECT_TRUE(lan.events<DuplicateAddress>().empty());
}

TEST(Election, DuplicateAddressRaisesOneAlarm) {
    // IGMP-31
    Lan lan;
    for (int i = 0; i < 100; ++i) {
        lan.hear(k_router, general());
    }
    ASSERT_EQ(lan.events<DuplicateAddress>().size(), 1U);
    EXPECT_EQ(lan.events<DuplicateAddress>()[0].mac, k_other_mac);
    EXPECT_EQ(lan.counters().duplicate_address, 100U);
    EXPECT_TRUE(lan.interface().querier);
}

TEST(Election, LowerNewAddressTakesOverAtOnce) {
    // IGMP-32
    Lan lan({}, {}, {.address = {Ipv4::of(192, 0, 2, 9), 24}, .mac = k_router_mac});
    lan.hear(k_router, general());
    EXPECT_FALSE(lan.interface().querier);
    Output out;
    lan.engine.set_address(k_lan, {k_better, 24}, lan.now, out);
    ASSERT_EQ(out.queries.size(), 1U);
    EXPECT_EQ(out.queries[0].source, k_better);
    EXPECT_TRUE(lan.interface().querier);
}

TEST(Election, StrayThirdRouterDoesNotProlongADeadQuerier) {
    // Three routers: A (.1) elected, B (.2) stray, we (.9). When A dies B is promoted at once.
    Lan lan({}, {}, {.address = {Ipv4::of(192, 0, 2, 9), 24}, .mac = k_router_mac});
    lan.hear(k_better, general());
    lan.advance(200s);
    lan.hear(k_router, general());
    EXPECT_EQ(lan.interface().querier_address, k_better);
    lan.forget();
    lan.advance(55s);
    EXPECT_EQ(lan.interface().querier_address, k_router);
    EXPECT_FALSE(lan.interface().querier);
    EXPECT_THAT(lan.queries(), IsEmpty());
    lan.advance(200s);
    EXPECT_TRUE(lan.interface().querier);
}

TEST(Election, OlderQuerierIsWarnedOfOnce) {
    // IGMP-34, IGMP-170
    Lan lan;
    for (int i = 0; i < 100; ++i) {
        lan.hear(k_worse, general(2));
    }
    EXPECT_EQ(lan.events<WrongVersion>().size(), 1U);
    EXPECT_EQ(lan.counters().wrong_version_queries, 100U);
    lan.advance(60s);
    lan.hear(k_worse, general(2));
    EXPECT_EQ(lan.events<WrongVersion>().size(), 2U);
}

TEST(Election, OlderVersionIsFollowedWhileItIsThere) {
    Lan lan;
    lan.hear(k_better, general(2));
    EXPECT_EQ(lan.interface().version, 2);
    lan.advance(254s);
    EXPECT_EQ(lan.interface().version, 2);
    lan.advance(1s);
    EXPECT_EQ(lan.interface().version, 3);
    EXPECT_EQ(lan.sent.back().what.query.version, 3); // we are querier again, in our version
    EXPECT_EQ(lan.events<OperatingVersionChanged>().size(), 2U);
}

TEST(Election, SpecificQueryDoesNotChangeTheVersion) {
    // IGMP-36
    Lan lan;
    lan.hear(k_better, wire::Query{.version = 2, .max_resp_code = 10, .group = k_g});
    EXPECT_EQ(lan.interface().version, 3);
    EXPECT_EQ(lan.counters().wrong_version_queries, 0U);
}

TEST(Election, WithoutCompatibilityVersion3Stays) {
    // IGMP-37
    for (auto const& config : {InterfaceConfig{.compatibility = false},
                               InterfaceConfig{.follow_older_querier = false}}) {
        Lan lan(config);
        lan.settle();
        lan.hear(k_worse, general(2));
        lan.advance(125s);
        EXPECT_EQ(lan.sent.back().what.query.version, 3);
        EXPECT_EQ(lan.counters().wrong_version_queries, 1U);
    }
}

TEST(Election, QueryWithoutResponseTimeCounts) {
    // IGMP-153
    Lan lan;
    auto query = general();
    query.max_resp_code = 0;
    lan.hear(k_better, query);
    EXPECT_FALSE(lan.interface().querier);
    auto asking = specific(k_g);
    asking.max_resp_code = 0;
    lan.v2(k_g);
    lan.hear(k_better, asking);
    EXPECT_EQ(lan.group_timer(), 200ms);
}

TEST(Election, VersionOneQuerierWinsTheElection) {
    Lan lan;
    lan.settle();
    lan.hear(k_better, general(1));
    EXPECT_FALSE(lan.interface().querier);
    EXPECT_EQ(lan.interface().querier_version, 1);
    EXPECT_EQ(lan.interface().version, 1);
}

TEST(Election, ManyNewQueriersAreFewLines) {
    // L7: each forged query from an address below the last one makes a new querier.
    Lan lan({}, {}, {.address = {Ipv4::of(192, 0, 2, 250), 24}, .mac = k_router_mac});
    std::uint64_t const before = lan.counters().querier_changes;
    lan.forget();
    for (std::uint8_t n = 200; n > 100; --n) {
        lan.hear(Ipv4::of(192, 0, 2, n), general());
    }
    EXPECT_EQ(lan.counters().querier_changes - before, 100U);
    EXPECT_EQ(lan.interface().querier_address, Ipv4::of(192, 0, 2, 101));
    std::size_t const lines = lan.events<QuerierChanged>().size();
    EXPECT_GT(lines, 0U);
    EXPECT_LT(lines, 10U);
    lan.advance(10s);
    lan.hear(Ipv4::of(192, 0, 2, 100), general());
    ASSERT_EQ(lan.events<QuerierChanged>().size(), lines + 1);
    EXPECT_EQ(lan.events<QuerierChanged>().back().querier, Ipv4::of(192, 0, 2, 100));
}

} // namespace
} // namespace mcast::igmp::test
