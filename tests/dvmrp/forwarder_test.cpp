// Who forwards onto a link, and who depends on us there.
#include "rig.h"

namespace mcast::dvmrp::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// p comes in on k from r, so that i and j are below us; our metric for it is `metric`.
struct Below : Rig {
    explicit Below(std::uint8_t metric = 3) {
        all_adjacent();
        report(k_k, k_r, k_p, static_cast<std::uint8_t>(metric - 1));
        member(k_i, true);
        live_for(6s);
        forget();
    }
    bool forwards(IfIndex on) const {
        return engine.outputs(k_flow, now)->members_served.contains(on);
    }
};

// DVMRP-78: with equal metrics the lower address, which is n (10.0.0.1) and not n3 (10.0.0.3).
// DVMRP-79: whatever the addresses, the lower metric.
TEST(DvmrpForwarder, MetricThenAddress) {
    struct Case {
        Ipv4 neighbor;
        std::uint8_t metric;
        bool ours;
    };
    Case const cases[] = {{k_n, 3, false}, {k_n3, 3, true}, {k_n, 4, true},
                          {k_n3, 4, true}, {k_n, 2, false}, {k_n3, 2, false}};
    for (auto const& [neighbor, metric, ours] : cases) {
        Below rig;
        rig.open();
        EXPECT_TRUE(rig.forwards(k_i));
        rig.report(k_i, neighbor, k_p, metric);
        // A metric of 2 and our cost make 3: no better than what we have, by a lower address.
        if (rig.engine.rpf(k_source)->interface == k_i) {
            continue; // it became our way to the source, and i is no link below us
        }
        EXPECT_EQ(rig.forwards(k_i), ours) << to_string(neighbor) << " at " << int{metric};
        EXPECT_EQ(rig.wanted().contains(k_i), ours) << "DVMRP-93: members elsewhere";
        EXPECT_TRUE(rig.forwards(k_j));
    }
}

// DVMRP-80: within the neighbour timeout, and the routers behind hear of it (DEC-15).
TEST(DvmrpForwarder, DiesAndWeTakeOver) {
    Below rig;
    rig.open();
    rig.report(k_i, k_n, k_p, 3);
    EXPECT_FALSE(rig.forwards(k_i));
    EXPECT_EQ(rig.wanted(), IfSet{});
    rig.live_for(10s);
    rig.forget();
    for (int i = 0; i < 4; ++i) { // all but n go on
        rig.probe(k_i, k_n3);
        rig.probe(k_k, k_r);
        rig.run_for(i < 3 ? 10s : 5s);
    }
    EXPECT_EQ(rig.state(k_i, k_n), std::nullopt);
    EXPECT_TRUE(rig.forwards(k_i));
    EXPECT_EQ(rig.wanted(), IfSet{k_i});
    EXPECT_THAT(rig.flows, ElementsAre(k_flow));
    EXPECT_EQ(rig.last_said(k_i, k_p), 3);
}

// DVMRP-81: at once when it loses the route, depends on us, or got worse than we are.
TEST(DvmrpForwarder, GivesUp) {
    for (std::uint8_t const metric : {32, 36, 5}) {
        Below rig;
        rig.open();
        rig.report(k_i, k_n, k_p, 3);
        EXPECT_FALSE(rig.forwards(k_i));
        rig.report(k_i, k_n, k_p, metric);
        EXPECT_TRUE(rig.forwards(k_i)) << int{metric};
    }
}

TEST(DvmrpForwarder, OurOwnMetricDecidesToo) {
    Below rig;
    rig.open();
    rig.report(k_i, k_n, k_p, 4);
    EXPECT_TRUE(rig.forwards(k_i));
    rig.report(k_k, k_r, k_p, 4);
    EXPECT_FALSE(rig.forwards(k_i)) << "ours is 5 now";
    rig.report(k_k, k_r, k_p, 3);
    EXPECT_FALSE(rig.forwards(k_i)) << "both 4, and its address is lower";
    rig.report(k_k, k_r, k_p, 2);
    EXPECT_TRUE(rig.forwards(k_i));
}

// DVMRP-82: pruned upstream, and then members are ours to serve: graft.
TEST(DvmrpForwarder, TakesOverWhilePruned) {
    Below rig;
    rig.report(k_i, k_n, k_p, 3);
    rig.open();
    EXPECT_THAT(rig.texts<Prune>(), SizeIs(1));
    rig.report(k_i, k_n, k_p, 32);
    EXPECT_THAT(rig.texts<Graft>(), ElementsAre("10.2.0.3 DVMRP graft: 172.16.1.9, 239.1.2.3"));
    EXPECT_EQ(rig.wanted(), IfSet{k_i});
}

