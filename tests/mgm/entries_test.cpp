#include "world.h"

namespace mcast::mgm::test {
namespace {

using handoff::Drop;

class EntriesTest : public World {
protected:
    EntriesTest() {
        register_all();
        xi = take(x, 1); // toward k_s
        y4 = take(y, 4);
        y5 = take(y, 5);
        z3 = take(z, 3);
    }
    InterfaceLease xi, y4, y5, z3;
    MembershipKey const g = MembershipKey::of(k_g);
    MembershipKey const sg = MembershipKey::of(k_flow);
};

TEST_F(EntriesTest, QuestionsInOrderThenPublished) {
    ASSERT_TRUE(y4.add(g, k_join));
    ASSERT_TRUE(y5.add(g, k_join));
    told();
    auto const outcome = miss(k_flow, 3); // MGM-94: asked by route, not by arrival
    EXPECT_EQ(outcome.result, MissResult::created);
    // MGM-93, MGM-97, MGM-98; MGM-104: all of it before miss() returns
    EXPECT_THAT(trace, ElementsAre("X rpf(10.1.0.9, 239.1.1.1) if1",
                                   "Y created(10.1.0.9, 239.1.1.1) from if1: if4 if5"));
    EXPECT_EQ(outputs(), "if4 if5");           // MGM-100
    EXPECT_EQ(published()->arrival, index(1)); // MGM-106: what the worker compares with
    trace.clear();
    EXPECT_EQ(miss().result, MissResult::exists); // asked once
    EXPECT_THAT(told(), IsEmpty());
}

TEST_F(EntriesTest, VetoKeepsAnOutputOut) {
    ASSERT_TRUE(y4.add(g, k_join));
    ASSERT_TRUE(y5.add(g, k_join));
    yl.refuses = {index(4)};
    miss();
    EXPECT_EQ(outputs(), "if5"); // MGM-99
}

TEST_F(EntriesTest, AllVetoedIsNegative) {
    ASSERT_TRUE(y4.add(g, k_join));
    yl.refuses = {index(4)};
    told();
    EXPECT_EQ(miss().drop, Drop::vetoed);
    EXPECT_THAT(told(), testing::Contains("X prune(10.1.0.9, 239.1.1.1) entry 900")); // MGM-102
}

TEST_F(EntriesTest, UnwantedFlowAsksOnce) {
    EXPECT_EQ(miss().drop, Drop::no_member); // MGM-103
    EXPECT_THAT(told(), ElementsAre("X rpf(10.1.0.9, 239.1.1.1) if1",
                                    "X prune(10.1.0.9, 239.1.1.1) entry 900"));
    EXPECT_EQ(miss().result, MissResult::exists);
    EXPECT_THAT(told(), IsEmpty());
}

TEST_F(EntriesTest, EveryRefusalHasItsName) {
    Ipv4 const ssm = Ipv4::of(232, 1, 1, 1);
    struct Row {
        FlowKey key;
        Drop expected;
    };
    Row const rows[] = {
        {{Ipv4::of(192, 0, 2, 1), k_g}, Drop::no_route},
        {{Ipv4::of(10, 9, 0, 1), k_g}, Drop::no_owner},
        {{k_s, k_g}, Drop::no_member},
        {{k_s, ssm}, Drop::ssm_unrequested},
    };
    for (Row const& row : rows) {
        EXPECT_EQ(miss(row.key).drop, row.expected) << to_string(row.key);
        EXPECT_EQ(outputs(row.key), handoff::name_of(row.expected));
    }
    EXPECT_EQ(mgm.entry(rows[0].key)->lifetime, mgm.limits().negative_lifetime);
    EXPECT_EQ(miss({k_s, Ipv4::of(224, 0, 0, 9)}).result, MissResult::refused);
    EXPECT_EQ(miss({k_s, Ipv4::of(224, 0, 0, 9)}).drop, Drop::link_local_group);
    EXPECT_EQ(miss({k_s, k_s}).drop, Drop::reserved_group);
}

TEST_F(EntriesTest, FloodOfRefusedFlowsLeavesRoomForWantedOnes) {
    ASSERT_TRUE(y4.add(g, k_join));
    for (std::uint8_t n = 1; n <= 100; ++n) {
        EXPECT_EQ(miss({Ipv4::of(10, 1, 1, n), k_h}).result, MissResult::created);
        EXPECT_LE(mgm.entries(), 8u);
    }
    EXPECT_EQ(mgm.counters().negatives_evicted, 92u);
    EXPECT_EQ(outputs({Ipv4::of(10, 1, 1, 92), k_h}), "no entry"); // the oldest go first
    EXPECT_EQ(outputs({Ipv4::of(10, 1, 1, 93), k_h}), "no_member");

    EXPECT_EQ(miss().result, MissResult::created);
    EXPECT_EQ(outputs(), "if4");
    for (std::uint8_t n = 101; n <= 200; ++n) {
        miss({Ipv4::of(10, 1, 1, n), k_h});
    }
    EXPECT_EQ(outputs(), "if4"); // what forwards is never evicted
    EXPECT_EQ(mgm.entries(), 8u);
    EXPECT_EQ(mgm.counters().entry_limit_refused, 0u);
    settle();
    EXPECT_EQ(publisher.versions_alive(), 8u);
}

TEST_F(EntriesTest, WhatBeganToForwardIsNoLongerEvicted) {
    EXPECT_EQ(miss().drop, Drop::no_member); // the oldest negative one
    ASSERT_TRUE(y4.add(g, k_join));
    for (std::uint8_t n = 1; n <= 20; ++n) {
        miss({Ipv4::of(10, 1, 1, n), k_h});
    }
    EXPECT_EQ(outputs(), "if4");
    ASSERT_TRUE(y4.remove(g, k_join)); // now the youngest
    miss({Ipv4::of(10, 1, 2, 1), k_h});
    EXPECT_EQ(outputs(), "no_member");
    for (std::uint8_t n = 2; n <= 8; ++n) {
        miss({Ipv4::of(10, 1, 2, n), k_h});
    }
    EXPECT_EQ(outputs(), "no entry");
}

TEST_F(EntriesTest, FullOfForwardingEntriesRefuses) {
    ASSERT_TRUE(y4.add(g, k_join));
    for (std::uint8_t n = 1; n <= 8; ++n) {
        EXPECT_EQ(miss({Ipv4::of(10, 1, 1, n), k_g}).result, MissResult::created);
    }
    auto const outcome = miss({Ipv4::of(10, 1, 1, 9), k_g});
    EXPECT_EQ(outcome.result, MissResult::refused);
    EXPECT_EQ(outcome.drop, Drop::entry_limit);
    EXPECT_EQ(mgm.entries(), 8u);
    EXPECT_EQ(mgm.counters().entry_limit_refused, 1u);
    EXPECT_EQ(mgm.counters().negatives_evicted, 0u);
    EXPECT_EQ(mgm.explain({Ipv4::of(10, 1, 1, 9), k_g}).negative, Drop::entry_limit);
    EXPECT_EQ(mgm.explain({Ipv4::of(10, 1, 1, 8), k_g}).negative, Drop::none);
}

TEST_F(EntriesTest, RpfAnswerMovesTheArrival) {
    auto x2 = take(x, 2);
    ASSERT_TRUE(y4.add(g, k_join));
    xl.rpf = [](RpfQuery const&, RpfDecision& decision) {
        decision = {ref(2), Ipv4::of(10, 2, 0, 1)};
    };
    miss();
    EXPECT_EQ(published()->arrival, index(2));
    EXPECT_EQ(mgm.entry(k_flow)->upstream, Ipv4::of(10, 2, 0, 1));
}

TEST_F(EntriesTest, RpfAnswerNamingAForeignInterfaceIsRefused) {
    xl.rpf = [](RpfQuery const&, RpfDecision& decision) { decision.interface = ref(4); };
    miss(); // MGM-96
    EXPECT_EQ(published()->arrival, index(1));
    EXPECT_EQ(mgm.counters().rpf_refused, 1u);
}

TEST_F(EntriesTest, QuestionsMayNotCallBack) {
    ASSERT_TRUE(y4.add(g, k_join));
    yl.created = [&] {
        EXPECT_EQ(code(y5.add(g, k_join)), MgmError::cannot_complete);
        EXPECT_EQ(code(y.take(ref(8))), MgmError::cannot_complete);
        EXPECT_EQ(code(y5.release()), MgmError::cannot_complete);
        EXPECT_EQ(miss({k_s, k_h}).result, MissResult::refused);
        EXPECT_TRUE(mgm.owner_of(ref(1))); // reading is allowed
    };
    miss();
    EXPECT_EQ(mgm.counters().reentrant_refused, 4u);
    EXPECT_TRUE(y5.active());
}

TEST_F(EntriesTest, LeaseDroppedInAQuestionIsReleasedLater) {
    ASSERT_TRUE(y4.add(g, k_join));
    yl.created = [&] { y5 = InterfaceLease{}; };
    miss();
    EXPECT_TRUE(mgm.owner_of(ref(5)));
    step();
    EXPECT_FALSE(mgm.owner_of(ref(5)));
}

TEST_F(EntriesTest, BoundariesCutBothWays) {
    ASSERT_TRUE(y4.add(g, k_join));
    ASSERT_TRUE(y5.add(g, k_join));
    miss();
    mgm.set_interface(index(4), {.ttl_threshold = 1, .boundaries = {{k_g, 32}}});
    EXPECT_EQ(outputs(), "if5");
    mgm.set_interface(index(5), {.ttl_threshold = 1, .boundaries = {{Ipv4::of(239, 1, 0, 0), 16}}});
    EXPECT_EQ(outputs(), "boundary_out");
    mgm.set_interface(index(5), {});
    mgm.set_interface(index(1), {.ttl_threshold = 1, .boundaries = {{k_g, 32}}});
    EXPECT_EQ(outputs(), "boundary_in");
    mgm.set_interface(index(1), {});
    EXPECT_EQ(outputs(), "if5");
}

TEST_F(EntriesTest, AnyBoundaryIsOneForTheLocalScope) {
    // RFC 2365 section 6.1
    Ipv4 const local = Ipv4::of(239, 255, 1, 1);
    ASSERT_TRUE(y4.add(MembershipKey::of(local), k_join));
    mgm.set_interface(index(4),
                      {.ttl_threshold = 1, .boundaries = {{Ipv4::of(239, 192, 0, 0), 14}}});
    EXPECT_EQ(miss({k_s, local}).drop, Drop::boundary_out);
}

TEST_F(EntriesTest, HighestThresholdOfTheOutputs) {
    ASSERT_TRUE(y4.add(g, k_join));
    ASSERT_TRUE(y5.add(g, k_join));
    mgm.set_interface(index(4), {.ttl_threshold = 16, .boundaries = {}});
    mgm.set_interface(index(5), {.ttl_threshold = 8, .boundaries = {}});
    mgm.set_interface(index(3), {.ttl_threshold = 64, .boundaries = {}});
    miss();
    EXPECT_EQ(published()->highest_threshold, 16);
    ASSERT_TRUE(y4.remove(g, k_join));
    EXPECT_EQ(published()->highest_threshold, 8);
}

TEST_F(EntriesTest, NegativeEntriesHaveAFixedLife) {
    settle(); // no change of owner is waiting any more
    FlowKey const unrouted{Ipv4::of(192, 0, 2, 1), k_g};
    miss(unrouted);
    step(29s);
    EXPECT_EQ(outputs(unrouted), "no_route");
    EXPECT_EQ(mgm.entry(unrouted)->uptime, Duration{29s}); // MGM-118
    EXPECT_EQ(mgm.entry(unrouted)->expiry, Duration{1s});
    EXPECT_EQ(mgm.next_due(), now + 1s);
    step(1s);
    EXPECT_EQ(outputs(unrouted), "no entry");
    EXPECT_EQ(mgm.counters().entries_expired, 1u);
}

TEST_F(EntriesTest, PositiveEntriesLiveByTraffic) {
    ASSERT_TRUE(y4.add(g, k_join));
    miss();
    told();
    published()->counters[0].packets.add(3);
    step(210s);
    EXPECT_EQ(outputs(), "if4");
    step(210s);
    EXPECT_EQ(outputs(), "no entry"); // MGM-126
    EXPECT_EQ(mgm.memberships(ref(4)).size(), 1u);
    settle();
    EXPECT_EQ(publisher.versions_alive(), 0u);
    trace.clear();
    miss();
    EXPECT_THAT(trace, ElementsAre("X rpf(10.1.0.9, 239.1.1.1) if1",
                                   "Y created(10.1.0.9, 239.1.1.1) from if1: if4"));
}

TEST_F(EntriesTest, DataMakesEntriesMembershipsDoNot) {
    ASSERT_TRUE(y4.add(g, k_join));
    ASSERT_TRUE(y4.add(sg, k_join));
    settle();
    EXPECT_EQ(mgm.entries(), 0u); // MGM-108
}

TEST_F(EntriesTest, RouteChangeMovesTheEntry) {
    ASSERT_TRUE(y4.add(g, k_join));
    miss();
    told();
    routes.add({{k_s, 32}, index(3), Ipv4::of(10, 3, 0, 1), ProtocolId{3}});
    mgm.routes_changed({k_s, 32});
    // RFC 2715 rule 1: both owners hear of it.
    EXPECT_THAT(told(), ElementsAre("Z rpf(10.1.0.9, 239.1.1.1) if3",
                                    "X prune(10.1.0.9, 239.1.1.1) entry 900",
                                    "Z join(10.1.0.9, 239.1.1.1) entry"));
    EXPECT_EQ(published()->arrival, index(3));
    EXPECT_EQ(outputs(), "if4");
}

TEST_F(EntriesTest, TakingAnInterfaceMendsNegativeEntries) {
    FlowKey const flow{Ipv4::of(10, 9, 0, 1), k_g};
    ASSERT_TRUE(y4.add(g, k_join));
    ASSERT_EQ(miss(flow, 9).drop, Drop::no_owner);
    auto x9 = take(x, 9);
    settle();
    EXPECT_EQ(outputs(flow), "if4");
}

TEST_F(EntriesTest, IgmpIsAskedWhereItIsTheReason) {
    register_igmp();
    auto j4 = take(j, 4);
    auto j7 = take(j, 7);
    ASSERT_TRUE(j4.add(g, k_join));
    ASSERT_TRUE(j7.add(g, k_join));
    jl.refuses = {index(4), index(7)}; // every member there excludes the source
    told();
    miss();
    EXPECT_THAT(trace, ElementsAre("X rpf(10.1.0.9, 239.1.1.1) if1",
                                   "Y created(10.1.0.9, 239.1.1.1) from if1: if4",
                                   "J created(10.1.0.9, 239.1.1.1) from if1: if4 if7"));
    EXPECT_EQ(outputs(), "vetoed");
    ASSERT_TRUE(y4.add(MembershipKey::any(), k_join)); // now the owner wants it as well
    EXPECT_EQ(outputs(), "if4");
    ASSERT_TRUE(y4.remove(MembershipKey::any(), k_join));
    EXPECT_EQ(outputs(), "vetoed");
    jl.refuses = {};
    mgm.reevaluate(k_g, ref(7)); // the exclude list of if7 has changed
    EXPECT_EQ(outputs(), "if7");
    ASSERT_TRUE(y4.add(sg, k_forward)); // what IGMP said of if4 is no reason against its owner
    EXPECT_EQ(outputs(), "if4 if7");
}

// A proxy that is no longer the querier of a link, and is it again.
TEST_F(EntriesTest, AnOwnerThatThinksAgainIsAskedAgain) {
    register_igmp();
    auto j4 = take(j, 4);
    ASSERT_TRUE(j4.add(g, k_join));
    miss();
    EXPECT_EQ(outputs(), "if4");
    yl.refuses = {index(4)};
    EXPECT_EQ(outputs(), "if4");
    told();
    mgm.reevaluate(ref(4));
    EXPECT_EQ(outputs(), "vetoed");
    mgm.reevaluate(ref(7)); // where nobody was asked
    EXPECT_THAT(trace, ElementsAre("Y created(10.1.0.9, 239.1.1.1) from if1: if4"));
    yl.refuses = {};
    mgm.reevaluate(ref(4));
    EXPECT_EQ(outputs(), "if4");
}

TEST_F(EntriesTest, NewMembershipAsksAboutItsSources) {
    register_igmp();
    auto j7 = take(j, 7);
    miss();
    jl.refuses = {index(7)};
    ASSERT_TRUE(j7.add(g, k_join));
    EXPECT_EQ(outputs(), "vetoed"); // at no moment is the excluded source forwarded
}

TEST_F(EntriesTest, UpstreamNeighbourIsTheArrivalOwnersToSet) {
    miss();
    EXPECT_EQ(code(y.set_upstream_neighbor(k_flow, k_s)), MgmError::invalid_parameter); // MGM-120
    EXPECT_EQ(code(x.set_upstream_neighbor({k_s2, k_g}, k_s)), MgmError::not_found);    // MGM-110
    ASSERT_TRUE(x.set_upstream_neighbor(k_flow, k_s2));
    EXPECT_EQ(mgm.entry(k_flow)->upstream, k_s2);
}

TEST_F(EntriesTest, DestroyedManagerLeavesNoEntry) {
    {
        GroupManager other{routes, publisher, grace};
        other.miss({k_s, k_h}, index(1), {}, now);
        ASSERT_EQ(publisher.size(), 1u);
    }
    EXPECT_EQ(publisher.size(), 0u);
}

} // namespace
} // namespace mcast::mgm::test
