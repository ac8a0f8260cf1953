#include "bytes.h"
#include "mcast/wire/datagram.h"
#include "mcast/wire/describe.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace mcast::wire {
namespace {

constexpr Ipv4 k_group = Ipv4::of(239, 1, 2, 3);
constexpr Ipv4 k_source = Ipv4::of(192, 0, 2, 1);

Origin origin(std::optional<std::uint16_t> vlan = {}) {
    return {
        .mac = *Mac::parse("02:00:00:00:00:05"), .address = Ipv4::of(10, 0, 0, 5), .vlan = vlan};
}

std::string described(Igmp const& message, std::optional<std::uint16_t> vlan = {}) {
    return describe_frame(
        written_by([&](Writer& out) { build_igmp_frame(origin(vlan), message, out); }));
}

TEST(Describe, Igmp) {
    GroupRecord const to_ex{.type = RecordType::to_ex, .group = k_group};
    GroupRecord const allow{.type = RecordType::allow, .group = k_group, .sources = {k_source}};
    GroupRecord const unknown{.type = RecordType{9}, .group = k_group};
    EXPECT_EQ(described(ReportV3{.records = {to_ex}}),
              "IGMPv3 report 10.0.0.5 -> 224.0.0.22: 239.1.2.3 TO_EX {}");
    EXPECT_EQ(described(ReportV3{.records = {allow, unknown}, .trailing_bytes = 4}, 7),
              "VLAN 7 IGMPv3 report 10.0.0.5 -> 224.0.0.22: 239.1.2.3 ALLOW {192.0.2.1}; "
              "239.1.2.3 type 9 {}, 4 more bytes");
    EXPECT_EQ(described(ReportV3{}), "IGMPv3 report 10.0.0.5 -> 224.0.0.22: no records");
    EXPECT_EQ(described(ReportV2{k_group}), "IGMPv2 report 10.0.0.5 -> 239.1.2.3: 239.1.2.3");
    EXPECT_EQ(described(ReportV1{k_group}), "IGMPv1 report 10.0.0.5 -> 239.1.2.3: 239.1.2.3");
    EXPECT_EQ(described(Leave{k_group}), "IGMPv2 leave 10.0.0.5 -> 224.0.0.2: 239.1.2.3");
    EXPECT_EQ(described(Query{.max_resp_code = 100, .qrv = 2, .qqic = 125}),
              "IGMPv3 query 10.0.0.5 -> 224.0.0.1: general, answer within 10.0 s, robustness 2, "
              "interval 125 s");
    EXPECT_EQ(described(Query{.version = 2, .max_resp_code = 15, .group = k_group}),
              "IGMPv2 query 10.0.0.5 -> 239.1.2.3: 239.1.2.3, answer within 1.5 s");
    EXPECT_EQ(describe(Query{.max_resp_code = 10,
                             .group = k_group,
                             .suppress = true,
                             .qrv = 2,
                             .qqic = 125,
                             .sources = {k_source}}),
              "IGMPv3 query: 239.1.2.3 {192.0.2.1}, answer within 1.0 s, robustness 2, interval "
              "125 s, suppress");
    EXPECT_EQ(describe(RouterAdvertisement{.interval = 20, .query_interval = 125, .robustness = 2}),
              "multicast router advertisement: every 20 s, robustness 2, query interval 125 s");
    EXPECT_EQ(described(RouterSolicitation{}),
              "multicast router solicitation 10.0.0.5 -> 224.0.0.2: where are the routers?");
    EXPECT_EQ(describe(RouterTermination{}), "multicast router termination: no router any more");
    EXPECT_EQ(describe(DvmrpMessage{2}), "DVMRP message: code 2");
    EXPECT_EQ(describe(Other{0x99}), "IGMP message: type 0x99");
}

std::string described(dvmrp::Body body, dvmrp::Version version = {}) {
    return describe(dvmrp::Message{.version = version, .body = std::move(body)});
}

TEST(Describe, Dvmrp) {
    using namespace dvmrp;
    EXPECT_EQ(described(Probe{.generation = 7, .neighbors = {k_source}}),
              "DVMRP probe: generation 0x00000007, heard {192.0.2.1}");
    EXPECT_EQ(described(Probe{.unread_bytes = 4}, {.major = 12, .minor = 4}),
              "DVMRP probe: 4 bytes unread, version 12.4");
    EXPECT_EQ(described(Report{{{{Ipv4::of(10, 1, 0, 0), 16}, 3}, {{}, 35}, {{}, 32}, {{}, 64}}}),
              "DVMRP report: 10.1.0.0/16 metric 3, 0.0.0.0/0 metric 35 (depends), 0.0.0.0/0 "
              "unreachable, 0.0.0.0/0 metric 64 (illegal)");
    EXPECT_EQ(described(Report{}), "DVMRP report: no routes");
    EXPECT_EQ(described(Prune{k_source, k_group, 60, Ipv4::of(255, 255, 255, 0)}),
              "DVMRP prune: 192.0.2.1 mask 255.255.255.0, 239.1.2.3, 60 s");
    EXPECT_EQ(described(Graft{.source = k_source, .group = k_group, .trailing_bytes = 2}),
              "DVMRP graft: 192.0.2.1, 239.1.2.3, 2 more bytes");
    EXPECT_EQ(described(GraftAck{k_source, k_group}),
              "DVMRP graft acknowledgement: 192.0.2.1, 239.1.2.3");
    EXPECT_EQ(described(AskNeighbors2{}), "DVMRP neighbors question: who is there");
    EXPECT_EQ(described(Neighbors2{}), "DVMRP neighbors answer: no interfaces");
    EXPECT_EQ(described(Neighbors2{{NeighborRecord{.local = k_source, .flags = 0x40}}}),
              "DVMRP neighbors answer: 192.0.2.1 metric 1 threshold 1 flags 0x40 {}");
}

TEST(Describe, DvmrpFrames) {
    using namespace dvmrp;
    auto const frame = [](Buffer const& payload) {
        Ipv4Header const ip{.ttl = 1,
                            .protocol = k_protocol_igmp,
                            .source = Ipv4::of(10, 0, 0, 5),
                            .destination = dvmrp::k_all_routers};
        return describe_frame(
            written_by([&](Writer& out) { build_ipv4_frame({}, ip, payload, out); }));
    };
    EXPECT_EQ(frame(encoded(Message{.body = Probe{.generation = 1}})),
              "DVMRP probe 10.0.0.5 -> 224.0.0.4: generation 0x00000001, heard {}");
    EXPECT_EQ(frame(hex("1301b8be 000eff03 00000001")),
              "DVMRP 10.0.0.5 -> 224.0.0.4: bad_checksum");
    EXPECT_EQ(frame(with_checksum("13010000 000eff01 00000001")),
              "DVMRP 10.0.0.5 -> 224.0.0.4: old_version");
    Mtrace const trace{.hops = 3, .group = k_group, .query_id = 9, .blocks = {TraceBlock{}}};
    EXPECT_EQ(frame(encoded(trace)),
              "mtrace request 9 10.0.0.5 -> 224.0.0.4: 0.0.0.0 -> 0.0.0.0 by "
              "239.1.2.3, 3 hops, answer to 0.0.0.0: 0.0.0.0 no_error");
    EXPECT_EQ(frame(hex("1f")), "mtrace 10.0.0.5 -> 224.0.0.4: too_short");
}

// A hostile report cannot fill the log.
TEST(Describe, LongListsAreCounted) {
    GroupRecord const many{.group = k_group, .sources = std::vector<Ipv4>(300)};
    auto const text = describe(ReportV3{.records = std::vector<GroupRecord>(100, many)});
    EXPECT_LT(text.size(), 1500U);
    EXPECT_NE(text.find("292 more}"), std::string::npos);
    EXPECT_NE(text.find("92 more", text.size() - 8), std::string::npos) << text;
}

TEST(Describe, OtherFrames) {
    Buffer const data(100);
    Ipv4Header ip;
    ip.destination = k_group;
    ip.ttl = 16;
    auto const udp = written_by([&](Writer& out) {
        build_udp_frame(origin(), ip, {.source_port = 1, .destination_port = 2, .data = data}, out);
    });
    EXPECT_EQ(describe_frame(udp), "UDP 10.0.0.5:1 -> 239.1.2.3:2: 100 bytes, TTL 16");
    auto const icmp = written_by([&](Writer& out) {
        build_icmp_frame(
            origin(), {}, k_source,
            {.type = IcmpType::echo_request, .identifier = 3, .sequence = 4, .data = {}}, out);
    });
    EXPECT_EQ(describe_frame(icmp),
              "ICMP echo request 10.0.0.5 -> 192.0.2.1: identifier 3, sequence 4, 0 bytes");
    auto const request = arp_request(origin().mac, origin().address, k_source);
    auto const arp = written_by([&](Writer& out) { build_arp_frame(origin(), request, out); });
    EXPECT_EQ(describe_frame(arp),
              "ARP request: who has 192.0.2.1? tell 10.0.0.5 at 02:00:00:00:00:05");
    ip.more_fragments = true;
    ip.fragment_offset = 8;
    ip.id = 5;
    ip.protocol = k_protocol_udp;
    auto const fragment =
        written_by([&](Writer& out) { build_ipv4_frame({}, ip, Bytes{data}.first(16), out); });
    EXPECT_EQ(describe_frame(fragment), "IPv4 fragment 0.0.0.0 -> 239.1.2.3: protocol 17, id 5, "
                                        "bytes 8 to 24, TTL 16");
}

TEST(Describe, WhatIsInATunnel) {
    auto const frame_around = [](Ipv4Header outer, Bytes inner) {
        outer.ttl = 40;
        outer.protocol = k_protocol_ip_in_ip;
        outer.source = k_source;
        outer.destination = Ipv4::of(198, 51, 100, 7);
        return written_by([&](Writer& out) { build_ipv4_frame({}, outer, inner, out); });
    };
    Buffer const igmp =
        written_by([](Writer& out) { build_igmp_frame(origin(), ReportV2{k_group}, out); });
    Buffer const one = frame_around({}, Bytes{igmp}.subspan(14));
    EXPECT_EQ(describe_frame(one), "tunnel 192.0.2.1 -> 198.51.100.7, TTL 40: IGMPv2 report "
                                   "10.0.0.5 -> 239.1.2.3: 239.1.2.3");
    EXPECT_EQ(describe_frame(frame_around({}, Bytes{one}.subspan(14, 9))),
              "tunnel 192.0.2.1 -> 198.51.100.7, TTL 40: short_packet");
    Buffer deep = one;
    for (int i = 0; i < 5; ++i) {
        deep = frame_around({}, Bytes{deep}.subspan(14));
    }
    EXPECT_NE(describe_frame(deep).find("TTL 40: and so on"), std::string::npos);
}

TEST(Describe, DefectsAreNamed) {
    EXPECT_EQ(describe_frame({}), "frame of 0 bytes: short_frame");
    Buffer frame =
        written_by([](Writer& out) { build_igmp_frame(origin(), ReportV2{k_group}, out); });
    frame.back() ^= 1;
    EXPECT_EQ(describe_frame(frame), "IGMP 10.0.0.5 -> 239.1.2.3: bad_checksum");
    frame[14] = 0x65;
    EXPECT_EQ(describe_frame(frame), "IPv4 of 46 bytes: bad_version");
    frame[12] = 0x86;
    frame[13] = 0xdd;
    EXPECT_EQ(describe_frame(frame),
              "ether type 0x86dd 02:00:00:00:00:05 -> 01:00:5e:01:02:03: 46 bytes");
}

TEST(Describe, AnyBytesHaveADescription) {
    ASSERT_TRUE(rc::check("any bytes",
                          [](Buffer const& bytes) { RC_ASSERT(!describe_frame(bytes).empty()); }));
}

} // namespace
} // namespace mcast::wire
