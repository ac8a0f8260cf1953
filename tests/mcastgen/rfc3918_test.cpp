// Every test of RFC 3918 against an appliance whose figures are known.
#include "model_appliance.h"

#include "rfc3918/measured.h"
#include "rfc3918/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mcast::gen::rfc3918 {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

Plan plan_of(Method test) {
    Plan plan;
    plan.tests = {test};
    plan.frame_sizes = {64, 512};
    plan.trial = 250ms;
    plan.warm_up = 20ms;
    plan.settle = 10ms;
    plan.drain = 5ms;
    plan.min_rate = 1000;
    plan.max_rate = 20'000;
    plan.resolution = 0.5;
    plan.group_counts = {1, 10};
    plan.join_rate = 10'000;
    plan.delay_timeout = 300ms;
    plan.leave_time = 100ms;
    plan.ingress.address = Ipv4::of(10, 1, 0, 10);
    plan.router = Ipv4::of(10, 1, 0, 1);
    plan.ingress.interface = "in";
    for (std::uint8_t port = 2; port < 5; ++port) {
        plan.egress.push_back({.interface = "out", .address = Ipv4::of(10, port, 0, 10)});
    }
    return plan;
}

// Searches try many rates, so that they want an appliance that is soon at its end.
constexpr ModelFigures k_slow{.per_frame = 100us, .per_copy = 50us, .patience = 250us};

ModelFigures slow(ModelFigures figures) {
    figures.per_frame = k_slow.per_frame;
    figures.per_copy = k_slow.per_copy;
    figures.patience = k_slow.patience;
    return figures;
}

struct Lab {
    Lab(Plan what, ModelFigures const& figures)
        : plan(std::move(what)), model(plan, figures),
          bench(plan, model, [this](std::string const& line) { said.push_back(line); }) {
        router = !plan.wants_unicast() || bench.station().find_router();
    }
    Measured run() { return measure(bench, plan.tests.front()); }

    Plan plan;
    ModelAppliance model;
    Bench bench;
    std::vector<std::string> said;
    bool router = false;
};

Measured run(Method test, ModelFigures const& figures = k_slow) {
    Lab lab(plan_of(test), figures);
    EXPECT_TRUE(lab.router);
    return lab.run();
}

double number(Row const& row, char const* key) {
    return row.at(key).get<double>();
}

// What one frame of work leaves: 1 second over its time.
double capacity_of(ModelFigures const& model, double copies) {
    return 1e9 / (static_cast<double>(model.per_frame.count()) +
                  copies * static_cast<double>(model.per_copy.count()));
}

TEST(Rfc3918, AggregatedThroughputIsTheCapacityForEachNumberOfPorts) {
    auto const found = run(Method::aggregated);
    EXPECT_EQ(found.why, "");
    ASSERT_EQ(found.rows.size(), 6U);
    for (Row const& row : found.rows) {
        double const capacity = capacity_of(k_slow, number(row, "egress"));
        // The queue swallows what a trial offers beyond it: a quarter of a millisecond of 250.
        EXPECT_NEAR(number(row, "rate"), capacity, capacity * 0.01) << row;
        EXPECT_EQ(row["limited_by"], "loss");
        EXPECT_EQ(row["lost"], 0);
        EXPECT_EQ(number(row, "copies_per_second"), number(row, "rate") * number(row, "egress"));
    }
    EXPECT_EQ(found.chart["series"].size(), 2U);
    EXPECT_EQ(found.chart["series"]["frame size 64"].size(), 3U);
}

