// ARP and ping for our own addresses, frame by frame.
#include "world.h"

#include <gtest/gtest.h>

namespace mcast::control {
namespace {

using handoff::PuntClass;
using std::chrono::seconds;

constexpr Ipv4 k_us = Ipv4::of(10, 0, 0, 1);
constexpr Ipv4 k_host = Ipv4::of(10, 0, 0, 9);
constexpr Ipv4 k_upstream = Ipv4::of(10, 0, 2, 254);

Config with_upstream() {
    Config config = three_lans();
    config.routes.push_back({{Ipv4::of(192, 168, 0, 0), 16}, "lan2", k_upstream});
    return config;
}

std::vector<wire::ArpPacket> requests(World& world) {
    std::vector<wire::ArpPacket> all;
    for (Injected const& out : world.injected()) {
        auto const ethernet = wire::decode_ethernet(out.bytes);
        if (ethernet && ethernet->ether_type == wire::k_ether_arp) {
            auto const packet = wire::decode_arp(wire::Bytes(out.bytes).subspan(ethernet->size()));
            if (packet && packet->operation == wire::ArpOperation::request) {
                all.push_back(*packet);
            }
        }
    }
    return all;
}

// RFC 826, byte by byte.
TEST(Adjacency, AnswersArpForOurAddress) {
    World world;
    world.injected();
    world.punt(PuntClass::host, k_lan0, arp_frame(wire::arp_request(k_host_mac, k_host, k_us)));
    world.settle();
    auto const out = world.injected();
    ASSERT_EQ(out.size(), 1U);
    EXPECT_EQ(out[0].interface, k_lan0);
    EXPECT_EQ(out[0].injection, handoff::Injection::transmit);
    Frame expected{0x02, 0, 0,    0, 0, 0x99,                    // to whoever asked
                   0x02, 0, 0,    0, 0, 0x01, 0x08, 0x06,        // from us, ARP
                   0,    1, 0x08, 0, 6, 4,    0,    2,           // Ethernet, IPv4, reply
                   0x02, 0, 0,    0, 0, 0x01, 10,   0,    0, 1,  // our MAC and address
                   0x02, 0, 0,    0, 0, 0x99, 10,   0,    0, 9}; // theirs
    expected.resize(60, 0);
    EXPECT_EQ(out[0].bytes, expected);
}

TEST(Adjacency, AnswersPing) {
    World world;
    world.injected();
    Frame const data{1, 2, 3, 4, 5};
    world.punt(PuntClass::host, k_lan0,
               echo_frame(k_host, k_us, {wire::IcmpType::echo_request, 7, 3, data}));
    world.settle();
    auto const out = world.injected();
    ASSERT_EQ(out.size(), 1U);
    auto const datagram = wire::decode_datagram(out[0].bytes);
    ASSERT_TRUE(datagram);
    EXPECT_EQ(datagram->ethernet.destination, k_host_mac);
    EXPECT_EQ(datagram->ethernet.source, k_router_mac);
    EXPECT_EQ(datagram->ip.source, k_us);
    EXPECT_EQ(datagram->ip.destination, k_host);
    auto const echo = wire::decode_icmp_echo(datagram->payload);
    ASSERT_TRUE(echo);
    EXPECT_EQ(*echo, (wire::IcmpEcho{wire::IcmpType::echo_reply, 7, 3, data}));
}

// RFC 1812 section 4.3.2.7: nothing about multicast ever causes ICMP.
TEST(Adjacency, PingToAGroupGetsNoAnswer) {
    World world;
    world.injected();
    wire::Ipv4Header header;
    header.ttl = 1;
    header.protocol = wire::k_protocol_icmp;
    header.source = k_host;
    header.destination = Ipv4::of(224, 0, 0, 1);
    world.punt(PuntClass::host, k_lan0, ip_frame(header, {8, 0, 0xf7, 0xff, 0, 0, 0, 0}));
    world.settle();
    EXPECT_TRUE(world.injected().empty());
    EXPECT_EQ(world.control.counters().of(Fate::host_unsupported), 1U);
}

TEST(Adjacency, UpstreamIsAskedForLearnedAndShown) {
    World world(with_upstream());
    auto const asked = requests(world);
    ASSERT_EQ(asked.size(), 1U);
    EXPECT_EQ(asked[0].target, k_upstream);
    EXPECT_EQ(asked[0].sender, Ipv4::of(10, 0, 2, 1));
    world.punt(PuntClass::host, k_lan2,
               arp_frame({wire::ArpOperation::reply, k_host_mac, k_upstream, k_router_mac,
                          Ipv4::of(10, 0, 2, 1)}));
    world.settle();
    auto const explained = world.ask("explain", {"192.168.1.1", "239.1.1.1"});
    EXPECT_EQ(explained["route"]["upstream_mac"], to_string(k_host_mac));
}

TEST(Adjacency, RetriesGivesUpAndStartsOver) {
    World world(with_upstream());
    EXPECT_EQ(requests(world).size(), 1U);
    world.run_for(seconds{10});
    EXPECT_EQ(requests(world).size(), 2U); // three in all
    EXPECT_EQ(world.control.counters().of(Deed::neighbours_given_up), 1U);
    world.run_for(seconds{60});
    EXPECT_GE(requests(world).size(), 1U);
}

TEST(Adjacency, KnownNeighbourIsAskedAgainBeforeItIsForgotten) {
    World world(with_upstream());
    world.punt(PuntClass::host, k_lan2,
               arp_frame({wire::ArpOperation::reply, k_host_mac, k_upstream, k_router_mac,
                          Ipv4::of(10, 0, 2, 1)}));
    world.settle();
    world.injected();
    world.run_for(std::chrono::minutes{5} + seconds{1});
    EXPECT_GE(requests(world).size(), 1U);
    EXPECT_EQ(world.ask("explain", {"192.168.1.1", "239.1.1.1"})["route"]["upstream_mac"],
              to_string(k_host_mac));
}

TEST(Adjacency, LinkDownForgetsAndLinkUpAsksAgain) {
    World world(with_upstream());
    world.injected();
    world.control.link_changed(PortId{2}, false, world.now);
    world.run_for(seconds{5});
    EXPECT_TRUE(requests(world).empty());
    world.control.link_changed(PortId{2}, true, world.now);
    EXPECT_EQ(requests(world).size(), 1U);
}

} // namespace
} // namespace mcast::control
