// Grafts: ours until they are answered, and those that come.
#include "rig.h"

namespace mcast::dvmrp::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// p is pruned upstream, and nobody below wants it.
struct Pruned : Rig {
    explicit Pruned(Config const& config = {}, InterfaceConfig const& each = {})
        : Rig(config, each) {
        all_adjacent();
        report(k_i, k_n, k_p, 2);
        open();
        EXPECT_THAT(texts<Prune>(), SizeIs(1));
        live_for(6s);
        forget();
    }
};

constexpr char const* k_graft_text = "10.0.0.1 DVMRP graft: 172.16.1.9, 239.1.2.3";

// DVMRP-115: at once, and the port is back. DVMRP-123: 16 bytes.
TEST(DvmrpGraft, MemberJoins) {
    Pruned rig;
    rig.member(k_k, true);
    EXPECT_THAT(rig.texts<Graft>(), ElementsAre(k_graft_text));
    EXPECT_EQ(bytes_of(rig.sent.front().what.message).size(), 16U);
    EXPECT_EQ(rig.wanted(), IfSet{k_k});
    EXPECT_THAT(rig.flows, ElementsAre(k_flow));
}

// Nobody has the entry any more, but upstream does not send until it hears of us.
TEST(DvmrpGraft, MemberJoinsAfterTheEntryIsGone) {
    Pruned rig;
    rig.engine.close_flow(k_flow);
    rig.member(k_k, true);
    EXPECT_THAT(rig.texts<Graft>(), ElementsAre(k_graft_text));
}

// DVMRP-87, when the entry has aged before anybody new depends on us.
TEST(DvmrpGraft, SomebodyDependsAfterTheEntryIsGone) {
    Pruned rig;
    rig.engine.close_flow(k_flow);
    rig.report(k_k, k_r, k_p, 36);
    EXPECT_THAT(rig.texts<Graft>(), ElementsAre(k_graft_text));
}

// DVMRP-116: after 5, then 10, 20, 40 ... 160 s, until it is answered.
TEST(DvmrpGraft, Unanswered) {
    Pruned rig;
    auto const begun = rig.now.time_since_epoch();
    rig.member(k_k, true);
    for (int i = 0; i < 8; ++i) {
        rig.live_for(60s);
        rig.report(k_i, k_n, k_p, 2);
    }
    EXPECT_THAT(rig.times<Graft>(k_i),
                ElementsAre(begun, begun + 5s, begun + 15s, begun + 35s, begun + 75s, begun + 155s,
                            begun + 315s, begun + 475s));
    rig.hear(k_i, k_n, GraftAck{k_source, k_g});
    rig.forget();
    for (int i = 0; i < 4; ++i) {
        rig.live_for(60s);
        rig.report(k_i, k_n, k_p, 2);
    }
    EXPECT_THAT(rig.texts<Graft>(), IsEmpty());
    EXPECT_EQ(rig.counters(k_i).graft_acks, 1U);
}

// DVMRP-117: not from who was not asked, not for what was not asked. DVMRP-118: with a mask too.
TEST(DvmrpGraft, Answers) {
    Pruned rig;
    rig.member(k_k, true);
    rig.hear(k_i, k_n3, GraftAck{k_source, k_g});
    rig.hear(k_i, k_n, GraftAck{k_source, Ipv4::of(239, 9, 9, 9)});
    rig.hear(k_i, k_n, GraftAck{Ipv4::of(172, 16, 1, 8), k_g});
    EXPECT_EQ(rig.counters(k_i).graft_ack_unexpected, 3U);
    rig.live_for(5s);
    EXPECT_THAT(rig.texts<Graft>(), SizeIs(2));
    rig.hear(k_i, k_n, GraftAck{k_source, k_g, Ipv4::of(255, 255, 255, 0)});
    rig.live_for(30s);
    EXPECT_THAT(rig.texts<Graft>(), SizeIs(2));
    rig.hear(k_i, k_n, GraftAck{k_source, k_g});
    EXPECT_EQ(rig.counters(k_i).graft_ack_unexpected, 4U);
}

// DVMRP-121: answered, the interface is back, and it goes on upstream. DVMRP-122: a second one is
// answered, and nothing else.
TEST(DvmrpGraft, FromBelow) {
    Rig rig;
    rig.with_route_and_dependent();
    rig.open();
    rig.hear(k_j, k_m, Prune{k_source, k_g, 500});
    EXPECT_EQ(rig.wanted(), IfSet{});
    rig.forget();
    rig.hear(k_j, k_m, Graft{k_source, k_g});
    EXPECT_THAT(rig.texts<GraftAck>(),
                ElementsAre("10.1.0.3 DVMRP graft acknowledgement: 172.16.1.9, 239.1.2.3"));
    EXPECT_THAT(rig.texts<Graft>(), ElementsAre(k_graft_text));
    EXPECT_EQ(rig.wanted(), IfSet{k_j});
    EXPECT_EQ(rig.engine.prune_count(), 0U);
    rig.hear(k_i, k_n, GraftAck{k_source, k_g});
    rig.hear(k_j, k_m, Graft{k_source, k_g});
    EXPECT_THAT(rig.texts<GraftAck>(), SizeIs(2));
    EXPECT_THAT(rig.texts<Graft>(), SizeIs(1));
}

