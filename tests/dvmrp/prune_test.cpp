// Prunes: those that come, and ours.
#include "prune.h"
#include "rig.h"

namespace mcast::dvmrp::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// The lifetime of the only prune that was sent.
std::optional<std::uint32_t> pruned_for(Rig const& rig) {
    std::optional<std::uint32_t> result;
    for (Sent const& it : rig.sent) {
        if (auto const* prune = std::get_if<Prune>(&it.what.message.body)) {
            EXPECT_FALSE(result);
            result = prune->lifetime;
        }
    }
    return result;
}

// DVMRP-98: one, within bounds; DVMRP-123: of 20 bytes.
TEST(DvmrpPrune, NobodyThere) {
    Rig rig;
    rig.all_adjacent();
    rig.report(k_i, k_n, k_p, 2);
    rig.forget();
    EXPECT_EQ(rig.open()->wanted, IfSet{});
    auto const lifetime = pruned_for(rig);
    ASSERT_TRUE(lifetime);
    EXPECT_GE(*lifetime, 5400U);
    EXPECT_LE(*lifetime, 7200U);
    Sent const& it = rig.sent.front();
    EXPECT_EQ(it.what.destination, k_n);
    EXPECT_EQ(it.what.ttl, 1);
    EXPECT_EQ(bytes_of(it.what.message).size(), 20U);
    // Another source of the network is covered.
    rig.open({Ipv4::of(172, 16, 1, 10), k_g});
    EXPECT_THAT(rig.texts<Prune>(), SizeIs(1));
}

// Section 3.3.2: a packet that comes in where it should not is discarded and means nothing. If we
// pruned for it, n might not have the flow yet and ignore us (DVMRP-103), and for the right packet
// we would say nothing (DVMRP-98).
TEST(DvmrpPrune, NotForAPacketFromTheWrongSide) {
    Rig rig;
    rig.all_adjacent();
    rig.report(k_i, k_n, k_p, 2);
    rig.forget();
    ASSERT_TRUE(rig.engine.open_flow(k_flow, rig.now, rig.out, /*elsewhere=*/false, k_j));
    rig.settle();
    EXPECT_THAT(rig.texts<Prune>(), IsEmpty());
    rig.data();
    EXPECT_TRUE(pruned_for(rig));
    // From the right side the first packet is enough.
    FlowKey const other{k_source, Ipv4::of(239, 1, 2, 4)};
    rig.forget();
    ASSERT_TRUE(rig.engine.open_flow(other, rig.now, rig.out, /*elsewhere=*/false, k_i));
    rig.settle();
    EXPECT_TRUE(pruned_for(rig));
}

TEST(DvmrpPrune, SourcesOnOurLinksHaveNobodyAbove) {
    Rig rig;
    rig.all_adjacent();
    EXPECT_EQ(rig.open({Ipv4::of(10, 0, 0, 77), k_g})->wanted, IfSet{});
    EXPECT_THAT(rig.sent, IsEmpty());
}

// DVMRP-99: as long as the shortest below.
TEST(DvmrpPrune, LastsAsLongAsTheShortestBelow) {
    Rig rig;
    rig.with_route_and_dependent();
    rig.report(k_k, k_r, k_p, 36);
    rig.open();
    rig.forget();
    rig.hear(k_j, k_m, Prune{k_source, k_g, 100});
    EXPECT_THAT(rig.texts<Prune>(), IsEmpty());
    rig.hear(k_k, k_r, Prune{k_source, k_g, 900});
    EXPECT_EQ(pruned_for(rig), 100U);
}

TEST(DvmrpPrune, NotForTheBlinkOfAnEye) {
    Rig rig;
    rig.with_route_and_dependent();
    rig.open();
    rig.forget();
    rig.hear(k_j, k_m, Prune{k_source, k_g, 9});
    EXPECT_EQ(rig.wanted(), IfSet{});
    EXPECT_THAT(rig.texts<Prune>(), IsEmpty());
}

// DVMRP-100: it stops when both have pruned.
TEST(DvmrpPrune, TwoDependents) {
    Rig rig;
    rig.with_route_and_dependent();
    rig.probe(k_j, k_m1);
    rig.report(k_j, k_m1, k_p, 36);
    rig.open();
    rig.hear(k_j, k_m, Prune{k_source, k_g, 500});
    EXPECT_EQ(rig.wanted(), IfSet{k_j});
    rig.hear(k_j, k_m1, Prune{k_source, k_g, 500});
    EXPECT_EQ(rig.wanted(), IfSet{});
    EXPECT_EQ(rig.engine.prune_count(), 2U);
}

