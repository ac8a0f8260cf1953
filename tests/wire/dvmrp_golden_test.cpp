// Messages whose bytes are known, most of them from a real router, in both directions.
#include "bytes.h"
#include "mcast/wire/dvmrp.h"

#include <gtest/gtest.h>

namespace mcast::wire::dvmrp {
namespace {

constexpr Ipv4 k_net = Ipv4::of(10, 10, 1, 0);
constexpr Ipv4 k_group = Ipv4::of(225, 1, 2, 3);

Route route(char const* prefix, std::uint8_t metric) {
    return {*Ipv4Prefix::parse(prefix), metric};
}

Message message(std::uint8_t capabilities, Body body) {
    return {.capabilities = capabilities, .version = {}, .body = std::move(body)};
}

NeighborRecord record(Ipv4 local, std::uint8_t flags, Ipv4 neighbor) {
    return {.local = local, .flags = flags, .neighbors = {neighbor}};
}

struct Golden {
    char const* name;
    Message value;
    char const* bytes;
};

std::vector<Golden> golden() {
    return {
        {"probe, nobody heard", message(0x0e, Probe{.generation = 0x37070000}),
         "1301b6e5 000eff03 37070000"},
        {"probe, one heard",
         message(0x0e, Probe{.generation = 0x37070000, .neighbors = {Ipv4::of(10, 10, 12, 2)}}),
         "1301a0d9 000eff03 37070000 0a0a0c02"},
        // DVMRP-2: an odd number of bytes.
        {"report, one poison",
         message(0x0f, Report{{route("10.10.1.0/24", 34), route("10.10.23.0/24", 1)}}),
         "130236be 000fff03 ffff00 0a0a01 22 0a0a17 81"},
        {"report, three routes",
         message(0x0f, Report{{route("10.10.1.0/24", 35), route("10.10.3.0/24", 1),
                               route("10.10.12.0/24", 34)}}),
         "130209bc 000fff03 ffff00 0a0a01 23 0a0a03 01 0a0a0c a2"},
        // DVMRP-43
        {"report, default route", message(0x0e, Report{{route("0.0.0.0/0", 3)}}),
         "13026aeb 000eff03 000000 00 83"},
        {"report, farewell",
         message(0x0f, Report{{route("10.10.1.0/24", 32), route("10.10.3.0/24", 32),
                               route("10.10.12.0/24", 32)}}),
         "1302efbb 000fff03 ffff00 0a0a01 20 0a0a03 20 0a0a0c a0"},
        {"prune", message(0x0e, Prune{.source = k_net, .group = k_group, .lifetime = 5793}),
         "1307e936 000eff03 0a0a0100 e1010203 000016a1"},
        {"graft", message(0x0e, Graft{.source = k_net, .group = k_group}),
         "1308ffd6 000eff03 0a0a0100 e1010203"},
        {"graft acknowledgement", message(0x0f, GraftAck{.source = k_net, .group = k_group}),
         "1309ffd4 000fff03 0a0a0100 e1010203"},
        {"neighbors answer",
         message(0x0e,
                 Neighbors2{{record(Ipv4::of(10, 10, 1, 1), 0xc0, {}),
                             record(Ipv4::of(10, 10, 12, 1), 0x40, Ipv4::of(10, 10, 12, 2))}}),
         "1306b4c0 000eff03 0a0a0101 0101c001 00000000 0a0a0c01 01014001 0a0a0c02"},
        {"neighbors question", message(0x0e, AskNeighbors2{}), "1305ede8 000eff03"},
    };
}

TEST(DvmrpGolden, BothDirections) {
    for (auto const& [name, value, bytes] : golden()) {
        SCOPED_TRACE(name);
        EXPECT_EQ(encoded(value), hex(bytes));
        auto const decoded = decode_dvmrp(hex(bytes));
        ASSERT_TRUE(decoded.has_value()) << name_of(decoded.error());
        EXPECT_EQ(*decoded, value);
    }
}

// DVMRP-1: what we make ourselves has type 0x13, version 3.255 and a reserved byte of zero.
TEST(DvmrpGolden, HeaderOfAllThatWeMake) {
    for (auto const& [name, value, bytes] : golden()) {
        auto const made = encoded(Message{.body = value.body});
        SCOPED_TRACE(name);
        ASSERT_GE(made.size(), k_header_size);
        EXPECT_EQ(made[0], 0x13);
        EXPECT_EQ(made[4], 0);
        EXPECT_EQ(made[6], 0xff);
        EXPECT_EQ(made[7], 3);
    }
}

// DVMRP-42: octets of a network by its mask. DVMRP-46: only the last of a mask is marked.
TEST(DvmrpGolden, WidthsOfNetworks) {
    auto const made =
        encoded(Message{.body = Report{{route("10.0.0.0/8", 1), route("172.16.0.0/12", 2),
                                        route("172.17.0.0/16", 3), route("10.1.1.0/24", 4),
                                        route("192.0.2.64/26", 5), route("192.0.2.1/32", 6)}}});
    Buffer const body(made.begin() + k_header_size, made.end());
    EXPECT_EQ(body, hex("000000 0a 81  f00000 ac10 82  ff0000 ac11 83  ffff00 0a0101 84"
                        "ffffc0 c0000240 85  ffffff c0000201 86"));
    auto const same_mask =
        encoded(Message{.body = Report{{route("10.1.0.0/16", 1), route("10.2.0.0/16", 2)}}});
    EXPECT_EQ(Buffer(same_mask.begin() + k_header_size, same_mask.end()),
              hex("ff0000 0a01 01 0a02 82"));
}

// DVMRP-44: default and 10/8 under one mask. DVMRP-45: the same mask again, and masks that fall.
TEST(DvmrpGolden, OrderOfRoutesIsFree) {
    auto const mixed = decode_dvmrp(with_checksum("13020000 000eff03 000000 00 03 0a 84"));
    ASSERT_TRUE(mixed.has_value());
    EXPECT_EQ(std::get<Report>(mixed->body),
              (Report{{route("0.0.0.0/0", 3), route("10.0.0.0/8", 4)}}));
    auto const again = decode_dvmrp(
        with_checksum("13020000 000eff03 ffff00 0a0101 81 ffff00 0a0001 82 ff0000 0a02 83"));
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(
        std::get<Report>(again->body),
        (Report{{route("10.1.1.0/24", 1), route("10.0.1.0/24", 2), route("10.2.0.0/16", 3)}}));
}

// DVMRP-123: without a mask 20, 16 and 16 bytes. DVMRP-124: with it four more, and it comes back.
TEST(DvmrpGolden, SizesOfPruneAndGraft) {
    Ipv4 const mask = Ipv4::of(255, 255, 255, 0);
    EXPECT_EQ(encoded(Message{.body = Prune{k_net, k_group, 10}}).size(), 20U);
    EXPECT_EQ(encoded(Message{.body = Graft{k_net, k_group}}).size(), 16U);
    EXPECT_EQ(encoded(Message{.body = GraftAck{k_net, k_group}}).size(), 16U);
    EXPECT_EQ(encoded(Message{.body = Prune{k_net, k_group, 10, mask}}).size(), 24U);
    auto const ack = decode_dvmrp(encoded(Message{.body = GraftAck{k_net, k_group, mask}}));
    ASSERT_TRUE(ack.has_value());
    EXPECT_EQ(std::get<GraftAck>(ack->body).mask, mask);
}

} // namespace
} // namespace mcast::wire::dvmrp
