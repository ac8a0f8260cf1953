// Routes: learned, compared, lost, held down.
#include "rig.h"

namespace mcast::dvmrp::test {
namespace {

using testing::Contains;
using testing::IsEmpty;

Rpf via(IfIndex interface, Ipv4 neighbor, std::uint8_t metric, Ipv4Prefix prefix = k_p) {
    return {interface, neighbor, prefix, metric};
}

// DVMRP-56: a cost of one more, and the poison where it came from. DVMRP-57, DVMRP-58: how far.
TEST(DvmrpRoute, New) {
    struct Case {
        std::uint8_t said;
        std::optional<std::uint8_t> metric;
        std::optional<int> poison;
    };
    Case const cases[] = {{4, 5, 37},   {1, 2, 34},   {30, 31, 63}, {31, {}, {}},
                          {32, {}, {}}, {33, {}, {}}, {63, {}, {}}};
    for (auto const& [metric, ours, poison] : cases) {
        SCOPED_TRACE(int{metric});
        Rig rig;
        rig.all_adjacent();
        rig.report(k_i, k_n, k_p, metric);
        rig.run_for(5s);
        auto const route = rig.engine.rpf(k_source);
        EXPECT_EQ(route ? std::optional{route->metric} : std::nullopt, ours);
        EXPECT_EQ(rig.last_said(k_i, k_p), poison);
        EXPECT_EQ(rig.last_said(k_j, k_p), ours ? std::optional<int>{*ours} : std::nullopt);
        if (ours) {
            EXPECT_EQ(*route, via(k_i, k_n, *ours));
            EXPECT_THAT(rig.routes, Contains(k_p));
        }
    }
}

TEST(DvmrpRoute, CostAndOffset) {
    Rig rig({}, {.metric = 3, .metric_out = 2});
    rig.all_adjacent();
    rig.report(k_i, k_n, k_p, 4);
    rig.run_for(5s);
    EXPECT_EQ(rig.engine.rpf(k_source)->metric, 7);
    EXPECT_EQ(rig.last_said(k_j, k_p), 9);
    EXPECT_EQ(rig.last_said(k_i, k_p), 41);
    rig.report(k_i, k_n, k_p, 28);
    rig.run_for(5s);
    EXPECT_EQ(rig.last_said(k_j, k_p), 32) << "capped, never wrapped";
    EXPECT_EQ(rig.last_said(k_i, k_p), 32);
}

// DVMRP-51, DVMRP-52: such a route is left out, the others are taken. A second word of one report
// on the same network too.
TEST(DvmrpRoute, SingleOnesAreIgnored) {
    Rig rig;
    rig.all_adjacent();
    rig.report(k_i, k_n,
               {said("172.16.1.0/24", 2),
                said("172.16.2.0/24", 0),
                said("172.16.3.0/24", 64),
                said("172.16.4.0/24", 127),
                said("127.0.0.0/24", 1),
                said("224.1.1.0/24", 1),
                said("240.1.1.0/24", 1),
                said("0.1.0.0/16", 1),
                {{Ipv4::of(172, 17, 0, 0), 12}, 1},
                said("172.16.1.0/24", 1),
                said("172.16.9.0/24", 3)});
    EXPECT_EQ(rig.engine.route_count(), 5U);
    EXPECT_EQ(rig.engine.rpf(k_source)->metric, 3);
    EXPECT_TRUE(rig.engine.rpf(Ipv4::of(172, 16, 9, 1)));
    EXPECT_EQ(rig.counters(k_i).routes, 11U);
    EXPECT_EQ(rig.counters(k_i).route_bad_metric, 3U);
    EXPECT_EQ(rig.counters(k_i).route_bad_network, 5U);
    EXPECT_EQ(rig.counters(k_i).route_twice, 1U);
}

// DVMRP-60: from the worse to the better; everybody hears what concerns them.
TEST(DvmrpRoute, BetterNeighbor) {
    Rig rig;
    rig.with_route_and_dependent();
    rig.report(k_k, k_r, k_p, 1);
    EXPECT_EQ(*rig.engine.rpf(k_source), via(k_k, k_r, 2));
    EXPECT_EQ(rig.last_said(k_k, k_p), 34);
    EXPECT_EQ(rig.last_said(k_i, k_p), 2);
    EXPECT_EQ(rig.last_said(k_j, k_p), 2);
}

// DVMRP-61: of equals the lower address.
TEST(DvmrpRoute, EqualNeighbor) {
    Rig rig;
    rig.all_adjacent();
    rig.report(k_i, k_n3, k_p, 2);
    rig.report(k_j, k_m, k_p, 2);
    EXPECT_EQ(*rig.engine.rpf(k_source), via(k_i, k_n3, 3)) << "10.1.0.3 is higher";
    rig.report(k_i, k_n, k_p, 2);
    EXPECT_EQ(*rig.engine.rpf(k_source), via(k_i, k_n, 3));
}

// DVMRP-62: its word counts, however bad. DVMRP-63: others' loss does not concern us.
TEST(DvmrpRoute, OurNeighborGotWorse) {
    Rig rig;
    rig.with_route_and_dependent();
    rig.report(k_i, k_n, k_p, 5);
    EXPECT_EQ(*rig.engine.rpf(k_source), via(k_i, k_n, 6));
    EXPECT_EQ(rig.last_said(k_k, k_p), 6);
    rig.report(k_k, k_r, k_p, 6);
    EXPECT_EQ(*rig.engine.rpf(k_source), via(k_i, k_n, 6));
    rig.live_for(6s);
    rig.forget();
    rig.report(k_k, k_r, k_p, 32);
    rig.live_for(6s);
    EXPECT_EQ(*rig.engine.rpf(k_source), via(k_i, k_n, 6));
    EXPECT_THAT(rig.routes, IsEmpty());
    EXPECT_THAT(rig.texts<Report>(), IsEmpty());
}

// DVMRP-64: by word, by a metric too large for us, by poison (a loop), by silence of its sender.
TEST(DvmrpRoute, OurNeighborLostIt) {
    for (std::uint8_t const metric : {32, 31, 34}) {
        SCOPED_TRACE(int{metric});
        Rig rig;
        rig.with_route_and_dependent();
        rig.report(k_i, k_n, k_p, metric);
        EXPECT_FALSE(rig.engine.rpf(k_source));
        EXPECT_EQ(rig.engine.view(k_p)->held_down_until, rig.now + 120s);
        EXPECT_EQ(rig.last_said(k_j, k_p), 32);
        EXPECT_EQ(rig.last_said(k_i, k_p), 32);
        EXPECT_THAT(rig.routes, Contains(k_p));
    }
}

// DVMRP-66: 32 on every port until the end, and then it is gone.
TEST(DvmrpRoute, HoldDown) {
    Rig rig;
    rig.with_route_and_dependent();
    rig.report(k_i, k_n, k_p, 32);
    auto const begun = rig.now;
    rig.forget();
    rig.live_for(119s);
    for (IfIndex const on : {k_i, k_j, k_k}) {
        EXPECT_EQ(rig.last_said(on, k_p), 32);
    }
    for (Sent const& it : rig.sent) {
        if (auto const* report = std::get_if<Report>(&it.what.message.body)) {
            for (auto const& route : report->routes) {
                EXPECT_TRUE(route.prefix != k_p || route.metric == 32);
            }
        }
    }
    EXPECT_TRUE(rig.engine.view(k_p));
    rig.live_for(begun + 120s - rig.now);
    EXPECT_FALSE(rig.engine.view(k_p));
}

// DVMRP-67: the same word of the same neighbour ends it early, and everybody but its link hears.
TEST(DvmrpRoute, TheSameRouteComesBack) {
    Rig rig;
    rig.with_route_and_dependent();
    rig.report(k_i, k_n, k_p, 32);
    rig.live_for(10s);
    rig.forget();
    rig.report(k_i, k_n, k_p, 2);
    rig.live_for(1s);
    EXPECT_EQ(*rig.engine.rpf(k_source), via(k_i, k_n, 3));
    EXPECT_FALSE(rig.engine.view(k_p)->held_down_until);
    EXPECT_EQ(rig.last_said(k_j, k_p), 3);
    EXPECT_EQ(rig.last_said(k_k, k_p), 3);
    EXPECT_EQ(rig.last_said(k_i, k_p), std::nullopt);
}

// DVMRP-68: another metric or another neighbour is used, and not told; but its sender learns that
// we depend on it (DEC-26). DVMRP-69: at the end it is told at once.
TEST(DvmrpRoute, CandidateInHoldDown) {
    for (bool const strict : {false, true}) {
        Rig rig({.strict_hold_down = strict});
        rig.with_route_and_dependent();
        rig.report(k_i, k_n, k_p, 32);
        auto const begun = rig.now;
        rig.live_for(10s);
        rig.forget();
        rig.report(k_k, k_r, k_p, 5);
        EXPECT_EQ(*rig.engine.rpf(k_source), via(k_k, k_r, 6));
        for (int i = 0; i < 10; ++i) {
            rig.live_for(10s);
            rig.report(k_k, k_r, k_p, 5);
        }
        EXPECT_EQ(rig.last_said(k_i, k_p), 32);
        EXPECT_EQ(rig.last_said(k_j, k_p), 32);
        EXPECT_EQ(rig.last_said(k_k, k_p), strict ? 32 : 38);
        rig.live_for(begun + 119s - rig.now);
        EXPECT_EQ(rig.last_said(k_j, k_p), 32);
        rig.live_for(2s);
        EXPECT_EQ(rig.last_said(k_j, k_p), 6);
        EXPECT_EQ(rig.last_said(k_k, k_p), 38);
        EXPECT_EQ(*rig.engine.rpf(k_source), via(k_k, k_r, 6));
    }
}

TEST(DvmrpRoute, CandidateOfTheSameNeighborWithAnotherMetric) {
    Rig rig;
    rig.with_route_and_dependent();
    rig.report(k_i, k_n, k_p, 32);
    rig.report(k_i, k_n, k_p, 7);
    rig.live_for(6s);
    EXPECT_EQ(*rig.engine.rpf(k_source), via(k_i, k_n, 8));
    EXPECT_EQ(rig.last_said(k_j, k_p), 32);
    rig.report(k_i, k_n, k_p, 32);
    EXPECT_FALSE(rig.engine.rpf(k_source));
}

// DVMRP-70: valid for 139 s without a word.
TEST(DvmrpRoute, Expiry) {
    Rig rig;
    rig.all_adjacent();
    rig.report(k_i, k_n, k_p, 2);
    rig.live_for(100s);
    rig.report(k_i, k_n, k_p, 2);
    rig.live_for(139s);
    EXPECT_TRUE(rig.engine.rpf(k_source));
    rig.live_for(1s);
    EXPECT_FALSE(rig.engine.rpf(k_source));
    EXPECT_TRUE(rig.engine.view(k_p)->held_down_until);
}

// DVMRP-72: our own subnets are nowhere else.
TEST(DvmrpRoute, OurOwnSubnets) {
    Rig rig;
    rig.all_adjacent();
    Ipv4Prefix const own{Ipv4::of(10, 1, 0, 0), 24};
    rig.report(k_i, k_n, {said(own, 1), said("10.0.0.0/24", 1)});
    EXPECT_EQ(*rig.engine.rpf(k_m), via(k_j, {}, 1, own));
    EXPECT_EQ(rig.counters(k_i).route_own_subnet, 1U);
    rig.report(k_i, k_n, own, 32);
    EXPECT_EQ(*rig.engine.rpf(k_m), via(k_j, {}, 1, own));
}

// DVMRP-76: the longest that can be reached.
TEST(DvmrpRoute, LongestMatch) {
    Rig rig;
    rig.all_adjacent();
    Ipv4Prefix const ten{Ipv4::of(11, 0, 0, 0), 8};
    Ipv4 const source = Ipv4::of(11, 5, 5, 5);
    rig.report(k_i, k_n, {said("0.0.0.0/0", 3), said(ten, 2)});
    EXPECT_EQ(rig.engine.rpf(source)->prefix, ten);
    EXPECT_EQ(rig.engine.rpf(Ipv4::of(12, 1, 1, 1))->prefix, Ipv4Prefix{});
    rig.report(k_i, k_n, ten, 32);
    EXPECT_EQ(rig.engine.rpf(source)->prefix, Ipv4Prefix{});
}

TEST(DvmrpRoute, Limit) {
    Rig rig({.max_routes = 2});
    rig.all_adjacent();
    rig.report(k_i, k_n,
               {said("172.16.1.0/24", 1), said("172.16.2.0/24", 1), said("172.16.3.0/24", 1),
                said("172.16.4.0/24", 1)});
    EXPECT_EQ(rig.engine.route_count(), 5U);
    EXPECT_EQ(rig.counters(k_i).limit_routes, 2U);
    EXPECT_EQ(rig.events.size(), 2U); // nearly, and full
    // What is known is refreshed all the same.
    rig.report(k_i, k_n, k_p, 4);
    EXPECT_EQ(rig.engine.rpf(k_source)->metric, 5);
}

TEST(DvmrpRoute, Filters) {
    InterfaceConfig config;
    config.accept_routes = {{.prefix = {Ipv4::of(172, 16, 1, 0), 24}, .allow = false}};
    config.announce_routes = {
        {.prefix = {Ipv4::of(172, 16, 0, 0), 12}, .exact = true, .allow = true},
        {.prefix = {Ipv4::of(172, 16, 0, 0), 12}, .allow = false}};
    Rig rig({}, config);
    rig.all_adjacent();
    rig.report(k_i, k_n,
               {said("172.16.0.0/12", 1), said("172.16.1.0/24", 1), said("172.16.2.0/24", 1)});
    rig.run_for(5s);
    EXPECT_EQ(rig.counters(k_i).route_filtered, 1U);
    EXPECT_FALSE(rig.engine.view(k_p));
    EXPECT_EQ(rig.last_said(k_j, {Ipv4::of(172, 16, 0, 0), 12}), 2);
    EXPECT_EQ(rig.last_said(k_j, {Ipv4::of(172, 16, 2, 0), 24}), std::nullopt);
}

} // namespace
} // namespace mcast::dvmrp::test
