// Each alert and question is counted when it is delivered: in all, and for the component that got
// it.
#include "world.h"

namespace mcast::mgm::test {
namespace {

class CountsTest : public World {
protected:
    CountsTest() { register_all(); }

    std::uint64_t total(AlertKind kind) const { return mgm.counters().alerts.of(kind); }
    std::uint64_t to(std::size_t component, AlertKind kind) const {
        return mgm.alerts().at(component).alerts.of(kind);
    }
    MembershipKey const g = MembershipKey::of(k_g);
};

TEST_F(CountsTest, MembershipsAndEntriesByCause) {
    InterfaceLease const xi = take(x, 1);
    InterfaceLease y4 = take(y, 4);
    settle();
    EXPECT_EQ(to(0, AlertKind::interface_ready), 1u);
    ASSERT_TRUE(y4.add(g, k_join)); // MGM-67: X and Z hear of it
    EXPECT_EQ(total(AlertKind::join_by_membership), 0u) << "counted when it is delivered";
    settle();
    EXPECT_EQ(total(AlertKind::join_by_membership), 2u);
    EXPECT_EQ(to(0, AlertKind::join_by_membership), 1u);
    EXPECT_EQ(to(1, AlertKind::join_by_membership), 0u);

    miss(); // MGM-93, MGM-97
    EXPECT_EQ(to(0, AlertKind::rpf_question), 1u);
    EXPECT_EQ(to(1, AlertKind::creation_question), 1u);
    EXPECT_EQ(total(AlertKind::creation_question), 1u);

    ASSERT_TRUE(y4.remove(g, k_join)); // MGM-73, MGM-84
    settle();
    EXPECT_EQ(total(AlertKind::prune_by_membership), 2u);
    EXPECT_EQ(to(0, AlertKind::prune_by_entry), 1u);
    ASSERT_TRUE(y4.add(g, k_join)); // RFC 2715 rule 5
    settle();
    EXPECT_EQ(to(0, AlertKind::join_by_entry), 1u);
}

TEST_F(CountsTest, IgmpBesideAnOwner) {
    register_igmp();
    InterfaceLease j1 = take(j, 1);
    InterfaceLease x1 = take(x, 1);
    settle();
    EXPECT_EQ(to(3, AlertKind::gate_closed), 1u);
    EXPECT_EQ(to(3, AlertKind::gate_opened), 1u);
    ASSERT_TRUE(j1.add(g, k_join)); // MGM-91
    ASSERT_TRUE(j1.remove(g, k_join));
    settle();
    EXPECT_EQ(to(0, AlertKind::local_join), 1u);
    EXPECT_EQ(to(0, AlertKind::local_leave), 1u);
    EXPECT_EQ(total(AlertKind::local_leave), 1u);
}

// Whoever is gone is told nothing, and that is not counted; what it was told stays in the sum.
TEST_F(CountsTest, WhoHasLeftIsToldNoMore) {
    InterfaceLease y4 = take(y, 4);
    settle();
    ASSERT_TRUE(y4.add(g, k_join));
    ASSERT_TRUE(z.deregister());
    settle();
    EXPECT_EQ(total(AlertKind::join_by_membership), 1u);
    y4 = {};
    ASSERT_TRUE(x.deregister());
    EXPECT_EQ(mgm.alerts().size(), 1u);
    EXPECT_EQ(total(AlertKind::join_by_membership), 1u);
}

TEST(AlertNames, AreDistinct) {
    std::map<std::string, int> names;
    for (std::size_t k = 0; k < k_alert_kinds; ++k) {
        ++names[std::string(name_of(static_cast<AlertKind>(k)))];
    }
    EXPECT_EQ(names.size(), k_alert_kinds);
}

} // namespace
} // namespace mcast::mgm::test
