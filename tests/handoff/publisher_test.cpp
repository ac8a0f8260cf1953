#include "mcast/handoff/publisher.h"

#include <gtest/gtest.h>

namespace mcast::handoff {
namespace {

constexpr IfIndex k_in{1};
constexpr IfIndex k_a{2};
constexpr IfIndex k_b{3};
constexpr std::size_t k_workers = 2;

FlowKey flow(std::uint32_t n) {
    return {Ipv4::of(10, 0, 0, 1), Ipv4{Ipv4::of(239, 0, 0, 0).value + n}};
}

EntrySpec spec(std::uint32_t n, IfSet outputs) {
    return {.key = flow(n), .arrival = k_in, .outputs = outputs, .highest_threshold = 1};
}

struct PublisherTest : testing::Test {
    // As a worker would count on the version that it sees.
    void count(std::uint32_t n, std::size_t worker, std::uint64_t packets) {
        EntryCounters& counters = table.find(flow(n))->counters[worker];
        counters.packets.add(packets);
        counters.bytes.add(packets * 100);
    }

    ManualGrace grace;
    Table table{100, grace};
    Publisher publisher{table, grace, k_workers};
};

TEST_F(PublisherTest, WorkersSeeWhatWasPublished) {
    ASSERT_TRUE(publisher.publish({.key = flow(1),
                                   .arrival = k_in,
                                   .outputs = {k_in, k_a},
                                   .highest_threshold = 16,
                                   .negative = Drop::none}));
    Entry const* const entry = table.find(flow(1));
    ASSERT_NE(entry, nullptr);
    EXPECT_EQ(entry->key, flow(1));
    EXPECT_EQ(entry->arrival, k_in);
    EXPECT_EQ(entry->outputs, IfSet{k_a}) << "never out of the way of the source";
    EXPECT_EQ(entry->highest_threshold, 16);
    EXPECT_EQ(entry->version, 1U);
    EXPECT_TRUE(entry->forwards());
    EXPECT_EQ(publisher.current(flow(1)), entry);
}

TEST_F(PublisherTest, ANegativeEntryHasNoArrivalAndNamesItsReason) {
    ASSERT_TRUE(publisher.publish({.key = flow(1), .negative = Drop::no_route}));
    EXPECT_EQ(table.find(flow(1))->arrival, k_no_interface);
    EXPECT_EQ(table.find(flow(1))->negative, Drop::no_route);
    EXPECT_FALSE(table.find(flow(1))->forwards());
}

TEST_F(PublisherTest, TheSameAgainChangesNothing) {
    publisher.publish(spec(1, {k_a}));
    Entry const* const entry = publisher.current(flow(1));
    EXPECT_TRUE(publisher.publish(spec(1, {k_a})));
    EXPECT_TRUE(publisher.publish(spec(1, {k_a, k_in}))); // the same once arrival is taken out
    EXPECT_EQ(publisher.current(flow(1)), entry);
    EXPECT_EQ(publisher.retired(), 0U);
    EXPECT_EQ(grace.open(), 0U);
}

TEST_F(PublisherTest, EachDifferenceMakesANewVersion) {
    EntrySpec next = spec(1, {k_a});
    publisher.publish(next);
    std::uint32_t version = 1;
    auto const expect_new = [&] {
        EXPECT_TRUE(publisher.publish(next));
        EXPECT_EQ(publisher.current(flow(1))->version, ++version);
    };
    next.outputs.insert(k_b);
    expect_new();
    next.arrival = IfIndex{9};
    expect_new();
    next.highest_threshold = 32;
    expect_new();
    next.negative = Drop::no_member;
    expect_new();
    EXPECT_EQ(publisher.size(), 1U);
    EXPECT_EQ(publisher.retired(), 4U);
    EXPECT_EQ(publisher.versions_alive(), 5U);
}

TEST_F(PublisherTest, AFullTableRefusesNewKeysOnly) {
    Table small(3, grace);
    Publisher full(small, grace, k_workers);
    EXPECT_TRUE(full.publish(spec(1, {k_a})));
    EXPECT_TRUE(full.publish(spec(2, {k_a})));
    EXPECT_TRUE(full.publish(spec(3, {k_a})));
    EXPECT_FALSE(full.publish(spec(4, {k_a})));
    EXPECT_EQ(full.versions_alive(), 3U);
    EXPECT_EQ(full.current(flow(4)), nullptr);
    EXPECT_TRUE(full.publish(spec(3, {k_b})));
    EXPECT_TRUE(full.withdraw(flow(1)));
    EXPECT_TRUE(full.publish(spec(4, {k_a})));
}

TEST_F(PublisherTest, AUnicastGroupIsRefused) {
    EXPECT_FALSE(publisher.publish({.key = {Ipv4::of(10, 0, 0, 1), Ipv4::of(10, 0, 0, 2)}}));
    EXPECT_FALSE(publisher.publish({.key = {}}));
    EXPECT_FALSE(publisher.withdraw({}));
    EXPECT_EQ(publisher.versions_alive(), 0U);
}

TEST_F(PublisherTest, WithdrawnEntriesAreGoneForWorkersAndFreedLater) {
    publisher.publish(spec(1, {k_a}));
    EXPECT_TRUE(publisher.withdraw(flow(1)));
    EXPECT_FALSE(publisher.withdraw(flow(1)));
    EXPECT_EQ(table.find(flow(1)), nullptr);
    EXPECT_EQ(publisher.reclaim(10), 0U);
    EXPECT_EQ(publisher.versions_alive(), 1U);
    grace.end_all();
    EXPECT_EQ(publisher.reclaim(10), 1U);
    EXPECT_EQ(publisher.versions_alive(), 0U);
}

TEST_F(PublisherTest, ReclaimIsBoundedAndInOrder) {
    for (std::uint32_t n = 0; n < 5; ++n) {
        publisher.publish(spec(n, {k_a}));
        publisher.withdraw(flow(n));
    }
    grace.end(4);
    EXPECT_EQ(publisher.reclaim(3), 3U);
    EXPECT_EQ(publisher.reclaim(3), 1U);
    EXPECT_EQ(publisher.reclaim(3), 0U);
    EXPECT_EQ(publisher.retired(), 1U);
}

TEST_F(PublisherTest, ReclaimFreesTheArraysThatTheTableOutgrew) {
    for (std::uint32_t n = 0; n < 60; ++n) {
        publisher.publish(spec(n, {k_a}));
    }
    EXPECT_EQ(grace.open(), 1U) << "one growth";
    grace.end_all();
    EXPECT_EQ(publisher.reclaim(0), 0U);
    EXPECT_EQ(table.reclaim(), 0U) << "nothing left for it";
}

TEST_F(PublisherTest, TotalsAddUpWorkersVersionsAndOutputs) {
    publisher.publish(spec(1, {k_a}));
    count(1, 0, 10);
    count(1, 1, 5);
    publisher.publish(spec(1, {k_a, k_b}));
    count(1, 0, 2);
    auto const expect = [&] {
        FlowTotals const totals = publisher.totals(flow(1));
        EXPECT_EQ(totals.packets, 17U);
        EXPECT_EQ(totals.bytes, 1700U);
        EXPECT_EQ(totals.copies, 15U + 2 * 2U);
        EXPECT_EQ(totals.outputs, (std::map<IfIndex, std::uint64_t>{{k_a, 17}, {k_b, 2}}));
    };
    expect(); // one version current, one retired
    grace.end_all();
    publisher.reclaim(10);
    expect(); // one current, one folded
}

TEST_F(PublisherTest, EveryCounterIsFolded) {
    publisher.publish(spec(1, {k_a}));
    EntryCounters& counters = table.find(flow(1))->counters[1];
    counters.wrong_interface.add(1);
    counters.ttl_expired.add(2);
    counters.dropped.add(3);
    publisher.publish(spec(1, {k_b}));
    grace.end_all();
    publisher.reclaim(10);
    FlowTotals const totals = publisher.totals(flow(1));
    EXPECT_EQ(totals.wrong_interface, 1U);
    EXPECT_EQ(totals.ttl_expired, 2U);
    EXPECT_EQ(totals.dropped, 3U);
    EXPECT_EQ(totals.packets, 0U);
    EXPECT_TRUE(totals.outputs.empty());
}

// A worker may still count on a version that was retired under its hands.
TEST_F(PublisherTest, WhatIsCountedBetweenRetirementAndReclaimIsNotLost) {
    publisher.publish(spec(1, {k_a}));
    Entry const* const old = table.find(flow(1));
    publisher.publish(spec(1, {k_b}));
    old->counters[0].packets.add(3);
    grace.end_all();
    publisher.reclaim(10);
    EXPECT_EQ(publisher.totals(flow(1)).outputs.at(k_a), 3U);
}

TEST_F(PublisherTest, TotalsOfAWithdrawnFlowEndWithItsLastVersion) {
    publisher.publish(spec(1, {k_a}));
    count(1, 0, 4);
    publisher.publish(spec(1, {k_b}));
    publisher.withdraw(flow(1));
    grace.end(1);
    publisher.reclaim(10);
    EXPECT_EQ(publisher.totals(flow(1)).packets, 4U);
    grace.end_all();
    publisher.reclaim(10);
    EXPECT_EQ(publisher.totals(flow(1)).packets, 0U);
    publisher.publish(spec(1, {k_a}));
    EXPECT_EQ(publisher.current(flow(1))->version, 1U) << "a new flow";
}

TEST_F(PublisherTest, AFlowThatReturnsBeforeItIsReclaimedGoesOn) {
    publisher.publish(spec(1, {k_a}));
    count(1, 0, 4);
    publisher.withdraw(flow(1));
    publisher.publish(spec(1, {k_a}));
    EXPECT_EQ(publisher.current(flow(1))->version, 2U);
    count(1, 0, 1);
    grace.end_all();
    EXPECT_EQ(publisher.reclaim(10), 1U);
    EXPECT_EQ(publisher.totals(flow(1)).packets, 5U);
    EXPECT_EQ(publisher.versions_alive(), 1U);
}

TEST_F(PublisherTest, AnUnknownFlowHasNoTotals) {
    EXPECT_EQ(publisher.totals(flow(1)).packets, 0U);
}

TEST_F(PublisherTest, TheDestructorLeavesAnEmptyTable) {
    {
        Publisher short_lived(table, grace, k_workers);
        short_lived.publish(spec(1, {k_a}));
        short_lived.publish(spec(1, {k_b}));
        short_lived.publish(spec(2, {k_b}));
    }
    EXPECT_EQ(table.size(), 0U);
    EXPECT_EQ(table.find(flow(1)), nullptr);
}

} // namespace
} // namespace mcast::handoff
