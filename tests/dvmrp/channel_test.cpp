// Groups that are not flooded: a source goes to who has grafted it, and is grafted for who wants
// it.
#include "rig.h"

namespace mcast::dvmrp::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Ipv4 k_c = Ipv4::of(232, 1, 2, 3);
constexpr FlowKey k_channel{k_source, k_c};
constexpr FlowKey k_sibling{Ipv4::of(172, 16, 1, 10), k_c};
constexpr FlowKey k_stranger{Ipv4::of(172, 17, 1, 10), k_c};
constexpr char const* k_graft_text = "10.0.0.1 DVMRP graft: 172.16.1.9, 232.1.2.3";

// p comes from n, m on j depends on us, r on k does not.
struct Asked : Rig {
    explicit Asked(Config const& config = {}, InterfaceConfig const& each = {})
        : Rig(config, each) {
        with_route_and_dependent();
    }
    void members(IfSet const& interfaces, FlowKey flow = k_channel) {
        engine.set_channel_members(flow, interfaces, now, out);
        settle();
    }
    void graft(IfIndex on, Ipv4 from, FlowKey flow = k_channel) {
        hear(on, from, Graft{.source = flow.source, .group = flow.group});
    }
    void prune(IfIndex on, Ipv4 from, FlowKey flow = k_channel) {
        hear(on, from, Prune{.source = flow.source, .group = flow.group, .lifetime = 7200});
    }
};

// IGMP-110: who depends on us has not asked for this source.
TEST(DvmrpChannel, UnrequestedIsNotFlooded) {
    Asked rig;
    auto const outputs = rig.open(k_channel);
    ASSERT_TRUE(outputs);
    EXPECT_TRUE(outputs->wanted.empty());
    EXPECT_EQ(rig.open()->wanted, IfSet{k_j}); // other groups are
    EXPECT_THAT(rig.texts<Prune>(),
                ElementsAre(testing::StartsWith("10.0.0.1 DVMRP prune: 172.16.1.9, 232.1.2.3")));
}

// IGMP-110: asked for by a graft, which is answered and goes on upstream; nothing else of the
// group.
TEST(DvmrpChannel, GraftAsksForOneSource) {
    Asked rig;
    rig.open(k_channel);
    rig.open(k_sibling);
    rig.forget();
    rig.graft(k_j, k_m);
    EXPECT_THAT(rig.texts<GraftAck>(),
                ElementsAre("10.1.0.3 DVMRP graft acknowledgement: 172.16.1.9, 232.1.2.3"));
    EXPECT_THAT(rig.texts<Graft>(), ElementsAre(k_graft_text));
    EXPECT_EQ(rig.wanted(k_channel), IfSet{k_j});
    EXPECT_TRUE(rig.wanted(k_sibling).empty());
    EXPECT_THAT(rig.flows, ElementsAre(k_channel));
}

// Before any packet; asked again until it is answered, as DVMRP-116.
TEST(DvmrpChannel, MembersAreReasonEnough) {
    Asked rig;
    rig.members(IfSet{k_k});
    auto const begun = rig.now.time_since_epoch();
    EXPECT_THAT(rig.texts<Graft>(), ElementsAre(k_graft_text));
    rig.live_for(16s);
    EXPECT_THAT(rig.times<Graft>(k_i), ElementsAre(begun, begun + 5s, begun + 15s));
    rig.hear(k_i, k_n, GraftAck{k_source, k_c});
    EXPECT_EQ(rig.counters(k_i).graft_acks, 1U);
    rig.forget();
    rig.live_for(40s);
    EXPECT_THAT(rig.texts<Graft>(), IsEmpty());
    EXPECT_EQ(rig.open(k_channel)->wanted, IfSet{k_k});
    EXPECT_TRUE(rig.open(k_sibling)->wanted.empty());
}

