#include "mcast/base/if_set.h"

#include <vector>

#include <gtest/gtest.h>

namespace mcast {
namespace {

constexpr IfIndex k_last{k_max_interfaces - 1};

TEST(IfSet, HoldsTheFirstAndTheLastInterface) {
    IfSet set{IfIndex{0}, IfIndex{63}, IfIndex{64}, k_last};
    EXPECT_EQ(set.size(), 4U);
    EXPECT_TRUE(set.contains(k_last));
    EXPECT_FALSE(set.contains(IfIndex{1}));
    set.erase(k_last);
    EXPECT_FALSE(set.contains(k_last));
    EXPECT_FALSE(set.empty());
}

TEST(IfSet, WalksInRisingOrder) {
    std::vector<std::uint16_t> seen;
    IfSet{k_last, IfIndex{3}, IfIndex{130}}.for_each([&](IfIndex i) { seen.push_back(i.value); });
    EXPECT_EQ(seen, (std::vector<std::uint16_t>{3, 130, k_last.value}));
}

TEST(IfSet, IsASetAlgebra) {
    IfSet const a{IfIndex{1}, IfIndex{100}};
    IfSet const b{IfIndex{100}, IfIndex{200}};
    EXPECT_EQ(a & b, IfSet{IfIndex{100}});
    EXPECT_EQ(a - b, IfSet{IfIndex{1}});
    EXPECT_EQ((a | b).size(), 3U);
    EXPECT_TRUE((a - a).empty());
}

} // namespace
} // namespace mcast
