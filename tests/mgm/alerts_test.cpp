#include "world.h"

namespace mcast::mgm::test {
namespace {

class AlertsTest : public World {
protected:
    AlertsTest() {
        register_all();
        xi = take(x, 1); // toward k_s
        yi = take(y, 2);
        zi = take(z, 3);
    }
    static Trace all(std::string const& what, std::string const& who) {
        Trace result;
        for (char c : who) {
            result.push_back(std::string(1, c) + " " + what);
        }
        return result;
    }
    InterfaceLease xi, yi, zi;
    MembershipKey const g = MembershipKey::of(k_g);
    MembershipKey const sg = MembershipKey::of(k_flow);
    std::string const join_g = "join(*, 239.1.1.1) membership";
    std::string const prune_g = "prune(*, 239.1.1.1) membership 900";
    std::string const join_sg = "join(10.1.0.9, 239.1.1.1) membership";
    std::string const prune_sg = "prune(10.1.0.9, 239.1.1.1) membership 900";
    std::string const join_entry = "join(10.1.0.9, 239.1.1.1) entry";
    std::string const prune_entry = "prune(10.1.0.9, 239.1.1.1) entry 900";
};

TEST_F(AlertsTest, CountsComponentsPerGroup) {
    ASSERT_TRUE(xi.add(g, k_join));
    EXPECT_EQ(told(), all(join_g, "YZ")); // MGM-67, MGM-82
    auto xi4 = take(x, 4);
    ASSERT_TRUE(xi4.add(g, k_join));
    EXPECT_THAT(told(), IsEmpty()); // MGM-70
    ASSERT_TRUE(yi.add(g, k_join));
    EXPECT_EQ(told(), all(join_g, "X")); // MGM-68
    ASSERT_TRUE(zi.add(g, k_join));
    EXPECT_THAT(told(), IsEmpty()); // MGM-69
    ASSERT_TRUE(zi.remove(g, k_join));
    EXPECT_THAT(told(), IsEmpty()); // three to two
    ASSERT_TRUE(yi.remove(g, k_join));
    EXPECT_EQ(told(), all(prune_g, "X")); // MGM-72
    ASSERT_TRUE(xi4.remove(g, k_join));
    EXPECT_THAT(told(), IsEmpty()); // MGM-74
    ASSERT_TRUE(xi.remove(g, k_join));
    EXPECT_EQ(told(), all(prune_g, "YZ")); // MGM-73
}

TEST_F(AlertsTest, SourceMembershipsConcernTheOwnerTowardTheSource) {
    ASSERT_TRUE(yi.add(sg, k_join));
    EXPECT_EQ(told(), all(join_sg, "X")); // MGM-75
    ASSERT_TRUE(zi.add(sg, k_join));
    EXPECT_THAT(told(), IsEmpty()); // MGM-76
    ASSERT_TRUE(zi.remove(sg, k_join));
    EXPECT_THAT(told(), IsEmpty());
    ASSERT_TRUE(yi.remove(sg, k_join));
    EXPECT_EQ(told(), all(prune_sg, "X")); // MGM-78
}

TEST_F(AlertsTest, SourceWithoutRouteConcernsNobody) {
    ASSERT_TRUE(yi.add(MembershipKey::of(FlowKey{Ipv4::of(192, 0, 2, 1), k_g}), k_join));
    EXPECT_THAT(told(), IsEmpty());  // MGM-79
    ASSERT_TRUE(xi.add(sg, k_join)); // the joiner is the owner toward the source
    EXPECT_THAT(told(), IsEmpty());
}

TEST_F(AlertsTest, WildcardReceiverCountsForEveryGroup) {
    ASSERT_TRUE(xi.add(MembershipKey::any(), k_join));
    EXPECT_EQ(told(), all("join(*, *) membership", "YZ")); // MGM-81
    ASSERT_TRUE(yi.add(g, k_join));
    EXPECT_EQ(told(), all(join_g, "X")); // MGM-80
    ASSERT_TRUE(xi.add(g, k_join));
    EXPECT_THAT(told(), IsEmpty());
    ASSERT_TRUE(xi.remove(g, k_join));
    // What the wildcard stood for is told by group when it ends.
    ASSERT_TRUE(xi.remove(MembershipKey::any(), k_join));
    EXPECT_THAT(told(), ElementsAre("Y prune(*, *) membership 900", "Z prune(*, *) membership 900",
                                    "Z " + join_g));
}

TEST_F(AlertsTest, EntryThatLosesItsLastOutputTellsItsOwner) {
    ASSERT_TRUE(yi.add(g, k_join));
    miss();
    told();
    ASSERT_TRUE(yi.remove(g, k_join));
    EXPECT_THAT(told(), ElementsAre("X " + prune_g, "Z " + prune_g, "X " + prune_entry)); // MGM-84
    EXPECT_EQ(mgm.entry(k_flow)->lifetime, Duration{900s});                               // MGM-85
    ASSERT_TRUE(yi.add(g, k_join)); // first output appears: RFC 2715 rule 5
    EXPECT_THAT(told(), ElementsAre("X " + join_g, "Z " + join_g, "X " + join_entry));
    EXPECT_EQ(mgm.entry(k_flow)->lifetime, mgm.limits().entry_idle);
}

TEST_F(AlertsTest, OwnOutputsAreNoAlert) {
    auto xi4 = take(x, 4);
    ASSERT_TRUE(xi4.add(g, k_join));
    miss();
    told();
    ASSERT_TRUE(xi4.remove(g, k_join)); // the owner of the arrival interface knows that itself
    EXPECT_THAT(told(), testing::Not(testing::Contains("X " + prune_entry)));
    EXPECT_EQ(mgm.entry(k_flow)->lifetime, mgm.limits().negative_lifetime);
}

TEST_F(AlertsTest, PruneAnswerSetsTheLifetime) {
    xl.prune_lifetime = 120s;
    miss();
    settle();
    EXPECT_EQ(mgm.entry(k_flow)->lifetime, Duration{120s}); // MGM-86
    step(119s);
    EXPECT_EQ(outputs(), "no_member");
    step(1s);
    EXPECT_EQ(outputs(), "no entry");
}

TEST_F(AlertsTest, AnswerToAnOlderLifeIsIgnored) {
    xl.prune_lifetime = 5s;
    ASSERT_TRUE(yi.add(g, k_join));
    miss();
    ASSERT_TRUE(yi.remove(g, k_join)); // prune is queued
    ASSERT_TRUE(yi.add(g, k_join));    // but the entry forwards again
    settle();
    EXPECT_EQ(mgm.entry(k_flow)->lifetime, mgm.limits().entry_idle);
}

TEST_F(AlertsTest, MembershipPruneSetsNoLifetime) {
    yl.prune_lifetime = 7s;
    zl.prune_lifetime = 7s;
    ASSERT_TRUE(xi.add(sg, k_join));
    ASSERT_TRUE(xi.add(g, k_join));
    miss();
    settle();
    auto const before = mgm.entry(k_flow)->lifetime;
    ASSERT_TRUE(xi.remove(g, k_join)); // MGM-87
    settle();
    EXPECT_EQ(mgm.entry(k_flow)->lifetime, before);
}

TEST_F(AlertsTest, IgmpOnlyInterfacesAreOneComponent) {
    register_igmp();
    auto a = take(j, 7);
    auto b = take(j, 8);
    ASSERT_TRUE(a.add(g, k_join));
    EXPECT_EQ(told(), all(join_g, "XYZ")); // MGM-90
    ASSERT_TRUE(b.add(g, k_join));
    EXPECT_THAT(told(), IsEmpty());
    ASSERT_TRUE(a.remove(g, k_join));
    EXPECT_THAT(told(), IsEmpty());
    ASSERT_TRUE(b.remove(g, k_join));
    EXPECT_EQ(told(), all(prune_g, "XYZ"));
}

TEST_F(AlertsTest, IgmpBesideAnOwnerCountsForTheOwner) {
    register_igmp();
    auto igmp = take(j, 2);
    ASSERT_TRUE(igmp.add(g, k_join));
    EXPECT_THAT(told(),
                ElementsAre("X " + join_g, "Z " + join_g, "Y local_join(*, 239.1.1.1) if2"));
    ASSERT_TRUE(yi.add(g, k_join)); // MGM-92: no local join. For IGMP it is the first other wish.
    EXPECT_EQ(told(), all(join_g, "J"));
    ASSERT_TRUE(igmp.remove(g, k_join)); // MGM-91
    EXPECT_THAT(told(), ElementsAre("Y local_leave(*, 239.1.1.1) if2"));
}

TEST_F(AlertsTest, TransitionsOutliveTheEntry) {
    ASSERT_TRUE(yi.add(g, k_join));
    miss();
    now += 1h;
    told();
    ASSERT_EQ(mgm.entries(), 0u);
    ASSERT_TRUE(yi.remove(g, k_join)); // MGM-127
    EXPECT_EQ(told(), all(prune_g, "XZ"));
}

// Holds its own lock around every call, as the rule of the interface allows, and takes it in its
// callbacks: a callback during its own call, from whomever, would be a deadlock.
struct Locking : ProtocolListener {
    void join(MembershipKey const& key) {
        ASSERT_FALSE(locked);
        locked = true;
        EXPECT_TRUE(lease.add(key, k_join));
        locked = false;
    }
    void on_join(MembershipKey const& key, AlertCause) override {
        EXPECT_FALSE(locked) << "deadlock at " << to_string(key);
        heard.push_back(key);
        join(key);
    }
    bool locked = false;
    InterfaceLease lease;
    std::vector<MembershipKey> heard;
};

TEST_F(AlertsTest, ComponentsThatAnswerEachOtherComeToRest) { // MGM-129
    Locking a;
    Locking b;
    Registration seat_a = join_in(8, a);
    Registration seat_b = join_in(9, b);
    a.lease = take(seat_a, 6);
    b.lease = take(seat_b, 7);
    MembershipKey const h = MembershipKey::of(k_h);
    a.join(g);
    b.join(h); // neither has heard of the other
    settle();
    EXPECT_THAT(a.heard, UnorderedElementsAre(g, h));
    EXPECT_THAT(b.heard, UnorderedElementsAre(g, h));
    EXPECT_EQ(mgm.memberships(ref(6)).size(), 2u);
    EXPECT_EQ(mgm.memberships(ref(7)).size(), 2u);
    EXPECT_EQ(mgm.counters().reentrant_refused, 0u);
}

TEST_F(AlertsTest, DeliveryIsBounded) {
    for (std::uint8_t n = 1; n <= 10; ++n) {
        ASSERT_TRUE(xi.add(MembershipKey::of(Ipv4::of(239, 9, 0, n)), k_join));
    }
    mgm.step(now, 3);
    EXPECT_EQ(trace.size(), 3u);
    EXPECT_EQ(mgm.next_due(), now);
    EXPECT_EQ(told().size(), 20u);
}

} // namespace
} // namespace mcast::mgm::test
