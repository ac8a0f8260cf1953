// Tunnels at a worker: what goes in, byte by byte, what comes out, and each refusal. The rig checks
// at the end of each that the accounts balance and every buffer is back.
#include "rig.h"

#include <algorithm>

#include <gtest/gtest.h>
#include <rte_mbuf.h>

namespace mcast::dataplane {
namespace {

using handoff::CopyDrop;
using handoff::Drop;
using handoff::PuntClass;
using test::forwarded;
using test::k_group;
using test::k_own_mac;
using test::k_router_mac;
using test::Octets;
using test::Packet;
using test::Rig;
using test::RigOptions;

constexpr std::uint16_t k_tunnel = 9; // over interface 1
constexpr Ipv4 k_local = Ipv4::of(10, 0, 1, 1);
constexpr Ipv4 k_remote = Ipv4::of(198, 51, 100, 7);
constexpr Mac k_hop{{0x02, 0, 0, 0, 0, 0x55}};

handoff::Interface tunnel_over(handoff::Interface const& below) {
    handoff::Interface tunnel = below;
    tunnel.address = {k_local, 32};
    tunnel.mtu = static_cast<std::uint16_t>(below.mtu - 20);
    tunnel.tunnel = handoff::Tunnel{
        .over = IfIndex{1}, .local = k_local, .remote = k_remote, .ttl = 33, .next_hop = k_hop};
    return tunnel;
}

void publish(Rig& rig, handoff::Interface const& below,
             std::optional<handoff::Interface> tunnel = {}) {
    rig.publish({{0, rig.plain(0)},
                 {1, below},
                 {2, rig.plain(2)},
                 {k_tunnel, tunnel.value_or(tunnel_over(below))}});
}

std::uint16_t word_at(Octets const& frame, std::size_t at) {
    return static_cast<std::uint16_t>((frame[at] << 8U) | frame[at + 1]);
}

// The packet inside; checks everything around it, all but the id.
Octets inside(Octets const& frame, std::size_t link, bool dont_fragment) {
    constexpr std::uint8_t k_tos = 0xb8; // of Packet
    EXPECT_TRUE(std::ranges::equal(std::span(frame).first(6), k_hop.bytes));
    Octets checked = frame;
    test::fix_checksum(checked, link);
    EXPECT_EQ(checked, frame) << "checksum of the outer header";
    EXPECT_EQ(frame[link], 0x45);
    EXPECT_EQ(frame[link + 1], k_tos);
    EXPECT_EQ(word_at(frame, link + 2), frame.size() - link);
    EXPECT_EQ(word_at(frame, link + 6), dont_fragment ? 0x4000 : 0);
    EXPECT_EQ(frame[link + 8], 33);
    EXPECT_EQ(frame[link + 9], 4);
    Octets const ends{10, 0, 1, 1, 198, 51, 100, 7};
    EXPECT_TRUE(std::ranges::equal(std::span(frame).subspan(link + 12, 8), ends));
    return {frame.begin() + static_cast<std::ptrdiff_t>(link + 20), frame.end()};
}

// As an output without a tunnel has it, without its Ethernet header.
Octets sent_on(Packet const& packet) {
    Octets const frame = forwarded(packet, k_router_mac, 0);
    return {frame.begin() + 14, frame.end()};
}

// What carries a packet to us.
Packet carrier(Octets const& inner) {
    return {.source = k_remote, .group = k_local, .protocol = 4, .to = k_router_mac, .data = inner};
}

// With other outputs and alone; copied and chained; tagged, with a MAC of its own, in segments.
TEST(Tunnel, WhatGoesIn) {
    for (std::size_t payload : {20U, 200U, 1000U, 1440U}) {
        for (std::uint16_t vlan : {0, 70}) {
            for (bool multi_segment : {true, false}) {
                for (bool alone : {true, false}) {
                    for (std::size_t segment : {2048U, 300U}) {
                        SCOPED_TRACE(testing::Message()
                                     << payload << " vlan " << vlan << " chains " << multi_segment
                                     << " alone " << alone << " segment " << segment);
                        RigOptions options;
                        options.multi_segment = multi_segment;
                        Rig rig{options};
                        handoff::Interface below = rig.plain(1);
                        below.vlan = vlan;
                        below.mac = vlan != 0 ? k_own_mac : k_router_mac;
                        publish(rig, below);
                        alone ? rig.forward_to({k_tunnel}) : rig.forward_to({1, 2, k_tunnel});
                        Packet const packet{.payload = payload};
                        rig.receive(0, rig.frame(packet.bytes(), segment));
                        auto const sent = rig.sent(1);
                        ASSERT_EQ(sent.size(), alone ? 1U : 2U);
                        auto const tunnelled = std::ranges::find_if(
                            sent, [](auto const& it) { return (it.bytes[0] & 1U) == 0; });
                        ASSERT_NE(tunnelled, sent.end());
                        std::size_t const link = vlan != 0 ? 18 : 14;
                        EXPECT_EQ(inside(tunnelled->bytes, link, false), sent_on(packet));
                        if (!alone) {
                            auto const others = rig.sent(2);
                            ASSERT_EQ(others.size(), 1U);
                            EXPECT_EQ(others[0].bytes, forwarded(packet, k_router_mac, 0));
                        }
                        EXPECT_EQ(rig.counters(k_tunnel).copies.read(), 1U);
                        EXPECT_EQ(rig.counters(k_tunnel).frames_sent.read(), 1U);
                    }
                }
            }
        }
    }
}

TEST(Tunnel, EachPacketHasAnIdOfItsOwn) {
    Rig rig;
    publish(rig, rig.plain(1));
    rig.forward_to({k_tunnel});
    rig.receive(0, Packet{}.bytes());
    rig.receive(0, Packet{}.bytes());
    auto const sent = rig.sent(1);
    ASSERT_EQ(sent.size(), 2U);
    EXPECT_NE(word_at(sent[0].bytes, 18), word_at(sent[1].bytes, 18));
}

// RFC 2003, section 3.1: who forbids fragments forbids them on the whole way.
TEST(Tunnel, DontFragmentIsTheInnerOnes) {
    Rig rig;
    publish(rig, rig.plain(1));
    rig.forward_to({k_tunnel});
    rig.receive(0, Packet{.dont_fragment = true}.bytes());
    auto const sent = rig.sent(1);
    ASSERT_EQ(sent.size(), 1U);
    inside(sent[0].bytes, 14, true);
}

// 1480 bytes fit into an MTU of 1500, 1481 do not: fragments before they go in, or nothing.
TEST(Tunnel, WhatIsTooLong) {
    Rig rig;
    publish(rig, rig.plain(1));
    rig.forward_to({k_tunnel});
    rig.receive(0, Packet{.payload = 1460, .dont_fragment = true}.bytes());
    EXPECT_EQ(rig.sent(1).size(), 1U);
    rig.receive(0, Packet{.payload = 1461, .dont_fragment = true}.bytes());
    EXPECT_EQ(rig.copy_drops(CopyDrop::dont_fragment), 1U);
    EXPECT_TRUE(rig.sent(1).empty());
    Packet const packet{.payload = 1461};
    rig.receive(0, packet.bytes());
    auto const sent = rig.sent(1);
    ASSERT_EQ(sent.size(), 2U);
    Octets whole;
    for (auto const& fragment : sent) {
        Octets const inner = inside(fragment.bytes, 14, false);
        EXPECT_LE(inner.size(), 1480U);
        whole.insert(whole.end(), inner.begin() + 20, inner.end());
    }
    Octets const expected = sent_on(packet);
    EXPECT_EQ(whole, Octets(expected.begin() + 20, expected.end()));
}

TEST(Tunnel, NobodyKnowsTheWay) {
    Rig rig;
    handoff::Interface tunnel = tunnel_over(rig.plain(1));
    tunnel.tunnel->next_hop.reset();
    publish(rig, rig.plain(1), tunnel);
    rig.forward_to({2, k_tunnel});
    rig.receive(0, Packet{}.bytes());
    rig.receive(0, Packet{.payload = 1470}.bytes()); // too long for it, besides
    EXPECT_TRUE(rig.sent(1).empty());
    EXPECT_EQ(rig.sent(2).size(), 2U);
    EXPECT_EQ(rig.copy_drops(CopyDrop::no_next_hop), 2U);
}

// To the outputs of the entry that expects it there; with a tag, padding, options, in segments, and
// in a frame that others hold as well.
TEST(Tunnel, WhatComesOut) {
    for (std::uint16_t vlan : {0, 70}) {
        for (std::size_t segment : {2048U, 40U}) {
            for (bool held : {false, true}) {
                SCOPED_TRACE(testing::Message() << vlan << " " << segment << " " << held);
                Rig rig;
                handoff::Interface below = rig.plain(1);
                below.vlan = vlan;
                publish(rig, below);
                handoff::EntrySpec spec{.key = {test::k_source, k_group},
                                        .arrival = IfIndex{k_tunnel}};
                spec.outputs = IfSet{IfIndex{0}, IfIndex{2}};
                rig.publish_entry(spec);
                Packet const inner{.payload = 300};
                Packet outer = carrier(inner.ipv4());
                outer.options = {0x94, 4, 0, 0};
                outer.padding = 9;
                if (vlan != 0) {
                    outer.tags = {vlan};
                }
                Octets const bytes = outer.bytes();
                rte_mbuf* const frame = rig.frame(bytes, segment);
                if (held) {
                    rte_pktmbuf_refcnt_update(frame, 1);
                }
                rig.receive(1, frame);
                for (std::uint16_t out : {0, 2}) {
                    auto const sent = rig.sent(out);
                    ASSERT_EQ(sent.size(), 1U);
                    EXPECT_EQ(sent[0].bytes, forwarded(inner, k_router_mac, 0));
                }
                EXPECT_EQ(rig.counters(k_tunnel).received.read(), 1U);
                EXPECT_EQ(rig.counters(k_tunnel).received_bytes.read(), bytes.size());
                EXPECT_EQ(rig.counters(1).received.read(), 0U);
                EXPECT_EQ(rig.counters(k_tunnel).forwarded.read(), 1U);
                if (held) {
                    rte_pktmbuf_free(frame);
                }
            }
        }
    }
}

// Its own threshold, boundary, RPF; and what has no entry asks as what it is.
TEST(Tunnel, IsAnInterfaceOfItsOwn) {
    Rig rig;
    handoff::Interface tunnel = tunnel_over(rig.plain(1));
    tunnel.boundaries = {{Ipv4::of(239, 9, 0, 0), 16}};
    publish(rig, rig.plain(1), tunnel);
    rig.forward_to({2}); // expected on interface 0
    rig.receive(1, carrier(Packet{}.ipv4()).bytes());
    EXPECT_EQ(rig.counters(k_tunnel).drops[static_cast<std::size_t>(Drop::wrong_interface)].read(),
              1U);
    rig.receive(1, carrier(Packet{.group = Ipv4::of(239, 9, 1, 1)}.ipv4()).bytes());
    EXPECT_EQ(rig.drops(Drop::boundary_in), 1U);
    Packet const unknown{.group = Ipv4::of(239, 7, 7, 7)};
    rig.receive(1, carrier(unknown.ipv4()).bytes());
    auto const parked = rig.punted(PuntClass::miss);
    ASSERT_TRUE(parked);
    EXPECT_EQ(parked->first, IfIndex{k_tunnel});
    EXPECT_EQ(Octets(parked->second.begin() + 14, parked->second.end()), unknown.ipv4());
}

// Both ways of DEC-24: inside, and as they are from end to end.
TEST(Tunnel, ControlComesInsideAndBeside) {
    Rig rig;
    publish(rig, rig.plain(1));
    Packet const probe{.source = k_remote,
                       .group = Ipv4::of(224, 0, 0, 4),
                       .ttl = 1,
                       .protocol = 2,
                       .data = Octets{0x13, 1, 0, 0}};
    rig.receive(1, carrier(probe.ipv4()).bytes());
    auto const inside = rig.punted(PuntClass::dvmrp);
    ASSERT_TRUE(inside);
    EXPECT_EQ(inside->first, IfIndex{k_tunnel});
    EXPECT_EQ(Octets(inside->second.begin() + 14, inside->second.end()), probe.ipv4());
    Packet beside = probe;
    beside.group = k_local;
    beside.to = k_router_mac;
    rig.receive(1, beside.bytes());
    auto const found = rig.punted(PuntClass::dvmrp);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->first, IfIndex{k_tunnel});
    // Of somebody else it belongs to the interface.
    beside.source = Ipv4::of(10, 0, 1, 9);
    rig.receive(1, beside.bytes());
    EXPECT_EQ(rig.punted(PuntClass::dvmrp)->first, IfIndex{1});
}

TEST(Tunnel, Refusals) {
    struct Row {
        char const* what;
        std::uint16_t port;
        Packet outer;
        Drop drop;
        std::uint16_t counted;
    };
    Octets const inner = Packet{}.ipv4();
    Packet const good = carrier(inner);
    auto const changed = [&](auto change) {
        Packet packet = good;
        change(packet);
        return packet;
    };
    auto const spoiled = [&](std::size_t at, std::uint8_t value) {
        Octets bytes = inner;
        bytes[at] = value;
        return carrier(bytes);
    };
    Row const rows[] = {
        {"a stranger", 1, changed([](Packet& it) { it.source = Ipv4::of(198, 51, 100, 8); }),
         Drop::tunnel_unknown, 1},
        {"another of our addresses", 1,
         changed([](Packet& it) { it.group = Ipv4::of(10, 0, 2, 1); }), Drop::tunnel_unknown, 1},
        {"another interface", 2, good, Drop::tunnel_unknown, 2},
        {"not our address", 1, changed([](Packet& it) { it.group = Ipv4::of(10, 0, 1, 77); }),
         Drop::not_for_us, 1},
        {"a first fragment", 1, changed([](Packet& it) { it.fragment_field = 0x2000; }),
         Drop::tunnel_fragment, 1},
        {"a later fragment", 1, changed([](Packet& it) { it.fragment_field = 100; }),
         Drop::tunnel_fragment, 1},
        {"one more inside", 1, carrier(carrier(inner).ipv4()), Drop::tunnel_nested, k_tunnel},
        {"unicast for us", 1, carrier(Packet{.group = k_local}.ipv4()), Drop::tunnel_not_multicast,
         k_tunnel},
        {"unicast for others", 1, carrier(Packet{.group = Ipv4::of(10, 9, 9, 9)}.ipv4()),
         Drop::not_for_us, k_tunnel},
        {"our own packet back", 1, carrier(Packet{.source = Ipv4::of(10, 0, 2, 1)}.ipv4()),
         Drop::own_source, k_tunnel},
        {"nothing inside", 1, carrier({}), Drop::short_frame, k_tunnel},
        {"half a header", 1, carrier({0x45, 0, 0, 40}), Drop::short_frame, k_tunnel},
        {"IPv6", 1, spoiled(0, 0x60), Drop::bad_version, k_tunnel},
        {"a short header", 1, spoiled(0, 0x44), Drop::bad_header_length, k_tunnel},
        {"a header past its end", 1, spoiled(3, 10), Drop::bad_total_length, k_tunnel},
        {"longer than what came", 1, spoiled(2, 5), Drop::short_frame, k_tunnel},
        {"a wrong checksum", 1, spoiled(10, static_cast<std::uint8_t>(inner[10] + 1)),
         Drop::bad_header_checksum, k_tunnel},
        {"link-local", 1, carrier(Packet{.group = Ipv4::of(224, 0, 0, 9)}.ipv4()),
         Drop::link_local_group, k_tunnel},
    };
    for (Row const& row : rows) {
        SCOPED_TRACE(row.what);
        Rig rig;
        publish(rig, rig.plain(1));
        rig.forward_to({2});
        rig.receive(row.port, row.outer.bytes());
        EXPECT_EQ(rig.counters(row.counted).drops[static_cast<std::size_t>(row.drop)].read(), 1U);
        EXPECT_EQ(rig.totals().drops, 1U);
    }
}

// Without buffers it is counted, and the frame is freed.
TEST(Tunnel, NoBufferForWhatComesOut) {
    Rig rig;
    publish(rig, rig.plain(1));
    std::vector<rte_mbuf*> all;
    while (rte_mbuf* const one = rte_pktmbuf_alloc(rig.pools().headers())) {
        all.push_back(one);
    }
    rte_mbuf* const frame = rig.frame(carrier(Packet{}.ipv4()).bytes());
    rte_pktmbuf_refcnt_update(frame, 1);
    rig.receive(1, frame);
    EXPECT_EQ(rig.drops(Drop::tunnel_no_buffer), 1U);
    rte_pktmbuf_free(frame);
    rte_pktmbuf_free_bulk(all.data(), static_cast<unsigned>(all.size()));
}

} // namespace
} // namespace mcast::dataplane
