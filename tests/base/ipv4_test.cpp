#include "mcast/base/flow.h"
#include "mcast/base/ipv4.h"
#include "mcast/base/mac.h"

#include <gtest/gtest.h>

namespace mcast {
namespace {

TEST(Ipv4, ParsesDottedQuadsOnly) {
    EXPECT_EQ(Ipv4::parse("192.0.2.1"), Ipv4::of(192, 0, 2, 1));
    EXPECT_EQ(Ipv4::parse("0.0.0.0"), Ipv4{});
    EXPECT_EQ(Ipv4::parse("255.255.255.255"), Ipv4{0xffffffff});
    for (char const* bad : {"", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", " 1.2.3.4",
                            "1.2.3.4 ", "1.2.3.-4", "1..3.4", "1.2.3.", "a.b.c.d", "1.2.3.4/8"}) {
        EXPECT_EQ(Ipv4::parse(bad), std::nullopt) << bad;
    }
}

TEST(Ipv4, PrintsWhatItParses) {
    for (char const* text : {"0.0.0.0", "10.20.30.40", "239.255.255.250"}) {
        EXPECT_EQ(to_string(*Ipv4::parse(text)), text);
    }
}

TEST(Ipv4, KnowsItsRanges) {
    EXPECT_TRUE(Ipv4::of(224, 0, 0, 0).is_multicast());
    EXPECT_TRUE(Ipv4::of(239, 255, 255, 255).is_multicast());
    EXPECT_FALSE(Ipv4::of(223, 255, 255, 255).is_multicast());
    EXPECT_FALSE(Ipv4::of(240, 0, 0, 0).is_multicast());
    EXPECT_TRUE(Ipv4::of(224, 0, 0, 251).is_link_local_multicast());
    EXPECT_FALSE(Ipv4::of(224, 0, 1, 0).is_link_local_multicast());
}

// IGMP-25: addresses compare as unsigned numbers in host order, not byte by byte.
TEST(Ipv4, ComparesAsNumbers) {
    EXPECT_LT(Ipv4::of(10, 0, 1, 2), Ipv4::of(10, 1, 0, 1));
    EXPECT_LT(Ipv4::of(10, 0, 0, 1), Ipv4::of(192, 0, 0, 1));
}

TEST(Ipv4Prefix, ParsesAndContains) {
    auto const prefix = Ipv4Prefix::parse("192.0.2.129/25");
    ASSERT_TRUE(prefix);
    EXPECT_EQ(prefix->network(), Ipv4::of(192, 0, 2, 128));
    EXPECT_EQ(prefix->broadcast(), Ipv4::of(192, 0, 2, 255));
    EXPECT_TRUE(prefix->contains(Ipv4::of(192, 0, 2, 200)));
    EXPECT_FALSE(prefix->contains(Ipv4::of(192, 0, 2, 127)));
    EXPECT_TRUE(Ipv4Prefix::parse("0.0.0.0/0")->contains(Ipv4::of(1, 2, 3, 4)));
    for (char const* bad : {"10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/08", "/8"}) {
        EXPECT_EQ(Ipv4Prefix::parse(bad), std::nullopt) << bad;
    }
}

TEST(Mac, MapsGroupsByTheirLow23Bits) {
    EXPECT_EQ(to_string(Mac::of_group(Ipv4::of(239, 1, 2, 3))), "01:00:5e:01:02:03");
    EXPECT_EQ(Mac::of_group(Ipv4::of(224, 129, 2, 3)), Mac::of_group(Ipv4::of(239, 1, 2, 3)));
    EXPECT_EQ(Mac::parse("01:00:5E:01:02:03"), Mac::of_group(Ipv4::of(239, 1, 2, 3)));
    for (char const* bad : {"", "01:00:5e:01:02", "01-00-5e-01-02-03", "01:00:5e:01:02:0g"}) {
        EXPECT_EQ(Mac::parse(bad), std::nullopt) << bad;
    }
}

// MGM-115: listings are ordered by group, then by source.
TEST(FlowKey, OrdersByGroupThenSource) {
    FlowKey const a{Ipv4{9}, Ipv4{1}};
    FlowKey const b{Ipv4{1}, Ipv4{2}};
    FlowKey const c{Ipv4{2}, Ipv4{2}};
    EXPECT_LT(a, b);
    EXPECT_LT(b, c);
}

} // namespace
} // namespace mcast
