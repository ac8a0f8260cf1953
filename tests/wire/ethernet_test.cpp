#include "bytes.h"
#include "mcast/wire/ethernet.h"

#include <gtest/gtest.h>

namespace mcast::wire {
namespace {

constexpr char const* k_addresses = "01 00 5e 01 02 03  02 00 00 00 00 01";

Buffer frame(std::string const& rest) {
    return hex(k_addresses + rest);
}

TEST(Ethernet, Untagged) {
    auto const header = decode_ethernet(frame("0800 45"));
    ASSERT_TRUE(header);
    EXPECT_EQ(header->destination, Mac::of_group(Ipv4::of(239, 1, 2, 3)));
    EXPECT_EQ(header->source, Mac::parse("02:00:00:00:00:01"));
    EXPECT_EQ(header->ether_type, k_ether_ipv4);
    EXPECT_EQ(header->vlan, std::nullopt);
    EXPECT_EQ(header->size(), 14U);
    EXPECT_EQ(encoded(*header), frame("0800"));
}

TEST(Ethernet, Tagged) {
    struct Row {
        char const* tag;
        std::uint16_t vlan;
    };
    for (Row const& row : {Row{"0000", 0}, Row{"e000", 0}, Row{"0064", 100}, Row{"ffff", 4095}}) {
        auto const header = decode_ethernet(frame("8100" + std::string{row.tag} + "0806"));
        ASSERT_TRUE(header) << row.tag;
        EXPECT_EQ(header->vlan, row.vlan) << row.tag;
        EXPECT_EQ(header->ether_type, k_ether_arp) << row.tag;
        EXPECT_EQ(header->size(), 18U) << row.tag;
        EXPECT_EQ(decode_ethernet(encoded(*header)), *header) << row.tag;
    }
}

// A second tag is not looked through: it is just not IPv4.
TEST(Ethernet, SecondTagStays) {
    for (char const* inner : {"8100", "88a8"}) {
        auto const header = decode_ethernet(frame("8100 0064" + std::string{inner} + "0005 0800"));
        ASSERT_TRUE(header);
        EXPECT_EQ(header->vlan, 100);
        EXPECT_NE(header->ether_type, k_ether_ipv4);
    }
}

TEST(Ethernet, EveryTruncationIsRefused) {
    Buffer const whole = frame("8100 0064 0800");
    for (std::size_t n = 0; n < whole.size(); ++n) {
        EXPECT_EQ(decode_ethernet(Bytes{whole}.first(n)).error(), EthernetError::short_frame) << n;
    }
    EXPECT_EQ(name_of(EthernetError::short_frame), "short_frame");
}

TEST(Ethernet, RefusesToWriteALongVlan) {
    EthernetHeader header;
    header.vlan = 4096;
    EXPECT_TRUE(encoded(header).empty());
}

} // namespace
} // namespace mcast::wire
