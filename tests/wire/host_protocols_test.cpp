// ARP, ICMP echo and UDP.
#include "bytes.h"
#include "mcast/wire/arp.h"
#include "mcast/wire/icmp.h"
#include "mcast/wire/udp.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace mcast::wire {
namespace {

constexpr char const* k_request =
    "0001 0800 06 04 0001 020000000001 0a000001 000000000000 0a000002";

TEST(Arp, RequestAndReply) {
    auto const request = decode_arp(hex(k_request));
    ASSERT_TRUE(request);
    Mac const theirs = *Mac::parse("02:00:00:00:00:01");
    Mac const ours = *Mac::parse("02:00:00:00:00:02");
    EXPECT_EQ(*request, arp_request(theirs, Ipv4::of(10, 0, 0, 1), Ipv4::of(10, 0, 0, 2)));
    EXPECT_EQ(encoded(*request), hex(k_request));
    EXPECT_EQ(encoded(arp_reply(*request, ours)),
              hex("0001 0800 06 04 0002 020000000002 0a000002 020000000001 0a000001"));
}

TEST(Arp, PaddingIsIgnored) {
    Buffer padded = hex(k_request);
    padded.resize(46, 0xff);
    EXPECT_EQ(decode_arp(padded), decode_arp(hex(k_request)));
}

TEST(Arp, DefectsAreNamed) {
    struct Row {
        std::size_t at;
        std::uint8_t value;
        ArpError expected;
    };
    for (Row const& row : {Row{1, 6, ArpError::bad_hardware}, Row{4, 8, ArpError::bad_hardware},
                           Row{2, 0x86, ArpError::bad_protocol}, Row{5, 16, ArpError::bad_protocol},
                           Row{7, 0, ArpError::bad_operation}, Row{7, 3, ArpError::bad_operation},
                           Row{6, 1, ArpError::bad_operation}}) {
        Buffer packet = hex(k_request);
        packet[row.at] = row.value;
        auto const decoded = decode_arp(packet);
        ASSERT_FALSE(decoded) << row.at;
        EXPECT_EQ(decoded.error(), row.expected) << row.at << name_of(decoded.error());
    }
    Buffer const whole = hex(k_request);
    for (std::size_t n = 0; n < whole.size(); ++n) {
        EXPECT_EQ(decode_arp(Bytes{whole}.first(n)).error(), ArpError::short_packet) << n;
    }
}

TEST(Icmp, EchoAndItsReply) {
    Buffer const request = hex("08 00 dca6 1234 0001 deadbeef 73");
    Buffer const valid = with_checksum(request);
    auto const echo = decode_icmp_echo(valid);
    ASSERT_TRUE(echo);
    EXPECT_EQ(echo->type, IcmpType::echo_request);
    EXPECT_EQ(echo->identifier, 0x1234);
    EXPECT_EQ(echo->sequence, 1);
    EXPECT_EQ(echo->data.size(), 5U);
    EXPECT_EQ(encoded(*echo), valid);
    EXPECT_EQ(encoded(echo_reply(*echo)), with_checksum("00 00 0000 1234 0001 deadbeef 73"));
}

TEST(Icmp, DefectsAreNamed) {
    struct Row {
        Buffer message;
        IcmpError expected;
    };
    for (Row const& row : {
             Row{{}, IcmpError::short_packet},
             Row{with_checksum("08 00 0000 1234 00"), IcmpError::short_packet},
             Row{hex("08 00 0000 1234 0001"), IcmpError::bad_checksum},
             Row{with_checksum("08 01 0000 1234 0001"), IcmpError::not_echo},
             Row{with_checksum("03 01 0000 0000 0000"), IcmpError::not_echo},
         }) {
        auto const echo = decode_icmp_echo(row.message);
        ASSERT_FALSE(echo);
        EXPECT_EQ(echo.error(), row.expected) << name_of(echo.error());
    }
}

constexpr Ipv4 k_source = Ipv4::of(10, 0, 0, 1);
constexpr Ipv4 k_group = Ipv4::of(239, 1, 2, 3);

Buffer udp_bytes(UdpDatagram const& datagram) {
    return written_by([&](Writer& out) { encode(datagram, k_source, k_group, out); });
}

TEST(Udp, ChecksumCoversAddresses) {
    Buffer const data = hex("01 02 03");
    Buffer bytes = udp_bytes({.source_port = 5000, .destination_port = 5001, .data = data});
    ASSERT_EQ(bytes.size(), 11U);
    EXPECT_TRUE(decode_udp(bytes, k_source, k_group));
    EXPECT_EQ(decode_udp(bytes, Ipv4::of(10, 0, 0, 2), k_group).error(), UdpError::bad_checksum);
    // Zero says that there is none.
    store_be16(&bytes[6], 0);
    EXPECT_TRUE(decode_udp(bytes, Ipv4::of(10, 0, 0, 2), k_group));
}

// A sum that comes out as zero is sent in its other form.
TEST(Udp, NeverSendsZeroChecksum) {
    bool seen = false;
    for (unsigned port = 0; port <= 0xffff; ++port) {
        auto const bytes = udp_bytes({static_cast<std::uint16_t>(port), 5001, {}});
        ASSERT_NE(load_be16(&bytes[6]), 0) << port;
        ASSERT_TRUE(decode_udp(bytes, k_source, k_group)) << port;
        seen |= load_be16(&bytes[6]) == 0xffff;
    }
    EXPECT_TRUE(seen);
}

TEST(Udp, DefectsAreNamed) {
    EXPECT_EQ(decode_udp(hex("1388 1389 0008 00"), k_source, k_group).error(),
              UdpError::short_packet);
    for (char const* length : {"0000", "0007", "0009", "ffff"}) {
        Buffer const bytes = hex("1388 1389" + std::string{length} + "0000");
        EXPECT_EQ(decode_udp(bytes, k_source, k_group).error(), UdpError::bad_length) << length;
    }
}

TEST(Udp, RoundTrip) {
    ASSERT_TRUE(rc::check("UDP round trip", [](std::uint16_t from, std::uint16_t to,
                                               Buffer const& data, std::uint8_t padding) {
        UdpDatagram const datagram{.source_port = from, .destination_port = to, .data = data};
        Buffer bytes = udp_bytes(datagram);
        bytes.resize(bytes.size() + padding, 0xff);
        auto const decoded = decode_udp(bytes, k_source, k_group);
        RC_ASSERT(decoded.has_value());
        RC_ASSERT(*decoded == datagram);
    }));
    EXPECT_TRUE(
        udp_bytes({.source_port = 1, .destination_port = 2, .data = Buffer(65528)}).empty());
}

} // namespace
} // namespace mcast::wire
