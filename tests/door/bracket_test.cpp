// Take and release through the door, in the form that waits and in the one that does not.
#include "door_world.h"

namespace mcast::mgm::test {
namespace {

class DoorBracketTest : public DoorWorld {};

TEST_F(DoorBracketTest, T1TakeReturnsAfterTheBracket) {
    open();
    ASSERT_EQ(c_igmp_start(1), NO_ERROR);
    ASSERT_EQ(c_router_start(), NO_ERROR);
    static DWORD group;
    group = g;
    c_behaviour.inside = [](CKind kind) {
        if (kind == C_DISABLE) { // MGM-37: a report in the middle makes no call
            EXPECT_EQ(c_igmp_report(group), NO_ERROR);
        }
    };
    EXPECT_EQ(c_router_take(1), NO_ERROR);
    EXPECT_THAT(heard(),
                ElementsAre("take if1", "disable if1", "enable if1", "take returns if1")); // MGM-32
    EXPECT_EQ(c_igmp_work(), NO_ERROR);
    settle();
    EXPECT_THAT(heard(), ElementsAre("add(*, 239.1.1.1) if1", "local_join(*, 239.1.1.1) if1"));
}

TEST_F(DoorBracketTest, WhatLeavesInTheMiddleIsNotAddedAgain) {
    open();
    ASSERT_EQ(c_igmp_start(1), NO_ERROR);
    ASSERT_EQ(c_igmp_report(g), NO_ERROR);
    ASSERT_EQ(c_router_start(), NO_ERROR);
    c_behaviour.inside = [](CKind kind) {
        if (kind == C_DISABLE) {
            EXPECT_EQ(c_igmp_leave(), NO_ERROR);
        }
    };
    EXPECT_EQ(c_router_take(1), NO_ERROR);
    c_forget_events();
    EXPECT_EQ(c_igmp_work(), NO_ERROR);
    EXPECT_EQ(c_event_count, 0u);
    now += mgm.limits().stale_hold;
    settle();
    EXPECT_THAT(mgm.memberships(ref(1)), IsEmpty());
    EXPECT_THAT(heard(), testing::Not(testing::Contains(testing::HasSubstr("local"))));
}

TEST_F(DoorBracketTest, T2ReleaseReturnsAfterTheBracket) {
    open();
    y = join_in(2, yl);
    z = join_in(3, zl);
    ASSERT_EQ(c_igmp_start(1), NO_ERROR);
    ASSERT_EQ(c_router_start(), NO_ERROR);
    ASSERT_EQ(c_router_take(1), NO_ERROR);
    auto out = take(y, 4);
    ASSERT_TRUE(out.add(MembershipKey::of(k_h), k_join));
    FlowKey const flow{k_s, k_h};
    miss(flow);
    ASSERT_EQ(outputs(flow), "if4");
    told();
    c_forget_events();
    static DWORD group;
    group = g;
    c_behaviour.inside = [](CKind kind) {
        if (kind == C_DISABLE) {
            EXPECT_EQ(c_igmp_report(group), NO_ERROR);
        }
        if (kind == C_ENABLE) { // T2: the router's entries are gone by then, MGM-28
            MIB_IPMCAST_MFE left[4] = {};
            DWORD count = 0;
            DWORD size = sizeof left;
            EXPECT_EQ(MgmGetFirstMfe(&size, reinterpret_cast<PBYTE>(left), &count),
                      ERROR_NO_MORE_ITEMS);
            EXPECT_EQ(count, 1u);
            EXPECT_EQ(left[0].dwInIfProtocol, MGM_IGMP_PROTOCOL_ID); // it has inherited the flow
        }
    };
    EXPECT_EQ(c_router_release(1), NO_ERROR);
    EXPECT_EQ(c_igmp_work(), NO_ERROR);
    // T2, MGM-33; MGM-44: no local join
    EXPECT_THAT(told(),
                ElementsAre("Y join(*, 239.1.1.1) membership", "Z join(*, 239.1.1.1) membership"));
    EXPECT_THAT(heard(),
                ElementsAre("release if1", "disable if1", "enable if1", "release returns if1",
                            "add(*, 239.1.1.1) if1", "join(*, 239.1.1.1) membership"));
}

TEST_F(DoorBracketTest, ReturningAtOnceTellsWhenReady) {
    open();
    ASSERT_EQ(c_igmp_start(1), NO_ERROR);
    ASSERT_EQ(c_router_start(), NO_ERROR);
    settle();
    EXPECT_EQ(c_router_take_start(1), NO_ERROR);
    step();
    // MGM-46: an add by mistake
    EXPECT_EQ(MgmAddGroupMembershipEntry(c_igmp, 0, 0, g, k_exact_mask, 1, 0, MGM_JOIN_STATE_FLAG),
              ERROR_CAN_NOT_COMPLETE);
    EXPECT_EQ(c_igmp_report(g), NO_ERROR);
    EXPECT_THAT(heard(), ElementsAre("take if1", "disable if1"));
    settle();
    EXPECT_EQ(c_igmp_work(), NO_ERROR);
    settle();
    EXPECT_THAT(heard(), ElementsAre("enable if1", "ready if1", "add(*, 239.1.1.1) if1",
                                     "local_join(*, 239.1.1.1) if1"));
    EXPECT_EQ(MgmReleaseInterfaceOwnershipStart(c_router, 1, 0), NO_ERROR);
    step();
    EXPECT_THAT(heard(), ElementsAre("disable if1"));
    settle();
    EXPECT_THAT(heard(), ElementsAre("enable if1"));
}

TEST_F(DoorBracketTest, WithoutATurnFunctionOnlyTheStartFormsWork) {
    open(CDoor::Turn{});
    ASSERT_EQ(c_router_start(), NO_ERROR);
    EXPECT_EQ(c_router_take(1), ERROR_CAN_NOT_COMPLETE);
    EXPECT_FALSE(mgm.owner_of(ref(1)));
    EXPECT_EQ(c_router_take_start(1), NO_ERROR);
    EXPECT_EQ(c_router_release(1), ERROR_CAN_NOT_COMPLETE);
    EXPECT_TRUE(mgm.owner_of(ref(1)));
    EXPECT_EQ(MgmReleaseInterfaceOwnershipStart(c_router, 1, 0), NO_ERROR);
    EXPECT_FALSE(mgm.owner_of(ref(1)));
    EXPECT_EQ(c_igmp_start(2), NO_ERROR); // IGMP waits for nothing
}

TEST_F(DoorBracketTest, StalledWorkerEndsTheWaitingNotTheRules) {
    int turns = 0;
    open([&] { // no grace period ends
        mgm.step(now);
        return ++turns < 5;
    });
    ASSERT_EQ(c_igmp_start(1), NO_ERROR);
    ASSERT_EQ(c_igmp_report(g), NO_ERROR);
    ASSERT_EQ(c_router_start(), NO_ERROR);
    settle();
    c_forget_events();
    EXPECT_EQ(c_router_take(1), ERROR_CAN_NOT_COMPLETE);
    EXPECT_EQ(turns, 5);
    EXPECT_EQ(mgm.owner_of(ref(1))->protocol, k_igmp_protocol); // an error means: not owned
    EXPECT_EQ(MgmReleaseInterfaceOwnership(c_router, 1, 0), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(MgmDeRegisterMProtocol(c_router), NO_ERROR);
    settle(); // the worker moves on: MGM-42, IGMP is not silenced for good
    EXPECT_THAT(heard(), ElementsAre("take if1", "disable if1", "take returns if1", "enable if1"));
    EXPECT_EQ(c_igmp_work(), NO_ERROR);
}

TEST_F(DoorBracketTest, StalledWorkerDoesNotUndoARelease) {
    bool stalled = false;
    int turns = 0;
    open([&] {
        if (!stalled) {
            grace.end_all();
        }
        mgm.step(now);
        return ++turns < 20;
    });
    ASSERT_EQ(c_igmp_start(1), NO_ERROR);
    ASSERT_EQ(c_router_start(), NO_ERROR);
    ASSERT_EQ(c_router_take(1), NO_ERROR);
    settle();
    c_forget_events();
    stalled = true;
    EXPECT_EQ(c_router_release(1), NO_ERROR);
    EXPECT_EQ(mgm.owner_of(ref(1))->protocol, k_igmp_protocol);
    EXPECT_THAT(heard(), ElementsAre("release if1", "disable if1", "release returns if1"));
    settle();
    EXPECT_THAT(heard(), ElementsAre("enable if1"));
}

TEST_F(DoorBracketTest, TurnThatThrowsGivesUp) {
    open([]() -> bool { throw std::runtime_error{"the host has had enough"}; });
    ASSERT_EQ(c_router_start(), NO_ERROR);
    EXPECT_EQ(c_router_take(1), ERROR_CAN_NOT_COMPLETE);
    EXPECT_FALSE(mgm.owner_of(ref(1)));
}

TEST_F(DoorBracketTest, FormsThatWaitAreRefusedInsideCallbacks) {
    open();
    ASSERT_EQ(c_router_start(), NO_ERROR);
    ASSERT_EQ(c_router_take(1), NO_ERROR);
    static DWORD taken, released, started;
    taken = released = started = NO_ERROR;
    c_behaviour.inside = [](CKind kind) {
        if (kind == C_JOIN) {
            taken = MgmTakeInterfaceOwnership(c_router, 2, 0);
            released = MgmReleaseInterfaceOwnership(c_router, 1, 0);
            started = MgmTakeInterfaceOwnershipStart(c_router, 3, 0, nullptr);
        }
    };
    y = join_in(2, yl);
    auto out = take(y, 4);
    ASSERT_TRUE(out.add(MembershipKey::of(k_g), k_join));
    settle();
    EXPECT_EQ(taken, ERROR_CAN_NOT_COMPLETE);
    EXPECT_EQ(released, ERROR_CAN_NOT_COMPLETE);
    EXPECT_EQ(started, NO_ERROR); // news may call
    EXPECT_TRUE(mgm.owner_of(ref(1)));
    EXPECT_FALSE(mgm.owner_of(ref(2)));
    EXPECT_TRUE(mgm.owner_of(ref(3)));
}

TEST_F(DoorBracketTest, InterfaceThatGoesInTheMiddleIsNotOwned) {
    open([&] {
        mgm.interface_gone(index(1)); // MGM-128
        grace.end_all();
        mgm.step(now);
        return true;
    });
    ASSERT_EQ(c_igmp_start(1), NO_ERROR);
    ASSERT_EQ(c_router_start(), NO_ERROR);
    EXPECT_EQ(c_router_take(1), ERROR_CAN_NOT_COMPLETE);
    DWORD protocol = 0;
    DWORD component = 0;
    EXPECT_EQ(MgmGetProtocolOnInterface(1, 0, &protocol, &component), ERROR_NOT_FOUND);
    EXPECT_EQ(MgmDeRegisterMProtocol(c_router), NO_ERROR);
}

TEST_F(DoorBracketTest, InterfaceThatComesBackCanBeTakenAgain) {
    open();
    ASSERT_EQ(c_router_start(), NO_ERROR);
    ASSERT_EQ(c_router_take(1), NO_ERROR);
    mgm.interface_gone(index(1));
    EXPECT_EQ(c_router_join(g, 1), ERROR_NOT_FOUND);
    EXPECT_EQ(c_router_take(1), NO_ERROR);
    EXPECT_EQ(c_router_join(g, 1), NO_ERROR);
    mgm.interface_gone(index(1));
    EXPECT_EQ(c_router_release(1), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(MgmDeRegisterMProtocol(c_router), NO_ERROR);
}

TEST_F(DoorBracketTest, SecondTakeInTheMiddleIsRefusedWithoutACallback) {
    open();
    ASSERT_EQ(c_igmp_start(1), NO_ERROR);
    ASSERT_EQ(c_router_start(), NO_ERROR);
    HANDLE other = nullptr;
    ASSERT_EQ(c_silent_start(&other), NO_ERROR);
    ASSERT_EQ(c_router_take_start(1), NO_ERROR);
    EXPECT_EQ(MgmTakeInterfaceOwnership(other, 1, 0), ERROR_ALREADY_EXISTS);    // MGM-12, MGM-13
    EXPECT_EQ(MgmTakeInterfaceOwnership(c_router, 1, 0), ERROR_ALREADY_EXISTS); // MGM-15
    settle();
    EXPECT_THAT(heard(), ElementsAre("take if1", "disable if1", "enable if1", "ready if1"));
}

TEST_F(DoorBracketTest, LinkBehindAnIndexIsNamedByItsNextHop) {
    open();
    InterfaceRef const a{index(5), Ipv4::of(10, 5, 0, 1)};
    ASSERT_EQ(c_igmp_start(9), NO_ERROR);
    ASSERT_EQ(MgmTakeInterfaceOwnership(c_igmp, 5, net(a.next_hop)), NO_ERROR);
    ASSERT_EQ(c_router_start(), NO_ERROR);
    ASSERT_EQ(MgmTakeInterfaceOwnership(c_router, 5, net(a.next_hop)), NO_ERROR);
    EXPECT_EQ(mgm.owner_of(a)->protocol, ProtocolId{1});
    EXPECT_FALSE(mgm.owner_of(ref(5)));
    EXPECT_THAT(heard(), ElementsAre("disable if5/10.5.0.1", "enable if5/10.5.0.1")); // MGM-36
}

} // namespace
} // namespace mcast::mgm::test
