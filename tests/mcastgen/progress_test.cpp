#include "progress.h"

#include <gtest/gtest.h>

namespace mcast::gen {
namespace {

using std::chrono::seconds;

TEST(Progress, OnceAPeriodHoweverOftenAsked) {
    Progress::Time const start{};
    Progress progress(start, seconds{5});
    int said = 0;
    for (int ms = 0; ms <= 20000; ++ms) {
        said += progress.due(start + std::chrono::milliseconds{ms}) ? 1 : 0;
    }
    EXPECT_EQ(said, 4);
}

TEST(Progress, NothingIsMadeUpFor) {
    Progress::Time const start{};
    Progress progress(start, seconds{5});
    EXPECT_TRUE(progress.due(start + seconds{60}));
    EXPECT_FALSE(progress.due(start + seconds{61}));
    EXPECT_TRUE(progress.due(start + seconds{65}));
}

} // namespace
} // namespace mcast::gen