// DVMRP-84, DVMRP-88: any poison registers, whatever our metric.
TEST(DvmrpForwarder, PoisonMakesDependents) {
    for (std::uint8_t const metric : {33, 34, 63}) {
        Rig rig;
        rig.all_adjacent();
        rig.live_for(36s); // who is there is known
        rig.report(k_i, k_n, k_p, 9);
        rig.report(k_j, k_m, k_p, metric);
        rig.open();
        EXPECT_EQ(rig.wanted(), IfSet{k_j}) << int{metric};
        auto const legs = rig.engine.view(k_p)->legs;
        ASSERT_THAT(legs, SizeIs(1));
        EXPECT_EQ(legs.front().dependents.front().neighbor, k_m);
    }
}

// DVMRP-84: for a connected subnet too.
TEST(DvmrpForwarder, DependentsOfConnectedSubnets) {
    Rig rig;
    rig.all_adjacent();
    FlowKey const flow{Ipv4::of(10, 0, 0, 77), k_g};
    rig.report(k_j, k_m, {Ipv4::of(10, 0, 0, 0), 24}, 34);
    rig.open(flow);
    EXPECT_EQ(rig.wanted(flow), IfSet{k_j});
    EXPECT_EQ(rig.engine.outputs(flow, rig.now)->arrival, k_i);
}

// DVMRP-85: a plain metric or 32 ends it.
TEST(DvmrpForwarder, DependencyEndsByWord) {
    for (std::uint8_t const metric : {5, 32}) {
        Rig rig;
        rig.with_route_and_dependent();
        rig.open();
        EXPECT_EQ(rig.wanted(), IfSet{k_j});
        rig.report(k_j, k_m, k_p, metric);
        EXPECT_EQ(rig.wanted(), IfSet{}) << int{metric};
        EXPECT_THAT(rig.flows, ElementsAre(k_flow));
    }
}

// DVMRP-86: and 140 s of silence about the route.
TEST(DvmrpForwarder, DependencyEndsBySilence) {
    Rig rig;
    rig.all_adjacent();
    rig.report(k_i, k_n, k_p, 2);
    rig.report(k_j, k_m, k_p, 36);
    rig.open();
    rig.live_for(100s);
    rig.report(k_i, k_n, k_p, 2);
    rig.live_for(39s);
    EXPECT_EQ(rig.wanted(), IfSet{k_j});
    rig.live_for(1s);
    EXPECT_EQ(rig.wanted(), IfSet{});
}

// DVMRP-87: one graft for every group that was pruned.
TEST(DvmrpForwarder, NewDependentWhilePruned) {
    Rig rig;
    rig.all_adjacent();
    rig.report(k_i, k_n, k_p, 2);
    for (std::uint8_t last = 1; last <= 3; ++last) {
        rig.open({k_source, Ipv4::of(239, 1, 1, last)});
    }
    EXPECT_THAT(rig.texts<Prune>(), SizeIs(3));
    EXPECT_THAT(rig.texts<Graft>(), IsEmpty());
    rig.report(k_j, k_m, k_p, 36);
    EXPECT_THAT(rig.texts<Graft>(), ElementsAre("10.0.0.1 DVMRP graft: 172.16.1.9, 239.1.1.1",
                                                "10.0.0.1 DVMRP graft: 172.16.1.9, 239.1.1.2",
                                                "10.0.0.1 DVMRP graft: 172.16.1.9, 239.1.1.3"));
}

// The old upstream link is downstream now: who served us there goes on, and is known to.
TEST(DvmrpForwarder, WhoServedUsIsNoStranger) {
    Rig rig;
    rig.all_adjacent();
    rig.report(k_i, k_n, k_p, 2);
    rig.report(k_j, k_m, k_p, 1); // ours is 2 now, as is that of n, who has the lower address
    ASSERT_EQ(rig.engine.rpf(k_source)->interface, k_j);
    rig.report(k_i, k_n3, k_p, 35); // upon n, who else
    rig.open();
    EXPECT_EQ(rig.wanted(), IfSet{});
    rig.report(k_i, k_n, k_p, 36); // n depends on somebody, too
    EXPECT_EQ(rig.wanted(), IfSet{k_i});
}

