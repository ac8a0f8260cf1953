// Who leaves an interface takes along what was his, and nothing else: not the flow that somebody
// else carries on, not another's answers, and no news follows him.
#include "world.h"

namespace mcast::mgm::test {
namespace {

class LeavingTest : public World {
protected:
    LeavingTest() {
        register_all();
        register_igmp();
    }
};

TEST_F(LeavingTest, IgmpCarriesOnTheFlowsThatArriveThere) {
    auto igmp = take(j, 1);
    auto owner = take(x, 1);
    auto out = take(y, 4);
    settle();
    ASSERT_TRUE(out.add(MembershipKey::of(k_g), k_join));
    miss();
    told();
    auto const* before = published();
    now += std::chrono::seconds{5};
    ASSERT_TRUE(owner.release());   // MGM-28: X's entry ends, at the same moment there is IGMP's
    EXPECT_EQ(published(), before); // which says the same to workers
    ASSERT_TRUE(mgm.entry(k_flow));
    EXPECT_EQ(mgm.entry(k_flow)->owner, (ComponentId{k_igmp_protocol, 0}));
    EXPECT_EQ(mgm.entry(k_flow)->uptime, Duration{});
    EXPECT_THAT(told(),
                ElementsAre("J rpf(10.1.0.9, 239.1.1.1) if1", "J closed if1", "J opened if1"));
}

TEST_F(LeavingTest, NobodyHearsOfIgmpAfterHeHasLeft) {
    auto igmp = take(j, 1);
    auto owner = take(x, 1);
    told();
    ASSERT_TRUE(igmp.add(MembershipKey::of(k_g), k_join));
    ASSERT_TRUE(owner.release());
    EXPECT_THAT(told(), testing::Not(testing::Contains("X local_join(*, 239.1.1.1) if1")));
}

TEST_F(LeavingTest, NobodyHearsOfIgmpOnAnInterfaceThatHasGone) {
    auto igmp = take(j, 1);
    auto owner = take(x, 1);
    told();
    ASSERT_TRUE(igmp.add(MembershipKey::of(k_g), k_join));
    mgm.interface_gone(index(1));
    EXPECT_THAT(told(), testing::Not(testing::Contains("X local_join(*, 239.1.1.1) if1")));
}

// RFC 2715 rule 1: a flow is expected on an interface of the component that decides about it. IGMP
// decides about if1 and named if5, where it is beside an owner.
TEST_F(LeavingTest, IgmpMovesFlowsBackFromWhatItLeaves) {
    auto igmp1 = take(j, 1);
    auto igmp5 = take(j, 5);
    auto owner5 = take(x, 5);
    auto out = take(y, 4);
    ASSERT_TRUE(out.add(MembershipKey::of(k_g), k_join));
    ASSERT_TRUE(owner5.add(MembershipKey::of(k_g), k_join));
    jl.rpf = [&](RpfQuery const&, RpfDecision& decision) { decision.interface = ref(5); };
    miss();
    ASSERT_EQ(published()->arrival, index(5));
    ASSERT_TRUE(igmp5.release());
    ASSERT_NE(published(), nullptr);
    EXPECT_EQ(published()->arrival, index(1)) << "if5 is no longer IGMP's to name";
    EXPECT_EQ(outputs(), "if4 if5");
}

TEST_F(LeavingTest, WhatTheOwnerSwitchedOutlivesIgmp) {
    auto in = take(z, 1);
    auto owner4 = take(x, 4);
    auto igmp4 = take(j, 4);
    auto owner5 = take(x, 5);
    auto igmp5 = take(j, 5);
    ASSERT_TRUE(owner4.add(MembershipKey::of(k_g), k_join));
    miss();
    ASSERT_TRUE(owner4.remove(MembershipKey::of(k_flow), k_forward)); // pruned
    ASSERT_TRUE(owner5.add(MembershipKey::of(k_flow), k_forward));    // grafted
    ASSERT_EQ(outputs(), "if5");
    ASSERT_TRUE(igmp4.release());
    ASSERT_TRUE(igmp5.release());
    told();
    EXPECT_EQ(outputs(), "if5");
}

TEST_F(LeavingTest, WhatTheOwnerRefusedIsNotSentForAMoment) {
    auto in = take(z, 1);
    auto out = take(x, 4);
    xl.refuses.insert(index(4));
    for (unsigned n = 0; n < 600; ++n) { // more than are swept within the call
        ASSERT_TRUE(out.add(MembershipKey::of(Ipv4{k_h.value + n}), k_join));
    }
    ASSERT_TRUE(out.add(MembershipKey::of(k_g), k_join));
    miss();
    ASSERT_EQ(outputs(), "vetoed");
    ASSERT_TRUE(out.release());
    for (int turn = 0; turn < 5; ++turn) {
        EXPECT_FALSE(published()->forwards()) << turn;
        step();
    }
    EXPECT_EQ(outputs(), "no_member");
}

TEST_F(LeavingTest, VoidMembershipsAreNotTheNextOwners) {
    auto in = take(z, 1);
    auto out = take(x, 4);
    for (unsigned n = 0; n < 600; ++n) {
        ASSERT_TRUE(out.add(MembershipKey::of(Ipv4{k_h.value + n}), k_join));
    }
    ASSERT_TRUE(out.add(MembershipKey::of(k_g), k_join));
    miss();
    ASSERT_EQ(outputs(), "if4");
    ASSERT_TRUE(out.release());
    EXPECT_EQ(outputs(), "no_member");
    auto next = take(y, 4);
    step();
    EXPECT_EQ(outputs(), "no_member");
}

TEST_F(LeavingTest, DroppedFromInsideAQuestionIsReleasedByTheNextTurn) {
    auto in = take(z, 1);
    auto out = take(x, 4);
    ASSERT_TRUE(out.add(MembershipKey::of(k_g), k_join));
    xl.created = [&] {
        out = InterfaceLease{};
        y = Registration{};
    };
    miss();
    EXPECT_EQ(mgm.counters().reentrant_refused, 2u);
    EXPECT_EQ(mgm.owner_of(ref(4))->protocol, ProtocolId{1});
    EXPECT_TRUE(mgm.next_due());
    settle();
    EXPECT_FALSE(mgm.owner_of(ref(4)));
    EXPECT_EQ(mgm.components().size(), 3u);
    EXPECT_EQ(outputs(), "no_member");
}

} // namespace
} // namespace mcast::mgm::test
