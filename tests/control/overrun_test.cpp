// A full queue ends no stream: IGMP is told what workers refused and what still waits, before its
// timers run.
#include "world.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace mcast::control {
namespace {

using namespace std::chrono_literals;

constexpr Ipv4 k_group = Ipv4::of(239, 1, 2, 3);
constexpr auto k_full = static_cast<std::size_t>(handoff::Drop::igmp_full);
constexpr auto k_policed = static_cast<std::size_t>(handoff::Drop::igmp_policed);

bool knows_group(World const& world) {
    return !world.ask("show", {"groups"}).empty();
}

// So many records as fit, each of which looks at all sources that a group may have.
wire::ReportV3 costly_report() {
    wire::ReportV3 report;
    for (std::uint32_t n = 0; n < 120; ++n) {
        report.records.push_back({wire::RecordType::is_in,
                                  Ipv4::of(239, 9, 9, 9),
                                  {Ipv4{Ipv4::of(10, 9, 0, 1).value + n}},
                                  {}});
    }
    return report;
}

void fill_group(World& world) {
    for (std::uint32_t half = 0; half < 2; ++half) {
        std::vector<Ipv4> sources;
        for (std::uint32_t n = 0; n < 256; ++n) {
            sources.push_back(Ipv4{Ipv4::of(10, 9, 0, 1).value + half * 256 + n});
        }
        world.report(k_lan1, include_report(Ipv4::of(239, 9, 9, 9), sources));
        world.settle();
    }
}

std::uint64_t records(World const& world) {
    return world.list({"igmp", "statistics", "lan1"})[0]["counters"]["records"]["records"]
        .get<std::uint64_t>();
}

handoff::Counter& refused(World& world, IfIndex interface, std::size_t why) {
    return world.shared.workers[0]->counters->interfaces[interface.index()].drops[why];
}

TEST(OverrunTest, RefusedReportsKeepAGroupThatIsBeingChecked) {
    for (std::size_t const why : {k_full, k_policed}) {
        World world;
        world.join(k_lan1, k_group);
        world.settle();
        world.leave(k_lan1, k_group);
        world.settle();
        refused(world, k_lan1, why).add(1);
        world.run_for(3s);
        EXPECT_TRUE(knows_group(world));
        world.run_for(2s);
        EXPECT_FALSE(knows_group(world));
    }
}

TEST(OverrunTest, OtherLinksAreNotConcerned) {
    World world;
    world.join(k_lan1, k_group);
    world.settle();
    world.leave(k_lan1, k_group);
    world.settle();
    refused(world, k_lan2, k_full).add(1);
    world.run_for(3s);
    EXPECT_FALSE(knows_group(world));
}

TEST(OverrunTest, AnswerThatWaitsBehindOthersIsNotLate) {
    World world;
    fill_group(world);
    world.join(k_lan1, k_group);
    world.leave(k_lan1, k_group);
    world.now += 3s;
    for (int n = 0; n < 4; ++n) { // more than a turn takes
        world.report(k_lan1, costly_report());
    }
    world.report(k_lan1, exclude_report(k_group, {}));
    world.settle();
    auto const groups = world.list({"igmp", "groups", "lan1", "239.1.2.3"});
    ASSERT_EQ(groups.size(), 1U);
    EXPECT_GE(groups[0]["uptime_seconds"].get<double>(), 3.0) << "it was forgotten meanwhile";
}

// A worker hands reports on at any moment, in the middle of a turn, too. That is no overload: on a
// busy link every leave would be checked twice.
TEST(OverrunTest, ReportThatComesDuringTheTurnDelaysNoLeave) {
    World world;
    Ipv4 const other = Ipv4::of(239, 1, 2, 4);
    world.join(k_lan1, other);
    world.join(k_lan1, k_group);
    world.settle();
    world.miss(k_lan0, udp_frame(host_of(k_lan0), other));
    world.settle();
    world.leave(k_lan1, k_group);
    world.settle();
    bool came = false;
    world.grace.when_started([&] {
        if (!std::exchange(came, true)) {
            world.report(k_lan1, exclude_report(other, {}));
        }
    });
    world.now += 2s;
    world.report(k_lan2,
                 exclude_report(other, {})); // the entry of its stream is replaced in this turn
    world.control.step(world.now);
    world.grace.when_started({});
    ASSERT_TRUE(came);
    world.settle();
    EXPECT_TRUE(world.list({"igmp", "groups", "lan1", "239.1.2.3"}).empty());
}

TEST(OverrunTest, TurnInterruptsACostlyReportAndTakesAnyOtherFrames) {
    World world;
    fill_group(world);
    auto const& reports = world.shared.workers[0]->punt(handoff::PuntClass::igmp);
    auto const& others = world.shared.workers[0]->punt(handoff::PuntClass::host);
    std::vector<std::uint8_t> const data(1200);
    wire::IcmpEcho const echo{.data = data};
    for (int n = 0; n < 6; ++n) {
        world.report(k_lan1, costly_report());
        world.punt(handoff::PuntClass::host, k_lan1,
                   echo_frame(host_of(k_lan1), Ipv4::of(10, 0, 1, 1), echo));
    }
    std::uint64_t const before = records(world);
    world.control.step(world.now);
    EXPECT_EQ(reports.waiting(), 5U);
    EXPECT_LT(records(world) - before, 100U); // of the first one's 120
    EXPECT_EQ(others.waiting(), 0U);
    EXPECT_TRUE(world.control.next_due() <= world.now); // goes on at once
    world.settle();
    EXPECT_EQ(records(world) - before, 6U * 120U);
}

TEST(OverrunTest, QueriesPassReportsThatWait) {
    Config config = three_lans();
    config.interfaces[1].address = {Ipv4::of(10, 0, 1, 50), 24};
    World world(config);
    fill_group(world);
    for (int n = 0; n < 60; ++n) {
        world.report(k_lan1, costly_report());
    }
    wire::Query query;
    query.version = 3;
    query.max_resp_code = 100;
    world.punt(handoff::PuntClass::query, k_lan1, igmp_frame(k_lan1, query));
    world.control.step(world.now);
    EXPECT_GT(world.shared.workers[0]->punt(handoff::PuntClass::igmp).waiting(), 50U);
    EXPECT_EQ(world.list({"igmp", "interfaces", "lan1"})[0]["querier"], "10.0.1.9");
}

// However many reports wait, a turn has time for the timers: the general query goes out when due.
TEST(OverrunTest, OwnGeneralQueryGoesOutOnTimeUnderLoad) {
    World world;
    fill_group(world);
    world.run_for(32s); // startup is over
    world.queries(k_lan1);
    world.now += 125s;
    for (int n = 0; n < 60; ++n) {
        world.report(k_lan1, costly_report());
    }
    world.control.step(world.now);
    EXPECT_GT(world.shared.workers[0]->punt(handoff::PuntClass::igmp).waiting(), 50U);
    auto const sent = world.queries(k_lan1);
    EXPECT_TRUE(std::ranges::any_of(sent, [](auto const& query) { return query.is_general(); }));
}

} // namespace
} // namespace mcast::control
