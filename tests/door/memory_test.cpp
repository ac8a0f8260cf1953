// Memory that runs out behind the C door: a code, never an exception, and nothing half done.
#include "../mgm/failing_allocator.h"
#include "door_world.h"

#include <functional>

namespace mcast::mgm::test {
namespace {

class DoorMemoryTest : public DoorWorld {
protected:
    DoorMemoryTest() { open(); }

    // Makes each allocation of the call fail in turn, until the call gets through. `unchanged` is
    // asked after every failure.
    static unsigned fail_each(std::function<DWORD()> const& call,
                              std::function<bool()> const& unchanged) {
        for (unsigned n = 0; n < 1000; ++n) {
            until_failure = static_cast<int>(n);
            DWORD const returned = call();
            until_failure = -1;
            if (returned != ERROR_NOT_ENOUGH_MEMORY) {
                return n; // what failed meanwhile, if anything, the next turn does again
            }
            EXPECT_TRUE(unchanged()) << n;
        }
        ADD_FAILURE() << "the call never gets through";
        return 0;
    }
};

TEST_F(DoorMemoryTest, Registering) { // MGM-4
    EXPECT_GT(
        fail_each(c_router_start, [&] { return c_router == nullptr && mgm.components().empty(); }),
        0u);
    EXPECT_EQ(mgm.components().size(), 1u);
}

TEST_F(DoorMemoryTest, TakingAndReleasing) {
    ASSERT_EQ(c_igmp_start(4), NO_ERROR);
    ASSERT_EQ(c_router_start(), NO_ERROR);
    settle();
    auto const take_start = [] { return MgmTakeInterfaceOwnershipStart(c_router, 4, 0, nullptr); };
    auto const release_start = [] { return MgmReleaseInterfaceOwnershipStart(c_router, 4, 0); };
    c_forget_events();
    EXPECT_GT(
        fail_each(take_start, [&] { return mgm.owner_of(ref(4))->protocol == k_igmp_protocol; }),
        0u);
    settle();
    fail_each(release_start, [&] { return mgm.owner_of(ref(4))->protocol == ProtocolId{1}; });
    settle();
    EXPECT_EQ(mgm.owner_of(ref(4))->protocol, k_igmp_protocol);
    // MGM-42: IGMP is enabled after each disable
    auto const told = heard();
    EXPECT_EQ(std::ranges::count(told, "disable if4"), std::ranges::count(told, "enable if4"));
    EXPECT_EQ(c_igmp_report(g), NO_ERROR);
}

TEST_F(DoorMemoryTest, TakingAndWaiting) {
    ASSERT_EQ(c_igmp_start(4), NO_ERROR);
    ASSERT_EQ(c_router_start(), NO_ERROR);
    unsigned failures = 0;
    DWORD returned = ERROR_NOT_ENOUGH_MEMORY;
    for (; returned != NO_ERROR && failures < 1000; ++failures) {
        until_failure = static_cast<int>(failures);
        returned = MgmTakeInterfaceOwnership(c_router, 4, 0);
        until_failure = -1;
        settle();
        bool const owned = mgm.owner_of(ref(4))->protocol == ProtocolId{1};
        EXPECT_EQ(owned, returned == NO_ERROR) << failures; // an error means: not owned
    }
    EXPECT_GT(failures, 1u);
    EXPECT_EQ(c_igmp_report(g), NO_ERROR); // IGMP was enabled after every disable
}

TEST_F(DoorMemoryTest, Memberships) {
    ASSERT_EQ(c_router_start(), NO_ERROR);
    ASSERT_EQ(c_router_take(4), NO_ERROR);
    EXPECT_GT(fail_each([&] { return c_router_join(g, 4); },
                        [&] { return mgm.memberships(ref(4)).empty(); }),
              0u);
    EXPECT_EQ(mgm.memberships(ref(4)).size(), 1u);
}

TEST_F(DoorMemoryTest, Listings) {
    ASSERT_EQ(c_router_start(), NO_ERROR);
    ASSERT_EQ(c_router_take(1), NO_ERROR);
    ASSERT_EQ(c_router_take(4), NO_ERROR);
    ASSERT_EQ(c_router_join(g, 4), NO_ERROR);
    miss();
    published()->counters[0].packets.add(1);
    std::vector<BYTE> buffer(1000);
    DWORD size = 1000;
    DWORD count = 0;
    EXPECT_GT(fail_each([&] { return MgmGetFirstMfe(&size, buffer.data(), &count); },
                        [&] { return size == 1000 && count == 0; }),
              0u);
    EXPECT_GT(
        fail_each(
            [&] { return MgmGetFirstMfeStats(&size, buffer.data(), &count, MGM_MFE_STATS_1); },
            [&] { return size == 1000 && count == 0; }),
        0u);
    EXPECT_EQ(count, 1u);
    HANDLE enumeration = nullptr;
    EXPECT_GT(
        fail_each([&] { return MgmGroupEnumerationStart(c_router, ALL_SOURCES, &enumeration); },
                  [&] { return enumeration == nullptr; }),
        0u);
    // What could not be handed out is still due.
    EXPECT_GT(
        fail_each(
            [&] { return MgmGroupEnumerationGetNext(enumeration, &size, buffer.data(), &count); },
            [&] { return count == 0; }),
        0u);
    EXPECT_EQ(count, 1u);
}

} // namespace
} // namespace mcast::mgm::test
