#include "world.h"

namespace mcast::mgm::test {
namespace {

class OwnershipTest : public World {};

TEST_F(OwnershipTest, RegistrationIsByThePair) {
    x = join_in(1, xl); // MGM-1
    auto again = mgm.register_component({{1}, 0}, yl);
    ASSERT_FALSE(again); // MGM-2
    EXPECT_EQ(code(again), MgmError::already_exists);
    EXPECT_TRUE(x.take(ref(1)));
    EXPECT_TRUE(mgm.register_component({{1}, 1}, yl)); // MGM-3
}

TEST_F(OwnershipTest, IgmpMustListenToItsGates) {
    auto refused = mgm.register_component({k_igmp_protocol, 0}, xl);
    ASSERT_FALSE(refused);
    EXPECT_EQ(code(refused), MgmError::invalid_parameter);
}

TEST_F(OwnershipTest, EndedRegistrationDoesNothing) {
    Registration none;
    EXPECT_EQ(code(none.deregister()), MgmError::invalid_parameter); // MGM-6
    EXPECT_EQ(code(none.take(ref(1))), MgmError::invalid_parameter); // MGM-22
    x = join_in(1, xl);
    ASSERT_TRUE(x.deregister());
    // MGM-7
    EXPECT_EQ(code(x.take(ref(1))), MgmError::invalid_parameter);
    EXPECT_EQ(code(x.release(ref(1))), MgmError::invalid_parameter);
    EXPECT_EQ(code(x.add(ref(1), MembershipKey::of(k_g), k_join)), MgmError::invalid_parameter);
    EXPECT_EQ(code(x.remove(ref(1), MembershipKey::of(k_g), k_join)), MgmError::invalid_parameter);
    EXPECT_EQ(code(x.set_upstream_neighbor(k_flow, k_s)), MgmError::invalid_parameter);
    EXPECT_EQ(code(x.groups(GroupListing::per_group)), MgmError::invalid_parameter); // MGM-121
    EXPECT_EQ(code(x.deregister()), MgmError::invalid_parameter);
    // MGM-8
    Registration again = join_in(1, xl);
    EXPECT_TRUE(again.active());
    EXPECT_FALSE(x.active());
}

TEST_F(OwnershipTest, DeregisterRefusesWhileOwning) {
    x = join_in(1, xl);
    auto lease = take(x, 1);
    EXPECT_EQ(code(x.deregister()), MgmError::cannot_complete);
    EXPECT_TRUE(lease.release());
    EXPECT_TRUE(x.deregister());
}

TEST_F(OwnershipTest, NoCallbackAfterDeregistering) {
    register_all();
    auto lease = take(y, 1);
    ASSERT_TRUE(lease.add(MembershipKey::of(k_g), k_join));
    ASSERT_TRUE(x.deregister()); // MGM-9: the join is queued for X already
    EXPECT_THAT(told(), ElementsAre("Z join(*, 239.1.1.1) membership"));
}

TEST_F(OwnershipTest, LateComerEnumerates) {
    y = join_in(2, yl);
    auto lease = take(y, 1);
    ASSERT_TRUE(lease.add(MembershipKey::of(k_g), k_join));
    settle();
    x = join_in(1, xl); // MGM-10
    EXPECT_THAT(told(), IsEmpty());
    EXPECT_THAT(x.groups(GroupListing::per_group)->next(9), ElementsAre(MembershipKey::of(k_g)));
}

TEST_F(OwnershipTest, OneRoutingOwner) {
    register_all();
    register_igmp();
    Registration x1 = join_in(1, zl, 1);
    auto igmp = take(j, 1);
    auto lease = take(x, 1);
    told();
    EXPECT_EQ(code(y.take(ref(1))), MgmError::already_exists);  // MGM-12
    EXPECT_EQ(code(x1.take(ref(1))), MgmError::already_exists); // MGM-14
    EXPECT_EQ(code(x.take(ref(1))), MgmError::already_exists);  // MGM-15
    EXPECT_EQ(code(j.take(ref(1))), MgmError::already_exists);
    EXPECT_EQ(*mgm.owner_of(ref(1)), (ComponentId{{1}, 0}));
    EXPECT_THAT(told(), IsEmpty()); // MGM-13
    EXPECT_EQ(mgm.owners().at(0).state, OwnershipState::shared);
}

TEST_F(OwnershipTest, OwnerOfSharedInterface) {
    register_all();
    register_igmp();
    EXPECT_EQ(code(mgm.owner_of(ref(9))), MgmError::not_found); // MGM-20
    auto alone = take(j, 2);
    EXPECT_EQ(mgm.owner_of(ref(2))->protocol, k_igmp_protocol); // MGM-19, MGM-21
    auto lease = take(x, 1);
    auto beside = take(j, 1);                                 // MGM-16
    EXPECT_EQ(mgm.owner_of(ref(1))->protocol, ProtocolId{1}); // MGM-18
    EXPECT_THAT(told(), IsEmpty());
}

TEST_F(OwnershipTest, ReleaseByOthersChangesNothing) {
    register_all();
    register_igmp();
    EXPECT_EQ(code(x.release(ref(9))), MgmError::invalid_parameter); // MGM-24
    auto igmp = take(j, 1);
    auto lease = take(y, 1);
    told();
    EXPECT_EQ(code(x.release(ref(1))), MgmError::invalid_parameter); // MGM-25
    EXPECT_EQ(mgm.owner_of(ref(1))->protocol, ProtocolId{2});
    EXPECT_THAT(told(), IsEmpty());
    ASSERT_TRUE(y.release(ref(1)));
    EXPECT_FALSE(lease.active());
    EXPECT_EQ(code(lease.release()), MgmError::invalid_parameter);
}

TEST_F(OwnershipTest, LinksOfOneIndexHaveTheirOwnOwners) {
    register_all();
    register_igmp();
    InterfaceRef const a{index(5), Ipv4::of(10, 5, 0, 1)};
    InterfaceRef const b{index(5), Ipv4::of(10, 5, 0, 2)};
    auto igmp = take(j, a);
    auto xa = take(x, a);
    auto yb = take(y, b);                                                               // MGM-26
    EXPECT_THAT(told(), ElementsAre("J closed if5/10.5.0.1", "J opened if5/10.5.0.1")); // MGM-36
    // Refused by name: the data path cannot address one link.
    auto refused = xa.add(MembershipKey::of(k_g), k_join);
    ASSERT_FALSE(refused);
    EXPECT_EQ(code(refused), MgmError::cannot_complete);
    EXPECT_THAT(refused.error().reason, testing::HasSubstr("point-to-multipoint"));
}

TEST_F(OwnershipTest, ReleasedInterfaceIsFree) {
    register_all();
    {
        auto lease = take(x, 1);
    }
    auto lease = take(y, 1); // MGM-27
    EXPECT_EQ(mgm.owner_of(ref(1))->protocol, ProtocolId{2});
}

TEST_F(OwnershipTest, ReleaseWithdrawsTheFlowsReceivedThere) {
    register_all();
    auto in = take(x, 1);
    auto out = take(y, 4);
    ASSERT_TRUE(out.add(MembershipKey::of(k_g), k_join));
    miss();
    ASSERT_EQ(outputs(), "if4");
    ASSERT_TRUE(in.release()); // MGM-28
    EXPECT_EQ(outputs(), "no entry");
    EXPECT_EQ(mgm.entries(), 0u);
    EXPECT_EQ(miss().drop, handoff::Drop::no_owner);
}

TEST_F(OwnershipTest, ReleaseTakesOutputsAndMembershipsAlong) {
    register_all();
    auto in = take(z, 1);
    auto out = take(x, 4);
    ASSERT_TRUE(out.add(MembershipKey::of(k_g), k_join));
    miss();
    told();
    ASSERT_TRUE(out.release());
    // MGM-30, then MGM-31: the outputs go before the counting
    EXPECT_THAT(told(), ElementsAre("Z prune(10.1.0.9, 239.1.1.1) entry 900",
                                    "Y prune(*, 239.1.1.1) membership 900",
                                    "Z prune(*, 239.1.1.1) membership 900"));
    EXPECT_EQ(outputs(), "no_member");
    EXPECT_TRUE(mgm.groups(GroupListing::per_source).done());
}

TEST_F(OwnershipTest, InterfaceGoneIsReleaseByAll) {
    // MGM-128
    register_all();
    register_igmp();
    auto in = take(z, 1);
    auto owner = take(x, 4);
    auto igmp = take(j, 4);
    ASSERT_TRUE(owner.add(MembershipKey::of(k_g), k_join));
    ASSERT_TRUE(igmp.add(MembershipKey::of(k_h), k_join));
    miss();
    told();
    mgm.interface_gone(index(4));
    EXPECT_THAT(told(), testing::IsSupersetOf({"Y prune(*, 239.1.1.1) membership 900",
                                               "Y prune(*, 239.2.2.2) membership 900",
                                               "Z prune(10.1.0.9, 239.1.1.1) entry 900"}));
    EXPECT_FALSE(owner.active());
    EXPECT_FALSE(igmp.active());
    EXPECT_FALSE(owner.add(MembershipKey::of(k_g), k_join));
    EXPECT_TRUE(mgm.groups(GroupListing::per_source).done());
    EXPECT_TRUE(x.deregister());
    mgm.interface_gone(index(1));
    EXPECT_EQ(outputs(), "no entry");
}

TEST_F(OwnershipTest, DroppedRegistrationCleansUp) {
    register_all();
    auto lease = take(x, 1);
    ASSERT_TRUE(lease.add(MembershipKey::of(k_g), k_join));
    x = Registration{};
    EXPECT_FALSE(lease.active());
    EXPECT_EQ(mgm.components().size(), 2u);
    EXPECT_FALSE(mgm.owner_of(ref(1)));
    EXPECT_TRUE(take(y, 1).active());
}

} // namespace
} // namespace mcast::mgm::test