// Nothing is known of it: answered all the same.
TEST(DvmrpGraft, ForNothing) {
    Rig rig;
    rig.all_adjacent();
    rig.hear(k_j, k_m, Graft{Ipv4::of(192, 0, 2, 1), k_g});
    EXPECT_THAT(rig.texts<GraftAck>(), SizeIs(1));
}

// DVMRP-124: the mask comes back, to who can read it. DVMRP-123: and to nobody else.
TEST(DvmrpGraft, Masks) {
    Ipv4 const mask = Ipv4::of(255, 255, 255, 0);
    for (std::uint8_t const capabilities : {0x0e, 0x2e}) {
        Rig rig;
        rig.hear(k_j, k_m, Probe{.generation = 1, .neighbors = {k_us_j}},
                 {.capabilities = capabilities});
        rig.forget();
        rig.hear(k_j, k_m, Graft{k_source, k_g, mask});
        ASSERT_THAT(rig.texts<GraftAck>(), SizeIs(1));
        EXPECT_EQ(std::get<GraftAck>(rig.sent.front().what.message.body).mask,
                  capabilities == 0x2e ? std::optional{mask} : std::nullopt);
    }
}

// DVMRP-126: another way to the source: what was said to the old neighbour is void.
TEST(DvmrpGraft, UpstreamChanges) {
    Pruned rig;
    rig.member(k_k, true);
    rig.report(k_j, k_m, k_p, 1);
    rig.forget();
    rig.live_for(60s);
    EXPECT_THAT(rig.texts<Graft>(), IsEmpty());
    rig.member(k_k, false);
    EXPECT_EQ(rig.texts<Prune>(k_j).size(), 1U);
    EXPECT_THAT(rig.texts<Prune>(k_i), IsEmpty());
}

TEST(DvmrpGraft, UpstreamRestarts) {
    Pruned rig;
    rig.lonely_probe(k_i, k_n, 99);
    EXPECT_THAT(rig.texts<Prune>(), IsEmpty()) << "it may not know yet that we depend on it";
    rig.member(k_k, true);
    EXPECT_THAT(rig.texts<Graft>(), IsEmpty()) << "it knows of no prune";
}

// DVMRP-128: each once.
TEST(DvmrpGraft, JoinAndLeave) {
    Pruned rig;
    rig.member(k_k, true);
    rig.member(k_k, false);
    rig.live_for(60s);
    EXPECT_THAT(rig.texts<Graft>(), SizeIs(1));
    EXPECT_THAT(rig.texts<Prune>(), SizeIs(1));
}

TEST(DvmrpGraft, OnAPointToPointLink) {
    Pruned rig({}, {.point_to_point = true});
    rig.member(k_k, true);
    EXPECT_THAT(rig.texts<Graft>(), ElementsAre("224.0.0.4 DVMRP graft: 172.16.1.9, 239.1.2.3"));
}

// Masks go to whom can read them, and only when that is configured.
TEST(DvmrpGraft, MasksForWhoReadsThem) {
    for (bool const configured : {true, false}) {
        for (bool const reads : {true, false}) {
            Rig rig({}, {.netmask = configured});
            rig.hear(k_i, k_n, Probe{.generation = 1, .neighbors = {k_us_i}},
                     {.capabilities = static_cast<std::uint8_t>(reads ? 0x2e : 0x0e)});
            rig.report(k_i, k_n, k_p, 2);
            rig.open();
            rig.member(k_j, true);
            std::optional<Ipv4> const mask =
                configured && reads ? std::optional{Ipv4::of(255, 255, 255, 0)} : std::nullopt;
            std::size_t seen = 0;
            for (Sent const& it : rig.sent) {
                auto const* prune = std::get_if<Prune>(&it.what.message.body);
                auto const* graft = std::get_if<Graft>(&it.what.message.body);
                EXPECT_TRUE(prune == nullptr || prune->mask == mask);
                EXPECT_TRUE(graft == nullptr || graft->mask == mask);
                seen += prune != nullptr || graft != nullptr ? 1 : 0;
            }
            EXPECT_EQ(seen, 2U);
        }
    }
}

} // namespace
} // namespace mcast::dvmrp::test
