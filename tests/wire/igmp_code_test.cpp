#include "mcast/wire/igmp_code.h"

#include <gtest/gtest.h>

namespace mcast::wire {
namespace {

TEST(IgmpCode, KnownCodes) {
    struct Row {
        std::uint8_t code;
        std::uint16_t value;
    };
    for (Row const& row :
         {Row{0, 0}, Row{0x7f, 127}, Row{0x80, 128}, Row{0x81, 136}, Row{0x8f, 248}, Row{0x90, 256},
          Row{0x9f, 496}, Row{0xa0, 512}, Row{0xb0, 1024}, Row{0xc0, 2048}, Row{0xd0, 4096},
          Row{0xe0, 8192}, Row{0xf0, 16384}, Row{0xff, 31744}}) {
        EXPECT_EQ(decode_code(row.code), row.value) << +row.code;
        EXPECT_EQ(encode_code(row.value), row.code) << row.value;
    }
}

// IGMP-6: 20.0 s and 25.0 s. IGMP-7: 300 s and 31744 s. The rest from the same table.
TEST(IgmpCode, RoundsDown) {
    struct Row {
        std::uint16_t value;
        std::uint8_t code;
        std::uint16_t said;
    };
    for (Row const& row :
         {Row{130, 0x80, 128}, Row{150, 0x82, 144}, Row{200, 0x89, 200}, Row{250, 0x8f, 248},
          Row{255, 0x8f, 248}, Row{300, 0x92, 288}, Row{1000, 0xaf, 992}, Row{3600, 0xcc, 3584},
          Row{31743, 0xfe, 30720}, Row{31744, 0xff, 31744}, Row{65535, 0xff, 31744}}) {
        EXPECT_EQ(encode_code(row.value), row.code) << row.value;
        EXPECT_EQ(decode_code(row.code), row.said) << row.value;
    }
}

// IGMP-8: every code survives; encoding never says more than was meant, and is monotone.
TEST(IgmpCode, AllCodesAndAllValues) {
    for (unsigned code = 0; code <= 255; ++code) {
        EXPECT_EQ(encode_code(decode_code(static_cast<std::uint8_t>(code))), code);
    }
    std::uint8_t before = 0;
    for (std::uint16_t value = 0; value <= k_max_code_value; ++value) {
        auto const code = encode_code(value);
        ASSERT_LE(decode_code(code), value);
        ASSERT_GE(code, before);
        // As close as the format allows: the next code would say too much.
        ASSERT_TRUE(code == 0xff || decode_code(static_cast<std::uint8_t>(code + 1)) > value);
        before = code;
    }
}

} // namespace
} // namespace mcast::wire
