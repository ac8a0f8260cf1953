#include "bytes.h"
#include "mcast/wire/igmp.h"

#include <gtest/gtest.h>

namespace mcast::wire {
namespace {

constexpr Ipv4 k_group = Ipv4::of(239, 1, 2, 3);

struct Refusal {
    char const* what;
    Buffer bytes;
    IgmpError expected;
};

void expect_refused(std::vector<Refusal> const& rows) {
    for (Refusal const& row : rows) {
        auto const message = decode_igmp(row.bytes);
        ASSERT_FALSE(message) << row.what;
        EXPECT_EQ(message.error(), row.expected) << row.what << ": " << name_of(message.error());
    }
}

Buffer cut(std::string_view text, std::size_t size) {
    Buffer bytes = hex(text);
    bytes.resize(size);
    return size < 4 ? bytes : with_checksum(bytes);
}

// IGMP-136, IGMP-144: below eight bytes nothing is read.
TEST(IgmpDecode, ShortMessages) {
    for (char const* type : {"11", "12", "13", "16", "17", "22", "99"}) {
        for (std::size_t size = 1; size < 8; ++size) {
            expect_refused({{type, cut(type, size), IgmpError::bad_length}});
        }
    }
    expect_refused({{"nothing", {}, IgmpError::bad_length}});
}

// The checksum covers all of the payload, and zero is no way around it.
TEST(IgmpDecode, BadChecksums) {
    Buffer const trailing_not_covered = [] {
        Buffer bytes = with_checksum("16 00 0000 ef010203");
        bytes.push_back(1);
        return bytes;
    }();
    expect_refused({
        {"zero", hex("16 00 0000 ef010203"), IgmpError::bad_checksum},
        {"wrong by one", hex("16 00 f8fb ef010203"), IgmpError::bad_checksum},
        {"byte behind not covered", trailing_not_covered, IgmpError::bad_checksum},
        // Checked before anything else is judged.
        {"and malformed", hex("22 00 0000 0000 ffff"), IgmpError::bad_checksum},
        {"and unknown", hex("99 00 0000 00000000"), IgmpError::bad_checksum},
    });
}

// RFC 9776 section 7.1: the length decides first.
TEST(IgmpDecode, QueryVersions) {
    struct Row {
        char const* bytes;
        std::uint8_t version;
        std::uint16_t tenths;
    };
    for (Row const& row : {
             Row{"11 00 0000 00000000", 1, 100},
             Row{"11 01 0000 00000000", 2, 1},
             Row{"11 ff 0000 00000000", 2, 255}, // linear in version 2
             Row{"11 ff 0000 00000000 02 7d 0000", 3, 31744},
             // IGMP-153: zero is legal in version 3 and reported as it is.
             Row{"11 00 0000 00000000 02 7d 0000", 3, 0},
             Row{"11 00 0000 00000000 02 7d 0000 ff", 3, 0},
         }) {
        auto const message = decode_igmp(with_checksum(row.bytes));
        ASSERT_TRUE(message) << row.bytes;
        auto const& query = std::get<Query>(*message);
        EXPECT_EQ(query.version, row.version) << row.bytes;
        EXPECT_EQ(max_response_tenths(query), row.tenths) << row.bytes;
    }
}

TEST(IgmpDecode, QueryFields) {
    auto const message =
        decode_igmp(with_checksum("11 64 0000 ef010203 ff 80 0001 c0000201 aabbcc"));
    ASSERT_TRUE(message);
    auto const& query = std::get<Query>(*message);
    EXPECT_TRUE(query.extension);
    EXPECT_TRUE(query.suppress);
    EXPECT_EQ(query.qrv, 7);
    EXPECT_EQ(query.qqic, 0x80);
    EXPECT_EQ(query.sources, std::vector{Ipv4::of(192, 0, 2, 1)});
    EXPECT_EQ(query.trailing_bytes, 3U);
}

TEST(IgmpDecode, BadQueries) {
    Buffer const cut_in_source = with_checksum("11 64 0000 ef010203 02 7d 0002 c0000201 c00002");
    expect_refused({
        {"9 bytes", with_checksum("11 64 0000 00000000 02"), IgmpError::bad_length},
        {"10 bytes", with_checksum("11 64 0000 00000000 027d"), IgmpError::bad_length},
        {"11 bytes", with_checksum("11 64 0000 00000000 027d00"), IgmpError::bad_length},
        {"source cut", cut_in_source, IgmpError::malformed},
        {"65535 sources", with_checksum("11 64 0000 ef010203 02 7d ffff"), IgmpError::malformed},
        // IGMP-152
        {"v1 for a group", with_checksum("11 00 0000 ef010203"), IgmpError::malformed},
        {"sources, no group", with_checksum("11 64 0000 00000000 02 7d 0001 c0000201"),
         IgmpError::malformed},
        {"unicast group", with_checksum("11 0a 0000 c0000201"), IgmpError::bad_group},
        {"link-local group", with_checksum("11 0a 0000 e00000fb"), IgmpError::bad_group},
        {"v3, class E", with_checksum("11 0a 0000 f0000001 02 7d 0000"), IgmpError::bad_group},
    });
}

// IGMP-138: why the caller must cut at the IP total length. Padding of zeros or of ones does not
// change a ones' complement sum, so this message with its padding would be a version 3 query.
TEST(IgmpDecode, PaddingMustNotReachTheDecoder) {
    Buffer padded = hex("11 64 ee 9b 00 00 00 00");
    padded.resize(22);
    EXPECT_EQ(std::get<Query>(*decode_igmp(Bytes{padded}.first(8))).version, 2);
    EXPECT_EQ(std::get<Query>(*decode_igmp(padded)).version, 3);
}

// IGMP-146: the Group field of version 1 and 2 messages.
TEST(IgmpDecode, GroupsThatAreNone) {
    for (char const* type : {"12", "16", "17"}) {
        for (char const* group : {"c0000263", "00000000", "ffffffff", "dfffffff", "f0000000"}) {
            Buffer const bytes = with_checksum(std::string{type} + "00 0000" + group);
            expect_refused({{group, bytes, IgmpError::bad_group}});
        }
    }
}

// RFC 2236 section 2.5: longer than eight bytes is fine as long as the checksum covers it; the
// second byte means nothing. Link-local groups are the reader's business (IGMP-147).
TEST(IgmpDecode, ShortReportsIgnoreTheRest) {
    EXPECT_EQ(decode_igmp(with_checksum("16 ff 0000 ef010203 010203")), Igmp{ReportV2{k_group}});
    EXPECT_EQ(decode_igmp(with_checksum("12 07 0000 ef010203 01")), Igmp{ReportV1{k_group}});
    EXPECT_EQ(decode_igmp(with_checksum("17 01 0000 ef010203 0102")), Igmp{Leave{k_group}});
    EXPECT_EQ(decode_igmp(with_checksum("16 00 0000 e00000fb")),
              Igmp{ReportV2{Ipv4::of(224, 0, 0, 251)}});
}

TEST(IgmpDecode, BadReports) {
    expect_refused({
        // IGMP-139: the first record is complete, and still nothing is taken.
        {"one record of two", with_checksum("22 00 0000 0000 0002 04 00 0000 ef010203"),
         IgmpError::malformed},
        // IGMP-140
        {"1000 sources, two there",
         with_checksum("22 00 0000 0000 0001 05 00 03e8 ef010203 c0000201 c0000202"),
         IgmpError::malformed},
        {"65535 records", with_checksum("22 00 0000 0000 ffff"), IgmpError::malformed},
        {"65535 of everything", with_checksum("22 00 0000 0000 0001 05 ff ffff ef010203"),
         IgmpError::malformed},
        // IGMP-141: the variant whose auxiliary data runs past the end.
        {"auxiliary past the end",
         with_checksum("22 00 0000 0000 0001 02 02 0000 ef010203 deadbeef"), IgmpError::malformed},
        {"record cut", with_checksum("22 00 0000 0000 0001 04 00 0000 ef0102"),
         IgmpError::malformed},
    });
}

// Every prefix of a good report, with a good checksum, is refused whole or is shorter than any.
TEST(IgmpDecode, EveryTruncationIsRefused) {
    char const* const text =
        "22 00 0000 0000 0002 02 02 0000 ef010203 deadbeef cafebabe 05 00 0001 e8010203 c0000201";
    std::size_t const size = hex(text).size();
    for (std::size_t n = 8; n < size; ++n) {
        expect_refused({{"cut", cut(text, n), IgmpError::malformed}});
    }
    EXPECT_TRUE(decode_igmp(cut(text, size)));
}

// IGMP-84: unknown record types keep their place and their number.
TEST(IgmpDecode, UnknownRecordTypesAreKept) {
    auto const message = decode_igmp(
        with_checksum("22 00 0000 0000 0005 04 00 0000 ef010203 00 00 0001 ef010203 c0000201"
                      "07 00 0000 ef010203 ff 01 0000 ef010203 00000000 02 00 0000 ef010204"));
    ASSERT_TRUE(message);
    auto const& records = std::get<ReportV3>(*message).records;
    ASSERT_EQ(records.size(), 5U);
    EXPECT_TRUE(is_known(records[0].type));
    for (std::size_t i : {1U, 2U, 3U}) {
        EXPECT_FALSE(is_known(records[i].type)) << i;
        EXPECT_EQ(name_of(records[i].type), "unknown");
    }
    EXPECT_EQ(static_cast<unsigned>(records[3].type), 255U);
    EXPECT_EQ(records[4], (GroupRecord{RecordType::is_ex, Ipv4::of(239, 1, 2, 4), {}, {}}));
}

// IGMP-147, IGMP-148: the codec hands over what was said; who knows the link judges it.
TEST(IgmpDecode, RecordsAreNotJudged) {
    auto const message = decode_igmp(with_checksum(
        "22 00 0000 0000 0002 04 00 0000 e00000fb 05 00 0003 ef010203 00000000 e0010101 7f000001"));
    ASSERT_TRUE(message);
    auto const& records = std::get<ReportV3>(*message).records;
    EXPECT_EQ(records[0].group, Ipv4::of(224, 0, 0, 251));
    EXPECT_EQ(records[1].sources.size(), 3U);
}

// IGMP-142: additional data is fine when the checksum covers it. IGMP-154: what the E bit announces
// is not interpreted, so broken TLVs do not harm the records.
TEST(IgmpDecode, AdditionalData) {
    Buffer bytes = hex("22 ff 0000 ffff 0001 04 00 0000 ef010203");
    bytes.resize(bytes.size() + 100, 0xab);
    auto const message = decode_igmp(with_checksum(bytes));
    ASSERT_TRUE(message);
    auto const& report = std::get<ReportV3>(*message);
    EXPECT_EQ(report.records.size(), 1U);
    EXPECT_TRUE(report.extension);
    EXPECT_EQ(report.trailing_bytes, 100U);
}

TEST(IgmpDecode, EmptyReport) {
    EXPECT_EQ(decode_igmp(with_checksum("22 00 0000 0000 0000")), Igmp{ReportV3{}});
}

// IGMP-151, and DVMRP by name.
TEST(IgmpDecode, OtherTypes) {
    EXPECT_EQ(decode_igmp(with_checksum("99 00 0000 00000000")), Igmp{Other{0x99}});
    EXPECT_EQ(decode_igmp(with_checksum("14 00 0000 00000000")), Igmp{Other{0x14}});
    EXPECT_EQ(decode_igmp(with_checksum("13 02 0000 00000eff")), Igmp{DvmrpMessage{2}});
}

// RFC 4286: four bytes are a whole message where nothing stands behind the checksum.
TEST(IgmpDecode, RouterDiscovery) {
    EXPECT_EQ(decode_igmp(with_checksum("30 14 0000 007d 0002")),
              Igmp(RouterAdvertisement{.interval = 20, .query_interval = 125, .robustness = 2}));
    EXPECT_EQ(decode_igmp(with_checksum("31 00 0000")), Igmp{RouterSolicitation{}});
    EXPECT_EQ(decode_igmp(with_checksum("32 00 0000")), Igmp{RouterTermination{}});
    EXPECT_EQ(decode_igmp(with_checksum("32 00 0000 11223344")), Igmp{RouterTermination{}});
    for (char const* const cut : {"30 14 0000 007d", "31 00 00", "32", "16 00 0000"}) {
        EXPECT_EQ(decode_igmp(hex(cut)).error(), IgmpError::bad_length) << cut;
    }
    EXPECT_EQ(decode_igmp(hex("31 00 ce fe")).error(), IgmpError::bad_checksum);
}

} // namespace
} // namespace mcast::wire
