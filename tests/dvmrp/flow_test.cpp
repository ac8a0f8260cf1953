// Where a flow comes in, and who gets it.
#include "rig.h"

namespace mcast::dvmrp::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// DVMRP-90, DVMRP-91: never forwarded, or nowhere from.
TEST(DvmrpFlow, NotOpened) {
    Rig rig;
    rig.with_route_and_dependent();
    EXPECT_EQ(rig.open({k_source, Ipv4::of(224, 0, 0, 5)}), std::nullopt);
    EXPECT_EQ(rig.open({Ipv4::of(192, 0, 2, 1), k_g}), std::nullopt);
    EXPECT_EQ(rig.engine.flow_count(), 0U);
    EXPECT_THAT(rig.sent, IsEmpty());
    EXPECT_TRUE(rig.open({k_source, Ipv4::of(224, 0, 1, 0)}));
}

// DVMRP-92: dependents on j, members on k.
TEST(DvmrpFlow, DependentsAndMembers) {
    Rig rig;
    rig.with_route_and_dependent();
    rig.member(k_k, true);
    auto const outputs = rig.open();
    ASSERT_TRUE(outputs);
    EXPECT_EQ(outputs->arrival, k_i);
    EXPECT_EQ(outputs->wanted, (IfSet{k_j, k_k}));
    EXPECT_EQ(outputs->dependents, IfSet{k_j});
    EXPECT_EQ(outputs->members_served, (IfSet{k_j, k_k}));
    EXPECT_THAT(rig.texts<Prune>(), IsEmpty());
    rig.member(k_k, false);
    EXPECT_EQ(rig.wanted(), IfSet{k_j});
    EXPECT_THAT(rig.flows, ElementsAre(k_flow));
}

// What others want already when the flow comes is not pruned first and grafted then.
TEST(DvmrpFlow, WantedElsewhereFromTheStart) {
    Rig rig;
    rig.all_adjacent();
    rig.report(k_i, k_n, k_p, 2);
    Output out;
    ASSERT_TRUE(rig.engine.open_flow(k_flow, rig.now, out, /*elsewhere=*/true));
    EXPECT_THAT(out.messages, IsEmpty());
    rig.engine.set_wanted_elsewhere(k_flow, false, rig.now, out);
    EXPECT_THAT(out.messages, SizeIs(1));
}

// Where members alone are, no neighbour's end says that the link is down.
TEST(DvmrpFlow, MembersOfALinkThatGoesDown) {
    Rig rig;
    rig.all_adjacent();
    rig.report(k_i, k_n, k_p, 2);
    rig.member(k_k, true);
    ASSERT_EQ(rig.open()->wanted, IfSet{k_k});
    Output out;
    rig.engine.remove_interface(k_k, rig.now, out);
    while (rig.engine.expire(rig.now, 100, out) != 0) {
    }
    EXPECT_THAT(out.flows, testing::Contains(FlowChanged{k_flow}));
    EXPECT_TRUE(std::ranges::any_of(out.messages, [](ToSend const& it) {
        return std::holds_alternative<Prune>(it.message.body);
    }));
}

TEST(DvmrpFlow, MembersWhereItComesInAreNoReason) {
    Rig rig;
    rig.all_adjacent();
    rig.report(k_i, k_n, k_p, 2);
    rig.member(k_i, true);
    EXPECT_EQ(rig.open()->wanted, IfSet{});
    EXPECT_THAT(rig.texts<Prune>(), SizeIs(1));
}

// DVMRP-94: who never said that it depends gets nothing. DVMRP-40: nor does who has not heard us.
TEST(DvmrpFlow, NeighborsThatSaidNothing) {
    Rig rig;
    rig.all_adjacent();
    rig.report(k_i, k_n, k_p, 2);
    EXPECT_EQ(rig.open()->wanted, IfSet{});
    Rig line({}, {.point_to_point = true});
    line.probe(k_i, k_n);
    line.report(k_i, k_n, k_p, 2);
    line.lonely_probe(k_j, k_m);
    line.report(k_j, k_m, k_p, 36);
    EXPECT_EQ(line.open()->wanted, IfSet{});
}

// DVMRP-94: unless neighbours are to be flooded until they have spoken, for two reports at most.
TEST(DvmrpFlow, NeighborsThatSaidNothingAreFlooded) {
    Rig rig({}, {.flood_unknown = true});
    rig.all_adjacent();
    rig.report(k_i, k_n, k_p, 2);
    EXPECT_EQ(rig.open()->wanted, (IfSet{k_j, k_k}));
    EXPECT_THAT(rig.texts<Prune>(), IsEmpty());
    // It says that it has a way of its own; the other says nothing, and may prune.
    rig.report(k_j, k_m, k_p, 9);
    EXPECT_EQ(rig.wanted(), IfSet{k_k});
    rig.hear(k_k, k_r, Prune{k_source, k_g, 20});
    EXPECT_EQ(rig.wanted(), IfSet{});
    rig.live_for(21s);
    EXPECT_EQ(rig.wanted(), IfSet{k_k});
    rig.live_for(98s);
    EXPECT_EQ(rig.wanted(), IfSet{k_k});
    rig.forget();
    rig.live_for(2s);
    EXPECT_EQ(rig.wanted(), IfSet{});
    EXPECT_THAT(rig.flows, ElementsAre(k_flow));
    // Who is new is flooded again, in the same way.
    rig.forget();
    rig.report(k_i, k_n, k_p, 2);
    rig.probe(k_j, k_m1);
    EXPECT_EQ(rig.wanted(), IfSet{k_j});
    EXPECT_THAT(rig.flows, ElementsAre(k_flow));
}

