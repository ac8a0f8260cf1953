// Large changes: cut into turns, in order, with nothing lost between the parts.
#include "world.h"

namespace mcast::mgm::test {
namespace {

constexpr unsigned k_many = 3000;

Ipv4 group(unsigned n) {
    return Ipv4{Ipv4::of(239, 64, 0, 0).value + n};
}

class ScaleTest : public testing::Test {
protected:
    ScaleTest() {
        for (std::uint8_t n = 1; n <= 9; ++n) {
            routes.add({{Ipv4::of(10, n, 0, 0), 16}, index(n), {}, k_connected_protocol});
        }
        x = *mgm.register_component({{1}, 0}, xl);
        y = *mgm.register_component({{2}, 0}, yl);
        j = *mgm.register_component({k_igmp_protocol, 0}, jl);
    }

    void turn() { mgm.step(now); }
    // Returns the turns it took.
    unsigned settle() {
        for (unsigned turns = 0; turns < 1000; ++turns) {
            grace.end_all();
            if (mgm.step(now) == 0 && grace.open() == 0) {
                return turns;
            }
        }
        ADD_FAILURE() << "the manager does not come to rest";
        return 0;
    }
    std::string outputs(FlowKey key) const {
        auto const* entry = publisher.current(key);
        return entry == nullptr    ? "no entry"
               : entry->forwards() ? show(entry->outputs)
                                   : std::string{handoff::name_of(entry->negative)};
    }

