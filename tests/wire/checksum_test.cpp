#include "bytes.h"
#include "mcast/wire/checksum.h"
#include "mcast/wire/ipv4.h"

#include <array>
#include <cstring>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace mcast::wire {
namespace {

TEST(Checksum, KnownValues) {
    struct Row {
        char const* bytes;
        std::uint16_t expected;
    };
    for (Row const& row : {
             Row{"", 0xffff},
             Row{"00 00", 0xffff},
             Row{"ff ff", 0x0000},
             Row{"00 01 f2 03 f4 f5 f6 f7", 0x220d}, // the example of RFC 1071 section 3
             Row{"12", 0xedff},                      // odd: as if a zero followed
             Row{"12 34 56", 0x97cb},
         }) {
        EXPECT_EQ(internet_checksum(hex(row.bytes)), row.expected) << row.bytes;
    }
}

TEST(Checksum, ManyBytesDoNotOverflow) {
    EXPECT_EQ(internet_checksum(Buffer(65535, 0xff)), 0x00ff);
}

TEST(Checksum, PiecesAddUp) {
    ChecksumSum sum;
    sum.add_u16(0x0001);
    sum.add_ipv4(Ipv4{0xf203f4f5});
    sum.add(hex("f6 f7"));
    EXPECT_EQ(sum.checksum(), 0x220d);
}

// RFC 1624 section 4: the corner in which the older equation of RFC 1141 gives 0xffff.
TEST(UpdatedChecksum, ZeroStaysZero) {
    EXPECT_EQ(updated_checksum(0xdd2f, 0x5555, 0x3285), 0x0000);
}

Ipv4Header header_with(std::uint8_t ttl, std::uint16_t id) {
    Ipv4Header header;
    header.total_length = 1000;
    header.id = id;
    header.ttl = ttl;
    header.protocol = k_protocol_udp;
    header.source = Ipv4::of(10, 0, 0, 1);
    header.destination = Ipv4::of(239, 1, 2, 3);
    return header;
}

// F13: the fast path changes TTL and checksum together. For every TTL, and for identifications
// that move the sum through all its corners, the result is what a full computation gives.
TEST(UpdatedChecksum, EqualsTheFullOneForEveryTtl) {
    for (unsigned id = 0; id <= 0xffff; id += 0x00ff) {
        for (unsigned ttl = 1; ttl <= 255; ++ttl) {
            auto const before = encoded(
                header_with(static_cast<std::uint8_t>(ttl), static_cast<std::uint16_t>(id)));
            auto const after = encoded(
                header_with(static_cast<std::uint8_t>(ttl - 1), static_cast<std::uint16_t>(id)));
            auto const updated = updated_checksum(load_be16(&before[10]), load_be16(&before[8]),
                                                  load_be16(&after[8]));
            ASSERT_EQ(updated, load_be16(&after[10])) << "TTL " << ttl << " id " << id;
            std::uint32_t word = 0;
            std::memcpy(&word, &before[8], sizeof word);
            word = with_lower_ttl(word);
            ASSERT_EQ(std::memcmp(&word, &after[8], sizeof word), 0) << "TTL " << ttl;
        }
    }
}

// Also where the old checksum was not made by us: 0xffff for 0x0000.
TEST(UpdatedChecksum, LowersTheTtlOfAnyHeader) {
    for (std::uint32_t checksum = 0; checksum <= 0xffff; ++checksum) {
        for (std::uint32_t const ttl : {1U, 2U, 64U, 255U}) {
            std::array<std::uint8_t, 4> bytes{static_cast<std::uint8_t>(ttl), 17,
                                              static_cast<std::uint8_t>(checksum >> 8),
                                              static_cast<std::uint8_t>(checksum)};
            std::uint32_t word = 0;
            std::memcpy(&word, bytes.data(), sizeof word);
            word = with_lower_ttl(word);
            std::uint16_t const before = load_be16(bytes.data());
            auto const after = static_cast<std::uint16_t>(before - 0x100);
            std::uint16_t const right =
                updated_checksum(static_cast<std::uint16_t>(checksum), before, after);
            std::memcpy(bytes.data(), &word, sizeof word);
            ASSERT_EQ(load_be16(bytes.data()), after);
            ASSERT_EQ(load_be16(&bytes[2]), right) << checksum << ", TTL " << ttl;
        }
    }
}

TEST(UpdatedChecksum, EqualsTheFullOneForAnyField) {
    ASSERT_TRUE(rc::check(
        "any 16-bit field", [](std::vector<std::uint16_t> const& words, std::uint16_t value) {
            RC_PRE(!words.empty());
            Buffer bytes = written_by([&](Writer& out) {
                out.u16(1); // not all zero: such a sum has two representations
                for (auto const word : words) {
                    out.u16(word);
                }
            });
            auto const at = 2 * *rc::gen::inRange<std::size_t>(1, words.size() + 1);
            auto const before = internet_checksum(bytes);
            auto const old = load_be16(&bytes[at]);
            store_be16(&bytes[at], value);
            RC_ASSERT(updated_checksum(before, old, value) == internet_checksum(bytes));
        }));
}

} // namespace
} // namespace mcast::wire
