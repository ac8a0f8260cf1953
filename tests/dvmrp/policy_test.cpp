// What configuration lets in, lets out and limits, and routes that others know.
#include "rig.h"

namespace mcast::dvmrp::test {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::SizeIs;
using testing::VariantWith;

constexpr Ipv4Prefix k_static{Ipv4::of(192, 0, 2, 0), 24};
constexpr IfIndex k_other{7}; // does not run DVMRP

// Section 7.6 of the reference: silent until somebody speaks, and again when the last has gone.
TEST(DvmrpPolicy, Passive) {
    Rig rig({}, {.passive = true});
    rig.run_for(30s);
    EXPECT_THAT(rig.sent, IsEmpty());
    rig.lonely_probe(k_i, k_n);
    EXPECT_THAT(rig.texts<Probe>(k_i), SizeIs(1));
    rig.run_for(10s);
    EXPECT_THAT(rig.texts<Probe>(k_i), SizeIs(2));
    EXPECT_THAT(rig.texts<Probe>(k_j), IsEmpty());
    rig.run_for(30s);
    rig.forget();
    rig.run_for(30s);
    EXPECT_THAT(rig.sent, IsEmpty());
}

// Section 5.5: 32 from one such interface to another, and no service to whom nothing is offered.
TEST(DvmrpPolicy, NoTransit) {
    Rig rig;
    rig.all_adjacent();
    for (IfIndex const on : {k_i, k_j}) {
        ASSERT_TRUE(rig.engine.reconfigure(on, {.no_transit = true}, rig.now, rig.out));
    }
    rig.report(k_i, k_n, k_p, 2);
    rig.live_for(6s);
    EXPECT_EQ(rig.last_said(k_j, k_p), 32);
    EXPECT_EQ(rig.last_said(k_k, k_p), 3);
    EXPECT_EQ(rig.last_said(k_i, k_p), 35);
    rig.report(k_j, k_m, k_p, 36);
    rig.report(k_k, k_r, k_p, 36);
    EXPECT_EQ(rig.open()->wanted, IfSet{k_k});
    // It may be taken back: then j is offered the route, and served.
    rig.forget();
    ASSERT_TRUE(rig.engine.reconfigure(k_j, {}, rig.now, rig.out));
    rig.run_for(1s);
    EXPECT_EQ(rig.last_said(k_j, k_p), 3);
    EXPECT_EQ(rig.wanted(), (IfSet{k_j, k_k}));
}

// A rule with neighbours is about what these say.
TEST(DvmrpPolicy, RoutesByNeighbor) {
    Rig rig({}, {.accept_routes = {{.prefix = k_p, .allow = false, .neighbors = {{k_n, 32}}}}});
    rig.all_adjacent();
    rig.report(k_i, k_n, k_p, 2);
    EXPECT_FALSE(rig.engine.route(k_p));
    EXPECT_EQ(rig.counters(k_i).route_filtered, 1U);
    rig.report(k_i, k_n3, k_p, 2);
    ASSERT_TRUE(rig.engine.route(k_p));
    EXPECT_EQ(rig.engine.route(k_p)->neighbor, k_n3);
    // What was taken before the rule came goes with it.
    FilterRule const deny{.prefix = k_p, .allow = false, .neighbors = {{k_n3, 32}}};
    ASSERT_TRUE(rig.engine.reconfigure(k_i, {.accept_routes = {deny}}, rig.now, rig.out));
    rig.live_for(1s);
    EXPECT_FALSE(rig.engine.route(k_p));
    rig.report(k_i, k_n, k_p, 2);
    EXPECT_EQ(rig.state(k_i, k_n), NeighborState::two_way);
}

// S8: who tells of too much is ignored, if that is wanted, until it is another.
TEST(DvmrpPolicy, ExcessIsIgnored) {
    Rig rig({}, {.max_routes_of_neighbor = 2, .ignore_excess = true});
    rig.all_adjacent();
    rig.report(k_i, k_n, {said("172.17.1.0/24", 2), said("172.17.2.0/24", 2)});
    EXPECT_EQ(rig.state(k_i, k_n), NeighborState::two_way);
    rig.report(k_i, k_n, k_p, 2);
    EXPECT_EQ(rig.state(k_i, k_n), NeighborState::ignored);
    EXPECT_EQ(rig.state(k_i, k_n3), NeighborState::two_way);
    EXPECT_FALSE(rig.engine.route(*Ipv4Prefix::parse("172.17.1.0/24"))) << "nor what it said first";
    rig.probe(k_i, k_n);
    EXPECT_EQ(rig.state(k_i, k_n), NeighborState::ignored);
    EXPECT_EQ(
        std::ranges::count_if(
            rig.events, [](Event const& it) { return std::holds_alternative<NonPruner>(it); }),
        0);
    auto const refused = rig.counters(k_i).ignored_neighbor;
    rig.report(k_i, k_n, k_p, 2);
    EXPECT_EQ(rig.counters(k_i).ignored_neighbor, refused + 1);
    rig.probe(k_i, k_n, 2);
    EXPECT_EQ(rig.state(k_i, k_n), NeighborState::two_way);
}

// S8: unicast routes that somebody lets out are noticed before the table is full.
TEST(DvmrpPolicy, RouteAlarm) {
    Rig rig({}, {.route_alarm = 3});
    rig.all_adjacent();
    auto const alarms = [&] {
        return std::ranges::count_if(rig.events, [](Event const& it) {
            auto const* const limit = std::get_if<LimitReached>(&it);
            return limit != nullptr && limit->which == LimitReached::Which::route_alarm;
        });
    };
    for (int minute = 0; minute < 2; ++minute) { // three each
        rig.live_for(60s);
        rig.report(k_i, k_n, {said("172.17.1.0/24", 2), said("172.17.2.0/24", 2)});
        rig.report(k_i, k_n, k_p, 2);
    }
    EXPECT_EQ(alarms(), 0);
    rig.report(k_i, k_n3, k_p, 2);
    EXPECT_EQ(alarms(), 1);
    rig.report(k_i, k_n3, k_p, 2);
    EXPECT_EQ(alarms(), 1) << "one line in ten seconds";
}

// S8: a neighbour has a share of the table, and before it is full somebody hears of it.
TEST(DvmrpPolicy, RoutesOfOneNeighbor) {
    Rig rig({.max_routes = 5}, {.max_routes_of_neighbor = 3});
    rig.all_adjacent();
    auto const prefix = [](std::uint8_t n) { return Ipv4Prefix{Ipv4::of(172, 17, n, 0), 24}; };
    for (std::uint8_t n = 0; n < 5; ++n) {
        rig.report(k_i, k_n, prefix(n), 2);
    }
    EXPECT_EQ(rig.counters(k_i).limit_routes_of_neighbor, 2U);
    EXPECT_FALSE(rig.engine.route(prefix(3)));
    EXPECT_THAT(rig.events, Contains(VariantWith<LimitReached>(testing::Field(
                                &LimitReached::which, LimitReached::Which::routes_of_neighbor))));
    rig.report(k_j, k_m, prefix(3), 2);
    EXPECT_TRUE(rig.engine.route(prefix(3)));
    EXPECT_THAT(rig.events, Contains(VariantWith<LimitReached>(testing::Field(
                                &LimitReached::which, LimitReached::Which::routes_nearly))));
    // Nor by taking over those of others.
    rig.report(k_i, k_n, prefix(3), 1);
    EXPECT_EQ(rig.engine.route(prefix(3))->neighbor, k_m);
    // What is lost makes room.
    rig.report(k_i, k_n, prefix(0), 32);
    rig.report(k_i, k_n, prefix(3), 1);
    EXPECT_EQ(rig.engine.route(prefix(3))->neighbor, k_n);
}

// DEC-16: only what configuration names, with the metric that it names.
TEST(DvmrpPolicy, Redistribution) {
    using From = Redistribution::From;
    Config config;
    config.redistribute = {{From::statics, 4, {{.prefix = k_static}, {.allow = false}}}};
    Rig rig(config);
    rig.all_adjacent();
    ExternalRoute const route{From::statics, k_static, k_other, Ipv4::of(10, 7, 0, 1)};
    rig.engine.set_external(route, rig.now, rig.out);
    rig.engine.set_external({From::statics, k_p, k_other}, rig.now, rig.out);
    rig.engine.set_external({From::connected, *Ipv4Prefix::parse("198.51.100.0/24"), k_other},
                            rig.now, rig.out);
    rig.live_for(6s);
    EXPECT_EQ(rig.engine.route_count(), 4U);
    EXPECT_EQ(rig.last_said(k_i, k_static), 4);
    auto const rpf = rig.engine.rpf(Ipv4::of(192, 0, 2, 9));
    ASSERT_TRUE(rpf);
    EXPECT_TRUE(rpf->external);
    EXPECT_EQ(rpf->interface, k_other);
    // Its sources go to who depends on us; nobody above is asked for them.
    rig.report(k_j, k_m, k_static, 37);
    FlowKey const flow{Ipv4::of(192, 0, 2, 9), k_g};
    rig.forget();
    EXPECT_EQ(rig.open(flow)->wanted, IfSet{k_j});
    rig.hear(k_j, k_m, Prune{flow.source, k_g, 500});
    EXPECT_EQ(rig.wanted(flow), IfSet{});
    EXPECT_THAT(rig.sent, IsEmpty());
    // It goes as others go: 32 for a while.
    rig.engine.remove_external(k_static, rig.now, rig.out);
    rig.live_for(6s);
    EXPECT_EQ(rig.last_said(k_i, k_static), 32);
    EXPECT_FALSE(rig.engine.rpf(flow.source));
}

// The configuration may come later than the route, and go before it.
TEST(DvmrpPolicy, RedistributionByANewConfiguration) {
    using From = Redistribution::From;
    Rig rig;
    rig.all_adjacent();
    rig.engine.set_external({From::connected, k_static, k_other}, rig.now, rig.out);
    EXPECT_FALSE(rig.engine.route(k_static));
    Config config;
    config.redistribute = {{From::connected, 2, {}}};
    ASSERT_TRUE(rig.engine.reconfigure(config, rig.now, rig.out));
    EXPECT_EQ(rig.engine.route(k_static)->metric, 2);
    ASSERT_TRUE(rig.engine.reconfigure(Config{}, rig.now, rig.out));
    EXPECT_FALSE(rig.engine.route(k_static));
    config.redistribute.front().metric = 32;
    EXPECT_FALSE(rig.engine.reconfigure(config, rig.now, rig.out));
}

} // namespace
} // namespace mcast::dvmrp::test