    Trace trace;
    RouteTable routes;
    handoff::ManualGrace grace;
    handoff::Table table{8192, grace};
    handoff::Publisher publisher{table, grace, 1};
    TimePoint now{};
    GroupManager mgm{routes, publisher, grace, Limits{.entries = 8192}};
    Protocol xl{"X", trace}, yl{"Y", trace};
    Igmp jl{"J", trace};
    Registration x, y, j;
};

TEST_F(ScaleTest, ReleaseOfManyMembershipsTakesSeveralTurns) {
    auto const igmp = j.take(ref(1));
    auto lease = x.take(ref(1));
    settle();
    for (unsigned n = 0; n < k_many; ++n) {
        ASSERT_TRUE(lease->add(MembershipKey::of(group(n)), k_join));
    }
    settle();
    trace.clear();
    ASSERT_TRUE(lease->release());
    EXPECT_EQ(mgm.memberships(ref(1)).size(), k_many - 256);
    while (!mgm.memberships(ref(1)).empty()) {
        std::size_t const before = mgm.memberships(ref(1)).size();
        grace.end_all();
        turn();
        ASSERT_GE(mgm.memberships(ref(1)).size() + 256, before);
        ASSERT_LT(mgm.memberships(ref(1)).size(), before);
        ASSERT_FALSE(igmp->gate_open()); // not before all that the owner wanted is gone
    }
    settle();
    EXPECT_TRUE(igmp->gate_open());
    EXPECT_TRUE(mgm.memberships(ref(1)).empty());
    EXPECT_EQ(
        std::ranges::count_if(
            trace, [](std::string const& line) { return line.starts_with("Y prune(*, 239.64."); }),
        k_many); // each once
}

TEST_F(ScaleTest, WhatIsAddedAgainDuringTheSweepStays) {
    auto first = x.take(ref(1));
    for (unsigned n = 0; n < k_many; ++n) {
        ASSERT_TRUE(first->add(MembershipKey::of(group(n)), k_join));
    }
    settle();
    ASSERT_TRUE(first->release());
    auto second = y.take(ref(1)); // MGM-27: at once, the sweep goes on behind it
    ASSERT_TRUE(second);
    ASSERT_TRUE(second->add(MembershipKey::of(group(k_many - 1)), k_join));
    settle();
    auto const left = mgm.memberships(ref(1));
    ASSERT_EQ(left.size(), 1u);
    EXPECT_EQ(left[0].key, MembershipKey::of(group(k_many - 1)));
    EXPECT_TRUE(left[0].by_owner);
}

TEST_F(ScaleTest, EntriesFollowInTheOrderOfChanges) {
    auto sources = x.take(ref(1));
    auto members = y.take(ref(4));
    ASSERT_TRUE(members->add(MembershipKey::any(), k_join));
    for (unsigned n = 0; n < k_many; ++n) {
        mgm.miss({Ipv4::of(10, 1, 0, 9), group(n)}, index(1), {}, now);
    }
    settle();
    FlowKey const last{Ipv4::of(10, 1, 0, 9), group(k_many - 1)};
    ASSERT_EQ(outputs(last), "if4");
    ASSERT_TRUE(members->remove(MembershipKey::any(), k_join));
    EXPECT_EQ(outputs(last), "if4"); // its turn has not come
    ASSERT_TRUE(members->add(MembershipKey::of(last), k_forward));
    EXPECT_EQ(outputs(last), "if4"); // switched on after the membership had gone
    settle();
    EXPECT_EQ(outputs(last), "if4");
    EXPECT_EQ(outputs({last.source, group(7)}), "no_member");
}

TEST_F(ScaleTest, GateOpensAfterEveryEntryHasFollowed) {
    auto sources = j.take(ref(1));
    auto members = j.take(ref(4));
    for (unsigned n = 0; n < k_many; ++n) {
        ASSERT_TRUE(members->add(MembershipKey::of(group(n)), k_join));
        mgm.miss({Ipv4::of(10, 1, 0, 9), group(n)}, index(1), {}, now);
    }
    settle();
    xl.refuses = {index(4)};
    auto const lease = x.take(ref(4));
    ASSERT_TRUE(lease);
    unsigned turns = 0;
    for (; !members->gate_open() && turns < 100; ++turns) {
        grace.end_all();
        turn();
    }
    EXPECT_GT(turns, 5u);
    EXPECT_TRUE(members->gate_open());
    for (unsigned n = 0; n < k_many; ++n) {
        ASSERT_EQ(outputs({Ipv4::of(10, 1, 0, 9), group(n)}), "vetoed") << n;
    }
}

TEST_F(ScaleTest, OnlyEntriesWithSourcesBehindAChangedRouteAreAsked) {
    auto sources = x.take(ref(1));
    auto others = x.take(ref(2));
    for (unsigned n = 0; n < k_many; ++n) {
        mgm.miss({Ipv4::of(10, n % 2 == 0 ? 1 : 2, 0, 9), group(n)}, index(1), {}, now);
    }
    settle();
    trace.clear();
    mgm.routes_changed({Ipv4::of(10, 2, 0, 0), 16});
    settle();
    auto const asked = [&](std::string const& start) {
        return std::ranges::count_if(
            trace, [&](std::string const& line) { return line.starts_with(start); });
    };
    EXPECT_EQ(asked("X rpf(10.2."), k_many / 2);
    EXPECT_EQ(asked("X rpf(10.1."), 0);
}

TEST_F(ScaleTest, TheEndOfAWildcardTellsEveryGroupOnce) {
    auto wildcard = x.take(ref(1));
    auto members = x.take(ref(2));
    ASSERT_TRUE(wildcard->add(MembershipKey::any(), k_join));
    for (unsigned n = 0; n < k_many; ++n) {
        ASSERT_TRUE(members->add(MembershipKey::of(group(n)), k_join));
    }
    settle();
    trace.clear();
    ASSERT_TRUE(wildcard->remove(MembershipKey::any(), k_join));
    turn();
    // Not reached by the telling yet: it is never told at all.
    ASSERT_TRUE(members->remove(MembershipKey::of(group(k_many - 1)), k_join));
    settle();
    auto const told = std::ranges::count_if(
        trace, [](std::string const& line) { return line.starts_with("Y join(*, 239.64."); });
    EXPECT_EQ(told, k_many - 1);
    EXPECT_THAT(trace, testing::Not(testing::Contains(
                           testing::HasSubstr("Y prune(*, " + to_string(group(k_many - 1))))));
}

TEST_F(ScaleTest, AGroupThatComesAgainDuringThatTellingIsToldOnceMore) {
    auto wildcard = x.take(ref(1));
    auto members = x.take(ref(2));
    for (unsigned n = 0; n < k_many; ++n) {
        ASSERT_TRUE(members->add(MembershipKey::of(group(n)), k_join));
    }
    ASSERT_TRUE(wildcard->add(MembershipKey::any(), k_join));
    settle();
    ASSERT_TRUE(wildcard->remove(MembershipKey::any(), k_join));
    trace.clear();
    turn();
    turn();
    auto const told = [&](std::string const& what, unsigned n) {
        return std::ranges::count(trace, "Y " + what + to_string(MembershipKey::of(group(n))) +
                                             " membership" + (what == "prune" ? " 900" : ""));
    };
    ASSERT_EQ(told("join", 0), 1);
    ASSERT_EQ(told("join", k_many - 1), 0);
    for (unsigned const n : {0U, k_many - 1}) {
        ASSERT_TRUE(members->remove(MembershipKey::of(group(n)), k_join));
    }
    // Each may come to the place of the other, before or behind what is looked at next.
    for (unsigned const n : {0U, k_many - 1}) {
        ASSERT_TRUE(members->add(MembershipKey::of(group(n)), k_join));
    }
    settle();
    EXPECT_EQ(told("prune", 0), 1);
    EXPECT_EQ(told("join", 0), 2);
    EXPECT_EQ(told("prune", k_many - 1), 0);
    EXPECT_EQ(told("join", k_many - 1), 1);
}

} // namespace
} // namespace mcast::mgm::test
