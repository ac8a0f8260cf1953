// What an operator says of other routers: who may query, where to, for how long one may be silent;
// and an interface that asks nobody.
#include "lan.h"

#include <gmock/gmock.h>

#include <tuple>

namespace mcast::igmp::test {
namespace {

using testing::IsEmpty;

TEST(Routers, OnlyThoseNamedMayQuery) {
    // A1: a forged query with a low address.
    Lan lan({.queriers = {{Ipv4::of(192, 0, 2, 0), 31}}});
    lan.v2(k_g);
    lan.hear(Ipv4::of(192, 0, 2, 3), general());
    lan.hear(Ipv4::of(192, 0, 2, 3), specific(k_g));
    EXPECT_TRUE(lan.interface().querier);
    EXPECT_EQ(lan.group_timer(), 270s);
    EXPECT_EQ(lan.counters().querier_denied, 2U);
    lan.hear(k_better, general());
    EXPECT_FALSE(lan.interface().querier);
}

TEST(Routers, StrictDestinationOfGeneralQueries) {
    for (bool const strict : {false, true}) {
        Lan lan({.strict_destination = strict});
        auto const bytes = bytes_of(general());
        lan.receive({.interface = k_lan,
                     .source = k_better,
                     .destination = k_router,
                     .ttl = 1,
                     .router_alert = true,
                     .source_mac = k_other_mac,
                     .payload = bytes});
        EXPECT_EQ(lan.interface().querier, strict);
        EXPECT_EQ(lan.counters().bad_destination, strict ? 1U : 0U);
        lan.hear(k_better, general());
        EXPECT_FALSE(lan.interface().querier);
    }
}

TEST(Routers, QuerierTimeoutIsAsConfigured) {
    // IGMP-18, with a time of the operator's.
    Lan lan({.querier_timeout = 130s});
    lan.lose_election();
    lan.advance(130s - 1ns);
    EXPECT_FALSE(lan.interface().querier);
    lan.advance(1ns);
    EXPECT_TRUE(lan.interface().querier);
}

TEST(Passive, AsksNobodyAndHearsAll) {
    Lan lan({.passive = true});
    EXPECT_FALSE(lan.interface().querier);
    lan.v2(k_g);
    EXPECT_EQ(lan.state(), "EXC{}/{}");
    lan.leave(k_g);
    Output out;
    lan.engine.query_now(k_lan, out);
    EXPECT_THAT(out.queries, IsEmpty());
    EXPECT_EQ(lan.group_timer(), 270s); // nobody was asked, so nothing ends early
    lan.advance(269s);
    EXPECT_EQ(lan.state(), "EXC{}/{}");
    lan.advance(1s);
    EXPECT_EQ(lan.state(), "-");
    EXPECT_THAT(lan.queries(), IsEmpty());
}

TEST(Passive, WhoeverAsksIsTheQuerier) {
    Lan lan({.passive = true});
    lan.report(RecordType::is_ex, k_g);
    lan.hear(k_worse, specific(k_g)); // before its first general query, too
    EXPECT_EQ(lan.group_timer(), 2s);
    lan.hear(k_worse, general(3, 3, 60));
    EXPECT_EQ(lan.interface().querier_address, k_worse);
    EXPECT_EQ(lan.interface().group_membership_interval, 200s);
    lan.hear(k_better, general());
    EXPECT_EQ(lan.interface().querier_address, k_better);
    lan.advance(600s);
    EXPECT_FALSE(lan.interface().querier);
    EXPECT_THAT(lan.queries(), IsEmpty());
}

TEST(Passive, MayAskGenerallyAndStandForElection) {
    Lan lan({.passive = true, .passive_general_queries = true});
    EXPECT_TRUE(lan.interface().querier);
    lan.hear(k_worse, general());
    EXPECT_TRUE(lan.interface().querier);
    lan.advance(125s);
    EXPECT_THAT(lan.queries(), testing::Each("GQ"));
    EXPECT_EQ(lan.counters().sent_general_queries, 2U);
    lan.v2(k_g);
    lan.leave(k_g);
    EXPECT_EQ(lan.group_timer(), 270s); // who stays is for others to ask
    lan.hear(k_better, general());
    EXPECT_FALSE(lan.interface().querier);
}

TEST(Passive, MayAskWhoStays) {
    Lan lan({.passive = true, .passive_group_queries = true});
    EXPECT_FALSE(lan.interface().querier);
    lan.v2(k_g);
    lan.leave(k_g);
    EXPECT_THAT(lan.queries(), testing::ElementsAre("Q(G) S=0"));
    lan.advance(2s);
    EXPECT_EQ(lan.state(), "-");
    EXPECT_EQ(lan.counters().sent_general_queries, 0U);
}

TEST(Passive, MayHearNobody) {
    Lan lan({.passive = true, .passive_receive = false});
    lan.v2(k_g);
    lan.hear(k_better, general());
    EXPECT_EQ(lan.state(), "-");
    EXPECT_EQ(lan.counters().passive_unheard, 2U);
    EXPECT_EQ(lan.interface().querier_address, k_router);
}

TEST(Routers, ShortestIntervalThatIsBelieved) {
    // A2: a forged query with a tiny interval.
    for (auto const& [floor, query_interval, expected] :
         {std::tuple{40s, 125s, 40s}, {1s, 125s, 5s}, {40s, 20s, 20s}}) {
        Lan lan({.query_interval = query_interval, .adopted_interval_floor = floor});
        lan.hear(k_better, general(3, 2, 5));
        EXPECT_EQ(lan.interface().query_interval, expected);
    }
}

} // namespace
} // namespace mcast::igmp::test
