// A new configuration or address of what runs.
#include "rig.h"

namespace mcast::dvmrp::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST(DvmrpReconfigure, Refused) {
    Rig rig;
    EXPECT_FALSE(rig.engine.reconfigure(k_i, {.metric = 0}, rig.now, rig.out));
    EXPECT_FALSE(rig.engine.reconfigure(IfIndex{9}, {}, rig.now, rig.out));
    EXPECT_FALSE(rig.engine.reconfigure({.report_interval = 0s}, rig.now, rig.out));
}

// Neighbours stay and hear at once what is said otherwise; what is denied now is taken back.
TEST(DvmrpReconfigure, WhatIsSaid) {
    Rig rig;
    rig.with_route_and_dependent();
    Ipv4Prefix const own{Ipv4::of(10, 2, 0, 0), 24};
    FilterRule const deny{.prefix = k_p, .allow = false};
    ASSERT_TRUE(rig.engine.reconfigure(k_j, {.metric_out = 5, .announce_routes = {deny}}, rig.now,
                                       rig.out));
    rig.run_for(1s);
    EXPECT_EQ(rig.state(k_j, k_m), NeighborState::two_way);
    EXPECT_EQ(rig.last_said(k_j, own), 6);
    EXPECT_EQ(rig.last_said(k_j, k_p), 32);
    rig.forget();
    ASSERT_TRUE(rig.engine.reconfigure(k_j, {}, rig.now, rig.out));
    rig.run_for(1s);
    EXPECT_EQ(rig.last_said(k_j, own), 1);
    EXPECT_EQ(rig.last_said(k_j, k_p), 3);
    // The same once more is nothing new.
    rig.forget();
    ASSERT_TRUE(rig.engine.reconfigure(k_j, {}, rig.now, rig.out));
    rig.run_for(1s);
    EXPECT_THAT(rig.texts<Report>(), IsEmpty());
}

TEST(DvmrpReconfigure, WhatIsHeard) {
    Rig rig;
    rig.with_route_and_dependent();
    rig.open();
    FilterRule const deny{.prefix = k_p, .allow = false};
    ASSERT_TRUE(rig.engine.reconfigure(k_i, {.accept_routes = {deny}}, rig.now, rig.out));
    rig.run_for(1s);
    EXPECT_FALSE(rig.engine.rpf(k_source));
    EXPECT_TRUE(rig.engine.view(k_p)->held_down_until);
    EXPECT_EQ(rig.last_said(k_j, k_p), 32);
}

TEST(DvmrpReconfigure, CostOfALink) {
    Rig rig;
    rig.all_adjacent();
    ASSERT_TRUE(rig.engine.reconfigure(k_i, {.metric = 4}, rig.now, rig.out));
    rig.live_for(6s);
    Ipv4Prefix const own{Ipv4::of(10, 0, 0, 0), 24};
    EXPECT_EQ(rig.last_said(k_j, own), 4);
    rig.report(k_i, k_n, k_p, 2);
    EXPECT_EQ(rig.engine.route(k_p)->metric, 6);
}

TEST(DvmrpReconfigure, WhoIsPermitted) {
    Rig rig;
    rig.all_adjacent();
    ASSERT_TRUE(rig.engine.reconfigure(k_i, {.accept_neighbors = {{k_n3, 32}}}, rig.now, rig.out));
    EXPECT_EQ(rig.state(k_i, k_n), std::nullopt);
    EXPECT_EQ(rig.state(k_i, k_n3), NeighborState::two_way);
}

TEST(DvmrpReconfigure, LeafAndBack) {
    Rig rig;
    rig.with_route_and_dependent();
    ASSERT_TRUE(rig.engine.reconfigure(k_i, {.force_leaf = true}, rig.now, rig.out));
    rig.forget();
    rig.run_for(20s);
    EXPECT_THAT(rig.texts<Probe>(k_i), IsEmpty());
    EXPECT_THAT(rig.engine.neighbors(k_i), IsEmpty());
    EXPECT_FALSE(rig.engine.rpf(k_source));
    EXPECT_TRUE(rig.engine.rpf(Ipv4::of(10, 0, 0, 9)));
    ASSERT_TRUE(rig.engine.reconfigure(k_i, {}, rig.now, rig.out));
    rig.settle();
    EXPECT_THAT(rig.texts<Probe>(k_i), SizeIs(1));
}

// A new address is a new beginning: another generation, and all neighbours are lost (DVMRP-30,
// DVMRP-31).
TEST(DvmrpReconfigure, NewAddress) {
    Rig rig;
    rig.with_route_and_dependent();
    rig.open();
    rig.probe(k_i, Ipv4::of(10, 0, 0, 9));
    auto const is_probe = [](Sent const& it) {
        return std::holds_alternative<Probe>(it.what.message.body);
    };
    auto const said = std::ranges::find_if(rig.sent, is_probe);
    ASSERT_NE(said, rig.sent.end());
    auto const before = std::get<Probe>(said->what.message.body).generation;
    rig.forget();
    Ipv4 const us = Ipv4::of(10, 9, 0, 2);
    rig.engine.change_link(k_i, {.address = {us, 24}}, rig.now, rig.out);
    rig.settle();
    EXPECT_THAT(rig.engine.neighbors(k_i), IsEmpty());
    EXPECT_FALSE(rig.engine.rpf(k_source));
    EXPECT_FALSE(rig.engine.rpf(Ipv4::of(10, 0, 0, 9)));
    EXPECT_EQ(rig.engine.rpf(Ipv4::of(10, 9, 0, 9))->interface, k_i);
    ASSERT_THAT(rig.texts<Probe>(k_i), SizeIs(1));
    auto const first = std::ranges::find_if(rig.sent, is_probe);
    EXPECT_EQ(first->what.source, us);
    EXPECT_NE(std::get<Probe>(first->what.message.body).generation, before);
    rig.live_for(6s);
    EXPECT_EQ(rig.last_said(k_j, *Ipv4Prefix::parse("10.9.0.0/24")), 1);
    EXPECT_EQ(rig.last_said(k_j, *Ipv4Prefix::parse("10.0.0.0/24")), 32);
}

// Boundaries come and go in place.
TEST(DvmrpReconfigure, Boundaries) {
    Rig rig;
    rig.with_route_and_dependent();
    rig.open();
    rig.forget();
    Link link{.address = {k_us_j, 24}, .boundaries = {{Ipv4::of(239, 0, 0, 0), 8}}};
    rig.engine.change_link(k_j, link, rig.now, rig.out);
    rig.settle();
    EXPECT_EQ(rig.wanted(), IfSet{});
    EXPECT_THAT(rig.flows, ElementsAre(k_flow));
    EXPECT_EQ(rig.state(k_j, k_m), NeighborState::two_way);
    link.boundaries.clear();
    rig.engine.change_link(k_j, link, rig.now, rig.out);
    rig.settle();
    EXPECT_EQ(rig.wanted(), IfSet{k_j});
}

} // namespace
} // namespace mcast::dvmrp::test
