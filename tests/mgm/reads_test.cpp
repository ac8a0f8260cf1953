#include "world.h"

#include <algorithm>

namespace mcast::mgm::test {
namespace {

class ReadsTest : public World {
protected:
    ReadsTest() {
        register_all();
        xi = take(x, 1);
        y4 = take(y, 4);
    }
    // What explain() says of one interface.
    OutputVerdict verdict(unsigned n, FlowKey key = k_flow) const {
        for (OutputVerdict const& each : mgm.explain(key).outputs) {
            if (each.interface == ref(n)) {
                return each;
            }
        }
        ADD_FAILURE() << "if" << n << " is not explained";
        return {};
    }
    InterfaceLease xi, y4;
    MembershipKey const g = MembershipKey::of(k_g);
};

TEST_F(ReadsTest, UnknownFlowIsNotFound) {
    EXPECT_EQ(code(mgm.entry(k_flow)), MgmError::not_found); // MGM-110
    EXPECT_EQ(code(mgm.entry_stats(k_flow)), MgmError::not_found);
    auto const page = mgm.page(std::nullopt, 10); // MGM-114
    EXPECT_TRUE(page.entries.empty());
    EXPECT_FALSE(page.more);
}

TEST_F(ReadsTest, PagesGoByGroupThenSource) {
    // MGM-109: reading needs no registration; MGM-115
    std::vector<FlowKey> keys;
    for (Ipv4 group : {k_g, k_h}) {
        for (std::uint8_t n : {1, 2, 3}) {
            keys.push_back({Ipv4::of(10, 1, n, 1), group});
        }
    }
    for (std::size_t n : {3u, 0u, 5u, 1u, 4u, 2u}) {
        miss(keys[n]);
    }
    for (std::size_t size = 1; size <= 7; ++size) {
        std::vector<FlowKey> seen;
        EntryPage page;
        do {
            page = mgm.page(seen.empty() ? std::nullopt : std::optional{seen.back()}, size);
            for (ForwardingEntry const& entry : page.entries) {
                seen.push_back(entry.key);
            }
        } while (page.more);
        EXPECT_EQ(seen, keys) << "page size " << size;
    }
    // MGM-116: a start key that is not there
    EXPECT_EQ(mgm.page(FlowKey{Ipv4::of(10, 1, 2, 77), k_g}, 1).entries.at(0).key, keys[2]);
}

// Memberships come in pages of any size, each once.
TEST_F(ReadsTest, PagesOfMemberships) {
    InterfaceLease y5 = take(y, 5);
    for (MembershipKey const& key :
         {MembershipKey::any(), MembershipKey::of(k_h), g, MembershipKey::of(k_flow)}) {
        ASSERT_TRUE(y4.add(key, k_join));
        ASSERT_TRUE(y5.add(key, k_join));
    }
    ASSERT_TRUE(xi.add(g, k_join));
    auto const read = [&](MembershipFilter const& filter, std::size_t size) {
        std::vector<std::string> seen;
        MembershipPage page;
        do {
            page = mgm.memberships(filter, page.next, size);
            EXPECT_LE(page.memberships.size(), size);
            for (MembershipView const& view : page.memberships) {
                EXPECT_TRUE(view.by_owner);
                EXPECT_EQ(view.owner->protocol.value, view.interface == index(1) ? 1u : 2u);
                seen.push_back(to_string(view.key) + " " + show(InterfaceRef{view.interface, {}}));
            }
        } while (page.next);
        std::ranges::sort(seen);
        return seen;
    };
    std::vector<std::string> const all{"(*, *) if4",
                                       "(*, *) if5",
                                       "(*, 239.1.1.1) if1",
                                       "(*, 239.1.1.1) if4",
                                       "(*, 239.1.1.1) if5",
                                       "(*, 239.2.2.2) if4",
                                       "(*, 239.2.2.2) if5",
                                       "(10.1.0.9, 239.1.1.1) if4",
                                       "(10.1.0.9, 239.1.1.1) if5"};
    for (std::size_t size = 1; size <= 10; ++size) {
        EXPECT_EQ(read({}, size), all) << "page size " << size;
        EXPECT_THAT(read({index(5), k_g}, size),
                    ElementsAre("(*, *) if5", "(*, 239.1.1.1) if5", "(10.1.0.9, 239.1.1.1) if5"));
        EXPECT_THAT(read({index(1), std::nullopt}, size), ElementsAre("(*, 239.1.1.1) if1"));
    }
    EXPECT_THAT(read({index(9), std::nullopt}, 1), IsEmpty());
}

// A page looks at a bounded number of memberships, however few of them are asked for.
TEST_F(ReadsTest, APageMayBeEmptyAndNotTheLast) {
    for (std::uint8_t n = 1; n <= 100; ++n) {
        ASSERT_TRUE(y4.add(MembershipKey::of(Ipv4::of(239, 1, 2, n)), k_join));
    }
    ASSERT_TRUE(xi.add(MembershipKey::of(Ipv4::of(239, 200, 0, 1)), k_join));
    auto const first = mgm.memberships({index(1), std::nullopt}, std::nullopt, 1);
    EXPECT_TRUE(first.memberships.empty());
    ASSERT_TRUE(first.next);
    std::size_t pages = 1;
    auto page = first;
    for (; page.next; ++pages) {
        page = mgm.memberships({index(1), std::nullopt}, page.next, 1);
        if (!page.memberships.empty()) {
            EXPECT_EQ(page.memberships[0].interface, index(1));
        }
    }
    EXPECT_LE(pages, 9u); // 256 slots, 32 a page
}

TEST_F(ReadsTest, WantedOutputsAreThoseOfExplain) {
    EXPECT_THAT(mgm.wanted_outputs(k_flow), IsEmpty());
    ASSERT_TRUE(y4.add(g, k_join));
    InterfaceLease const y5 = take(y, 5);
    miss();
    auto const outputs = mgm.wanted_outputs(k_flow);
    ASSERT_EQ(outputs.size(), 1u);
    EXPECT_EQ(outputs[0].interface, ref(4));
    EXPECT_EQ(outputs[0].reason, verdict(4).reason);
    EXPECT_EQ(outputs[0].by, verdict(4).by);
    ASSERT_TRUE(y4.remove(MembershipKey::of(k_flow), k_forward)); // MGM-62
    ASSERT_EQ(mgm.wanted_outputs(k_flow).size(), 1u);
    EXPECT_EQ(mgm.wanted_outputs(k_flow)[0].reason, OutputReason::switched_off);
}

TEST_F(ReadsTest, StatisticsAreThoseOfTheFlow) {
    ASSERT_TRUE(y4.add(g, k_join));
    miss();
    published()->counters[0].packets.add(5);
    published()->counters[0].wrong_interface.add(2);
    auto const stats = mgm.entry_stats(k_flow);
    EXPECT_EQ(stats->totals.packets, 5u);
    EXPECT_EQ(stats->totals.wrong_interface, 2u);
    EXPECT_EQ(show(stats->entry.outputs), "if4");
    EXPECT_EQ(stats->entry.route->prefix.length, 16);
}

TEST_F(ReadsTest, GroupListings) {
    ASSERT_TRUE(y4.add(g, k_join));
    ASSERT_TRUE(xi.add(g, k_join)); // on two interfaces: one record
    ASSERT_TRUE(y4.add(MembershipKey::of(k_flow), k_join));
    ASSERT_TRUE(y4.add(MembershipKey::of(k_h), k_join));
    // MGM-123
    EXPECT_THAT(mgm.groups(GroupListing::per_source).next(9),
                UnorderedElementsAre(g, MembershipKey::of(k_flow), MembershipKey::of(k_h)));
    auto cursor = mgm.groups(GroupListing::per_group);
    EXPECT_EQ(cursor.next(1).size(), 1u);
    ASSERT_TRUE(y4.remove(MembershipKey::of(k_h), k_join)); // MGM-124
    EXPECT_EQ(cursor.next(9).size(), 1u);
    EXPECT_TRUE(cursor.done());
    EXPECT_TRUE(cursor.next(9).empty());
}

TEST_F(ReadsTest, ExplainsEveryInterface) {
    auto y5 = take(y, 5);
    auto y6 = take(y, 6);
    auto y7 = take(y, 7);
    register_igmp();
    auto j8 = take(j, 8);
    auto y9 = take(y, 9);
    for (InterfaceLease* lease : {&y4, &y5, &y6, &y9}) {
        ASSERT_TRUE(lease->add(g, k_join));
    }
    ASSERT_TRUE(j8.add(g, k_join));
    mgm.set_interface(index(4), {.ttl_threshold = 16, .boundaries = {}});
    mgm.set_interface(index(5), {.ttl_threshold = 1, .boundaries = {{k_g, 32}}});
    yl.refuses = {index(6)};
    jl.refuses = {index(8)};
    miss();
    ASSERT_TRUE(y9.remove(MembershipKey::of(k_flow), k_forward));
    auto const e = mgm.explain(k_flow, index(3));
    EXPECT_TRUE(e.cached);
    EXPECT_TRUE(e.wrong_interface);
    EXPECT_EQ(e.owner, (ComponentId{{1}, 0}));
    EXPECT_EQ(e.negative, handoff::Drop::none);
    EXPECT_EQ(verdict(1).reason, OutputReason::arrival);
    EXPECT_EQ(verdict(4).reason, OutputReason::forwards);
    EXPECT_EQ(verdict(4).by, (ComponentId{{2}, 0}));
    EXPECT_EQ(verdict(4).threshold, 16);
    EXPECT_EQ(verdict(5).reason, OutputReason::boundary);
    EXPECT_EQ(verdict(6).reason, OutputReason::owner_refuses);
    EXPECT_EQ(verdict(6).by, (ComponentId{{2}, 0}));
    EXPECT_EQ(verdict(7).reason, OutputReason::no_member);
    EXPECT_EQ(verdict(8).reason, OutputReason::igmp_refuses);
    EXPECT_EQ(verdict(8).by->protocol, k_igmp_protocol);
    EXPECT_EQ(verdict(9).reason, OutputReason::switched_off);
}

TEST_F(ReadsTest, ExplainsFlowsThatWereNeverSeen) {
    trace.clear();
    auto e = mgm.explain(k_flow);
    EXPECT_FALSE(e.cached);
    EXPECT_EQ(e.negative, handoff::Drop::no_member);
    EXPECT_EQ(e.arrival, ref(1));
    ASSERT_TRUE(y4.add(g, k_join));
    EXPECT_EQ(mgm.explain(k_flow).negative, handoff::Drop::none);
    EXPECT_EQ(verdict(4).reason, OutputReason::forwards);
    FlowKey const unrouted{Ipv4::of(192, 0, 2, 1), k_g};
    EXPECT_EQ(mgm.explain(unrouted).negative, handoff::Drop::no_route);
    EXPECT_EQ(verdict(4, unrouted).reason, OutputReason::entry_refuses);
    EXPECT_EQ(mgm.explain({Ipv4::of(10, 7, 0, 1), k_g}).negative, handoff::Drop::no_owner);
    EXPECT_EQ(mgm.entries(), 0u) << "explaining creates nothing";
    EXPECT_THAT(trace, IsEmpty()) << "and asks nobody";
}

TEST_F(ReadsTest, NamesAreWords) {
    EXPECT_EQ(to_string(ComponentId{k_igmp_protocol, 0}), "igmp/0");
    EXPECT_EQ(to_string(ComponentId{{0x81372719}, 2}), "0x81372719/2");
    EXPECT_EQ(to_string(MembershipKey::of(k_g)), "(*, 239.1.1.1)");
    for (unsigned n = 0; n <= static_cast<unsigned>(OutputReason::entry_refuses); ++n) {
        EXPECT_NE(name_of(static_cast<OutputReason>(n)), "unknown");
    }
    for (unsigned n = 0; n <= static_cast<unsigned>(OwnershipState::releasing); ++n) {
        EXPECT_NE(name_of(static_cast<OwnershipState>(n)), "unknown");
    }
}

} // namespace
} // namespace mcast::mgm::test