// An interface that DVMRP does not have is somebody else's to forward to, and a reason to ask; the
// one where the packets come in is neither.
TEST(DvmrpChannel, MembersElsewhere) {
    Asked rig;
    rig.members(IfSet{k_i});
    EXPECT_THAT(rig.texts<Graft>(), IsEmpty());
    rig.members(IfSet{IfIndex{7}});
    EXPECT_THAT(rig.texts<Graft>(), SizeIs(1));
    EXPECT_TRUE(rig.open(k_channel)->wanted.empty());
    EXPECT_THAT(rig.texts<Prune>(), IsEmpty());
}

// The last that wants it goes: one prune, and the graft is forgotten.
TEST(DvmrpChannel, PruneWhenNobodyWantsIt) {
    Asked rig;
    rig.graft(k_j, k_m);
    rig.members(IfSet{k_k});
    rig.prune(k_j, k_m);
    EXPECT_THAT(rig.texts<Prune>(), IsEmpty());
    rig.members({});
    EXPECT_THAT(rig.texts<Prune>(k_i), SizeIs(1));
    EXPECT_FALSE(rig.engine.channel(k_channel)->asked);
    rig.forget();
    rig.graft(k_j, k_m);
    EXPECT_THAT(rig.texts<Graft>(), ElementsAre(k_graft_text));
}

// Another router of the group's sources may flood, and then takes our prune for all of the network:
// what is still wanted of it is grafted again. A source of another network is not concerned.
TEST(DvmrpChannel, SiblingsAreGraftedAgain) {
    Asked rig;
    rig.report(k_i, k_n, *Ipv4Prefix::parse("172.17.1.0/24"), 2);
    rig.members(IfSet{k_k});
    rig.members(IfSet{k_k}, k_sibling);
    rig.members(IfSet{k_k}, k_stranger);
    for (FlowKey const flow : {k_channel, k_sibling, k_stranger}) {
        rig.hear(k_i, k_n, GraftAck{flow.source, k_c});
    }
    rig.forget();
    rig.members({});
    EXPECT_THAT(rig.texts<Prune>(), SizeIs(1));
    EXPECT_THAT(rig.texts<Graft>(), ElementsAre("10.0.0.1 DVMRP graft: 172.16.1.10, 232.1.2.3"));
}

// DVMRP-123: with the capability a prune can name one source, and no sibling need be repaired.
TEST(DvmrpChannel, PruneNamesTheHost) {
    Asked rig({}, {.netmask = true});
    rig.hear(k_i, k_n, Probe{.generation = 1, .neighbors = {k_us_i}}, {.capabilities = 0x2e});
    rig.members(IfSet{k_k});
    rig.members(IfSet{k_k}, k_sibling);
    rig.forget();
    rig.members({});
    EXPECT_THAT(rig.texts<Prune>(), ElementsAre(testing::HasSubstr("255.255.255.255")));
    EXPECT_THAT(rig.texts<Graft>(), IsEmpty());
}

// DVMRP-104, 105 of channels: a restarted router above knows nothing of us; one below has to ask
// again.
TEST(DvmrpChannel, Restarts) {
    Asked rig;
    rig.graft(k_j, k_m);
    rig.hear(k_i, k_n, GraftAck{k_source, k_c});
    rig.open(k_channel);
    rig.live_for(20s);
    rig.forget();
    rig.probe(k_i, k_n, 2);
    rig.live_for(10s);
    rig.report(k_i, k_n, k_p, 2);
    rig.live_for(1s);
    EXPECT_THAT(rig.texts<Graft>(), testing::Contains(k_graft_text));
    EXPECT_EQ(rig.wanted(k_channel), IfSet{k_j});
    rig.probe(k_j, k_m, 2);
    rig.live_for(10s);
    rig.report(k_j, k_m, k_p, 36);
    rig.live_for(6s);
    EXPECT_TRUE(rig.wanted(k_channel).empty());
    rig.graft(k_j, k_m);
    EXPECT_EQ(rig.wanted(k_channel), IfSet{k_j});
}

// The way to the source moves: the new upstream neighbour is asked.
TEST(DvmrpChannel, UpstreamChanges) {
    Asked rig;
    rig.members(IfSet{k_k});
    rig.hear(k_i, k_n, GraftAck{k_source, k_c});
    rig.forget();
    rig.report(k_i, k_n3, k_p, 1);
    EXPECT_THAT(rig.texts<Graft>(), ElementsAre("10.0.0.3 DVMRP graft: 172.16.1.9, 232.1.2.3"));
}

