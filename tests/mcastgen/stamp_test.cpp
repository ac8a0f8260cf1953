#include "stamp.h"

#include <array>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace mcast::gen {
namespace {

std::vector<std::uint8_t> stamped(std::size_t size) {
    std::vector<std::uint8_t> payload(size);
    write_stamp({7, 0x1'0000'0002, -5}, payload);
    return payload;
}

TEST(Stamp, SaysWhatWasWritten) {
    for (std::size_t const size : {32U, 33U, 100U, 1472U}) {
        auto const read = read_stamp(stamped(size));
        ASSERT_TRUE(read.has_value()) << size;
        EXPECT_EQ(*read, (Stamp{7, 0x1'0000'0002, -5}));
    }
}

// Every single bit of the payload is covered.
TEST(Stamp, EveryFlippedBitShows) {
    auto const good = stamped(64);
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
        auto bad = good;
        bad[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        auto const read = read_stamp(bad);
        ASSERT_FALSE(read.has_value()) << bit;
        EXPECT_EQ(read.error() == StampError::foreign, bit < 32) << bit;
    }
}

TEST(Stamp, ShorterAndLongerAreTruncated) {
    auto payload = stamped(64);
    for (std::size_t const size : {8U, 31U, 32U, 63U}) {
        EXPECT_EQ(read_stamp(wire::Bytes{payload}.first(size)).error(), StampError::truncated)
            << size;
    }
    payload.push_back(0);
    EXPECT_EQ(read_stamp(payload).error(), StampError::truncated);
}

TEST(Stamp, ForeignPayload) {
    EXPECT_EQ(read_stamp({}).error(), StampError::foreign);
    EXPECT_EQ(read_stamp(std::vector<std::uint8_t>(100, 0x41)).error(), StampError::foreign);
}

// The check value that every CRC-32 catalogue gives for these nine digits.
TEST(Stamp, CrcIsTheOneOf8023) {
    std::string_view const digits = "123456789";
    std::vector<std::uint8_t> const bytes(digits.begin(), digits.end());
    EXPECT_EQ(crc32(bytes), 0xcbf43926U);
    EXPECT_EQ(crc32(wire::Bytes{bytes}.subspan(4), crc32(wire::Bytes{bytes}.first(4))),
              0xcbf43926U);
}

} // namespace
} // namespace mcast::gen
