#include "bytes.h"
#include "mcast/wire/datagram.h"

#include <gtest/gtest.h>

namespace mcast::wire {
namespace {

constexpr Ipv4 k_us = Ipv4::of(192, 0, 2, 254);
constexpr Ipv4 k_group = Ipv4::of(239, 1, 2, 3);
Mac const k_our_mac = *Mac::parse("02:00:00:00:00:fe");
Mac const k_their_mac = *Mac::parse("02:00:00:00:00:01");
Origin const k_origin{.mac = k_our_mac, .address = k_us, .vlan = {}};

Buffer igmp_frame(Origin const& from, Igmp const& message) {
    return written_by([&](Writer& out) { build_igmp_frame(from, message, out); });
}

// IGMP-1, IGMP-2, IGMP-4: a general query, byte for byte.
TEST(Datagram, GeneralQueryFrame) {
    Query const query{.max_resp_code = 100, .qrv = 2, .qqic = 125};
    EXPECT_EQ(igmp_frame(k_origin, query),
              hex("01 00 5e 00 00 01 02 00 00 00 00 fe 08 00"
                  "46 c0 00 24 00 00 00 00 01 02 81 14 c0 00 02 fe e0 00 00 01 94 04 00 00"
                  "11 64 ec 1e 00 00 00 00 02 7d 00 00"));
}

// IGMP-3: to the group, at IP and at link level.
TEST(Datagram, GroupQueryFrame) {
    auto const frame =
        igmp_frame(k_origin, Query{.version = 2, .max_resp_code = 10, .group = k_group});
    auto const datagram = decode_datagram(frame);
    ASSERT_TRUE(datagram);
    EXPECT_EQ(datagram->ethernet.destination, Mac::parse("01:00:5e:01:02:03"));
    EXPECT_EQ(datagram->ip.destination, k_group);
    EXPECT_EQ(datagram->ip.ttl, 1);
    EXPECT_TRUE(has_router_alert(datagram->ip.options));
}

// IGMP-138: an 8-byte query in a 60-byte frame padded with ones stays a version 2 query.
TEST(Datagram, PaddingIsCut) {
    auto frame = igmp_frame(k_origin, Query{.version = 2, .max_resp_code = 100});
    ASSERT_LT(frame.size(), k_min_frame);
    frame.resize(k_min_frame, 0xff);
    auto const datagram = decode_datagram(frame);
    ASSERT_TRUE(datagram);
    EXPECT_EQ(datagram->payload.size(), 8U);
    auto const message = decode_igmp(datagram->payload);
    ASSERT_TRUE(message);
    EXPECT_EQ(std::get<Query>(*message).version, 2);
}

TEST(Datagram, PadFillsToTheShortestFrame) {
    auto const frame = written_by([](Writer& out) {
        out.u16(0xffff); // something before the frame
        build_igmp_frame(k_origin, Leave{k_group}, out);
        pad(out, 2);
    });
    EXPECT_EQ(frame.size(), 2 + k_min_frame);
    EXPECT_TRUE(decode_datagram(Bytes{frame}.subspan(2)));
    auto const long_enough = written_by([](Writer& out) {
        out.zeros(61);
        pad(out);
    });
    EXPECT_EQ(long_enough.size(), 61U);
}

TEST(Datagram, TaggedFrame) {
    Origin from = k_origin;
    from.vlan = 100;
    auto const frame = igmp_frame(from, ReportV2{k_group});
    auto const datagram = decode_datagram(frame);
    ASSERT_TRUE(datagram);
    EXPECT_EQ(datagram->ethernet.vlan, 100);
    EXPECT_EQ(decode_igmp(datagram->payload), Igmp{ReportV2{k_group}});
}

// IGMP-60: a report to the router's own address goes to the router's MAC.
TEST(Datagram, UnicastReport) {
    auto const frame = written_by([](Writer& out) {
        build_igmp_frame(k_origin, Ipv4::of(192, 0, 2, 2), ReportV2{k_group}, out, k_their_mac);
    });
    auto const datagram = decode_datagram(frame);
    ASSERT_TRUE(datagram);
    EXPECT_EQ(datagram->ethernet.destination, k_their_mac);
    EXPECT_EQ(datagram->ip.destination, Ipv4::of(192, 0, 2, 2));
}

TEST(Datagram, UdpFrame) {
    Buffer const data = hex("01 02 03 04 05");
    Ipv4Header ip;
    ip.destination = k_group;
    ip.ttl = 16;
    ip.tos = 0x28;
    ip.id = 77;
    ip.dont_fragment = true;
    auto const frame = written_by([&](Writer& out) {
        build_udp_frame(k_origin, ip, {.source_port = 5000, .destination_port = 5001, .data = data},
                        out);
    });
    auto const datagram = decode_datagram(frame);
    ASSERT_TRUE(datagram);
    EXPECT_EQ(datagram->ethernet.destination, Mac::of_group(k_group));
    EXPECT_EQ(datagram->ip.total_length, 33);
    EXPECT_EQ(datagram->ip.ttl, 16);
    EXPECT_EQ(datagram->ip.id, 77);
    EXPECT_TRUE(datagram->ip.dont_fragment);
    auto const udp = decode_udp(datagram->payload, k_us, k_group);
    ASSERT_TRUE(udp);
    EXPECT_EQ(udp->destination_port, 5001);
}

TEST(Datagram, IcmpAndArpFrames) {
    auto const icmp = written_by([](Writer& out) {
        build_icmp_frame(k_origin, k_their_mac, Ipv4::of(192, 0, 2, 1),
                         {.type = IcmpType::echo_reply, .identifier = 1, .sequence = 2, .data = {}},
                         out);
    });
    auto const datagram = decode_datagram(icmp);
    ASSERT_TRUE(datagram);
    EXPECT_EQ(datagram->ethernet.destination, k_their_mac);
    EXPECT_TRUE(decode_icmp_echo(datagram->payload));

    auto const request = arp_request(k_our_mac, k_us, Ipv4::of(192, 0, 2, 1));
    auto const arp = written_by([&](Writer& out) { build_arp_frame(k_origin, request, out); });
    EXPECT_EQ(decode_ethernet(arp)->destination, Mac::broadcast());
    EXPECT_EQ(decode_arp(Bytes{arp}.subspan(14)), request);
    EXPECT_EQ(decode_datagram(arp).error(), DatagramError::not_ipv4);
    auto const reply = arp_reply(request, k_their_mac);
    auto const answer = written_by([&](Writer& out) { build_arp_frame(k_origin, reply, out); });
    EXPECT_EQ(decode_ethernet(answer)->destination, k_our_mac);
}

TEST(Datagram, PlainIpv4Frame) {
    Buffer const payload(1481);
    EthernetHeader ethernet;
    ethernet.destination = k_their_mac;
    Ipv4Header ip;
    ip.destination = Ipv4::of(192, 0, 2, 1);
    ip.protocol = 89;
    auto const frame =
        written_by([&](Writer& out) { build_ipv4_frame(ethernet, ip, payload, out); });
    auto const datagram = decode_datagram(frame);
    ASSERT_TRUE(datagram);
    EXPECT_EQ(datagram->ethernet.destination, k_their_mac);
    EXPECT_EQ(datagram->payload.size(), 1481U);
    Buffer const too_long(65516);
    EXPECT_TRUE(
        written_by([&](Writer& out) { build_ipv4_frame(ethernet, ip, too_long, out); }, 100000)
            .empty());
}

TEST(Datagram, EveryTruncationIsNamed) {
    auto const frame = igmp_frame(k_origin, Leave{k_group});
    for (std::size_t n = 0; n < frame.size(); ++n) {
        auto const expected = n < 34   ? DatagramError::short_frame
                              : n < 38 ? DatagramError::bad_header_length
                                       : DatagramError::bad_total_length;
        EXPECT_EQ(decode_datagram(Bytes{frame}.first(n)).error(), expected) << n;
    }
}

TEST(Datagram, DefectsAreNamed) {
    struct Row {
        std::size_t at;
        std::uint8_t value;
        std::string_view name;
    };
    for (Row const& row : {Row{12, 0x86, "not_ipv4"}, Row{14, 0x66, "bad_version"},
                           Row{14, 0x44, "bad_header_length"}, Row{16, 0xff, "bad_total_length"},
                           Row{22, 2, "bad_header_checksum"}}) {
        auto frame = igmp_frame(k_origin, Leave{k_group});
        frame[row.at] = row.value;
        auto const datagram = decode_datagram(frame);
        ASSERT_FALSE(datagram) << row.name;
        EXPECT_EQ(name_of(datagram.error()), row.name);
    }
}

// A builder that runs out of room fails; it never leaves a frame that looks whole.
TEST(Datagram, BuildersNeedRoom) {
    std::size_t const size = igmp_frame(k_origin, Query{}).size();
    for (std::size_t room = 0; room < size; ++room) {
        EXPECT_TRUE(
            written_by([](Writer& out) { EXPECT_FALSE(build_igmp_frame(k_origin, Query{}, out)); },
                       room)
                .empty())
            << room;
    }
}

} // namespace
} // namespace mcast::wire
