// Handles, arguments and codes of the C door, and what passes through it.
#include "door_world.h"

#include <thread>

namespace mcast::mgm::test {
namespace {

DWORD add(HANDLE who, Ipv4 source, DWORD source_mask, Ipv4 group, DWORD group_mask, DWORD interface,
          DWORD flags) {
    return MgmAddGroupMembershipEntry(who, net(source), source_mask, net(group), group_mask,
                                      interface, 0, flags);
}
DWORD remove(HANDLE who, Ipv4 source, DWORD source_mask, Ipv4 group, DWORD group_mask,
             DWORD interface, DWORD flags) {
    return MgmDeleteGroupMembershipEntry(who, net(source), source_mask, net(group), group_mask,
                                         interface, 0, flags);
}

// Every function with this handle, and arguments that are good otherwise.
std::vector<DWORD> every_call(HANDLE handle) {
    MIB_IPMCAST_MFE entry{};
    HANDLE out = nullptr;
    DWORD size = 0;
    DWORD count = 0;
    return {MgmTakeInterfaceOwnership(handle, 1, 0),
            MgmTakeInterfaceOwnershipStart(handle, 1, 0, nullptr),
            MgmReleaseInterfaceOwnership(handle, 1, 0),
            MgmReleaseInterfaceOwnershipStart(handle, 1, 0),
            add(handle, {}, 0, k_g, k_exact_mask, 1, MGM_JOIN_STATE_FLAG),
            remove(handle, {}, 0, k_g, k_exact_mask, 1, MGM_JOIN_STATE_FLAG),
            MgmSetMfe(handle, &entry),
            MgmGroupEnumerationStart(handle, ANY_SOURCE, &out),
            MgmGroupEnumerationGetNext(handle, &size, nullptr, &count),
            MgmGroupEnumerationEnd(handle),
            MgmDeRegisterMProtocol(handle)};
}

class DoorCallsTest : public DoorWorld {
protected:
    DoorCallsTest() { open(); }
};

TEST_F(DoorCallsTest, NothingPassesWithoutADoor) {
    ASSERT_EQ(c_router_start(), NO_ERROR);
    HANDLE const old = c_router;
    door.reset();
    EXPECT_THAT(mgm.components(), IsEmpty()); // what came through it ended with it
    EXPECT_THAT(every_call(old), testing::Each(ERROR_CAN_NOT_COMPLETE));
    EXPECT_EQ(c_router_start(), ERROR_CAN_NOT_COMPLETE);
    open();
    EXPECT_THAT(every_call(old), testing::Each(ERROR_INVALID_PARAMETER));
}

TEST_F(DoorCallsTest, OneDoorForEachThread) {
    auto const second = CDoor::bind(mgm);
    ASSERT_FALSE(second);
    EXPECT_EQ(code(second), MgmError::already_exists);
    DWORD elsewhere = NO_ERROR;
    std::thread{[&] { elsewhere = c_router_start(); }}.join();
    EXPECT_EQ(elsewhere, ERROR_CAN_NOT_COMPLETE);
}

TEST_F(DoorCallsTest, HandlesAreLookedUp) {
    int something = 0;
    ASSERT_EQ(c_router_start(), NO_ERROR);
    HANDLE const bad[] = {nullptr, &something, static_cast<char*>(c_router) + 1,
                          reinterpret_cast<HANDLE>(~std::uintptr_t{0})};
    for (HANDLE handle : bad) { // MGM-6, MGM-22, MGM-121
        EXPECT_THAT(every_call(handle), testing::Each(ERROR_INVALID_PARAMETER));
    }
    HANDLE enumeration = nullptr;
    ASSERT_EQ(MgmGroupEnumerationStart(c_router, ALL_SOURCES, &enumeration), NO_ERROR);
    // The handle of one kind is none of the other.
    EXPECT_EQ(MgmGroupEnumerationEnd(c_router), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(MgmDeRegisterMProtocol(enumeration), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(MgmGroupEnumerationEnd(enumeration), NO_ERROR);
    EXPECT_EQ(MgmGroupEnumerationEnd(enumeration), ERROR_INVALID_PARAMETER);
    ASSERT_EQ(MgmGroupEnumerationStart(c_router, ALL_SOURCES, &enumeration), NO_ERROR);
    HANDLE const old = c_router;
    EXPECT_EQ(MgmDeRegisterMProtocol(c_router), NO_ERROR);
    EXPECT_THAT(every_call(old), testing::Each(ERROR_INVALID_PARAMETER)); // MGM-7
    EXPECT_EQ(MgmGroupEnumerationEnd(enumeration), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(c_router_start(), NO_ERROR); // MGM-8
    EXPECT_NE(c_router, old);
}

TEST_F(DoorCallsTest, RegistrationIsByThePair) {
    ASSERT_EQ(c_router_start(), NO_ERROR);
    HANDLE const first = c_router;
    EXPECT_EQ(c_router_start(), ERROR_ALREADY_EXISTS); // MGM-2
    EXPECT_EQ(c_router, first);
    ROUTING_PROTOCOL_CONFIG none{};
    HANDLE second = nullptr;
    EXPECT_EQ(MgmRegisterMProtocol(&none, 1, 1, &second), NO_ERROR); // MGM-3
    EXPECT_EQ(MgmRegisterMProtocol(nullptr, 1, 2, &second), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(MgmRegisterMProtocol(&none, 1, 2, nullptr), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(mgm.components().size(), 2u);
    ASSERT_EQ(c_router_take(1), NO_ERROR);
    EXPECT_EQ(MgmDeRegisterMProtocol(c_router), ERROR_CAN_NOT_COMPLETE);
    ASSERT_EQ(c_router_release(1), NO_ERROR);
    EXPECT_EQ(MgmDeRegisterMProtocol(c_router), NO_ERROR);
}

TEST_F(DoorCallsTest, OwnersNeedNoHandle) {
    DWORD protocol = 0;
    DWORD component = 9;
    EXPECT_EQ(MgmGetProtocolOnInterface(1, 0, &protocol, &component), ERROR_NOT_FOUND); // MGM-20
    ASSERT_EQ(c_igmp_start(1), NO_ERROR);
    EXPECT_EQ(MgmGetProtocolOnInterface(1, 0, &protocol, &component), NO_ERROR); // MGM-21
    EXPECT_EQ(protocol, MGM_IGMP_PROTOCOL_ID);
    ASSERT_EQ(c_router_start(), NO_ERROR);
    ASSERT_EQ(c_router_take(1), NO_ERROR);
    EXPECT_EQ(MgmGetProtocolOnInterface(1, 0, &protocol, &component), NO_ERROR); // MGM-18
    EXPECT_EQ(protocol, 1u);
    EXPECT_EQ(component, 0u);
    EXPECT_EQ(MgmGetProtocolOnInterface(1, 0, nullptr, &component), ERROR_INVALID_PARAMETER);
    // Numbers that no interface can have.
    EXPECT_EQ(MgmGetProtocolOnInterface(0x10001, 0, &protocol, &component), ERROR_NOT_FOUND);
    EXPECT_EQ(c_router_take(0x10001), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(c_router_release(0x10001), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(c_router_join(g, 0x10001), ERROR_NOT_FOUND);
}

TEST_F(DoorCallsTest, MembershipsTakeAddressesAndWildcards) {
    ASSERT_EQ(c_router_start(), NO_ERROR);
    ASSERT_EQ(c_router_take(4), NO_ERROR);
    constexpr DWORD join = MGM_JOIN_STATE_FLAG;
    DWORD const mask8 = net(Ipv4::of(255, 0, 0, 0));
    struct Row {
        Ipv4 source;
        DWORD source_mask;
        Ipv4 group;
        DWORD group_mask;
        DWORD flags;
        DWORD code;
    };
    Row const rows[] = {
        {{}, 0, {}, 0, join, NO_ERROR}, // MGM-54
        {{}, 0, k_g, k_exact_mask, join, NO_ERROR},
        {k_s, k_exact_mask, k_g, k_exact_mask, join | MGM_FORWARD_STATE_FLAG, NO_ERROR},
        {Ipv4::of(10, 0, 0, 0), mask8, k_g, k_exact_mask, join, ERROR_INVALID_PARAMETER}, // MGM-55
        {{}, 0, Ipv4::of(239, 0, 0, 0), mask8, join, ERROR_INVALID_PARAMETER},            // MGM-56
        {k_s, 0, k_g, k_exact_mask, join, ERROR_INVALID_PARAMETER}, // an address without a mask
        {{}, 0, k_g, 0, join, ERROR_INVALID_PARAMETER},
        {k_s, k_exact_mask, {}, 0, join, ERROR_INVALID_PARAMETER}, // MGM-57
        {{}, 0, k_g, k_exact_mask, 0, ERROR_INVALID_PARAMETER},
        {{}, 0, k_g, k_exact_mask, 4, ERROR_INVALID_PARAMETER},
        {{}, 0, k_g, k_exact_mask, 0x101, ERROR_INVALID_PARAMETER},
    };
    for (Row const& row : rows) {
        EXPECT_EQ(
            add(c_router, row.source, row.source_mask, row.group, row.group_mask, 4, row.flags),
            row.code);
        EXPECT_EQ(
            remove(c_router, row.source, row.source_mask, row.group, row.group_mask, 4, row.flags),
            row.code);
    }
    EXPECT_THAT(mgm.memberships(ref(4)), IsEmpty());
    EXPECT_EQ(c_router_join(g, 5), ERROR_NOT_FOUND);  // MGM-52 and its like
    EXPECT_EQ(c_router_leave(g, 5), ERROR_NOT_FOUND); // MGM-52
    y = join_in(2, yl);
    auto y5 = take(y, 5);
    EXPECT_EQ(c_router_join(g, 5), ERROR_INVALID_PARAMETER);  // MGM-50
    EXPECT_EQ(c_router_leave(g, 5), ERROR_INVALID_PARAMETER); // MGM-51
}

TEST_F(DoorCallsTest, QuestionsAndTheirAnswers) {
    ASSERT_EQ(c_router_start(), NO_ERROR);
    ASSERT_EQ(c_igmp_start(5), NO_ERROR);
    for (DWORD n : {1, 2, 4, 5}) {
        ASSERT_EQ(c_router_take(n), NO_ERROR);
    }
    ASSERT_EQ(c_router_join(g, 4), NO_ERROR);
    ASSERT_EQ(c_router_join(g, 5), NO_ERROR);
    c_forget_events();
    c_behaviour.refused_output = 4;
    c_behaviour.rpf_interface = 2;
    std::vector<std::uint8_t> packet(200, 0x45);
    mgm.miss(k_flow, index(1), packet, now);
    EXPECT_EQ(c_events[0].count, MGM_MAX_PACKET_HEADER);
    EXPECT_EQ(c_events[0].first_byte, 0x45);
    EXPECT_EQ(packet[0], 0x45); // the client wrote into a copy
    EXPECT_THAT(heard(), ElementsAre("rpf(10.1.0.9, 239.1.1.1) if1",
                                     "created(10.1.0.9, 239.1.1.1) from if2: if4 if5+igmp"));
    EXPECT_EQ(outputs(), "if5");               // MGM-99
    EXPECT_EQ(published()->arrival, index(2)); // its own interface, so it may
    EXPECT_EQ(mgm.entry(k_flow)->upstream, k_s);
    c_behaviour.rpf_interface = 0x10001;
    miss({k_s, k_h});
    EXPECT_EQ(mgm.entry({k_s, k_h})->arrival, ref(1)); // MGM-96
    EXPECT_EQ(mgm.counters().rpf_refused, 1u);
}

// MGM 2.8: having the callback is what asks for it; here it is delivered (8.14).
TEST_F(DoorCallsTest, PacketsOnTheWrongInterface) {
    ASSERT_EQ(c_router_start(), NO_ERROR);
    for (DWORD n : {1, 3, 4}) {
        ASSERT_EQ(c_router_take(n), NO_ERROR);
    }
    ASSERT_EQ(c_router_join(g, 4), NO_ERROR);
    miss();
    settle();
    c_forget_events();
    EXPECT_EQ(mgm.alerting(), (IfSet{index(1), index(3), index(4)}));
    std::vector<std::uint8_t> packet(200, 0x45);
    EXPECT_EQ(mgm.wrong_interface(k_flow, index(3), packet, now), AlertResult::queued);
    EXPECT_EQ(mgm.wrong_interface(k_flow, index(3), packet, now), AlertResult::suppressed);
    settle();
    ASSERT_EQ(c_event_count, 1u);
    EXPECT_EQ(c_events[0].kind, C_WRONG_IF);
    EXPECT_EQ(host(c_events[0].source), k_s);
    EXPECT_EQ(host(c_events[0].group), k_g);
    EXPECT_EQ(c_events[0].count, MGM_MAX_PACKET_HEADER);
    EXPECT_EQ(c_events[0].first_byte, 0x45);
    EXPECT_THAT(heard(), ElementsAre("wrong interface if3"));
    ASSERT_EQ(c_router_release(3), NO_ERROR);
    EXPECT_FALSE(mgm.alerting().contains(index(3)));
    HANDLE silent = nullptr; // without the callback nobody asks
    ASSERT_EQ(c_silent_start(&silent), NO_ERROR);
    ASSERT_EQ(MgmTakeInterfaceOwnership(silent, 3, 0), NO_ERROR);
    EXPECT_EQ(mgm.wrong_interface(k_flow, index(3), packet, now), AlertResult::stale);
}

TEST_F(DoorCallsTest, PruneMaySetTheTimeout) {
    ASSERT_EQ(c_router_start(), NO_ERROR);
    ASSERT_EQ(c_router_take(1), NO_ERROR);
    miss();
    settle();
    EXPECT_EQ(mgm.entry(k_flow)->lifetime, Duration{900s}); // MGM-85
    c_behaviour.prune_timeout = 120;
    miss({k_s, k_h});
    settle();
    EXPECT_EQ(mgm.entry({k_s, k_h})->lifetime, Duration{120s}); // MGM-86
    EXPECT_THAT(heard(), testing::IsSupersetOf({"prune(10.1.0.9, 239.1.1.1) if1 entry 900",
                                                "prune(10.1.0.9, 239.2.2.2) if1 entry 900"}));
}

TEST_F(DoorCallsTest, WhatCallbacksReturnIsIgnored) {
    // MGM-88: the same story with callbacks that succeed and callbacks that fail.
    std::vector<Trace> stories;
    for (DWORD const returned : {NO_ERROR, ERROR_CAN_NOT_COMPLETE}) {
        c_reset();
        open();
        c_behaviour.callbacks_return = returned;
        Trace story;
        ASSERT_EQ(c_igmp_start(4), NO_ERROR);
        ASSERT_EQ(c_router_start(), NO_ERROR);
        ASSERT_EQ(c_router_take(1), NO_ERROR);
        ASSERT_EQ(c_router_take(4), NO_ERROR);
        ASSERT_EQ(c_igmp_report(g), NO_ERROR);
        miss();
        story.push_back(outputs());
        ASSERT_EQ(c_igmp_leave(), NO_ERROR);
        settle();
        story.push_back(outputs());
        Registration other = join_in(2, yl);
        auto lease = take(other, 5);
        ASSERT_TRUE(lease.add(MembershipKey::any(), k_join));
        ASSERT_TRUE(lease.remove(MembershipKey::any(), k_join));
        settle();
        story.push_back(std::to_string(mgm.entry(k_flow)->lifetime / 1s));
        ASSERT_EQ(c_router_release(4), NO_ERROR);
        for (std::string const& line : heard()) {
            story.push_back(line);
        }
        stories.push_back(story);
        door.reset();
        now += 1h;
        settle();
    }
    EXPECT_EQ(stories[0], stories[1]);
    EXPECT_GT(stories[0].size(), 12u);
}

TEST_F(DoorCallsTest, NullCallbacksAreNoInterest) {
    HANDLE silent = nullptr;
    ASSERT_EQ(c_silent_start(&silent), NO_ERROR);
    ROUTING_PROTOCOL_CONFIG none{};
    HANDLE igmp = nullptr;
    ASSERT_EQ(MgmRegisterMProtocol(&none, MGM_IGMP_PROTOCOL_ID, 0, &igmp), NO_ERROR);
    ASSERT_EQ(MgmTakeInterfaceOwnership(igmp, 4, 0), NO_ERROR);
    ASSERT_EQ(MgmTakeInterfaceOwnership(silent, 1, 0), NO_ERROR);
    ASSERT_EQ(MgmTakeInterfaceOwnership(silent, 4, 0), NO_ERROR);
    ASSERT_EQ(add(igmp, {}, 0, k_g, k_exact_mask, 4, MGM_JOIN_STATE_FLAG), NO_ERROR);
    miss();
    EXPECT_EQ(outputs(), "if4");
    ASSERT_EQ(remove(igmp, {}, 0, k_g, k_exact_mask, 4, MGM_JOIN_STATE_FLAG), NO_ERROR);
    y = join_in(2, yl);
    auto lease = take(y, 5);
    ASSERT_TRUE(lease.add(MembershipKey::any(), k_join));
    ASSERT_TRUE(lease.remove(MembershipKey::any(), k_join));
    settle();
    EXPECT_EQ(outputs(), "no_member");
}

TEST_F(DoorCallsTest, CallsInsideQuestionsAreRefused) {
    ASSERT_EQ(c_router_start(), NO_ERROR);
    ASSERT_EQ(c_router_take(1), NO_ERROR);
    ASSERT_EQ(c_router_take(4), NO_ERROR);
    ASSERT_EQ(c_router_join(g, 4), NO_ERROR);
    static std::vector<DWORD> codes;
    codes.clear();
    c_behaviour.inside = [](CKind kind) {
        if (kind == C_CREATED) {
            codes = {MgmTakeInterfaceOwnershipStart(c_router, 5, 0, nullptr),
                     MgmReleaseInterfaceOwnershipStart(c_router, 4, 0),
                     c_router_join(1, 4) == NO_ERROR ? NO_ERROR : ERROR_CAN_NOT_COMPLETE,
                     c_router_leave(net(k_g), 4), MgmDeRegisterMProtocol(c_router)};
        }
    };
    miss();
    EXPECT_EQ(codes.size(), 5u);
    EXPECT_THAT(codes, testing::Each(ERROR_CAN_NOT_COMPLETE));
    EXPECT_EQ(outputs(), "if4");
    EXPECT_TRUE(mgm.owner_of(ref(4)));
}

TEST_F(DoorCallsTest, ClientMayDeregisterInsideNews) {
    ASSERT_EQ(c_router_start(), NO_ERROR);
    static DWORD ended;
    ended = ERROR_NOT_FOUND;
    c_behaviour.inside = [](CKind) { ended = MgmDeRegisterMProtocol(c_router); };
    y = join_in(2, yl);
    auto lease = take(y, 5);
    ASSERT_TRUE(lease.add(MembershipKey::of(k_g), k_join));
    ASSERT_TRUE(lease.add(MembershipKey::of(k_h), k_join)); // two items wait for the router
    settle();
    EXPECT_EQ(ended, NO_ERROR);
    EXPECT_EQ(heard().size(), 1u); // MGM-9
    EXPECT_EQ(mgm.components().size(), 1u);
}

TEST_F(DoorCallsTest, EpochsAreTheDoorsBusiness) {
    // MGM-45: the documented calls carry no epoch. What IGMP adds before it is told of an enable is
    // refused, though the gate is open.
    y = join_in(2, yl);
    z = join_in(3, zl);
    ASSERT_EQ(c_igmp_start(1), NO_ERROR);
    ASSERT_EQ(c_router_start(), NO_ERROR);
    ASSERT_EQ(c_router_take(1), NO_ERROR);
    ASSERT_EQ(c_router_take(2), NO_ERROR);
    ASSERT_EQ(MgmReleaseInterfaceOwnershipStart(c_router, 1, 0), NO_ERROR);
    step();
    ASSERT_EQ(c_router_join(h, 2), NO_ERROR); // news for three, ahead of the enable
    grace.end_all();
    mgm.step(now, 1);
    ASSERT_EQ(mgm.owners().at(0).state, OwnershipState::igmp);
    auto const add_h = [&] {
        return MgmAddGroupMembershipEntry(c_igmp, 0, 0, h, k_exact_mask, 1, 0, MGM_JOIN_STATE_FLAG);
    };
    EXPECT_EQ(add_h(), ERROR_CAN_NOT_COMPLETE);
    EXPECT_EQ(mgm.counters().stale_epoch_refused, 1u);
    settle();
    EXPECT_EQ(add_h(), NO_ERROR);
}

} // namespace
} // namespace mcast::mgm::test
