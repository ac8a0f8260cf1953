// The usual packet is told by one look, and that look never says other than classify() does.
#include "packet.h"

#include "mcast/dataplane/usual.h"

#include <memory>

#include <gtest/gtest.h>

namespace mcast::dataplane {
namespace {

using test::Octets;
using test::Packet;

// Port 0: up, 10.0.0.1/24. Port 1: with a boundary. Port 2: down. Port 3: a VLAN alone.
handoff::InterfaceTable const& table() {
    static auto const made = [] {
        auto t = std::make_unique<handoff::InterfaceTable>();
        t->router_mac = test::k_router_mac;
        for (std::uint16_t i = 0; i < 4; ++i) {
            handoff::Interface interface;
            interface.port = PortId{i};
            interface.up = i != 2;
            interface.vlan = i == 3 ? 7 : 0;
            interface.mac = test::k_router_mac;
            interface.address = {Ipv4::of(10, 0, static_cast<std::uint8_t>(i), 1), 24};
            if (i == 1) {
                interface.boundaries = {{Ipv4::of(239, 1, 0, 0), 16}};
            }
            t->add(IfIndex{i}, interface);
        }
        return t;
    }();
    return *made;
}

bool is_usual(Octets const& bytes, std::uint16_t port = 0) {
    return Usual{PortId{port}, table()}.is_usual(bytes.data(),
                                                 static_cast<std::uint32_t>(bytes.size()));
}

void expect_agreement(Octets const& bytes, std::uint16_t port) {
    Octets const first = Packet{}.bytes();
    if (Usual::Train{first.data()}.takes(bytes.data(), static_cast<std::uint32_t>(bytes.size()))) {
        ASSERT_EQ(is_usual(bytes, port), is_usual(first, port));
    }
    if (!is_usual(bytes, port)) {
        return;
    }
    Verdict const usual = Usual::verdict(bytes.data(), Usual{PortId{port}, table()}.arrival());
    Verdict const verdict = classify({bytes, bytes.size()}, PortId{port}, table());
    ASSERT_EQ(usual.action, verdict.action) << name_of(verdict.drop);
    EXPECT_EQ(usual.drop, verdict.drop);
    EXPECT_EQ(usual.arrival, verdict.arrival);
    EXPECT_EQ(usual.key, verdict.key);
    EXPECT_EQ(usual.total_length, verdict.total_length);
    EXPECT_EQ(usual.link_length, verdict.link_length);
    EXPECT_EQ(usual.header_length, verdict.header_length);
    EXPECT_EQ(usual.ttl, verdict.ttl);
    EXPECT_EQ(usual.dont_fragment, verdict.dont_fragment);
}

TEST(Usual, KnowsTheUsualPacket) {
    EXPECT_TRUE(is_usual(Packet{}.bytes()));
    EXPECT_TRUE(is_usual(Packet{.payload = 1480}.bytes()));
    EXPECT_TRUE(is_usual(Packet{.payload = 0, .padding = 26}.bytes()));
    EXPECT_TRUE(is_usual(Packet{.ttl = 0}.bytes())); // judged after the lookup
    EXPECT_TRUE(is_usual(Packet{.group = Ipv4::of(224, 0, 1, 0)}.bytes()));
    EXPECT_TRUE(is_usual(Packet{.group = Ipv4::of(239, 255, 255, 255)}.bytes()));
}

TEST(Usual, AllZero) {
    Octets const bytes = Packet{.source = Ipv4{}, .group = Ipv4{}, .to = Mac{{1}}}.bytes();
    EXPECT_FALSE(is_usual(bytes));
}

TEST(Usual, LeavesTheRestToClassify) {
    EXPECT_FALSE(is_usual(Packet{.group = Ipv4::of(224, 0, 0, 255)}.bytes()));
    EXPECT_FALSE(is_usual(Packet{.group = Ipv4::of(240, 0, 0, 0)}.bytes()));
    EXPECT_FALSE(is_usual(Packet{.protocol = 2}.bytes()));
    EXPECT_FALSE(is_usual(Packet{.to = test::k_router_mac}.bytes()));
    EXPECT_FALSE(is_usual(Packet{.tags = {7}}.bytes()));
    EXPECT_FALSE(is_usual(Packet{.options = {1, 1, 1, 0}}.bytes()));
    for (Ipv4 const source : {Ipv4::of(0, 0, 0, 5), Ipv4::of(127, 0, 0, 1), Ipv4::of(224, 0, 0, 1),
                              Ipv4::of(169, 254, 1, 1), Ipv4::of(10, 0, 0, 255),
                              Ipv4::of(10, 0, 0, 1), Ipv4::of(10, 0, 1, 1)}) {
        EXPECT_FALSE(is_usual(Packet{.source = source}.bytes())) << to_string(source);
    }
    for (std::uint16_t const port : {1, 2, 3, 4}) {
        EXPECT_FALSE(is_usual(Packet{}.bytes(), port)) << port;
    }
    Octets short_one = Packet{}.bytes();
    short_one.pop_back();
    EXPECT_FALSE(is_usual(short_one));
    Octets damaged = Packet{}.bytes();
    damaged[20] ^= 1;
    EXPECT_FALSE(is_usual(damaged));
}

// What may differ within a train, and what ends it.
TEST(Usual, ATrainIsOfPacketsThatDifferInLittle) {
    Octets const first = Packet{}.bytes();
    Usual::Train const train{first.data()};
    auto const takes = [&](Octets const& bytes) {
        return train.takes(bytes.data(), static_cast<std::uint32_t>(bytes.size()));
    };
    EXPECT_TRUE(takes(first));
    EXPECT_TRUE(takes(Packet{.payload = 0, .padding = 26}.bytes()));
    EXPECT_TRUE(takes(Packet{.payload = 1400}.bytes()));
    EXPECT_TRUE(takes(Packet{.dont_fragment = true}.bytes()));
    EXPECT_TRUE(takes(Packet{.fragment_field = 0x2001}.bytes()));
    EXPECT_FALSE(takes(Packet{.ttl = 15}.bytes()));
    EXPECT_FALSE(takes(Packet{.protocol = 6}.bytes()));
    EXPECT_FALSE(takes(Packet{.source = Ipv4::of(10, 0, 0, 6)}.bytes()));
    EXPECT_FALSE(takes(Packet{.group = Ipv4::of(239, 1, 2, 4)}.bytes()));
    EXPECT_FALSE(takes(Packet{.to = test::k_router_mac}.bytes()));
    EXPECT_FALSE(takes(Packet{.tags = {7}}.bytes()));
    EXPECT_FALSE(takes(Packet{.options = {1, 1, 1, 0}}.bytes()));
    Octets cut = first;
    cut.pop_back();
    EXPECT_FALSE(takes(cut));
}

// Each of the bytes that it looks at, with each value, with the checksum made right and as it is.
TEST(Usual, NeverDisagrees) {
    for (std::size_t at = 0; at < Usual::k_bytes; ++at) {
        for (int value = 0; value < 256; ++value) {
            for (bool const repaired : {false, true}) {
                Octets bytes = Packet{}.bytes();
                bytes[at] = static_cast<std::uint8_t>(value);
                if (repaired) {
                    test::fix_checksum(bytes, 14);
                }
                for (std::uint16_t port = 0; port < 5; ++port) {
                    expect_agreement(bytes, port);
                }
            }
        }
    }
}

} // namespace
} // namespace mcast::dataplane
