// The merged database of a proxy: RFC 4605 section 4.1.
#include "uplink.h"

#include "mcast/igmp/merge.h"

#include <gtest/gtest.h>

#include <vector>

namespace mcast::igmp::test {
namespace {

Wish merged(std::vector<Wish> const& wishes) {
    return merge(wishes);
}

TEST(MergeTest, OldMembersWantEverySource) {
    // IGMP-111: one wants any source as version 2 does, another one source: any source.
    EXPECT_EQ(merged({all_but(), only("a")}), all_but());
    EXPECT_EQ(merged({only("a"), all_but()}), all_but());
}

TEST(MergeTest, ExcludedByAllAndIncludedByNobody) {
    // IGMP-112, with a b c y z n for the letters of the RFC.
    EXPECT_EQ(merged({all_but("abcy"), all_but("bcyz"), only("yzn")}), all_but("bc"));
    EXPECT_EQ(merged({all_but("ab"), all_but("b")}), all_but("b"));
    EXPECT_EQ(merged({all_but("a"), all_but("b")}), all_but());
    EXPECT_EQ(merged({all_but("ab"), only("ab")}), all_but());
}

TEST(MergeTest, IncludedByAnybody) {
    EXPECT_EQ(merged({only("ab"), only("bc"), {}}), only("abc"));
    EXPECT_EQ(merged({}), Wish{});
    EXPECT_EQ(merged({{}, {}}), Wish{});
    EXPECT_EQ(merged({{}, all_but("a")}), all_but("a"));
}

} // namespace
} // namespace mcast::igmp::test
