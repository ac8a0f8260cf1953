#include "bytes.h"
#include "mcast/wire/cursor.h"

#include <gtest/gtest.h>

namespace mcast::wire {
namespace {

TEST(Reader, ReadsInNetworkByteOrder) {
    Buffer const bytes = hex("01 0203 04050607 c0000201 aabbccddeeff 99 98 97");
    Reader in(bytes);
    EXPECT_EQ(in.u8(), 0x01);
    EXPECT_EQ(in.u16(), 0x0203);
    EXPECT_EQ(in.u32(), 0x04050607U);
    EXPECT_EQ(in.ipv4(), Ipv4::of(192, 0, 2, 1));
    EXPECT_EQ(in.mac(), Mac::parse("aa:bb:cc:dd:ee:ff"));
    EXPECT_EQ(in.offset(), 17U);
    in.skip(1);
    Bytes const rest = in.bytes(2);
    ASSERT_EQ(rest.size(), 2U);
    EXPECT_EQ(rest[1], 0x97);
    EXPECT_EQ(in.remaining(), 0U);
    EXPECT_TRUE(in.ok());
}

TEST(Reader, FailureLatches) {
    Buffer const bytes = hex("01 02 03");
    Reader in(bytes);
    EXPECT_EQ(in.u32(), 0U);
    EXPECT_FALSE(in.ok());
    // The three bytes are there, but nothing is read any more.
    EXPECT_EQ(in.remaining(), 0U);
    EXPECT_EQ(in.u8(), 0);
    EXPECT_TRUE(in.bytes(1).empty());
    EXPECT_EQ(in.mac(), Mac{});
    EXPECT_EQ(in.offset(), 0U);
}

TEST(Reader, HugeCountsDoNotWrap) {
    Buffer const bytes = hex("01 02 03 04");
    Reader in(bytes);
    in.skip(1);
    EXPECT_TRUE(in.bytes(SIZE_MAX).empty());
    EXPECT_FALSE(in.ok());
}

TEST(Writer, WritesWhatTheReaderReads) {
    Buffer const bytes = written_by([](Writer& out) {
        out.u8(1);
        out.u16(0x0203);
        out.u32(0x04050607);
        out.ipv4(Ipv4::of(192, 0, 2, 1));
        out.mac(*Mac::parse("aa:bb:cc:dd:ee:ff"));
        out.zeros(2);
        out.patch_u16(1, 0xfeff);
    });
    EXPECT_EQ(bytes, hex("01 feff 04050607 c0000201 aabbccddeeff 0000"));
}

TEST(Writer, FailureLatches) {
    Buffer room(3, 0xee);
    Writer out(room);
    out.u16(0x0102);
    out.u16(0x0304);
    EXPECT_FALSE(out.ok());
    out.u8(5); // would fit
    EXPECT_EQ(out.size(), 2U);
    EXPECT_EQ(out.remaining(), 0U);
    EXPECT_EQ(room, hex("01 02 ee"));
}

TEST(Writer, PatchesOnlyWhatWasWritten) {
    for (std::size_t const offset : {std::size_t{3}, std::size_t{4}, std::size_t{100}, SIZE_MAX}) {
        Buffer room(8, 0xee);
        Writer out(room);
        out.u32(0);
        out.patch_u16(offset, 0x0102);
        EXPECT_FALSE(out.ok()) << offset;
        EXPECT_EQ(room, hex("00 00 00 00 ee ee ee ee")) << offset;
    }
}

} // namespace
} // namespace mcast::wire
