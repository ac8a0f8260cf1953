#include "pace.h"
#include "timeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mcast::gen {
namespace {

using namespace std::chrono_literals;

Scenario two_flows() {
    Scenario scenario;
    scenario.ports = {"a"};
    scenario.flows.resize(2);
    scenario.flows[0].count = 10;
    scenario.flows[0].interval = 10ms;
    scenario.flows[1].count = 3;
    scenario.flows[1].interval = 1s;
    scenario.conversations.resize(1);
    scenario.conversations[0].count = 4;
    return scenario;
}

TEST(Pace, WithoutWordsTheScenarioIsKept) {
    Scenario scenario = two_flows();
    ASSERT_TRUE(apply({}, scenario));
    EXPECT_EQ(scenario, two_flows());
}

TEST(Pace, RateAndCountAreOfEachFlow) {
    Scenario scenario = two_flows();
    ASSERT_TRUE(apply({.rate = 4000, .count = 7}, scenario));
    for (Flow const& flow : scenario.flows) {
        EXPECT_EQ(flow.interval, 250us);
        EXPECT_EQ(flow.count, 7U);
    }
    EXPECT_EQ(scenario.conversations, two_flows().conversations);
}

TEST(Pace, DurationIsWhatFitsInto) {
    struct Row {
        std::optional<std::uint64_t> rate;
        Duration duration;
        std::uint64_t first;
        std::uint64_t second;
    };
    for (Row const& row : {Row{std::nullopt, 1s, 100, 1}, Row{std::nullopt, 1001ms, 101, 2},
                           Row{1000, 2s, 2000, 2000}, Row{std::nullopt, 1ns, 1, 1}}) {
        Scenario scenario = two_flows();
        ASSERT_TRUE(apply({.rate = row.rate, .duration = row.duration}, scenario));
        EXPECT_EQ(scenario.flows[0].count, row.first);
        EXPECT_EQ(scenario.flows[1].count, row.second);
        EXPECT_LT(Timeline(scenario).length(), std::max<Duration>(row.duration, 3001ms));
    }
}

TEST(Pace, RefusesWhatIsNone) {
    for (Pace const& pace : {Pace{.rate = 0}, Pace{.rate = 1'000'000'001}, Pace{.count = 0},
                             Pace{.duration = 0s}, Pace{.count = 1, .duration = 1s}}) {
        Scenario scenario = two_flows();
        auto const refused = apply(pace, scenario);
        ASSERT_FALSE(refused);
        EXPECT_FALSE(refused.error().empty());
        EXPECT_EQ(scenario, two_flows());
    }
}

} // namespace
} // namespace mcast::gen