// DVMRP-102: of somebody who does not depend on us, there or at all. DVMRP-103: of nothing open.
TEST(DvmrpPrune, Ignored) {
    Rig rig;
    rig.with_route_and_dependent();
    rig.hear(k_j, k_m, Prune{k_source, k_g, 500});
    EXPECT_EQ(rig.counters(k_j).prune_no_flow, 1U);
    rig.open();
    rig.hear(k_k, k_r, Prune{k_source, k_g, 500});
    EXPECT_EQ(rig.counters(k_k).prune_not_dependent, 1U);
    rig.hear(k_i, k_n, Prune{k_source, k_g, 500});
    EXPECT_EQ(rig.counters(k_i).prune_not_dependent, 1U);
    rig.hear(k_j, k_m, Prune{Ipv4::of(192, 0, 2, 1), k_g, 500});
    EXPECT_EQ(rig.counters(k_j).prune_no_route, 1U);
    rig.hear(k_j, k_m, Prune{k_source, k_g, 500, Ipv4::of(255, 255, 0, 0)});
    EXPECT_EQ(rig.counters(k_j).prune_bad_mask, 1U);
    EXPECT_EQ(rig.engine.prune_count(), 0U);
    EXPECT_EQ(rig.wanted(), IfSet{k_j});
}

// DVMRP-104: the new lifetime counts.
TEST(DvmrpPrune, Again) {
    Rig rig;
    rig.with_route_and_dependent();
    rig.open();
    rig.hear(k_j, k_m, Prune{k_source, k_g, 100});
    rig.live_for(50s);
    rig.report(k_i, k_n, k_p, 2);
    rig.report(k_j, k_m, k_p, 36);
    rig.hear(k_j, k_m, Prune{k_source, k_g, 100});
    EXPECT_EQ(rig.engine.prune_count(), 1U);
    rig.live_for(99s);
    EXPECT_EQ(rig.wanted(), IfSet{});
    rig.live_for(1s);
    EXPECT_EQ(rig.wanted(), IfSet{k_j});
}

// DVMRP-105: a host or its network, with the mask or without. DVMRP-106: with a mask of /32 this
// source alone.
TEST(DvmrpPrune, HostOrNetwork) {
    FlowKey const other{Ipv4::of(172, 16, 1, 10), k_g};
    struct Case {
        Ipv4 source;
        std::optional<Ipv4> mask;
        bool other_too;
    };
    Case const cases[] = {{k_source, {}, true},
                          {k_p.address, {}, true},
                          {k_p.address, Ipv4::of(255, 255, 255, 0), true},
                          {k_source, Ipv4::of(255, 255, 255, 255), false}};
    for (auto const& [source, mask, other_too] : cases) {
        Rig rig;
        rig.with_route_and_dependent();
        rig.open();
        rig.open(other);
        rig.hear(k_j, k_m, Prune{source, k_g, 500, mask});
        EXPECT_EQ(rig.wanted(), IfSet{}) << to_string(source);
        EXPECT_EQ(rig.wanted(other).empty(), other_too);
        EXPECT_THAT(rig.texts<Prune>(), SizeIs(other_too ? 1 : 0));
    }
}

// Fact 7: 0.0.0.0 is the default route.
TEST(DvmrpPrune, DefaultRoute) {
    Rig rig;
    rig.all_adjacent();
    rig.report(k_i, k_n, Ipv4Prefix{}, 2);
    rig.report(k_j, k_m, Ipv4Prefix{}, 36);
    FlowKey const flow{Ipv4::of(198, 51, 100, 1), k_g};
    rig.open(flow);
    EXPECT_EQ(rig.wanted(flow), IfSet{k_j});
    rig.hear(k_j, k_m, Prune{{}, k_g, 500});
    EXPECT_EQ(rig.wanted(flow), IfSet{});
}

// DVMRP-109: hours are taken, years are cut.
TEST(DvmrpPrune, LongLifetimes) {
    Rig rig;
    rig.with_route_and_dependent();
    rig.open();
    rig.hear(k_j, k_m, Prune{k_source, k_g, 10712});
    EXPECT_EQ(rig.counters(k_j).prune_lifetime_cut, 0U);
    rig.hear(k_j, k_m, Prune{k_source, k_g, 0xffffffff});
    EXPECT_EQ(rig.counters(k_j).prune_lifetime_cut, 1U);
    EXPECT_EQ(rig.counters(k_j).prunes, 2U);
}