TEST(Rfc3918, TheHighestRateIsTriedFirstAndSaidToBeTheLimit) {
    Plan plan = plan_of(Method::aggregated);
    Lab lab(plan, {});
    auto const found = lab.run();
    EXPECT_EQ(found.rows[0]["rate"], 20'000);
    EXPECT_EQ(found.rows[0]["limited_by"], "max-rate");
    EXPECT_EQ(found.rows[0]["trials"], 1);
}

TEST(Rfc3918, ASlowGeneratorIsNotTheAppliancesLimit) {
    ModelFigures model{.per_frame = 1us, .per_copy = 0us};
    model.send_cost = 200us;
    auto const found = run(Method::aggregated, model);
    EXPECT_EQ(found.rows[0]["limited_by"], "generator");
    EXPECT_NEAR(number(found.rows[0], "rate"), 5000, 150);
}

TEST(Rfc3918, ToleranceLetsALossPass) {
    Plan plan = plan_of(Method::aggregated);
    plan.frame_sizes = {64};
    Lab strict(plan, slow({.loses_every = 50}));
    auto const none = strict.run();
    EXPECT_EQ(none.rows[0]["rate"], 0);
    EXPECT_THAT(none.why, HasSubstr("min-rate, 1000 frames"));
    plan.tolerance = 5;
    Lab lenient(plan, slow({.loses_every = 50}));
    auto const some = lenient.run();
    EXPECT_EQ(some.why, "");
    EXPECT_GT(number(some.rows[0], "rate"), 6000);
    EXPECT_GT(number(some.rows[0], "lost"), 0);
}

TEST(Rfc3918, DuplicatesAreCountedAndAreNoReplacementForWhatIsLost) {
    Plan plan = plan_of(Method::group_matrix);
    plan.group_counts = {1};
    plan.load = 4000;
    Lab lab(plan, {.loses_every = 100, .duplicates_every = 150});
    auto const found = lab.run();
    EXPECT_EQ(found.rows[0]["lost"], 30);       // of 1,000 frames to three ports
    EXPECT_EQ(found.rows[0]["duplicated"], 10); // each second one of 20 was lost
}

TEST(Rfc3918, MixedClassesShareTheCapacity) {
    auto const found = run(Method::mixed_class);
    EXPECT_EQ(found.why, "");
    ASSERT_EQ(found.rows.size(), 2U);
    Row const& row = found.rows[0];
    // Half of the frames make one copy, half of them three.
    EXPECT_NEAR(number(row, "rate"), capacity_of(k_slow, 2), 60);
    EXPECT_EQ(row["lost"], 0);
    EXPECT_EQ(number(row, "multicast_copies"), 3 * number(row, "multicast_offered"));
    EXPECT_EQ(row["unicast_forwarded"], row["unicast_offered"]);
    EXPECT_NEAR(number(row, "unicast_offered"), number(row, "multicast_offered"), 1);
}

TEST(Rfc3918, ARouterWithoutUnicastIsNamedAndCanBeMeasuredAllTheSame) {
    Plan plan = plan_of(Method::mixed_class);
    Lab judged(plan, slow({.routes_unicast = false}));
    auto const none = judged.run();
    EXPECT_THAT(none.why, HasSubstr("no unicast frame came through"));
    EXPECT_EQ(none.rows[0]["limited_by"], "unicast");
    plan.unicast_judged = false;
    Lab reported(plan, slow({.routes_unicast = false}));
    auto const some = reported.run();
    EXPECT_EQ(some.why, "");
    EXPECT_GT(number(some.rows[0], "rate"), 4000);
    EXPECT_EQ(some.rows[0]["unicast_forwarded"], 0);
    EXPECT_EQ(some.method["unicast_loss"], "reported");
}

TEST(Rfc3918, TheMatrixTellsWhatIsForwardedBeyondTheCapacity) {
    Plan plan = plan_of(Method::group_matrix);
    plan.load = 10'000;
    Lab lab(plan, k_slow);
    auto const found = lab.run();
    ASSERT_EQ(found.rows.size(), 4U);
    double const capacity = capacity_of(k_slow, 3);
    for (Row const& row : found.rows) {
        EXPECT_NEAR(number(row, "forwarded"), capacity, capacity * 0.01);
        EXPECT_EQ(row["forwarded_per_port"].size(), 3U);
        EXPECT_NEAR(number(row, "offered"), 10'000, 20);
        EXPECT_GT(number(row, "lost"), 0);
    }
}

TEST(Rfc3918, TheMatrixTellsHowManyGroupsCameThroughWhole) {
    Plan plan = plan_of(Method::group_matrix);
    plan.load = 10'000;
    Lab lab(plan, {.most_groups = 5});
    auto const found = lab.run();
    EXPECT_EQ(found.rows[0]["whole_groups"], 1);
    EXPECT_EQ(found.rows[2]["groups"], 10);
    EXPECT_EQ(found.rows[2]["whole_groups"], 5);
    EXPECT_NEAR(number(found.rows[2], "forwarded"), 5000, 20);
}

TEST(Rfc3918, LatencyIsThatOfEachPort) {
    auto const found = run(Method::latency);
    EXPECT_EQ(found.why, "");
    ASSERT_EQ(found.rows.size(), 6U);
    for (Row const& row : found.rows) {
        // The sender's 100 ns are between its look at the clock and the wire.
        double const wanted = 20.1 + 3 * (number(row, "egress") - 1);
        EXPECT_DOUBLE_EQ(number(row, "min_us"), wanted) << row;
        EXPECT_DOUBLE_EQ(number(row, "max_us"), wanted);
        EXPECT_DOUBLE_EQ(number(row, "mean_us"), wanted);
        EXPECT_EQ(row["lost"], 0);
        EXPECT_GT(number(row, "count"), 900);
    }
    EXPECT_THAT(found.method["method"].get<std::string>(), HasSubstr("generator's ports"));
}

TEST(Rfc3918, LatencyAboveTheThroughputIsCalledAnOverload) {
    Plan plan = plan_of(Method::latency);
    plan.load = 10'000;
    Lab lab(plan, k_slow);
    EXPECT_THAT(lab.run().why, HasSubstr("overload"));
}

TEST(Rfc3918, SpreadIsBetweenTheCopiesOfAFrame) {
    auto const found = run(Method::min_max_latency);
    EXPECT_EQ(found.why, "");
    ASSERT_EQ(found.rows.size(), 2U);
    EXPECT_DOUBLE_EQ(number(found.rows[0], "min_us"), 20.1);
    EXPECT_DOUBLE_EQ(number(found.rows[0], "difference_us"), 6);
    EXPECT_DOUBLE_EQ(number(found.rows[0], "spread_mean_us"), 6);
    EXPECT_DOUBLE_EQ(number(found.rows[0], "spread_max_us"), 6);
    EXPECT_GT(number(found.rows[0], "frames"), 900);
}

TEST(Rfc3918, JoinDelayIsFoundToOneFrame) {
    Plan plan = plan_of(Method::join_delay);
    plan.load = 20'000;
    Lab lab(plan, {});
    auto const found = lab.run();
    EXPECT_EQ(found.why, "");
    ASSERT_EQ(found.rows.size(), 4U); // 1 and 10 groups, unknown and forwarded elsewhere
    for (Row const& row : found.rows) {
        double const resolution = number(row, "resolution_us");
        EXPECT_DOUBLE_EQ(resolution, 50 * number(row, "groups"));
        EXPECT_GE(number(row, "min_us"), 2000 + 20) << row;
        EXPECT_LE(number(row, "max_us"), 2000 + 21 + resolution) << row;
        EXPECT_EQ(row["count"], row["groups"]);
        EXPECT_EQ(row["early"], 0);
        EXPECT_EQ(row["not_joined"], 0);
    }
    EXPECT_EQ(found.rows[0]["state"], "unknown");
    EXPECT_EQ(found.rows[1]["state"], "elsewhere");
}

TEST(Rfc3918, AnAnswerToAQueryIsNoJoin) {
    Plan plan = plan_of(Method::join_delay);
    plan.group_counts = {1};
    plan.load = 20'000;
    Lab lab(plan, {.query_every = 1ms});
    auto const found = lab.run();
    EXPECT_EQ(found.why, "");
    EXPECT_GE(number(found.rows[0], "min_us"), 2000 + 20);
}

TEST(Rfc3918, AGroupThatNeverComesIsCounted) {
    Plan plan = plan_of(Method::join_delay);
    plan.load = 20'000;
    Lab lab(plan, {.most_groups = 7});
    auto const found = lab.run();
    EXPECT_EQ(found.rows[2]["not_joined"], 3);
    EXPECT_THAT(found.why, HasSubstr("3 of 10 groups did not come within delay-timeout"));
}

TEST(Rfc3918, AGroupThatComesBeforeItsJoinSpoilsTheDelay) {
    Plan plan = plan_of(Method::join_delay);
    plan.load = 20'000;
    plan.leave_time = 1ms; // the model goes on for 40 ms
    plan.settle = 1ms;
    Lab lab(plan, {});
    EXPECT_THAT(lab.run().why, HasSubstr("raise leave-time"));
}

TEST(Rfc3918, LeaveDelayIsThatOfTheLastFrame) {
    Plan plan = plan_of(Method::leave_delay);
    plan.load = 20'000;
    plan.delay_timeout = 900ms;
    Lab lab(plan, {.asks_last_member = true});
    auto const found = lab.run();
    EXPECT_EQ(found.why, "");
    ASSERT_EQ(found.rows.size(), 2U);
    for (Row const& row : found.rows) {
        EXPECT_LE(number(row, "max_us"), 40'000 + 21) << row;
        EXPECT_GE(number(row, "min_us"), 40'000 - number(row, "resolution_us")) << row;
        EXPECT_EQ(row["count"], row["groups"]);
        EXPECT_EQ(row["last_member_response_us"], 200'000);
    }
    EXPECT_EQ(found.rows[1]["specific_queries"], 11); // one for each of both rows' groups
}

TEST(Rfc3918, AGroupThatDoesNotEndIsCounted) {
    Plan plan = plan_of(Method::leave_delay);
    plan.load = 20'000;
    Lab lab(plan, {.leave_delay = 10s});
    auto const found = lab.run();
    EXPECT_EQ(found.rows[0]["not_left"], 1);
    EXPECT_THAT(found.why, HasSubstr("still came after delay-timeout"));
}

TEST(Rfc3918, CapacityIsTheGroupsThatTheApplianceKnows) {
    Plan plan = plan_of(Method::capacity);
    plan.trial = 50ms;
    plan.load = 20'000;
    plan.capacity_first = 4;
    plan.capacity_most = 300;
    Lab lab(plan, {.most_groups = 77});
    auto const found = lab.run();
    EXPECT_EQ(found.why, "");
    ASSERT_EQ(found.rows.size(), 2U);
    EXPECT_EQ(found.rows[0]["capacity"], 77);
    EXPECT_EQ(found.rows[0]["failed_at"], 78);
    EXPECT_EQ(found.rows[0]["whole_at_failure"], 77);
    EXPECT_EQ(found.rows[0]["limited_by"], "appliance");
}

TEST(Rfc3918, CapacityEndsAtThePlansMost) {
    Plan plan = plan_of(Method::capacity);
    plan.frame_sizes = {64};
    plan.trial = 50ms;
    plan.load = 20'000;
    plan.capacity_first = 4;
    plan.capacity_most = 50;
    Lab lab(plan, {});
    auto const found = lab.run();
    EXPECT_EQ(found.rows[0]["capacity"], 50);
    EXPECT_TRUE(found.rows[0]["failed_at"].is_null());
    EXPECT_EQ(found.rows[0]["limited_by"], "capacity-most");
}

TEST(Rfc3918, BurdenedLatencyTellsItsBurden) {
    auto const found = run(Method::burdened_latency);
    EXPECT_EQ(found.why, "");
    Row const& row = found.rows[0];
    EXPECT_EQ(row["unicast_percent"], 50);
    EXPECT_GT(number(row, "unicast_offered"), 500);
    EXPECT_DOUBLE_EQ(number(row, "mean_us"), 20.1);
}

TEST(Rfc3918, BurdenedJoinDelayCountsMulticastAloneAsResolution) {
    Plan plan = plan_of(Method::burdened_join);
    plan.load = 20'000;
    Lab lab(plan, {});
    auto const found = lab.run();
    EXPECT_EQ(found.why, "");
    EXPECT_EQ(number(found.rows[0], "resolution_us"), 100);
    EXPECT_GE(number(found.rows[0], "min_us"), 2020);
    EXPECT_LE(number(found.rows[0], "max_us"), 2121);
}

TEST(Rfc3918, HostsAnswerQueriesSoThatLongTrialsGoOn) {
    Plan plan = plan_of(Method::aggregated);
    plan.frame_sizes = {64};
    plan.trial = 1s;
    plan.max_rate = 4000;
    plan.groups = 300; // two reports each
    Lab lab(plan, {.query_every = 100ms, .holds = 250ms});
    auto const found = lab.run();
    EXPECT_EQ(found.rows[0]["rate"], 4000);
    EXPECT_EQ(found.rows[0]["lost"], 0);
    EXPECT_GT(lab.model.queries(), 30U);
    EXPECT_GT(lab.model.reports(), lab.model.queries());
}

TEST(Rfc3918, Version2SpeaksOfOneGroupAMessage) {
    Plan plan = plan_of(Method::leave_delay);
    plan.igmp_version = 2;
    plan.load = 20'000;
    plan.delay_timeout = 900ms;
    Lab lab(plan, {});
    EXPECT_EQ(lab.run().why, "");
    EXPECT_EQ(lab.model.reports(), 11U);
}

TEST(Rfc3918, NothingAtAllIsSaid) {
    auto const found = run(Method::latency, slow({.forwards = false}));
    EXPECT_THAT(found.why, HasSubstr("look whether the groups reach"));
    EXPECT_TRUE(found.rows.empty());
}

TEST(Rfc3918, AFailureEndsTheRunAndIsInTheReport) {
    Plan const plan = plan_of(Method::aggregated);
    Lab lab(plan, {});
    lab.model.cut();
    std::vector<Measured> const all{lab.run()};
    auto const report = report_of(plan, all, lab.model.failure());
    EXPECT_EQ(report["complete"], false);
    EXPECT_THAT(report_text(report), HasSubstr("Ended early: the cable is cut"));
}

TEST(Rfc3918, TheReportNamesEachTestAndEveryParameter) {
    Plan plan = plan_of(Method::join_delay);
    plan.tests.push_back(Method::min_max_latency);
    Lab lab(plan, k_slow);
    std::vector<Measured> all;
    for (Method const test : plan.tests) {
        all.push_back(measure(lab.bench, test));
    }
    auto const report = report_of(plan, all, "");
    EXPECT_EQ(report["complete"], true);
    EXPECT_EQ(report["tests"][0]["test"], "join-delay");
    EXPECT_EQ(report["tests"][0]["section"], "6.1");
    EXPECT_EQ(report["tests"][0]["term"], "GJD");
    EXPECT_EQ(report["tests"][1]["test"], "min-max-latency");
    for (char const* key :
         {"frame_sizes", "egress", "groups", "first_group", "igmp_version", "trial_seconds", "ttl",
          "max_rate", "tolerance_percent", "unicast_percent", "join_rate", "warm_up_seconds"}) {
        EXPECT_TRUE(report["parameters"].contains(key)) << key;
    }
    auto const text = report_text(report);
    for (char const* word :
         {"Group join delay (GJD, section 6.1)", "resolution_us", "elsewhere", "spread_max_us",
          "frame_sizes            64/512", "ingress                in (10.1.0.10)",
          "out (10.2.0.10), out (10.3.0.10), out (10.4.0.10)"}) {
        EXPECT_THAT(text, HasSubstr(word));
    }
    EXPECT_THAT(text, Not(HasSubstr("NOT as it should be")));
}

} // namespace
} // namespace mcast::gen::rfc3918