// DVMRP-96: neither out of j nor in by it.
TEST(DvmrpFlow, Boundaries) {
    Rig rig;
    Output out;
    IfIndex const edge{3};
    Ipv4 const us = Ipv4::of(10, 3, 0, 2);
    Ipv4 const beyond = Ipv4::of(10, 3, 0, 3);
    rig.engine.add_interface(edge, {},
                             {.address = {us, 24}, .boundaries = {{Ipv4::of(239, 255, 0, 0), 16}}},
                             rig.now, out);
    rig.probe(k_i, k_n);
    rig.hear(edge, beyond, Probe{.generation = 1, .neighbors = {us}});
    rig.report(k_i, k_n, k_p, 2);
    rig.report(edge, beyond, {said(k_p, 36), said("172.16.2.0/24", 2)});
    FlowKey const local{k_source, Ipv4::of(239, 255, 1, 1)};
    EXPECT_EQ(rig.open(local)->wanted, IfSet{});
    EXPECT_EQ(rig.open({k_source, Ipv4::of(239, 254, 1, 1)})->wanted, IfSet{edge});
    FlowKey const from_beyond{Ipv4::of(172, 16, 2, 1), Ipv4::of(239, 255, 1, 1)};
    rig.member(k_j, true, from_beyond.group);
    auto const outputs = rig.open(from_beyond);
    EXPECT_EQ(outputs->wanted, IfSet{});
    EXPECT_EQ(outputs->members_served, IfSet{});
    // DVMRP-112
    rig.forget();
    rig.hear(edge, beyond, Prune{local.source, local.group, 100});
    EXPECT_EQ(rig.counters(edge).prune_scoped, 1U);
    EXPECT_EQ(rig.engine.prune_count(), 0U);
}

// DVMRP-97: flows under it move to where it says they come in; and back when it is gone.
TEST(DvmrpFlow, LongerPrefix) {
    Rig rig;
    rig.with_route_and_dependent();
    rig.open();
    Ipv4Prefix const longer{Ipv4::of(172, 16, 1, 8), 29};
    rig.report(k_k, k_r, longer, 2);
    EXPECT_THAT(rig.flows, testing::Contains(k_flow));
    auto const moved = rig.engine.outputs(k_flow, rig.now);
    EXPECT_EQ(moved->arrival, k_k);
    EXPECT_EQ(moved->wanted, IfSet{}) << "nobody depends on us for the longer one yet";
    EXPECT_THAT(rig.texts<Prune>(), IsEmpty()) << "nothing has come from there";
    rig.data();
    EXPECT_THAT(rig.texts<Prune>(k_k), SizeIs(1));
    rig.forget();
    rig.report(k_k, k_r, longer, 32);
    EXPECT_THAT(rig.flows, testing::Contains(k_flow));
    EXPECT_EQ(rig.engine.outputs(k_flow, rig.now)->arrival, k_i);
    EXPECT_EQ(rig.wanted(), IfSet{k_j});
}

TEST(DvmrpFlow, RouteIsLostAndComesBack) {
    Rig rig;
    rig.with_route_and_dependent();
    rig.open();
    rig.report(k_i, k_n, k_p, 32);
    EXPECT_EQ(rig.engine.outputs(k_flow, rig.now), std::nullopt);
    EXPECT_THAT(rig.flows, ElementsAre(k_flow));
    rig.forget();
    rig.report(k_i, k_n, k_p, 2);
    EXPECT_EQ(rig.wanted(), IfSet{k_j});
    EXPECT_THAT(rig.flows, ElementsAre(k_flow));
}

TEST(DvmrpFlow, Limit) {
    Rig rig({.max_flows = 2});
    rig.with_route_and_dependent();
    EXPECT_TRUE(rig.open({k_source, Ipv4::of(239, 1, 1, 1)}));
    EXPECT_TRUE(rig.open({k_source, Ipv4::of(239, 1, 1, 2)}));
    EXPECT_FALSE(rig.open({k_source, Ipv4::of(239, 1, 1, 3)}));
    EXPECT_THAT(rig.events, SizeIs(1));
    rig.engine.close_flow({k_source, Ipv4::of(239, 1, 1, 1)});
    EXPECT_TRUE(rig.open({k_source, Ipv4::of(239, 1, 1, 3)}));
}

// Another component forwards it: no prune, and one when it no longer does.
TEST(DvmrpFlow, WantedElsewhere) {
    Rig rig;
    rig.all_adjacent();
    rig.report(k_i, k_n, k_p, 2);
    rig.open();
    EXPECT_THAT(rig.texts<Prune>(), SizeIs(1));
    rig.engine.set_wanted_elsewhere(k_flow, true, rig.now, rig.out);
    rig.settle();
    EXPECT_THAT(rig.texts<Graft>(), SizeIs(1));
    rig.engine.set_wanted_elsewhere(k_flow, false, rig.now, rig.out);
    rig.settle();
    EXPECT_THAT(rig.texts<Prune>(), SizeIs(2));
}

} // namespace
} // namespace mcast::dvmrp::test