// No way to the source yet: the graft is kept, and goes on when there is one.
TEST(DvmrpChannel, GraftBeforeTheRoute) {
    Rig rig;
    rig.all_adjacent();
    rig.hear(k_j, k_m, Graft{.source = k_source, .group = k_c});
    EXPECT_THAT(rig.texts<Graft>(), IsEmpty());
    rig.report(k_i, k_n, k_p, 2);
    rig.report(k_j, k_m, k_p, 36);
    EXPECT_THAT(rig.texts<Graft>(), ElementsAre(k_graft_text));
    EXPECT_EQ(rig.open(k_channel)->wanted, IfSet{k_j});
}

// A router above that floods all the same hears that we do not want it, and again while it goes on.
TEST(DvmrpChannel, UnwantedPacketsArePruned) {
    Asked rig;
    rig.engine.remove_interface(k_i, rig.now, rig.out);
    rig.engine.add_interface(k_i, {.point_to_point = true}, {.address = {k_us_i, 24}}, rig.now,
                             rig.out);
    rig.probe(k_i, k_n);
    rig.report(k_i, k_n, k_p, 2);
    rig.forget();
    rig.open(k_channel);
    EXPECT_THAT(rig.texts<Prune>(), SizeIs(1));
    rig.data(k_channel);
    EXPECT_THAT(rig.texts<Prune>(), SizeIs(1));
    rig.run_for(4s);
    rig.data(k_channel);
    EXPECT_THAT(rig.texts<Prune>(), SizeIs(2));
    rig.members(IfSet{k_k});
    EXPECT_THAT(rig.texts<Graft>(), SizeIs(1));
}

// Strangers and limits: nothing is kept for the one, and the other is not answered, so that it is
// asked again. Whoever has grafted already may say so once more.
TEST(DvmrpChannel, Limits) {
    Asked rig({.max_prunes_of_neighbor = 1});
    rig.hear(k_j, k_m1, Graft{.source = k_source, .group = k_c});
    EXPECT_EQ(rig.engine.channel_count(), 0U);
    rig.graft(k_j, k_m);
    rig.graft(k_j, k_m);
    rig.forget();
    rig.graft(k_j, k_m, k_sibling);
    EXPECT_EQ(rig.counters(k_j).limit_grafts, 1U);
    EXPECT_THAT(rig.texts<GraftAck>(), IsEmpty());
    EXPECT_EQ(rig.engine.channel_count(), 1U);
    rig.prune(k_j, k_m, k_sibling);
    EXPECT_EQ(rig.counters(k_j).prune_not_grafted, 1U);
    rig.prune(k_j, k_m);
    rig.graft(k_j, k_m, k_sibling);
    EXPECT_THAT(rig.texts<GraftAck>(), SizeIs(1));
}

TEST(DvmrpChannel, LimitOfChannels) {
    Asked rig({.max_flows = 1});
    rig.graft(k_j, k_m);
    rig.graft(k_j, k_m, k_sibling);
    EXPECT_EQ(rig.counters(k_j).limit_grafts, 1U);
    rig.members(IfSet{k_k}, k_stranger);
    EXPECT_EQ(rig.engine.channel_count(), 1U);
}

// Nothing is left when the last has gone and our prune has run out.
TEST(DvmrpChannel, IsForgotten) {
    Asked rig;
    rig.members(IfSet{k_k});
    rig.members({});
    EXPECT_EQ(rig.engine.channel_count(), 1U);
    rig.run_for(7201s);
    EXPECT_EQ(rig.engine.channel_count(), 0U);
}

// `ssm-flood = "allow"`: as all other groups.
TEST(DvmrpChannel, Allowed) {
    Asked rig({.explicit_groups = {}});
    rig.members(IfSet{k_k});
    EXPECT_EQ(rig.engine.channel_count(), 0U);
    EXPECT_EQ(rig.open(k_channel)->wanted, IfSet{k_j});
}

} // namespace
} // namespace mcast::dvmrp::test
