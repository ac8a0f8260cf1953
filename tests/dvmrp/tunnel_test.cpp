// A tunnel as the engine sees it: a point-to-point link with one address at its other end.
#include "rig.h"

namespace mcast::dvmrp::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr IfIndex k_t{3};
constexpr Ipv4 k_end = Ipv4::of(198, 51, 100, 7); // theirs; ours is that of i
constexpr Ipv4Prefix k_behind{Ipv4::of(172, 20, 0, 0), 16};

struct Tunnelled : Rig {
    explicit Tunnelled(Config const& config = {}, InterfaceConfig const& each = {}) : Rig(config) {
        EXPECT_TRUE(
            engine.add_interface(k_t, each, {.address = {k_us_i, 32}, .remote = k_end}, now, out));
        settle();
    }
    void two_way() { hear(k_t, k_end, Probe{.generation = 1, .neighbors = {k_us_i}}); }
};

TEST(DvmrpTunnel, TheOtherEndAloneIsANeighbor) { // V7
    Tunnelled rig;
    for (Ipv4 const stranger : {Ipv4::of(198, 51, 100, 8), k_n, Ipv4::of(10, 0, 0, 2)}) {
        rig.hear(k_t, stranger, Probe{.generation = 1, .neighbors = {k_us_i}});
    }
    EXPECT_THAT(rig.engine.neighbors(k_t), IsEmpty());
    EXPECT_EQ(rig.counters(k_t).not_on_link, 2U);
    EXPECT_EQ(rig.counters(k_t).own, 1U);
    rig.two_way();
    EXPECT_EQ(rig.state(k_t, k_end), NeighborState::two_way);
}

TEST(DvmrpTunnel, MessagesOfTheLinkBelowAreNotItsOwn) {
    Tunnelled rig;
    rig.hear(k_i, k_end, Probe{.generation = 1, .neighbors = {k_us_i}});
    EXPECT_EQ(rig.counters(k_i).not_on_link, 1U);
    rig.probe(k_i, k_n);
    EXPECT_THAT(rig.engine.neighbors(k_t), IsEmpty());
}

// Tables, prunes and grafts go to 224.0.0.4, as on any point-to-point link (section 3.7).
TEST(DvmrpTunnel, EverythingGoesToTheGroup) {
    Tunnelled rig;
    rig.two_way();
    rig.report(k_t, k_end, k_behind, 2);
    rig.forget();
    rig.open({Ipv4::of(172, 20, 1, 1), k_g});
    rig.run_for(1s);
    rig.member(k_j, true);
    rig.run_for(1s);
    EXPECT_THAT(rig.texts<Prune>(k_t), SizeIs(1));
    EXPECT_THAT(rig.texts<Graft>(k_t), SizeIs(1));
    for (Sent const& it : rig.sent) {
        EXPECT_TRUE(it.what.interface != k_t || it.what.destination == k_all);
    }
}

// Behind it is a router alone: no subnet of ours is there, to tell of or to search for sources.
TEST(DvmrpTunnel, HasNoSubnet) {
    Tunnelled rig;
    rig.two_way();
    EXPECT_THAT(rig.texts<Report>(k_t),
                ElementsAre("224.0.0.4 DVMRP report: 10.0.0.0/24 metric 1, 10.1.0.0/24 metric 1, "
                            "10.2.0.0/24 metric 1"));
    EXPECT_EQ(rig.engine.rpf(k_us_i)->interface, k_i);
    EXPECT_EQ(rig.engine.route_count(), 3U);
    rig.engine.set_link(k_t, false, rig.now, rig.out);
    rig.settle();
    EXPECT_EQ(rig.engine.route_count(), 3U);
}

// DVMRP-40: nothing before both have heard each other.
TEST(DvmrpTunnel, NothingGoesInBeforeItIsTwoWay) {
    Tunnelled rig;
    rig.probe(k_i, k_n);
    rig.report(k_i, k_n, k_p, 2);
    rig.hear(k_t, k_end, Probe{.generation = 1});
    EXPECT_EQ(rig.state(k_t, k_end), NeighborState::one_way);
    rig.report(k_t, k_end, k_p, 36);
    EXPECT_FALSE(rig.open()->wanted.contains(k_t));
    rig.two_way();
    rig.report(k_t, k_end, k_p, 36);
    EXPECT_TRUE(rig.wanted().contains(k_t));
}

TEST(DvmrpTunnel, NeighborsSaysThatItIsOne) {
    Config config;
    config.answer_neighbors = true;
    Tunnelled rig(config, {.metric = 3, .threshold = 16});
    auto const record = [&] {
        rig.forget();
        rig.hear(k_i, k_n, AskNeighbors2{}, {.destination = k_us_i});
        return std::get<Neighbors2>(rig.sent.front().what.message.body).records.at(3);
    };
    constexpr unsigned k_tunnel = 0x01;
    constexpr unsigned k_down = 0x10;
    constexpr unsigned k_leaf = 0x80;
    auto const before = record();
    EXPECT_EQ(before.local, k_us_i);
    EXPECT_EQ(before.metric, 3);
    EXPECT_EQ(before.threshold, 16);
    EXPECT_EQ(before.flags, k_tunnel | k_down | k_leaf);
    EXPECT_THAT(before.neighbors, ElementsAre(k_end)) << "the far end, in place of 0.0.0.0";
    rig.two_way();
    auto const after = record();
    EXPECT_EQ(after.flags, k_tunnel);
    EXPECT_THAT(after.neighbors, ElementsAre(k_end));
}

TEST(DvmrpTunnel, PassiveWaitsForTheOtherEnd) {
    Tunnelled rig({}, {.passive = true});
    rig.run_for(60s);
    EXPECT_THAT(rig.texts<Probe>(k_t), IsEmpty());
    rig.hear(k_t, k_end, Probe{.generation = 1});
    EXPECT_THAT(rig.texts<Probe>(k_t), SizeIs(1));
}

// 576 bytes of IP packet, less the outer header: section 3.7.
TEST(DvmrpTunnel, ReportsLeaveRoomForTheOuterHeader) {
    Tunnelled rig;
    rig.probe(k_i, k_n);
    for (std::uint8_t n = 0; n < 250; ++n) {
        rig.report(k_i, k_n, Ipv4Prefix{Ipv4::of(172, 16, n, 0), 28}, 2);
        if (n % 50 == 49) {
            rig.probe(k_i, k_n);
            rig.run_for(1s);
        }
    }
    rig.two_way();
    rig.run_for(10s);
    std::size_t longest = 0;
    for (Sent const& it : rig.sent) {
        if (it.what.interface == k_t) {
            longest = std::max(longest, bytes_of(it.what.message).size());
        }
    }
    EXPECT_GE(longest, 480U) << "full ones are among them";
    EXPECT_LE(20 + 20 + longest, 576U);
}

TEST(DvmrpTunnel, AnotherEndIsANewBeginning) {
    Tunnelled rig;
    rig.two_way();
    Link moved{.address = {k_us_i, 32}, .remote = Ipv4::of(198, 51, 100, 9)};
    rig.engine.change_link(k_t, moved, rig.now, rig.out);
    rig.settle();
    EXPECT_THAT(rig.engine.neighbors(k_t), IsEmpty());
    rig.two_way();
    EXPECT_EQ(rig.state(k_t, k_end), std::nullopt);
}

} // namespace
} // namespace mcast::dvmrp::test
