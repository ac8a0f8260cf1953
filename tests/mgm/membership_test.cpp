#include "world.h"

#include <cstdint>
#include <map>

namespace mcast::mgm::test {
namespace {

class MembershipTest : public World {
protected:
    MembershipTest() {
        register_all();
        register_igmp();
        in = take(z, 1);
        if4 = take(x, 4);
        if5 = take(x, 5);
    }
    InterfaceLease in, if4, if5;
    MembershipKey const g = MembershipKey::of(k_g);
    MembershipKey const sg = MembershipKey::of(k_flow);
};

TEST_F(MembershipTest, OnlyWithOwnership) {
    EXPECT_EQ(code(y.add(ref(4), g, k_join)), MgmError::invalid_parameter);    // MGM-50
    EXPECT_EQ(code(y.remove(ref(4), g, k_join)), MgmError::invalid_parameter); // MGM-51
    EXPECT_EQ(code(x.remove(ref(9), g, k_join)), MgmError::not_found);         // MGM-52
    EXPECT_EQ(code(x.add(ref(9), g, k_join)), MgmError::not_found);
    EXPECT_THAT(mgm.memberships(ref(4)), IsEmpty());
}

TEST_F(MembershipTest, KeysAndFlagsAreChecked) {
    struct Row {
        MembershipKey key;
        MembershipFlags flags;
        bool good;
    };
    Row const rows[] = {
        {MembershipKey::any(), k_join, true}, // MGM-54
        {g, k_join, true},
        {sg, k_join, true},
        {sg, k_join | k_forward, true},
        {{k_s, std::nullopt}, k_join, false},                       // MGM-57
        {g, MembershipFlags::none, false},                          // no flag at all
        {g, k_forward, false},                                      // needs source and group
        {g, static_cast<MembershipFlags>(4), false},                // unknown flag
        {MembershipKey::of(Ipv4::of(224, 0, 0, 5)), k_join, false}, // never forwarded
        {MembershipKey::of(Ipv4::of(10, 0, 0, 5)), k_join, false},  // not a group
        {MembershipKey::of(FlowKey{k_g, k_g}), k_join, false},      // a group as source
        {MembershipKey::of(FlowKey{{}, k_g}), k_join, false},
    };
    for (Row const& row : rows) {
        auto const added = if4.add(row.key, row.flags);
        EXPECT_EQ(added.has_value(), row.good) << to_string(row.key);
        if (!row.good) {
            EXPECT_EQ(code(added), MgmError::invalid_parameter);
            EXPECT_FALSE(added.error().reason.empty());
        }
    }
    EXPECT_EQ(mgm.memberships(ref(4)).size(), 3u);
}

// Far more interfaces than an interest has places of its own, joined from the middle outward and
// left again: each time the one that is meant, and no other.
TEST_F(MembershipTest, EachMemberIsItsOwnInterface) {
    constexpr std::uint16_t k_first = 10;
    constexpr std::uint16_t k_count = 60;
    std::map<std::uint16_t, InterfaceLease> leases;
    for (std::uint16_t n = 0; n < k_count; ++n) {
        auto const at = static_cast<std::uint16_t>(k_first + n * 37 % k_count);
        leases.emplace(at, take(n % 2 == 0 ? j : x, at));
    }
    settle();
    for (std::uint16_t n = 0; n < k_count; ++n) {
        auto const at = static_cast<std::uint16_t>(k_first + n * 23 % k_count);
        ASSERT_TRUE(leases.at(at).add(g, k_join)) << at;
    }
    for (std::uint16_t n = 0; n < k_count; ++n) {
        auto const at = static_cast<std::uint16_t>(k_first + n * 41 % k_count);
        ASSERT_TRUE(leases.at(at).remove(g, k_join)) << at;
        leases.erase(at);
        for (auto const& [other, lease] : leases) {
            ASSERT_EQ(mgm.memberships(ref(other)).size(), 1U) << other << " after " << at;
        }
        ASSERT_THAT(mgm.memberships(ref(at)), IsEmpty()) << at;
    }
}

TEST_F(MembershipTest, JoinUpdatesMatchingEntries) {
    miss();
    ASSERT_EQ(outputs(), "no_member");
    ASSERT_TRUE(if4.add(g, k_join)); // MGM-58
    EXPECT_EQ(outputs(), "if4");
    ASSERT_TRUE(if5.add(MembershipKey::any(), k_join));
    EXPECT_EQ(outputs(), "if4 if5");
    ASSERT_TRUE(if4.remove(g, k_join));
    EXPECT_EQ(outputs(), "if5");
}

TEST_F(MembershipTest, ForwardAloneLeavesNoMembership) {
    miss();
    ASSERT_TRUE(if4.add(sg, k_forward)); // MGM-60
    EXPECT_EQ(outputs(), "if4");
    EXPECT_TRUE(mgm.groups(GroupListing::per_source).done());
    settle();
    now += 1h; // idle: expires
    settle();
    ASSERT_EQ(outputs(), "no entry");
    miss(); // MGM-61
    EXPECT_EQ(outputs(), "no_member");
}

TEST_F(MembershipTest, ForwardDeleteTouchesOneEntry) {
    FlowKey const other{Ipv4::of(10, 1, 0, 10), k_g};
    ASSERT_TRUE(if4.add(MembershipKey::any(), k_join));
    miss();
    miss(other);
    ASSERT_TRUE(if4.remove(sg, k_forward)); // MGM-62
    EXPECT_EQ(outputs(), "vetoed");
    EXPECT_EQ(outputs(other), "if4");
    EXPECT_EQ(mgm.memberships(ref(4)).size(), 1u);
    ASSERT_TRUE(if4.add(sg, k_forward)); // a graft
    EXPECT_EQ(outputs(), "if4");
}

TEST_F(MembershipTest, ForwardWithoutEntryChangesNothing) {
    ASSERT_TRUE(if4.add(sg, k_forward)); // MGM-63
    EXPECT_EQ(mgm.entries(), 0u);
    EXPECT_THAT(told(), IsEmpty());
    miss();
    EXPECT_EQ(outputs(), "no_member");
}

TEST_F(MembershipTest, AnotherMatchingMembershipKeepsTheOutput) {
    ASSERT_TRUE(if4.add(g, k_join));
    ASSERT_TRUE(if4.add(sg, k_join));
    miss();
    ASSERT_TRUE(if4.remove(sg, k_join)); // MGM-64
    EXPECT_EQ(outputs(), "if4");
}

TEST_F(MembershipTest, RepeatsAreSilentSuccesses) {
    ASSERT_TRUE(if4.add(g, k_join));
    told();
    ASSERT_TRUE(if4.add(g, k_join));
    ASSERT_TRUE(if5.remove(g, k_join)); // MGM-66
    EXPECT_THAT(told(), IsEmpty());
}

TEST_F(MembershipTest, TwoOriginsOnOneInterface) {
    auto igmp = take(j, 4);
    ASSERT_TRUE(igmp.add(g, k_join));
    ASSERT_TRUE(if4.add(g, k_join));
    miss();
    ASSERT_TRUE(igmp.remove(g, k_join));
    EXPECT_EQ(outputs(), "if4");
    ASSERT_TRUE(if4.remove(g, k_join));
    EXPECT_EQ(outputs(), "no_member");
}

} // namespace
} // namespace mcast::mgm::test
