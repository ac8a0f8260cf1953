// Routes that stand for others: aggregates, default routes of our own, and filters.
#include "rig.h"

namespace mcast::dvmrp::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

constexpr Ipv4Prefix k_all_of_it{Ipv4::of(172, 16, 0, 0), 16};
constexpr Ipv4Prefix k_p2{Ipv4::of(172, 16, 2, 0), 24};
constexpr Ipv4 k_source2 = Ipv4::of(172, 16, 2, 9);
constexpr FlowKey k_flow2{k_source2, k_g};

// Both parts come from n, and m depends on the whole.
void with_parts(Rig& rig) {
    rig.all_adjacent();
    rig.report(k_i, k_n, {said(k_p, 4), said(k_p2, 2)});
    rig.live_for(6s);
    rig.report(k_j, k_m, k_all_of_it, 36);
}

// Section 3.4.1: told in place of its parts, with the metric of the best, as long as there is one.
TEST(DvmrpAggregate, InPlaceOfItsParts) {
    Rig rig({.aggregates = {{.prefix = k_all_of_it}}});
    with_parts(rig);
    EXPECT_EQ(rig.last_said(k_j, k_all_of_it), 3);
    EXPECT_EQ(rig.last_said(k_j, k_p), std::nullopt);
    // Who has them for us has to know that we depend on it, part by part.
    EXPECT_EQ(rig.last_said(k_i, k_p), 37);
    EXPECT_EQ(rig.last_said(k_i, k_p2), 35);
    // It is no way for packets of others that it contains.
    EXPECT_FALSE(rig.engine.rpf(Ipv4::of(172, 16, 3, 1)));
    rig.report(k_i, k_n, k_p2, 32);
    rig.live_for(6s);
    EXPECT_EQ(rig.last_said(k_j, k_all_of_it), 5);
    rig.report(k_i, k_n, k_p, 32);
    rig.live_for(6s);
    EXPECT_EQ(rig.last_said(k_j, k_all_of_it), 32);
    EXPECT_EQ(rig.last_said(k_j, k_p), std::nullopt);
}

// DVMRP-127: a prune for it goes on for the source that it names, and for others with their data; a
// graft for it goes on for each part that was pruned.
TEST(DvmrpAggregate, PruneAndGraft) {
    Rig rig({.aggregates = {{.prefix = k_all_of_it}}});
    with_parts(rig);
    EXPECT_EQ(rig.open()->wanted, IfSet{k_j});
    EXPECT_EQ(rig.open(k_flow2)->wanted, IfSet{k_j});
    rig.forget();
    rig.hear(k_j, k_m, Prune{k_source, k_g, 500});
    EXPECT_EQ(rig.wanted(), IfSet{});
    EXPECT_EQ(rig.wanted(k_flow2), IfSet{});
    EXPECT_THAT(rig.flows, UnorderedElementsAre(k_flow, k_flow2));
    EXPECT_THAT(rig.texts<Prune>(),
                ElementsAre("10.0.0.1 DVMRP prune: 172.16.1.9, 239.1.2.3, 500 s"));
    rig.data(k_flow2);
    EXPECT_THAT(rig.texts<Prune>(), SizeIs(2));
    rig.forget();
    rig.hear(k_j, k_m, Graft{k_source, k_g});
    EXPECT_THAT(rig.texts<Graft>(),
                UnorderedElementsAre("10.0.0.1 DVMRP graft: 172.16.1.9, 239.1.2.3",
                                     "10.0.0.1 DVMRP graft: 172.16.2.9, 239.1.2.3"));
    EXPECT_EQ(rig.wanted(), IfSet{k_j});
    EXPECT_EQ(rig.wanted(k_flow2), IfSet{k_j});
}

// A network number means the entry that the neighbour knows, not a longer one of ours; and the
// prune ends for all.
TEST(DvmrpAggregate, NetworkNumber) {
    Rig rig({.aggregates = {{.prefix = k_all_of_it}}});
    with_parts(rig);
    rig.open();
    rig.open(k_flow2);
    rig.hear(k_j, k_m, Prune{k_all_of_it.address, k_g, 60});
    EXPECT_EQ(rig.wanted(), IfSet{});
    EXPECT_EQ(rig.wanted(k_flow2), IfSet{});
    rig.forget();
    rig.live_for(61s);
    EXPECT_EQ(rig.wanted(), IfSet{k_j});
    EXPECT_THAT(rig.flows, testing::IsSupersetOf({k_flow, k_flow2}));
    EXPECT_EQ(rig.engine.prune_count(), 0U);
}

// Section 5.7: where it is configured, and there perhaps nothing else.
TEST(DvmrpAggregate, DefaultRoute) {
    Rig rig;
    rig.all_adjacent();
    rig.report(k_i, k_n, k_p, 2);
    ASSERT_TRUE(
        rig.engine.reconfigure(k_j, {.default_route = 7, .default_only = true}, rig.now, rig.out));
    ASSERT_TRUE(rig.engine.reconfigure(k_k, {.default_route = 3}, rig.now, rig.out));
    rig.live_for(6s);
    EXPECT_EQ(rig.last_said(k_j, {}), 7);
    EXPECT_EQ(rig.last_said(k_k, {}), 3);
    EXPECT_EQ(rig.last_said(k_i, {}), std::nullopt);
    EXPECT_EQ(rig.last_said(k_k, k_p), 3);
    EXPECT_FALSE(rig.engine.rpf(Ipv4::of(198, 51, 100, 1)));
    rig.report(k_j, k_m, Ipv4Prefix{}, 40);
    rig.report(k_k, k_r, Ipv4Prefix{}, 36);
    // m knows nothing longer; r was told of p and does not want it of us.
    EXPECT_EQ(rig.open()->wanted, IfSet{k_j});
    rig.hear(k_j, k_m, Prune{{}, k_g, 500});
    EXPECT_EQ(rig.wanted(), IfSet{});
    rig.hear(k_j, k_m, Graft{{}, k_g});
    EXPECT_EQ(rig.wanted(), IfSet{k_j});
    ASSERT_TRUE(rig.engine.reconfigure(k_j, {}, rig.now, rig.out));
    rig.live_for(1s);
    EXPECT_EQ(rig.last_said(k_j, {}), 32);
    EXPECT_EQ(rig.last_said(k_j, k_p), 3);
}

// It comes and goes with the configuration, and neighbours hear of both.
TEST(DvmrpAggregate, ByANewConfiguration) {
    Rig rig;
    with_parts(rig);
    EXPECT_EQ(rig.last_said(k_j, k_p), 5);
    Config config;
    config.aggregates = {{.prefix = k_all_of_it, .metric = 9}};
    ASSERT_TRUE(rig.engine.reconfigure(config, rig.now, rig.out));
    rig.live_for(6s);
    EXPECT_EQ(rig.last_said(k_j, k_all_of_it), 9);
    EXPECT_EQ(rig.last_said(k_j, k_p), 32);
    config.aggregates.front().with_parts = true;
    ASSERT_TRUE(rig.engine.reconfigure(config, rig.now, rig.out));
    rig.live_for(6s);
    EXPECT_EQ(rig.last_said(k_j, k_p), 5);
    ASSERT_TRUE(rig.engine.reconfigure(Config{}, rig.now, rig.out));
    rig.live_for(6s);
    EXPECT_EQ(rig.last_said(k_j, k_all_of_it), 32);
    EXPECT_EQ(rig.last_said(k_j, k_p), 5);
}

} // namespace
} // namespace mcast::dvmrp::test