// DVMRP-110: it ends by itself, ours too: no graft, no further prune before the next packet.
TEST(DvmrpPrune, RunsOut) {
    Rig rig;
    rig.with_route_and_dependent();
    rig.open();
    rig.hear(k_j, k_m, Prune{k_source, k_g, 60});
    rig.forget();
    rig.live_for(60s);
    EXPECT_EQ(rig.wanted(), IfSet{k_j});
    EXPECT_THAT(rig.flows, ElementsAre(k_flow));
    EXPECT_THAT(rig.texts<Graft>(), IsEmpty());
    EXPECT_THAT(rig.texts<Prune>(), IsEmpty());
}

TEST(DvmrpPrune, OursRunsOut) {
    Rig rig({.min_prune_lifetime = 100s, .max_prune_lifetime = 100s});
    rig.all_adjacent();
    rig.report(k_i, k_n, k_p, 2);
    rig.open();
    rig.live_for(101s);
    EXPECT_THAT(rig.texts<Prune>(), SizeIs(1));
    rig.data();
    EXPECT_THAT(rig.texts<Prune>(), SizeIs(2));
}

// DVMRP-111: again after about 3, 6 and 12 s of data, with what is left of it. On a LAN only when
// nobody else is there who might want it.
TEST(DvmrpPrune, DataInSpiteOfIt) {
    Rig rig({}, {.point_to_point = true});
    rig.probe(k_i, k_n);
    rig.report(k_i, k_n, k_p, 2);
    rig.open();
    for (int i = 0; i < 250; ++i) {
        rig.run_for(100ms);
        rig.data();
    }
    std::vector<Duration> at;
    std::vector<std::uint32_t> lifetimes;
    for (Sent const& it : rig.sent) {
        if (auto const* prune = std::get_if<Prune>(&it.what.message.body)) {
            EXPECT_EQ(it.what.destination, k_all);
            at.push_back(it.at);
            lifetimes.push_back(prune->lifetime);
        }
    }
    ASSERT_GE(at.size(), 4U);
    for (std::size_t i = 1; i < 4; ++i) {
        auto const pause = 3s * (1 << (i - 1));
        EXPECT_GE(at[i] - at[i - 1], pause * 3 / 4);
        EXPECT_LE(at[i] - at[i - 1], pause * 5 / 4 + 100ms);
        EXPECT_LT(lifetimes[i], lifetimes[i - 1]);
    }
    for (bool const others : {true, false}) {
        Rig lan;
        lan.probe(k_i, k_n);
        if (others) {
            lan.probe(k_i, k_n3);
        }
        lan.report(k_i, k_n, k_p, 2);
        lan.open();
        lan.run_for(4s);
        lan.data();
        EXPECT_THAT(lan.texts<Prune>(), SizeIs(others ? 1 : 2));
    }
}

TEST(DvmrpPrune, Limit) {
    Rig rig({.max_prunes = 2});
    rig.with_route_and_dependent();
    for (std::uint8_t last = 1; last <= 3; ++last) {
        rig.open({k_source, Ipv4::of(239, 1, 1, last)});
        rig.hear(k_j, k_m, Prune{k_source, Ipv4::of(239, 1, 1, last), 500});
    }
    EXPECT_EQ(rig.engine.prune_count(), 2U);
    EXPECT_EQ(rig.counters(k_j).limit_prunes, 1U);
}

TEST(DvmrpPrune, DrawnLifetimes) {
    Config const config;
    Random random{1};
    Duration shortest = 100h;
    Duration longest{};
    for (int i = 0; i < 1000; ++i) {
        auto const lifetime = *prune_lifetime(config, random, TimePoint{}, std::nullopt);
        shortest = std::min(shortest, lifetime);
        longest = std::max(longest, lifetime);
    }
    EXPECT_GE(shortest, 5400s);
    EXPECT_LT(shortest, 5500s);
    EXPECT_LE(longest, 7200s);
    EXPECT_GT(longest, 7100s);
    EXPECT_EQ(prune_lifetime(config, random, TimePoint{}, TimePoint{9s}), std::nullopt);
    EXPECT_EQ(prune_lifetime(config, random, TimePoint{}, TimePoint{10s}), 10s);
}

} // namespace
} // namespace mcast::dvmrp::test
