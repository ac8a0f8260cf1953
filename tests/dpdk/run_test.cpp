// Packets of one turn that go the same way are handed on together; nobody can tell, except by time.
#include "rig.h"

#include "mcast/dataplane/replicate.h"

#include <gtest/gtest.h>
#include <rte_mbuf.h>

namespace mcast::dataplane {
namespace {

using handoff::CopyDrop;
using test::forwarded;
using test::k_router_mac;
using test::Packet;
using test::Rig;

constexpr Ipv4 k_other_group = Ipv4::of(239, 9, 9, 9);

// The nth of a turn, told from the others by its length.
Packet nth(std::size_t n, Ipv4 group = test::k_group) {
    return {.group = group, .payload = 40 + n};
}

void process(Rig& rig, std::vector<Packet> const& packets) {
    std::vector<rte_mbuf*> frames;
    for (Packet const& packet : packets) {
        frames.push_back(rig.frame(packet.bytes()));
    }
    rig.worker().process(PortId{0}, frames.data(), static_cast<std::uint16_t>(frames.size()), {});
    rig.worker().finish_turn();
}

void forward(Rig& rig, Ipv4 group, std::initializer_list<std::uint16_t> outputs) {
    handoff::EntrySpec spec{.key = {test::k_source, group}, .arrival = IfIndex{0}};
    for (std::uint16_t const output : outputs) {
        spec.outputs.insert(IfIndex{output});
    }
    rig.publish_entry(spec);
}

// Two streams with one output in common, a packet to fragment between, a private header beside:
// on each output they leave in the order in which they came.
TEST(Run, KeepsTheOrder) {
    Rig rig;
    auto tagged = rig.plain(3);
    tagged.vlan = 30;
    auto narrow = rig.plain(2);
    narrow.mtu = 400;
    rig.publish({{0, rig.plain(0)}, {1, rig.plain(1)}, {2, narrow}, {3, tagged}});
    forward(rig, test::k_group, {1, 2, 3});
    forward(rig, k_other_group, {1, 3});
    std::vector<Packet> packets;
    for (std::size_t n = 0; n < 30; ++n) {
        packets.push_back(nth(n, n % 7 < 4 ? test::k_group : k_other_group));
    }
    packets[11] = {.payload = 600};
    process(rig, packets);
    auto const first = rig.sent(1);
    auto const third = rig.sent(3);
    ASSERT_EQ(first.size(), packets.size());
    ASSERT_EQ(third.size(), packets.size());
    std::uint64_t bytes = 0;
    for (std::size_t n = 0; n < packets.size(); ++n) {
        EXPECT_EQ(first[n].bytes, forwarded(packets[n], k_router_mac, 0)) << n;
        EXPECT_EQ(third[n].bytes, forwarded(packets[n], k_router_mac, 30)) << n;
        bytes += first[n].bytes.size();
    }
    EXPECT_EQ(rig.counters(1).copies.read(), packets.size());
    EXPECT_EQ(rig.counters(1).bytes_sent.read(), bytes);
    EXPECT_EQ(rig.counters(3).copies.read(), packets.size());
    EXPECT_EQ(rig.counters(0).forwarded.read(), packets.size());
    EXPECT_EQ(rig.publisher().totals({test::k_source, k_other_group}).packets, 11U);
}

// What a full port does not take of several runs is counted, frame and byte, for each of them.
TEST(Run, PartlyRefused) {
    Rig rig;
    rig.publish_plain(18);
    forward(rig, test::k_group, {Rig::k_small_port});
    forward(rig, k_other_group, {1, Rig::k_small_port});
    std::vector<Packet> packets;
    for (std::size_t n = 0; n < 24; ++n) {
        packets.push_back(nth(n, n < 10 ? test::k_group : k_other_group));
    }
    process(rig, packets);
    auto const sent = rig.sent(Rig::k_small_port);
    ASSERT_EQ(sent.size(), 15U);
    std::uint64_t bytes = 0;
    for (std::size_t n = 0; n < sent.size(); ++n) {
        EXPECT_EQ(sent[n].bytes, forwarded(packets[n], k_router_mac, 0)) << n;
        bytes += sent[n].bytes.size();
    }
    auto const& counters = rig.counters(Rig::k_small_port);
    EXPECT_EQ(counters.copies.read(), packets.size());
    EXPECT_EQ(counters.frames_sent.read(), 15U);
    EXPECT_EQ(counters.bytes_sent.read(), bytes);
    EXPECT_EQ(rig.copy_drops(CopyDrop::tx_full), 9U);
    EXPECT_EQ(rig.sent(1).size(), 14U);
}

// The outputs of a stream change within a turn, with its entry: what came before goes the old way.
TEST(Run, EndsWithTheEntry) {
    Rig rig;
    rig.publish_plain(4);
    rig.forward_to({1, 2});
    rte_mbuf* early = rig.frame(nth(0).bytes());
    rig.worker().process(PortId{0}, &early, 1, {});
    rig.forward_to({2, 3});
    rte_mbuf* late = rig.frame(nth(1).bytes());
    rig.worker().process(PortId{0}, &late, 1, {});
    rig.worker().finish_turn();
    EXPECT_EQ(rig.sent(1).size(), 1U);
    EXPECT_EQ(rig.sent(2).size(), 2U);
    EXPECT_EQ(rig.sent(3).size(), 1U);
    EXPECT_EQ(rig.publisher().totals({test::k_source, test::k_group}).packets, 2U);
}

} // namespace
} // namespace mcast::dataplane
