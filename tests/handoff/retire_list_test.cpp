#include "mcast/handoff/retire_list.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace mcast::handoff {
namespace {

struct RetireListTest : testing::Test {
    std::size_t reclaim(std::size_t limit) {
        return list.reclaim(limit, [this](std::unique_ptr<int>& n) { freed.push_back(*n); });
    }

    void retire(int n) {
        list.make_room(1);
        list.retire(std::make_unique<int>(n));
    }

    ManualGrace grace;
    RetireList<std::unique_ptr<int>> list{grace};
    std::vector<int> freed;
};

TEST_F(RetireListTest, OldestFirstAndNothingBeforeItsTime) {
    for (int n = 1; n <= 4; ++n) {
        retire(n);
    }
    EXPECT_EQ(reclaim(10), 0U);
    grace.end(2);
    EXPECT_EQ(reclaim(10), 2U);
    EXPECT_EQ(freed, (std::vector{1, 2}));
    EXPECT_EQ(list.size(), 2U);
    grace.end_all();
    EXPECT_EQ(reclaim(10), 2U);
    EXPECT_EQ(freed, (std::vector{1, 2, 3, 4}));
    EXPECT_TRUE(list.empty());
}

TEST_F(RetireListTest, AtMostTheLimitACall) {
    for (int n = 1; n <= 3; ++n) {
        retire(n);
    }
    grace.end_all();
    EXPECT_EQ(reclaim(0), 0U);
    EXPECT_EQ(reclaim(2), 2U);
    EXPECT_EQ(reclaim(2), 1U);
    EXPECT_EQ(freed, (std::vector{1, 2, 3}));
}

TEST_F(RetireListTest, ObjectsRetiredLaterWaitForAPeriodOfTheirOwn) {
    retire(1);
    grace.end_all();
    retire(2);
    EXPECT_EQ(reclaim(10), 1U);
    EXPECT_EQ(list.size(), 1U);
}

// What is freed may retire more (a flow that ends takes other things with it).
TEST_F(RetireListTest, ReclaimingMayRetire) {
    retire(1);
    grace.end_all();
    list.make_room(1);
    list.reclaim(10, [this](std::unique_ptr<int>& n) { list.retire(std::move(n)); });
    EXPECT_EQ(list.size(), 1U);
    EXPECT_EQ(reclaim(10), 0U);
}

} // namespace
} // namespace mcast::handoff
