#include "mcast/api/codec.h"

#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace mcast::api {
namespace {

using std::string_literals::operator""s;

TEST(Frame, LengthIsBigEndian) {
    EXPECT_EQ(frame("abc"), "\0\0\0\3abc"s);
    EXPECT_EQ(frame(std::string(0x01020304 & 0xffff, 'x')).substr(0, 4), "\0\0\3\4"s);
}

// However the bytes are cut, the same payloads come out in the same order.
TEST(FrameDecoder, CutsDoNotMatter) {
    ASSERT_TRUE(rc::check([] {
        auto const payloads = *rc::gen::container<std::vector<std::string>>(
            rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::arbitrary<char>())));
        std::string stream;
        for (std::string const& payload : payloads) {
            stream += frame(payload);
        }
        FrameDecoder decoder(1 << 20);
        std::vector<std::string> got;
        while (!stream.empty()) {
            std::size_t const cut = std::min(*rc::gen::inRange<std::size_t>(1, 9), stream.size());
            decoder.feed(std::string_view{stream}.substr(0, cut));
            stream.erase(0, cut);
            while (auto payload = decoder.next()) {
                got.push_back(*payload);
            }
        }
        RC_ASSERT(got == payloads);
        RC_ASSERT(!decoder.failed());
        RC_ASSERT(decoder.buffered() == 0u);
    }));
}

TEST(FrameDecoder, LimitAtAndAbove) {
    FrameDecoder at(8);
    at.feed(frame("12345678"));
    EXPECT_EQ(at.next(), "12345678");
    FrameDecoder above(8);
    above.feed("\0\0\0\x09"s);
    EXPECT_TRUE(above.failed());
    EXPECT_EQ(above.next(), std::nullopt);
    above.feed(frame("ok"));
    EXPECT_TRUE(above.failed()) << "a failure is latched";
    EXPECT_EQ(above.next(), std::nullopt);
    EXPECT_EQ(above.buffered(), 0u);
}

TEST(FrameDecoder, EmptyFrameFails) {
    FrameDecoder decoder(8);
    decoder.feed("\0\0\0\0"s);
    EXPECT_TRUE(decoder.failed());
}

// A good frame in front of a bad header still counts.
TEST(FrameDecoder, GivesWhatCameBeforeTheFailure) {
    FrameDecoder decoder(8);
    decoder.feed(frame("good") + "\xff\xff\xff\xff");
    EXPECT_FALSE(decoder.failed());
    EXPECT_TRUE(decoder.ready());
    EXPECT_EQ(decoder.next(), "good");
    EXPECT_TRUE(decoder.failed());
    EXPECT_FALSE(decoder.ready());
}

TEST(FrameDecoder, IncompleteIsNotReady) {
    FrameDecoder decoder(8);
    decoder.feed("\0\0\0"s);
    EXPECT_FALSE(decoder.ready());
    decoder.feed("\2x"s);
    EXPECT_FALSE(decoder.ready());
    EXPECT_EQ(decoder.buffered(), 5u);
    decoder.feed("y");
    EXPECT_EQ(decoder.next(), "xy");
}

} // namespace
} // namespace mcast::api
