// What is forgotten by command, and how it comes back.
#include "rig.h"

namespace mcast::dvmrp::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

std::optional<std::uint32_t> generation_said(Rig const& rig, IfIndex on) {
    std::optional<std::uint32_t> last;
    for (Sent const& it : rig.sent) {
        auto const* const probe = std::get_if<Probe>(&it.what.message.body);
        if (probe != nullptr && it.what.interface == on) {
            last = probe->generation;
        }
    }
    return last;
}

struct Forgetting : Rig {
    Forgetting() { with_route_and_dependent(); }
    std::size_t forget_learned(IfIndex on, Learned what) {
        sent.clear();
        std::size_t const neighbors = engine.forget(on, what, now, out);
        settle();
        return neighbors;
    }
};

// As section 3.2.2 has it of us, others keep us while we come back; so it takes them a probe.
TEST(DvmrpForget, Neighbors) {
    Forgetting rig;
    auto const before = generation_said(rig, k_i);
    rig.open();
    EXPECT_EQ(rig.forget_learned(k_i, Learned::neighbors), 2U);
    EXPECT_FALSE(rig.state(k_i, k_n));
    EXPECT_EQ(rig.state(k_j, k_m), NeighborState::two_way) << "another link";
    auto const after = generation_said(rig, k_i);
    ASSERT_TRUE(after) << "at once";
    EXPECT_NE(after, before);
    EXPECT_FALSE(generation_said(rig, k_j));
    EXPECT_FALSE(rig.engine.rpf(k_source));
    EXPECT_EQ(rig.last_said(k_j, k_p), 32);
    rig.probe(k_i, k_n);
    rig.report(k_i, k_n, k_p, 2);
    ASSERT_TRUE(rig.engine.rpf(k_source));
    EXPECT_FALSE(rig.engine.view(k_p)->held_down_until) << "DVMRP-67";
    EXPECT_EQ(rig.wanted(), IfSet{k_j});
}

TEST(DvmrpForget, Routes) {
    Forgetting rig;
    rig.report(k_j, k_m, said("172.20.0.0/16", 4).prefix, 4);
    auto const before = generation_said(rig, k_i);
    EXPECT_EQ(rig.forget_learned(k_i, Learned::routes), 2U);
    EXPECT_EQ(rig.state(k_i, k_n), NeighborState::two_way);
    EXPECT_FALSE(rig.engine.rpf(k_source));
    EXPECT_TRUE(rig.engine.rpf(Ipv4::of(172, 20, 1, 1))) << "heard elsewhere";
    rig.run_for(1s);
    auto const after = generation_said(rig, k_i);
    ASSERT_TRUE(after);
    EXPECT_NE(after, before);
    rig.report(k_i, k_n, k_p, 2);
    EXPECT_TRUE(rig.engine.rpf(k_source));
    EXPECT_FALSE(rig.engine.view(k_p)->held_down_until) << "DVMRP-67";
    // Who depends on us says so again, too.
    EXPECT_EQ(rig.open()->wanted, IfSet{k_j});
    rig.forget_learned(k_j, Learned::routes);
    EXPECT_EQ(rig.wanted(), IfSet{});
    rig.report(k_j, k_m, k_p, 36);
    EXPECT_EQ(rig.wanted(), IfSet{k_j});
}

TEST(DvmrpForget, Prunes) {
    Forgetting rig;
    rig.open();
    rig.hear(k_j, k_m, Prune{k_source, k_g, 300});
    ASSERT_EQ(rig.wanted(), IfSet{});
    EXPECT_EQ(rig.forget_learned(k_j, Learned::prunes), 1U);
    EXPECT_EQ(rig.wanted(), IfSet{k_j}) << "until it is pruned again";
    EXPECT_THAT(rig.texts<Graft>(k_i), SizeIs(1)) << "ours upstream was heard by another";
    EXPECT_TRUE(rig.engine.rpf(k_source));
    rig.run_for(1s);
    EXPECT_TRUE(generation_said(rig, k_j)) << "or m would not prune again";
    rig.hear(k_j, k_m, Prune{k_source, k_g, 300});
    EXPECT_EQ(rig.wanted(), IfSet{});
    // Ours: n drops it with our new generation.
    rig.live_for(10s);
    EXPECT_EQ(rig.forget_learned(k_i, Learned::prunes), 2U);
    EXPECT_THAT(rig.texts<Prune>(), IsEmpty());
    rig.member(k_k, true);
    EXPECT_THAT(rig.texts<Graft>(), IsEmpty());
    rig.member(k_k, false);
    rig.data();
    EXPECT_THAT(rig.texts<Prune>(k_i), ElementsAre("10.0.0.1 DVMRP prune: 172.16.1.9, 239.1.2.3, "
                                                   "290 s"));
}

TEST(DvmrpForget, Counters) {
    Forgetting rig;
    EXPECT_GT(rig.counters(k_i).probes, 0U);
    rig.engine.clear_counters(k_i);
    EXPECT_EQ(rig.counters(k_i).probes, 0U);
    EXPECT_GT(rig.counters(k_j).probes, 0U);
}

TEST(DvmrpForget, NothingThere) {
    Forgetting rig;
    EXPECT_EQ(rig.forget_learned(IfIndex{77}, Learned::neighbors), 0U);
    rig.engine.clear_counters(IfIndex{77});
    rig.engine.set_link(k_k, false, rig.now, rig.out);
    rig.settle();
    EXPECT_EQ(rig.forget_learned(k_k, Learned::neighbors), 0U);
    EXPECT_THAT(rig.sent, IsEmpty()) << "the link is down";
}

} // namespace
} // namespace mcast::dvmrp::test
