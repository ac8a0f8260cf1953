// The change of owner beside IGMP: gates, epochs, stale memberships, net alerts.
#include "world.h"

namespace mcast::mgm::test {
namespace {

class BracketTest : public World {
protected:
    BracketTest() {
        register_all();
        register_igmp();
        igmp = take(j, 1);
    }
    InterfaceLease igmp;
    MembershipKey const g = MembershipKey::of(k_g);
};

TEST_F(BracketTest, OneClosingOneOpening) {
    auto lease = take(x, 1);
    EXPECT_THAT(told(), ElementsAre("J closed if1", "J opened if1")); // MGM-32
    ASSERT_TRUE(lease.release());
    EXPECT_THAT(told(), ElementsAre("J closed if1", "J opened if1")); // MGM-33
    auto other = take(x, 2);
    ASSERT_TRUE(other.release());
    EXPECT_THAT(told(), IsEmpty()); // MGM-34
}

TEST_F(BracketTest, GateOpensOnlyAfterTheGracePeriod) {
    auto lease = take(x, 1);
    EXPECT_FALSE(igmp.gate_open()); // with the call itself, before any news
    EXPECT_EQ(mgm.owners().at(0).state, OwnershipState::taking);
    step(5s);
    step(5s);
    EXPECT_FALSE(igmp.gate_open());
    EXPECT_EQ(mgm.owners().at(0).waiting, Duration{10s});
    EXPECT_EQ(mgm.next_due(), now + 1ms);
    EXPECT_THAT(trace, ElementsAre("J closed if1"));
    grace.end_all();
    step();
    EXPECT_TRUE(igmp.gate_open());
    EXPECT_EQ(mgm.owners().at(0).state, OwnershipState::shared);
    EXPECT_EQ(mgm.owners().at(0).waiting, std::nullopt);
}

TEST_F(BracketTest, ClosedGateRefuses) {
    auto lease = take(x, 1);
    auto refused = igmp.add(g, k_join); // MGM-46
    ASSERT_FALSE(refused);
    EXPECT_EQ(code(refused), MgmError::cannot_complete);
    EXPECT_EQ(code(igmp.remove(g, k_join)), MgmError::cannot_complete);
    EXPECT_EQ(mgm.counters().gate_refused, 2u);
    EXPECT_THAT(mgm.memberships(ref(1)), IsEmpty());
    EXPECT_TRUE(lease.add(g, k_join)); // the owner's own calls go through
}

TEST_F(BracketTest, StaleEpochIsRefused) {
    auto lease = take(x, 1);
    settle();
    Epoch const first = jl.epoch;
    ASSERT_TRUE(lease.release());
    settle();
    ASSERT_NE(jl.epoch, first);
    EXPECT_EQ(code(igmp.add(g, k_join, first)), MgmError::cannot_complete); // MGM-45
    EXPECT_EQ(mgm.counters().stale_epoch_refused, 1u);
    EXPECT_TRUE(igmp.add(g, k_join, jl.epoch));
}

TEST_F(BracketTest, AddingInsideTheOpeningIsRefused) {
    // MGM-40
    jl.opened = [&] { EXPECT_EQ(code(igmp.add(g, k_join)), MgmError::cannot_complete); };
    auto lease = take(x, 1);
    settle();
    EXPECT_EQ(mgm.counters().reentrant_refused, 1u);
    EXPECT_TRUE(igmp.add(g, k_join, jl.epoch));
}

TEST_F(BracketTest, ReAddedMembershipIsLocalToTheNewOwnerOnce) {
    ASSERT_TRUE(igmp.add(g, k_join));
    auto lease = take(x, 1);
    told();
    ASSERT_TRUE(igmp.add(g, k_join, jl.epoch));
    ASSERT_TRUE(igmp.add(g, k_join, jl.epoch));
    auto const heard = told();
    EXPECT_EQ(std::ranges::count(heard, "X local_join(*, 239.1.1.1) if1"), 1); // MGM-43
    ASSERT_TRUE(lease.release());
    told();
    ASSERT_TRUE(igmp.add(g, k_join, jl.epoch));
    EXPECT_THAT(told(), testing::Not(testing::Contains(testing::HasSubstr("local")))); // MGM-44
}

TEST_F(BracketTest, ContinuousMembershipIsNoChangeForOthers) {
    ASSERT_TRUE(igmp.add(g, k_join));
    EXPECT_THAT(told(),
                ElementsAre("X join(*, 239.1.1.1) membership", "Y join(*, 239.1.1.1) membership",
                            "Z join(*, 239.1.1.1) membership"));
    auto lease = take(x, 1);
    settle();
    ASSERT_TRUE(igmp.add(g, k_join, jl.epoch));
    now += 1min;
    // MGM-49: nothing for Y and Z. X learns that the only wish left is that of its own link.
    EXPECT_THAT(told(),
                ElementsAre("J closed if1", "J opened if1", "X prune(*, 239.1.1.1) membership 900",
                            "X local_join(*, 239.1.1.1) if1"));
    EXPECT_THAT(mgm.memberships(ref(1)), testing::SizeIs(1));
}

TEST_F(BracketTest, TrafficGoesOnThroughTheChange) {
    auto in = take(z, 2);
    FlowKey const flow{k_s2, k_g};
    ASSERT_TRUE(igmp.add(g, k_join));
    miss(flow, 2);
    auto const* before = published(flow);
    auto lease = take(x, 1);
    EXPECT_EQ(outputs(flow), "if1");
    settle();
    ASSERT_TRUE(igmp.add(g, k_join, jl.epoch));
    ASSERT_TRUE(lease.release());
    EXPECT_EQ(outputs(flow), "if1");
    settle();
    ASSERT_TRUE(igmp.add(g, k_join, jl.epoch));
    now += 1min;
    settle();
    EXPECT_EQ(published(flow), before) << "not even a new version";
}

TEST_F(BracketTest, WhatIsNotReAddedIsSwept) {
    ASSERT_TRUE(igmp.add(g, k_join));
    ASSERT_TRUE(igmp.add(MembershipKey::of(k_h), k_join));
    auto lease = take(x, 1);
    settle();
    ASSERT_TRUE(igmp.add(MembershipKey::of(k_h), k_join, jl.epoch));
    told();
    EXPECT_EQ(mgm.memberships(ref(1)).size(), 2u);
    now += mgm.limits().stale_hold;
    EXPECT_THAT(told(), ElementsAre("X prune(*, 239.1.1.1) membership 900",
                                    "Y prune(*, 239.1.1.1) membership 900",
                                    "Z prune(*, 239.1.1.1) membership 900"));
    ASSERT_EQ(mgm.memberships(ref(1)).size(), 1u);
    EXPECT_EQ(mgm.memberships(ref(1)).at(0).key, MembershipKey::of(k_h));
    EXPECT_EQ(mgm.counters().stale_swept, 1u);
}

TEST_F(BracketTest, ChangeWithinAChangeIsOneBracket) {
    ASSERT_TRUE(igmp.add(g, k_join));
    told();
    auto lease = take(x, 1);
    step();
    ASSERT_TRUE(lease.release());
    EXPECT_EQ(mgm.owners().at(0).state, OwnershipState::releasing);
    EXPECT_EQ(code(y.take(ref(1))), MgmError::already_exists); // RX refuses a take
    EXPECT_THAT(told(), ElementsAre("J closed if1", "J opened if1"));
    EXPECT_EQ(mgm.owners().at(0).state, OwnershipState::igmp);
}

TEST_F(BracketTest, SecondChangeBeforeTheSweepKeepsWhatIsStale) {
    ASSERT_TRUE(igmp.add(g, k_join));
    auto lease = take(x, 1);
    settle();
    ASSERT_TRUE(lease.release()); // before IGMP re-added anything
    now += 1min;
    grace.end_all();
    EXPECT_EQ(mgm.memberships(ref(1)).size(), 1u);
    settle();
    ASSERT_TRUE(igmp.add(g, k_join, jl.epoch));
    now += 1min;
    settle();
    EXPECT_EQ(mgm.memberships(ref(1)).size(), 1u);
    EXPECT_EQ(mgm.counters().stale_swept, 0u);
}

TEST_F(BracketTest, IgmpMayLeaveWhileTheGateIsClosed) {
    ASSERT_TRUE(igmp.add(g, k_join));
    told();
    auto lease = take(x, 1);
    ASSERT_TRUE(igmp.release());
    EXPECT_EQ(mgm.owners().at(0).state, OwnershipState::owned);
    EXPECT_THAT(told(), testing::Not(testing::Contains(testing::StartsWith("J "))));
    EXPECT_THAT(mgm.memberships(ref(1)), IsEmpty());
}

TEST_F(BracketTest, IgmpLeavingTellsTheOwner) {
    auto lease = take(x, 1);
    settle();
    ASSERT_TRUE(igmp.add(g, k_join, jl.epoch));
    ASSERT_TRUE(igmp.add(MembershipKey::of(k_h), k_join, jl.epoch));
    told();
    ASSERT_TRUE(igmp.release()); // MGM-48
    auto const heard = told();
    EXPECT_THAT(heard, testing::IsSupersetOf(
                           {"X local_leave(*, 239.1.1.1) if1", "X local_leave(*, 239.2.2.2) if1"}));
    EXPECT_THAT(heard, testing::Not(testing::Contains("J closed if1")));
    EXPECT_THAT(mgm.memberships(ref(1)), IsEmpty());
}

TEST_F(BracketTest, OwnerMayDeregisterWhileItsReleaseCompletes) {
    auto lease = take(x, 1);
    settle();
    ASSERT_TRUE(igmp.add(g, k_join, jl.epoch));
    ASSERT_TRUE(lease.release());
    ASSERT_TRUE(x.deregister());
    settle();
    ASSERT_TRUE(igmp.add(g, k_join, jl.epoch));
    told();
    ASSERT_TRUE(igmp.remove(g, k_join));
    EXPECT_THAT(told(), ElementsAre("Y prune(*, 239.1.1.1) membership 900",
                                    "Z prune(*, 239.1.1.1) membership 900"));
}

TEST_F(BracketTest, NewOwnerIsAskedAboutFlowsThatArriveThere) {
    auto out = take(y, 4);
    ASSERT_TRUE(out.add(g, k_join));
    miss();
    told();
    auto lease = take(x, 1);
    EXPECT_EQ(outputs(), "if4") << "an established flow goes on";
    EXPECT_THAT(told(), testing::Contains("X rpf(10.1.0.9, 239.1.1.1) if1"));
    EXPECT_EQ(mgm.entry(k_flow)->owner, (ComponentId{{1}, 0}));
}

TEST_F(BracketTest, TakerHearsWhenTheInterfaceIsReady) {
    xl.says_ready = true;
    auto beside_igmp = take(x, 1);
    auto alone = take(x, 2);
    step(2ms);
    EXPECT_THAT(trace, ElementsAre("J closed if1"));
    EXPECT_EQ(mgm.owners().at(1).state, OwnershipState::owned); // no gate, no transient state
    now += 3ms;
    EXPECT_THAT(told(), ElementsAre("J closed if1", "J opened if1", "X ready if1", "X ready if2"));
    auto const last = mgm.owners().at(0).last;
    ASSERT_TRUE(last);
    EXPECT_FALSE(last->releasing);
    EXPECT_EQ(last->published, Duration{2ms});
    EXPECT_EQ(last->ready, Duration{5ms});
    EXPECT_EQ(mgm.owners().at(0).hand_overs, 1u);
}

TEST_F(BracketTest, NobodyHearsOfAnInterfaceThatWasGivenBack) {
    xl.says_ready = true;
    ASSERT_TRUE(take(x, 1).release());
    ASSERT_TRUE(take(x, 2).release());
    EXPECT_THAT(told(), ElementsAre("J closed if1", "J opened if1"));
    EXPECT_TRUE(mgm.owners().at(0).last->releasing);
}

} // namespace
} // namespace mcast::mgm::test
