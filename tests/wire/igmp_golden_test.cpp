// Messages whose bytes are known, in both directions.
#include "bytes.h"
#include "mcast/wire/igmp.h"

#include <gtest/gtest.h>

namespace mcast::wire {
namespace {

constexpr Ipv4 k_group = Ipv4::of(239, 1, 2, 3);
constexpr Ipv4 k_ssm_group = Ipv4::of(232, 1, 2, 3);
constexpr Ipv4 k_source = Ipv4::of(192, 0, 2, 1);

Query query(std::uint8_t version, std::uint8_t code, Ipv4 group, std::vector<Ipv4> sources = {}) {
    Query result;
    result.version = version;
    result.max_resp_code = code;
    result.group = group;
    result.sources = std::move(sources);
    if (version == 3) {
        result.qrv = 2;
        result.qqic = 125;
    }
    return result;
}

Query suppressed(Query query) {
    query.suppress = true;
    return query;
}

GroupRecord record(RecordType type, Ipv4 group, std::vector<Ipv4> sources = {},
                   std::vector<std::uint32_t> aux = {}) {
    return {type, group, std::move(sources), std::move(aux)};
}

ReportV3 report(std::vector<GroupRecord> records) {
    ReportV3 result;
    result.records = std::move(records);
    return result;
}

struct Golden {
    char const* name;
    Igmp value;
    char const* bytes;
};

std::vector<Golden> golden() {
    return {
        {"general query v3", query(3, 100, {}), "11 64 ec 1e 00 00 00 00 02 7d 00 00"},
        // IGMP-10: exactly these eight bytes.
        {"general query v2", query(2, 100, {}), "11 64 ee 9b 00 00 00 00"},
        {"general query v1", query(1, 0, {}), "11 00 ee ff 00 00 00 00"},
        {"group query v2", query(2, 10, k_group), "11 0a fd f0 ef 01 02 03"},
        {"group query v3", query(3, 10, k_group), "11 0a fb 73 ef 01 02 03 02 7d 00 00"},
        {"source query, S",
         suppressed(query(3, 10, k_ssm_group, {k_source, Ipv4::of(192, 0, 2, 2)})),
         "11 0a 76 6d e8 01 02 03 0a 7d 00 02 c0 00 02 01 c0 00 02 02"},
        {"advertisement",
         RouterAdvertisement{.interval = 20, .query_interval = 125, .robustness = 2},
         "30 14 cf 6c 00 7d 00 02"},
        {"solicitation", RouterSolicitation{}, "31 00 ce ff"},
        {"termination", RouterTermination{}, "32 00 cd ff"},
        {"report v1", ReportV1{k_group}, "12 00 fc fa ef 01 02 03"},
        {"report v2", ReportV2{k_group}, "16 00 f8 fa ef 01 02 03"},
        {"leave", Leave{k_group}, "17 00 f7 fa ef 01 02 03"},
        {"TO_EX({})", report({record(RecordType::to_ex, k_group)}),
         "22 00 e8 f9 00 00 00 01 04 00 00 00 ef 01 02 03"},
        {"ALLOW", report({record(RecordType::allow, k_ssm_group, {k_source})}),
         "22 00 2c f7 00 00 00 01 05 00 00 01 e8 01 02 03 c0 00 02 01"},
        // IGMP-141: auxiliary data counts in words, and the second record is found behind it.
        {"auxiliary data",
         report({record(RecordType::is_ex, k_group, {}, {0xdeadbeef, 0xcafebabe}),
                 record(RecordType::allow, k_ssm_group, {k_source})}),
         "22 00 16 94 00 00 00 02 02 02 00 00 ef 01 02 03 de ad be ef ca fe ba be 05 00 00 01 "
         "e8 01 02 03 c0 00 02 01"},
    };
}

TEST(IgmpGolden, Decodes) {
    for (Golden const& row : golden()) {
        auto const message = decode_igmp(hex(row.bytes));
        ASSERT_TRUE(message) << row.name << ": " << name_of(message.error());
        EXPECT_EQ(*message, row.value) << row.name;
    }
}

TEST(IgmpGolden, Encodes) {
    for (Golden const& row : golden()) {
        EXPECT_EQ(encoded(row.value), hex(row.bytes)) << row.name;
    }
}

// A message that does not fit leaves a failed writer, never half a message with a checksum.
TEST(IgmpGolden, EncodesOnlyIntoEnoughRoom) {
    for (Golden const& row : golden()) {
        std::size_t const size = hex(row.bytes).size();
        for (std::size_t room = 0; room < size; ++room) {
            auto const write = [&](Writer& out) { EXPECT_FALSE(encode(row.value, out)); };
            EXPECT_TRUE(written_by(write, room).empty()) << row.name;
        }
    }
}

// IGMP-135: no single flipped bit passes.
TEST(IgmpGolden, EveryFlippedBitIsNoticed) {
    for (Golden const& row : golden()) {
        Buffer bytes = hex(row.bytes);
        for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
            bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
            auto const message = decode_igmp(bytes);
            ASSERT_FALSE(message) << row.name << " bit " << bit;
            // Four bytes are enough for some types only.
            bool const short_type = bit < 8 && bytes.size() < 8;
            EXPECT_EQ(message.error(), short_type && message.error() == IgmpError::bad_length
                                           ? IgmpError::bad_length
                                           : IgmpError::bad_checksum)
                << row.name << " bit " << bit;
            bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        }
    }
}

} // namespace
} // namespace mcast::wire