// DVMRP-88 has an exception: m is no farther from the source than we are, so it depends on another
// of the link, and m1, who has just come, may be that one. Served, m would send us its own packets.
TEST(DvmrpForwarder, NobodyNearerIsServedBesideAStranger) {
    Rig rig;
    rig.probe(k_i, k_n);
    rig.report(k_i, k_n, k_p, 5); // ours is 6
    rig.probe(k_j, k_m);
    rig.probe(k_j, k_m1);
    rig.report(k_j, k_m, k_p, 36); // its own is 4
    rig.open();
    EXPECT_EQ(rig.wanted(), IfSet{});
    rig.report(k_j, k_m, k_p, 39); // 7: through us
    EXPECT_EQ(rig.wanted(), IfSet{k_j});
    rig.report(k_j, k_m, k_p, 38); // 6: as far as we are, so not through us
    EXPECT_EQ(rig.wanted(), IfSet{});
    rig.flows.clear();
    for (int i = 0; i < 2; ++i) {
        rig.live_for(60s);
        rig.report(k_i, k_n, k_p, 5);
        rig.report(k_j, k_m, k_p, 36);
    }
    EXPECT_EQ(rig.wanted(), IfSet{k_j}); // whoever has not said a word until now does not serve
    EXPECT_THAT(rig.flows, ElementsAre(k_flow));
}

// Unless we have just begun, and somebody may not have spoken yet.
TEST(DvmrpForwarder, NobodyElseIsThereToBeMeant) {
    Rig rig;
    rig.probe(k_i, k_n);
    rig.report(k_i, k_n, k_p, 5);
    rig.probe(k_j, k_m);
    rig.report(k_j, k_m, k_p, 33);
    rig.open();
    EXPECT_EQ(rig.wanted(), IfSet{});
    rig.live_for(34s);
    EXPECT_EQ(rig.wanted(), IfSet{});
    rig.live_for(2s);
    EXPECT_EQ(rig.wanted(), IfSet{k_j});
}

// A router that does not list us yet tells us nothing, and may serve the link all the same: its
// hosts, too.
TEST(DvmrpForwarder, ANeighborThatIsNotOursMayBeMeant) {
    Rig rig;
    rig.all_adjacent();
    for (int minute = 0; minute < 2; ++minute) { // nobody is new any more
        rig.report(k_i, k_n, k_p, 5);
        rig.report(k_j, k_m, k_p, 36);
        rig.live_for(60s);
    }
    rig.report(k_i, k_n, k_p, 5);
    rig.member(k_j, true);
    rig.open();
    EXPECT_EQ(rig.wanted(), IfSet{k_j});
    rig.lonely_probe(k_j, Ipv4::of(10, 1, 0, 9));
    rig.report(k_j, k_m, k_p, 36); // depends on the new one now
    EXPECT_EQ(rig.wanted(), IfSet{});
    rig.live_for(34s);
    EXPECT_EQ(rig.wanted(), IfSet{});
    rig.flows.clear();
    rig.live_for(2s); // it is gone
    EXPECT_EQ(rig.wanted(), IfSet{k_j});
    EXPECT_THAT(rig.flows, ElementsAre(k_flow));
}

// Who says "unreachable" serves nobody who could ask another router.
TEST(DvmrpForwarder, InHoldDownOnlyLeavesAreServed) {
    Rig rig;
    rig.probe(k_i, k_n);
    rig.probe(k_k, k_r);
    rig.report(k_i, k_n, k_p, 2);
    rig.member(k_j, true); // nobody but us is there
    rig.report(k_i, k_n, k_p, 32);
    auto const begun = rig.now;
    rig.report(k_k, k_r, k_p, 5);
    rig.report(k_i, k_n3, k_p, 36);
    rig.probe(k_i, k_n3);
    rig.report(k_i, k_n3, k_p, 36); // means somebody else
    rig.member(k_i, true);
    rig.open();
    EXPECT_EQ(rig.wanted(), IfSet{k_j});
    for (int i = 0; i < 12; ++i) {
        rig.live_for(10s);
        rig.report(k_k, k_r, k_p, 5);
    }
    rig.live_for(begun + 121s - rig.now);
    EXPECT_EQ(rig.wanted(), (IfSet{k_i, k_j}));
}

} // namespace
} // namespace mcast::dvmrp::test
