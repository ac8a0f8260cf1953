#include "bytes.h"
#include "mcast/wire/igmp.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace mcast::wire {
namespace {

constexpr Ipv4 k_group = Ipv4::of(239, 1, 2, 3);

// IGMP-14: a version 2 query with code 0 cannot be written, so it cannot pose as version 1.
TEST(IgmpEncode, RefusesWhatHasNoForm) {
    Query v1_code{.version = 1, .max_resp_code = 1};
    Query v1_group{.version = 1, .group = k_group};
    Query v2_zero{.version = 2};
    Query v2_sources{.version = 2, .max_resp_code = 10, .group = k_group, .sources = {Ipv4{1}}};
    Query v2_suppress{.version = 2, .max_resp_code = 10, .group = k_group, .suppress = true};
    Query v3_groupless{.version = 3, .max_resp_code = 10, .sources = {Ipv4{1}}};
    Query v3_qrv{.version = 3, .max_resp_code = 10, .qrv = 8};
    Query v3_many{.version = 3, .group = k_group, .sources = std::vector<Ipv4>(65536)};
    Query v4{.version = 4};
    Query v0{.version = 0};
    for (Query const& query : {v1_code, v1_group, v2_zero, v2_sources, v2_suppress, v3_groupless,
                               v3_qrv, v3_many, v4, v0}) {
        Buffer room(500000);
        Writer out(room);
        EXPECT_FALSE(encode(query, out));
        EXPECT_FALSE(out.ok());
    }
    EXPECT_TRUE(encoded(Igmp{Other{0x99}}).empty());
    EXPECT_TRUE(encoded(Igmp{DvmrpMessage{1}}).empty());
}

TEST(IgmpEncode, RefusesCountsBeyondTheirFields) {
    GroupRecord long_aux{.group = k_group, .aux_words = std::vector<std::uint32_t>(256)};
    GroupRecord many_sources{.group = k_group, .sources = std::vector<Ipv4>(65536)};
    for (GroupRecord const& record : {long_aux, many_sources}) {
        Buffer room(500000);
        Writer out(room);
        EXPECT_FALSE(encode(ReportV3{.records = {record}}, out));
    }
    Buffer room(1000000);
    Writer out(room);
    EXPECT_FALSE(encode(ReportV3{.records = std::vector<GroupRecord>(65536)}, out));
}

// IGMP-97: 366 sources fill an Ethernet MTU, with the 24 bytes of IP header in front.
TEST(IgmpEncode, SourcesOfOneQuery) {
    EXPECT_EQ(max_query_sources(1500), 366U);
    EXPECT_EQ(max_query_sources(35), 0U);
    EXPECT_EQ(max_query_sources(36), 0U);
    EXPECT_EQ(max_query_sources(40), 1U);
    Query query{.max_resp_code = 10, .group = k_group, .sources = std::vector<Ipv4>(366)};
    EXPECT_LE(24 + encoded(query).size(), 1500U);
    query.sources.emplace_back();
    EXPECT_GT(24 + encoded(query).size(), 1500U);
}

// IGMP-2, IGMP-3 and their like for reports.
TEST(IgmpEncode, UsualDestinations) {
    EXPECT_EQ(usual_destination(Query{}), Ipv4::of(224, 0, 0, 1));
    EXPECT_EQ(usual_destination(Query{.group = k_group}), k_group);
    EXPECT_EQ(usual_destination(ReportV1{k_group}), k_group);
    EXPECT_EQ(usual_destination(ReportV2{k_group}), k_group);
    EXPECT_EQ(usual_destination(Leave{k_group}), Ipv4::of(224, 0, 0, 2));
    EXPECT_EQ(usual_destination(ReportV3{}), Ipv4::of(224, 0, 0, 22));
    EXPECT_EQ(usual_destination(RouterAdvertisement{}), Ipv4::of(224, 0, 0, 106));
    EXPECT_EQ(usual_destination(RouterSolicitation{}), Ipv4::of(224, 0, 0, 2));
    EXPECT_EQ(usual_destination(RouterTermination{}), Ipv4::of(224, 0, 0, 106));
    EXPECT_EQ(usual_destination(Other{1}), Ipv4{});
    EXPECT_EQ(usual_destination(DvmrpMessage{1}), Ipv4{});
}

std::vector<Ipv4> any_addresses() {
    std::vector<Ipv4> result;
    for (auto const value : *rc::gen::arbitrary<std::vector<std::uint32_t>>()) {
        result.push_back({value});
    }
    return result;
}

Ipv4 any_group() {
    return {0xe0000100 + *rc::gen::inRange<std::uint32_t>(0, 0x0ffffeff)};
}

Query any_query() {
    Query query;
    query.version = *rc::gen::inRange<std::uint8_t>(1, 4);
    if (query.version == 1) {
        return query;
    }
    query.max_resp_code = *rc::gen::inRange<std::uint8_t>(1, 255);
    query.group = *rc::gen::arbitrary<bool>() ? any_group() : Ipv4{};
    if (query.version == 3) {
        query.suppress = *rc::gen::arbitrary<bool>();
        query.qrv = *rc::gen::inRange<std::uint8_t>(0, 8);
        query.qqic = *rc::gen::arbitrary<std::uint8_t>();
        query.sources = query.is_general() ? std::vector<Ipv4>{} : any_addresses();
        query.extension = *rc::gen::arbitrary<bool>();
        query.trailing_bytes = *rc::gen::inRange<std::size_t>(0, 9);
    }
    return query;
}

ReportV3 any_report() {
    ReportV3 report;
    auto const count = *rc::gen::inRange(0, 6);
    for (int i = 0; i < count; ++i) {
        report.records.push_back({RecordType{*rc::gen::arbitrary<std::uint8_t>()},
                                  {*rc::gen::arbitrary<std::uint32_t>()},
                                  any_addresses(),
                                  *rc::gen::arbitrary<std::vector<std::uint32_t>>()});
    }
    report.extension = *rc::gen::arbitrary<bool>();
    report.trailing_bytes = *rc::gen::inRange<std::size_t>(0, 9);
    return report;
}

Igmp any_message() {
    switch (*rc::gen::inRange(0, 5)) {
    case 0:
        return ReportV1{any_group()};
    case 1:
        return ReportV2{any_group()};
    case 2:
        return Leave{any_group()};
    case 3:
        return any_query();
    default:
        return any_report();
    }
}

TEST(IgmpEncode, RoundTrip) {
    ASSERT_TRUE(rc::check("every message survives the wire", [] {
        auto const message = any_message();
        auto const bytes = encoded(message);
        RC_ASSERT(!bytes.empty());
        RC_ASSERT(internet_checksum(bytes) == 0);
        auto const decoded = decode_igmp(bytes);
        RC_ASSERT(decoded.has_value());
        RC_ASSERT(*decoded == message);
    }));
}

// Any bytes under any type: refused by name or decoded to what encodes to an equal value.
TEST(IgmpEncode, ArbitraryBytesDecodeOrAreRefused) {
    ASSERT_TRUE(rc::check("arbitrary bytes", [](Buffer bytes) {
        RC_PRE(bytes.size() >= 8);
        bytes[0] = *rc::gen::element<std::uint8_t>(0x11, 0x12, 0x16, 0x17, 0x22);
        if (bytes[0] == 0x22) {
            store_be16(&bytes[6], *rc::gen::inRange<std::uint16_t>(0, 3));
        }
        auto const decoded = decode_igmp(with_checksum(bytes));
        if (decoded) {
            RC_ASSERT((decode_igmp(encoded(*decoded)) == decoded));
        } else {
            RC_ASSERT(decoded.error() != IgmpError::bad_checksum);
        }
    }));
}

} // namespace
} // namespace mcast::wire
