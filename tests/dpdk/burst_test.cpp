// A burst gives what its frames give one by one, whatever stands beside what: trains of usual
// packets are judged and sent together, and nobody may notice.
#include "rig.h"

#include "mcast/base/random.h"

#include <array>
#include <chrono>
#include <vector>

#include <gtest/gtest.h>
#include <rte_mbuf.h>

namespace mcast::dataplane {
namespace {

using handoff::Drop;
using test::Octets;
using test::Packet;
using test::Rig;

constexpr std::size_t k_drops = handoff::k_drop_reasons;
constexpr Ipv4 k_small_group = Ipv4::of(239, 1, 2, 4);  // to an output with a small MTU
constexpr Ipv4 k_tagged_group = Ipv4::of(239, 1, 2, 5); // to one with a tag
constexpr Ipv4 k_far_group = Ipv4::of(239, 1, 2, 6);    // to one with a TTL threshold
constexpr Ipv4 k_unwanted_group = Ipv4::of(239, 1, 2, 7);

// Port 0 receives; 1 and 2 are plain.
void furnish(Rig& rig) {
    auto small = rig.plain(3);
    small.mtu = 90;
    auto tagged = rig.plain(4);
    tagged.vlan = 7;
    auto far = rig.plain(5);
    far.ttl_threshold = 8;
    rig.publish({{0, rig.plain(0)},
                 {1, rig.plain(1)},
                 {2, rig.plain(2)},
                 {3, small},
                 {4, tagged},
                 {5, far}});
    auto const entry = [&](Ipv4 group, IfSet const& outputs, std::uint8_t threshold = 0) {
        rig.publish_entry({.key = {test::k_source, group},
                           .arrival = IfIndex{0},
                           .outputs = outputs,
                           .highest_threshold = threshold});
    };
    entry(test::k_group, {IfIndex{1}, IfIndex{2}});
    entry(k_small_group, {IfIndex{1}, IfIndex{3}});
    entry(k_tagged_group, {IfIndex{1}, IfIndex{4}});
    entry(k_far_group, {IfIndex{1}, IfIndex{5}}, 8);
    rig.publish_entry({.key = {test::k_source, k_unwanted_group},
                       .arrival = IfIndex{0},
                       .negative = Drop::no_member});
}

// Mostly of one flow and alike, so that there are trains.
Octets any_frame(Random& random) {
    constexpr std::array k_groups{test::k_group, test::k_group,    test::k_group,
                                  k_small_group, k_tagged_group,   k_far_group,
                                  k_far_group,   k_unwanted_group, Ipv4::of(239, 9, 9, 9)};
    Packet packet;
    packet.group = k_groups[random.below(random.below(2) == 0 ? k_groups.size() : 2)];
    packet.payload = random.below(3) == 0 ? random.below(600) : 26; // beyond k_copy_limit, too
    packet.padding = random.below(8) == 0 ? random.below(20) : 0;
    packet.dont_fragment = random.below(6) == 0;
    packet.data = random.below(10) == 0 ? std::optional{Octets{}} : std::nullopt;
    switch (random.below(20)) {
    case 0:
        packet.ttl = static_cast<std::uint8_t>(random.below(12));
        break;
    case 1:
        packet.options = {1, 1, 1, 0};
        break;
    case 2:
        packet.protocol = 2;
        break;
    case 3:
        packet.to = test::k_router_mac;
        break;
    case 4:
        packet.tags = {7};
        break;
    case 5:
        packet.source = Ipv4::of(127, 0, 0, 1);
        break;
    case 6:
        packet.fragment_field = 0x2000;
        break;
    default:
        break;
    }
    Octets bytes = packet.bytes();
    if (random.below(12) == 0) {
        bytes[random.below(34)] ^= static_cast<std::uint8_t>(1U << random.below(8));
    } else if (random.below(12) == 0) {
        bytes[15] ^= 0x10; // TOS
        test::fix_checksum(bytes, 14);
    } else if (random.below(20) == 0) {
        bytes.resize(random.below(bytes.size()) + 1);
    }
    return bytes;
}

struct Outcome {
    std::vector<std::vector<Octets>> sent; // by port
    std::array<std::uint64_t, k_drops> drops{};
    std::array<std::uint64_t, handoff::k_punt_classes> punts{};
    std::uint64_t received_bytes = 0;
    std::uint64_t flow_bytes = 0;
    std::uint64_t copies = 0;
};

void expect_same(Outcome const& burst, Outcome const& alone) {
    for (std::size_t i = 0; i < k_drops; ++i) {
        EXPECT_EQ(burst.drops[i], alone.drops[i]) << name_of(static_cast<Drop>(i));
    }
    for (std::size_t i = 0; i < handoff::k_punt_classes; ++i) {
        EXPECT_EQ(burst.punts[i], alone.punts[i]) << name_of(static_cast<handoff::PuntClass>(i));
    }
    EXPECT_EQ(burst.received_bytes, alone.received_bytes);
    EXPECT_EQ(burst.flow_bytes, alone.flow_bytes);
    EXPECT_EQ(burst.copies, alone.copies);
    for (std::size_t port = 0; port < alone.sent.size(); ++port) {
        ASSERT_EQ(burst.sent[port].size(), alone.sent[port].size()) << "port " << port;
        for (std::size_t i = 0; i < alone.sent[port].size(); ++i) {
            EXPECT_EQ(burst.sent[port][i], alone.sent[port][i]) << "port " << port << ", " << i;
        }
    }
}

// What happened since `before`, which is brought up to now.
Outcome outcome(Rig& rig, Outcome& before) {
    Outcome now;
    for (std::size_t i = 0; i < k_drops; ++i) {
        now.drops[i] = rig.drops(static_cast<Drop>(i));
    }
    for (std::size_t i = 0; i < handoff::k_punt_classes; ++i) {
        auto const to = static_cast<handoff::PuntClass>(i);
        now.punts[i] = rig.punts(to);
        while (rig.punted(to)) {
        }
    }
    now.received_bytes = rig.counters(0).received_bytes.read();
    now.flow_bytes = rig.publisher().totals({test::k_source, test::k_group}).bytes;
    now.copies = rig.totals().copies;
    Outcome since = now;
    for (std::size_t i = 0; i < k_drops; ++i) {
        since.drops[i] -= before.drops[i];
    }
    for (std::size_t i = 0; i < handoff::k_punt_classes; ++i) {
        since.punts[i] -= before.punts[i];
    }
    since.received_bytes -= before.received_bytes;
    since.flow_bytes -= before.flow_bytes;
    since.copies -= before.copies;
    before = now;
    for (std::uint16_t port = 0; port < 6; ++port) {
        auto& frames = since.sent.emplace_back();
        for (auto const& sent : rig.sent(port)) {
            frames.push_back(sent.bytes);
        }
    }
    rig.release();
    return since;
}

TEST(Burst, GivesWhatItsFramesGiveOneByOne) {
    Rig rig;
    furnish(rig);
    Outcome before;
    std::uint64_t trains = 0;
    for (std::uint64_t seed = 0; seed < 400; ++seed) {
        Random random(seed);
        std::vector<Octets> frames(1 + random.below(32));
        for (std::size_t i = 0; i < frames.size(); ++i) {
            bool const again = i != 0 && random.below(2) == 0;
            frames[i] = again ? frames[i - 1] : any_frame(random);
            trains += again ? 1 : 0;
        }
        // Far apart, so that no limit of one is left for the other.
        TimePoint const first{std::chrono::minutes{2 * seed + 1}};
        TimePoint const second{std::chrono::minutes{2 * seed + 2}};
        std::vector<rte_mbuf*> burst;
        for (Octets const& bytes : frames) {
            rig.receive(0, rig.frame(bytes), first);
            burst.push_back(rig.frame(bytes));
        }
        Outcome const alone = outcome(rig, before);
        rig.receive(0, burst, second);
        expect_same(outcome(rig, before), alone);
        ASSERT_FALSE(HasFailure()) << "seed " << seed;
    }
    EXPECT_GT(trains, 1000U);
    EXPECT_GT(before.copies, 1000U);
    EXPECT_GT(before.drops[static_cast<std::size_t>(Drop::bad_header_checksum)], 0U);
}

// A frame that another holds a reference to, or in two pieces, amid a train.
TEST(Burst, ATrainGoesAroundWhatMayNotBeWritten) {
    Rig rig;
    rig.publish_plain(3);
    rig.forward_to({1, 2});
    rte_mbuf* held = nullptr;
    for (int i = 0; i < 9; ++i) {
        rte_mbuf* const frame = rig.frame(Packet{}.bytes(), i == 6 ? 50 : 2048);
        if (i == 3) {
            held = frame;
            rte_mbuf_refcnt_update(frame, 1);
        }
        rig.enqueue(0, frame);
    }
    rig.worker().poll_once();
    Octets const right = test::forwarded({}, test::k_router_mac, 0);
    for (std::uint16_t const port : {1, 2}) {
        auto const sent = rig.sent(port);
        ASSERT_EQ(sent.size(), 9U);
        for (auto const& each : sent) {
            EXPECT_EQ(each.bytes, right);
        }
    }
    Octets const untouched = Packet{}.bytes();
    EXPECT_EQ(Octets(rte_pktmbuf_mtod(held, std::uint8_t*),
                     rte_pktmbuf_mtod(held, std::uint8_t*) + held->data_len),
              untouched);
    rte_pktmbuf_free(held);
}

// Copies run out in the middle of a train: what there is goes out in order, the rest is counted,
// and outputs that need none lack nothing.
TEST(Burst, HeadersRunOutInATrain) {
    for (std::size_t const payload : {50U, 500U}) {
        Rig rig;
        auto tagged = rig.plain(1);
        tagged.vlan = 20;
        auto other = rig.plain(2);
        other.vlan = 30;
        rig.publish({{0, rig.plain(0)}, {1, tagged}, {2, other}, {3, rig.plain(3)}});
        rig.forward_to({1, 2, 3});
        std::vector<rte_mbuf*> taken;
        while (rte_mbuf* const one = rte_pktmbuf_alloc(rig.pools().headers())) {
            taken.push_back(one);
        }
        constexpr std::size_t k_left = 42;
        rte_pktmbuf_free_bulk(&taken[taken.size() - k_left], k_left);
        taken.resize(taken.size() - k_left);
        std::vector<rte_mbuf*> burst;
        for (int i = 0; i < 30; ++i) {
            burst.push_back(rig.frame(Packet{.payload = payload}.bytes()));
        }
        rig.receive(0, burst, {});
        EXPECT_EQ(rig.sent(1).size(), 30U);
        auto const second = rig.sent(2);
        EXPECT_EQ(second.size(), 12U);
        for (auto const& each : second) {
            EXPECT_EQ(each.bytes,
                      test::forwarded(Packet{.payload = payload}, test::k_router_mac, 30));
        }
        EXPECT_EQ(rig.sent(3).size(), 30U);
        EXPECT_EQ(rig.copy_drops(handoff::CopyDrop::no_buffer), 18U);
        rig.release();
        rte_pktmbuf_free_bulk(taken.data(), static_cast<unsigned>(taken.size()));
    }
}

// Two tags on one port, streams that take turns, and no header for any of them: nothing is handed
// to the port, whose neighbour goes on.
TEST(Burst, NoHeadersForTagsThatShareAPort) {
    for (std::size_t const payload : {50U, 500U}) {
        Rig rig;
        auto tagged = rig.plain(1);
        tagged.vlan = 20;
        auto other = rig.plain(1);
        other.vlan = 30;
        rig.publish({{0, rig.plain(0)}, {1, tagged}, {2, other}, {3, rig.plain(2)}});
        for (std::uint32_t n = 0; n < 2; ++n) {
            rig.publish_entry({.key = {test::k_source, Ipv4{test::k_group.value + n}},
                               .arrival = IfIndex{0},
                               .outputs = {IfIndex{1}, IfIndex{2}, IfIndex{3}}});
        }
        std::vector<rte_mbuf*> taken;
        while (rte_mbuf* const one = rte_pktmbuf_alloc(rig.pools().headers())) {
            taken.push_back(one);
        }
        std::vector<rte_mbuf*> burst;
        for (std::uint32_t i = 0; i < 32; ++i) {
            Ipv4 const group{test::k_group.value + i % 2};
            burst.push_back(rig.frame(Packet{.group = group, .payload = payload}.bytes()));
        }
        rig.receive(0, burst, {});
        EXPECT_TRUE(rig.sent(1).empty());
        EXPECT_EQ(rig.sent(2).size(), 32U);
        EXPECT_EQ(rig.copy_drops(handoff::CopyDrop::no_buffer), 64U);
        rig.release();
        rte_pktmbuf_free_bulk(taken.data(), static_cast<unsigned>(taken.size()));
    }
}

// More ways than are remembered, again and again in one turn and over many.
TEST(Burst, EachStreamGoesItsOwnWay) {
    constexpr std::uint16_t k_ways = 12;
    Rig rig;
    rig.publish_plain(k_ways + 1);
    std::vector<Octets> frames;
    for (std::uint16_t way = 1; way <= k_ways; ++way) {
        Ipv4 const group{test::k_group.value + way};
        rig.publish_entry(
            {.key = {test::k_source, group}, .arrival = IfIndex{0}, .outputs = {IfIndex{way}}});
        frames.push_back(Packet{.group = group, .payload = 26}.bytes());
    }
    for (int turn = 0; turn < 5; ++turn) {
        std::vector<rte_mbuf*> burst;
        for (std::size_t i = 0; i < 30; ++i) {
            burst.push_back(rig.frame(frames[i * 5 % k_ways]));
        }
        rig.receive(0, burst, {});
    }
    for (std::uint16_t way = 1; way <= k_ways; ++way) {
        Packet const packet{.group = Ipv4{test::k_group.value + way}, .payload = 26};
        auto const sent = rig.sent(way);
        EXPECT_EQ(sent.size(), rig.counters(way).copies.read());
        EXPECT_GE(sent.size(), 10U);
        for (auto const& each : sent) {
            EXPECT_EQ(each.bytes, test::forwarded(packet, test::k_router_mac, 0)) << way;
        }
    }
}

// What a way means is worked out anew when an interface changes, though the way is the same.
TEST(Burst, AnInterfaceThatChangesIsSeenAtOnce) {
    Rig rig;
    rig.publish_plain(3);
    rig.forward_to({1, 2});
    for (std::uint16_t const tag : {0, 7, 0, 9}) {
        auto changed = rig.plain(2);
        changed.vlan = tag;
        rig.publish({{0, rig.plain(0)}, {1, rig.plain(1)}, {2, changed}});
        rig.receive(0, Packet{}.bytes());
        auto const plain = rig.sent(1);
        auto const other = rig.sent(2);
        ASSERT_EQ(plain.size(), 1U);
        ASSERT_EQ(other.size(), 1U);
        EXPECT_EQ(plain.front().bytes, test::forwarded({}, test::k_router_mac, 0));
        EXPECT_EQ(other.front().bytes, test::forwarded({}, test::k_router_mac, tag));
    }
}

} // namespace
} // namespace mcast::dataplane
