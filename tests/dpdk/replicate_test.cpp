// F13, F16, F18: what leaves, byte by byte, and that nobody's buffer is written.
#include "rig.h"

#include "mcast/dataplane/replicate.h"

#include <cstring>

#include <gtest/gtest.h>
#include <rte_mbuf.h>

namespace mcast::dataplane {
namespace {

using handoff::CopyDrop;
using handoff::Drop;
using test::forwarded;
using test::k_router_mac;
using test::Octets;
using test::Packet;
using test::Rig;
using test::RigOptions;
using test::Sent;

// The IPv4 payload of fragments put together again; checks each on the way.
Octets reassembled(std::vector<Sent> const& fragments, std::size_t link, std::size_t mtu) {
    Octets whole;
    for (std::size_t i = 0; i < fragments.size(); ++i) {
        Octets const& bytes = fragments[i].bytes;
        std::size_t const header = (bytes[link] & 0xfU) * 4;
        std::size_t const total = (bytes[link + 2] << 8U) | bytes[link + 3];
        std::size_t const field = (bytes[link + 6] << 8U) | bytes[link + 7];
        EXPECT_EQ(total + link, bytes.size());
        EXPECT_LE(total, mtu);
        EXPECT_EQ((field & 0x1fff) * 8, whole.size());
        EXPECT_EQ((field & 0x2000) != 0, i + 1 < fragments.size());
        Octets checked = bytes;
        test::fix_checksum(checked, link);
        EXPECT_EQ(checked, bytes) << "checksum of fragment " << i;
        whole.insert(whole.end(), bytes.begin() + static_cast<std::ptrdiff_t>(link + header),
                     bytes.end());
    }
    return whole;
}

Octets payload_of(Packet const& packet) {
    Octets const whole = packet.ipv4();
    return {whole.begin() + static_cast<std::ptrdiff_t>(packet.header_length()), whole.end()};
}

class FanOut : public testing::TestWithParam<std::uint16_t> {};

// One rewrite, N references: every port gets the very same mbuf.
TEST_P(FanOut, SharesTheFrame) {
    Rig rig;
    rig.publish_plain(17);
    handoff::EntrySpec spec{.key = {test::k_source, test::k_group}, .arrival = IfIndex{0}};
    for (std::uint16_t i = 1; i <= GetParam(); ++i) {
        spec.outputs.insert(IfIndex{i});
    }
    rig.publish_entry(spec);
    Packet const packet;
    rte_mbuf* const frame = rig.frame(packet.bytes());
    rig.receive(0, frame);
    EXPECT_EQ(rte_mbuf_refcnt_read(frame), GetParam());
    for (std::uint16_t i = 1; i <= GetParam(); ++i) {
        auto const sent = rig.sent(i);
        ASSERT_EQ(sent.size(), 1U);
        EXPECT_EQ(sent[0].frame, frame);
        EXPECT_EQ(sent[0].bytes, forwarded(packet, k_router_mac, 0));
        EXPECT_EQ(rig.counters(i).bytes_sent.read(), sent[0].bytes.size());
    }
    EXPECT_TRUE(rig.sent(0).empty());
    EXPECT_EQ(rig.totals().copies, GetParam());
}
INSTANTIATE_TEST_SUITE_P(Sizes, FanOut, testing::Values<std::uint16_t>(1, 2, 16));

// VLAN in and out, own MAC, shared: all at once, below and above the copy limit, in one segment
// and in several.
TEST(Replicate, PrivateHeaders) {
    for (std::size_t payload : {20U, 200U, 1000U, 1480U}) {
        for (std::size_t segment : {2048U, 300U, 40U}) {
            for (bool with_shared : {true, false}) {
                Rig rig;
                auto tagged_in = rig.plain(0);
                tagged_in.vlan = 10;
                auto tagged = rig.plain(1);
                tagged.vlan = 20;
                auto other = rig.plain(1);
                other.vlan = 0;
                other.mac = test::k_own_mac;
                rig.publish({{0, tagged_in}, {1, tagged}, {2, other}, {3, rig.plain(3)}});
                with_shared ? rig.forward_to({1, 2, 3}) : rig.forward_to({1, 2});
                Packet const packet{.payload = payload, .tags = {10}};
                rig.receive(0, rig.frame(packet.bytes(), segment));
                auto const sent = rig.sent(1);
                ASSERT_EQ(sent.size(), 2U);
                EXPECT_EQ(sent[0].bytes, forwarded(packet, k_router_mac, 20));
                EXPECT_EQ(sent[1].bytes, forwarded(packet, test::k_own_mac, 0));
                EXPECT_EQ(sent[0].segments == 1, packet.total_length() <= k_copy_limit);
                auto const shared = rig.sent(3);
                ASSERT_EQ(shared.size(), with_shared ? 1U : 0U);
                if (with_shared) {
                    EXPECT_EQ(shared[0].bytes, forwarded(packet, k_router_mac, 0));
                }
            }
        }
    }
}

// An input that somebody else refers to is not written: not its bytes, not its lengths.
TEST(Replicate, NeverWritesASharedMbuf) {
    for (std::size_t segment : {2048U, 500U, 20U}) {
        Rig rig;
        auto tagged = rig.plain(1);
        tagged.vlan = 20;
        rig.publish({{0, rig.plain(0)}, {1, tagged}, {2, rig.plain(2)}});
        rig.forward_to({1, 2});
        Packet const packet{.payload = 900, .padding = 30};
        rte_mbuf* const frame = rig.frame(packet.bytes(), segment);
        std::uint16_t const length = frame->data_len;
        std::uint16_t const offset = frame->data_off;
        rte_pktmbuf_refcnt_update(frame, 1);
        rig.receive(0, frame);
        EXPECT_EQ(rig.sent(1).at(0).bytes, forwarded(packet, k_router_mac, 20));
        EXPECT_EQ(rig.sent(2).at(0).bytes, forwarded(packet, k_router_mac, 0));
        Octets now(frame->pkt_len);
        void const* const at = rte_pktmbuf_read(frame, 0, frame->pkt_len, now.data());
        EXPECT_EQ(std::memcmp(at, packet.bytes().data(), now.size()), 0);
        EXPECT_EQ(now.size(), packet.bytes().size());
        EXPECT_EQ(frame->data_len, length);
        EXPECT_EQ(frame->data_off, offset);
        rig.release();
        EXPECT_EQ(rte_mbuf_refcnt_read(frame), 1);
        rte_pktmbuf_free(frame);
    }
}

// A clone has a reference count of one, but its bytes are another's.
TEST(Replicate, NeverWritesThroughAClone) {
    Rig rig;
    rig.publish_plain(2);
    rig.forward_to({1});
    Packet const packet;
    rte_mbuf* const frame = rig.frame(packet.bytes());
    rig.receive(0, rte_pktmbuf_clone(frame, rig.pools().references()));
    EXPECT_EQ(rig.sent(1).at(0).bytes, forwarded(packet, k_router_mac, 0));
    EXPECT_EQ(
        std::memcmp(rte_pktmbuf_mtod(frame, void*), packet.bytes().data(), packet.bytes().size()),
        0);
    rte_pktmbuf_free(frame);
}

TEST(Replicate, CutsPadding) {
    for (std::size_t segment : {2048U, 50U, 7U}) {
        Rig rig;
        rig.publish_plain(2);
        rig.forward_to({1});
        Packet const packet{.payload = 1, .padding = 25};
        rig.receive(0, rig.frame(packet.bytes(), segment));
        EXPECT_EQ(rig.sent(1).at(0).bytes, forwarded(packet, k_router_mac, 0));
    }
}

TEST(Replicate, EmptyPacketOfManySegments) {
    Rig rig;
    rig.publish_plain(2);
    rig.forward_to({1});
    Packet const packet{.payload = 0};
    rig.receive(0, rig.frame(packet.bytes(), 9));
    EXPECT_EQ(rig.sent(1).at(0).bytes, forwarded(packet, k_router_mac, 0));
}

TEST(Replicate, JumboOfManySegments) {
    Rig rig;
    auto in = rig.plain(0);
    auto shared = rig.plain(1);
    auto tagged = rig.plain(2);
    tagged.vlan = 9;
    in.mtu = shared.mtu = tagged.mtu = 9000;
    rig.publish({{0, in}, {1, shared}, {2, tagged}});
    rig.forward_to({1, 2});
    Packet const packet{.payload = 8980};
    rig.receive(0, rig.frame(packet.bytes()));
    auto const a = rig.sent(1);
    auto const b = rig.sent(2);
    EXPECT_EQ(a.at(0).segments, 5U);
    EXPECT_EQ(a.at(0).bytes, forwarded(packet, k_router_mac, 0));
    EXPECT_EQ(b.at(0).bytes, forwarded(packet, k_router_mac, 9));
}

// A port without multi-segment transmit gets one buffer, or nothing when that is too small.
TEST(Replicate, LinearisesForPortsThatTakeNoChains) {
    Rig rig{RigOptions{.multi_segment = false}};
    auto out = rig.plain(1);
    out.mtu = 9000;
    rig.publish({{0, rig.plain(0)}, {1, out}});
    rig.forward_to({1});
    Packet const fits{.payload = 1480};
    rig.receive(0, rig.frame(fits.bytes(), 600));
    auto const sent = rig.sent(1);
    EXPECT_EQ(sent.at(0).segments, 1U);
    EXPECT_EQ(sent.at(0).bytes, forwarded(fits, k_router_mac, 0));
    rig.receive(0, rig.frame(Packet{.payload = 4000}.bytes()));
    EXPECT_TRUE(rig.sent(1).empty());
    EXPECT_EQ(rig.copy_drops(CopyDrop::too_long), 1U);
    EXPECT_EQ(rig.totals().forwarded, 2U); // the packet was forwarded, its copy was not
}

TEST(Replicate, FrameLongerThanThePort) {
    Rig rig;
    auto out = rig.plain(1);
    out.mtu = 9800;
    rig.publish({{0, rig.plain(0)}, {1, out}});
    rig.forward_to({1});
    rig.receive(0, rig.frame(Packet{.payload = 9700}.bytes()));
    EXPECT_EQ(rig.copy_drops(CopyDrop::too_long), 1U);
}

// F16, IGMP-126: for the small output alone.
TEST(Fragment, SmallerMtu) {
    for (std::uint16_t mtu : {68, 576, 1000, 1499}) {
        for (std::size_t segment : {2048U, 333U}) {
            for (bool multi : {true, false}) {
                Rig rig{RigOptions{.multi_segment = multi}};
                auto small = rig.plain(1);
                small.mtu = mtu;
                auto tagged = small;
                tagged.port = PortId{2};
                tagged.vlan = 44;
                rig.publish({{0, rig.plain(0)}, {1, small}, {2, tagged}, {3, rig.plain(3)}});
                rig.forward_to({1, 2, 3});
                Packet const packet{.payload = 1480};
                rig.receive(0, rig.frame(packet.bytes(), segment));
                auto const plain = rig.sent(1);
                std::size_t const share = (mtu - 20U) / 8 * 8;
                std::size_t const expected = (1480 + share - 1) / share;
                EXPECT_EQ(plain.size(), expected);
                EXPECT_EQ(reassembled(plain, 14, mtu), payload_of(packet));
                EXPECT_EQ(reassembled(rig.sent(2), 18, mtu), payload_of(packet));
                EXPECT_EQ(rig.sent(3).at(0).bytes, forwarded(packet, k_router_mac, 0));
                EXPECT_EQ(rig.counters(1).fragments.read(), expected - 1);
                EXPECT_EQ(rig.counters(3).fragments.read(), 0U);
                EXPECT_EQ(plain[0].bytes[14 + 8], packet.ttl - 1);
                EXPECT_EQ(plain[0].bytes[14 + 1], 0xb8); // DSCP untouched
            }
        }
    }
}

TEST(Fragment, OfAFragmentKeepsItsPlace) {
    Rig rig;
    auto small = rig.plain(1);
    small.mtu = 576;
    rig.publish({{0, rig.plain(0)}, {1, small}});
    rig.forward_to({1});
    rig.receive(0, rig.frame(Packet{.payload = 800, .fragment_field = 0x2064}.bytes()));
    auto const sent = rig.sent(1);
    ASSERT_EQ(sent.size(), 2U);
    EXPECT_EQ((sent[0].bytes[20] << 8) | sent[0].bytes[21], 0x2064);
    EXPECT_EQ((sent[1].bytes[20] << 8) | sent[1].bytes[21], 0x2064 + 552 / 8);
}

TEST(Fragment, WithOptions) {
    Rig rig;
    auto small = rig.plain(1);
    small.mtu = 576;
    rig.publish({{0, rig.plain(0)}, {1, small}});
    rig.forward_to({1});
    // Record route is not copied to the later fragments, router alert is.
    Packet const packet{.payload = 1400, .options = {7, 7, 4, 0, 0, 0, 0, 0x94, 4, 0, 0, 0}};
    rig.receive(0, rig.frame(packet.bytes()));
    auto const sent = rig.sent(1);
    ASSERT_GE(sent.size(), 3U);
    EXPECT_EQ(reassembled(sent, 14, 576), payload_of(packet));
    EXPECT_EQ(sent[0].bytes[14 + 20], 7);
    EXPECT_EQ(sent[1].bytes[14 + 20], 0x94);
}

// IGMP-126: nothing is sent to anybody about it.
TEST(Fragment, DontFragment) {
    Rig rig;
    auto small = rig.plain(1);
    small.mtu = 576;
    rig.publish({{0, rig.plain(0)}, {1, small}, {2, rig.plain(2)}});
    rig.forward_to({1, 2});
    rig.receive(0, rig.frame(Packet{.payload = 557, .dont_fragment = true}.bytes()));
    EXPECT_TRUE(rig.sent(1).empty());
    EXPECT_EQ(rig.sent(2).size(), 1U);
    EXPECT_EQ(rig.copy_drops(CopyDrop::dont_fragment), 1U);
    // Exactly the MTU needs no fragments.
    rig.receive(0, rig.frame(Packet{.payload = 556, .dont_fragment = true}.bytes()));
    EXPECT_EQ(rig.sent(1).size(), 1U);
}

TEST(Fragment, TooMany) {
    Rig rig;
    auto tiny = rig.plain(1);
    tiny.mtu = 68;
    rig.publish({{0, rig.plain(0)}, {1, tiny}});
    rig.forward_to({1});
    rig.receive(0, rig.frame(Packet{.payload = 48 * k_max_fragments}.bytes()));
    EXPECT_EQ(rig.sent(1).size(), k_max_fragments);
    rig.receive(0, rig.frame(Packet{.payload = 48 * k_max_fragments + 1}.bytes()));
    EXPECT_EQ(rig.sent(1).size(), 0U);
    EXPECT_EQ(rig.copy_drops(CopyDrop::fragment_failed), 1U);
}

TEST(Limits, TransmitQueueFull) {
    Rig rig;
    rig.publish({{0, rig.plain(0)}, {1, rig.plain(Rig::k_small_port)}, {2, rig.plain(2)}});
    rig.forward_to({1, 2});
    for (int i = 0; i < 40; ++i) {
        rig.receive(0, Packet{}.bytes());
    }
    EXPECT_EQ(rig.sent(Rig::k_small_port).size(), 15U);
    EXPECT_EQ(rig.sent(2).size(), 40U);
    EXPECT_EQ(rig.counters(1).copy_drops[std::size_t(CopyDrop::tx_full)].read(), 25U);
    EXPECT_EQ(rig.totals().forwarded, 40U);
}

// Copies run out before receive starves, and come back.
TEST(Limits, PoolExhaustionAndRecovery) {
    for (std::size_t payload : {50U, 1000U, 1400U}) {
        Rig rig;
        auto tagged = rig.plain(1);
        tagged.vlan = 20;
        tagged.mtu = 1300; // 1400: fragments
        rig.publish({{0, rig.plain(0)}, {1, tagged}, {2, rig.plain(2)}});
        rig.forward_to({1, 2});
        std::vector<rte_mbuf*> taken;
        while (rte_mbuf* const one = rte_pktmbuf_alloc(rig.pools().headers())) {
            taken.push_back(one);
        }
        Packet const packet{.payload = payload};
        rig.receive(0, packet.bytes());
        EXPECT_TRUE(rig.sent(1).empty());
        EXPECT_EQ(rig.sent(2).size(), 1U);
        EXPECT_EQ(rig.copy_drops(CopyDrop::no_buffer), 1U);
        rte_pktmbuf_free_bulk(taken.data(), static_cast<unsigned>(taken.size()));
        rig.receive(0, packet.bytes());
        EXPECT_FALSE(rig.sent(1).empty());
        EXPECT_EQ(rig.copy_drops(CopyDrop::no_buffer), 1U);
    }
}

// A shared input needs a header of its own; without one every copy is lost, and counted.
TEST(Limits, NoHeaderForASharedInput) {
    Rig rig;
    rig.publish_plain(3);
    rig.forward_to({1, 2});
    std::vector<rte_mbuf*> taken;
    while (rte_mbuf* const one = rte_pktmbuf_alloc(rig.pools().references())) {
        taken.push_back(one);
    }
    rte_mbuf* const frame = rig.frame(Packet{}.bytes());
    rte_pktmbuf_refcnt_update(frame, 1);
    rig.receive(0, frame);
    EXPECT_EQ(rig.copy_drops(CopyDrop::no_buffer), 2U);
    EXPECT_EQ(rig.totals().forwarded, 1U);
    rte_pktmbuf_free_bulk(taken.data(), static_cast<unsigned>(taken.size()));
    rte_pktmbuf_free(frame);
}

} // namespace
} // namespace mcast::dataplane
