// One message can be worth a hundred thousand looks at a source: the caller says how many it can
// afford, and goes on later.
#include "lan.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace mcast::igmp::test {
namespace {

constexpr std::uint32_t k_sources = 512;
constexpr std::uint32_t k_records = 150;
constexpr std::size_t k_allowance = 4096;

Ipv4 numbered(std::uint32_t n) {
    return Ipv4{Ipv4::of(10, 0, 1, 0).value + n};
}

// As many sources as a group may have.
void fill(Lan& lan) {
    for (std::uint32_t half = 0; half < 2; ++half) {
        wire::GroupRecord many{.type = RecordType::allow, .group = k_g};
        for (std::uint32_t n = 0; n < k_sources / 2; ++n) {
            many.sources.push_back(numbered(half * k_sources / 2 + n));
        }
        lan.hear(k_host1, wire::ReportV3{.records = {many}});
    }
    lan.forget();
}

// Each record looks at all of them; the last one joins another group.
std::vector<std::uint8_t> costly() {
    wire::ReportV3 report;
    for (std::uint32_t n = 0; n + 1 < k_records; ++n) {
        report.records.push_back({RecordType::is_in, k_g, {numbered(n)}, {}});
    }
    report.records.push_back({RecordType::is_ex, k_g2, {}, {}});
    return bytes_of(report);
}

Received from_host(std::vector<std::uint8_t> const& bytes) {
    return {.interface = k_lan,
            .source = k_host1,
            .destination = Ipv4::of(224, 0, 0, 22),
            .ttl = 1,
            .router_alert = true,
            .source_mac = k_other_mac,
            .payload = bytes};
}

// What one record may take beyond the allowance.
constexpr std::size_t k_one_record = 2 * k_sources;

TEST(Allowance, LongReportIsHeardInPartsAndWhole) {
    Lan lan;
    fill(lan);
    auto const bytes = costly();
    Output out;
    std::uint64_t const before = lan.counters().records;
    std::size_t work = lan.engine.receive(from_host(bytes), lan.now, out, k_allowance);
    EXPECT_LE(work, k_allowance + k_one_record);
    EXPECT_TRUE(lan.engine.interrupted());
    EXPECT_LT(lan.counters().records - before, k_records / 10);
    std::size_t calls = 1;
    for (; lan.engine.interrupted(); ++calls) {
        std::size_t const more = lan.engine.resume(lan.now, out, k_allowance);
        EXPECT_LE(more, k_allowance + k_one_record);
        work += more;
    }
    EXPECT_GE(work, std::size_t{k_records - 1} * k_sources);
    EXPECT_GE(calls, work / (k_allowance + k_one_record));
    EXPECT_EQ(lan.counters().records - before, k_records);
    EXPECT_EQ(lan.state(k_g2), "EXC{}/{}");
    EXPECT_EQ(lan.engine.resume(lan.now, out), 0U);
}

TEST(Allowance, QueriesPassAnInterruptedReportAndReportsDoNot) {
    Lan lan;
    fill(lan);
    auto const bytes = costly();
    Output out;
    lan.engine.receive(from_host(bytes), lan.now, out, k_allowance);
    lan.hear(k_better, general());
    EXPECT_EQ(lan.interface().querier_address, k_better);
    EXPECT_TRUE(lan.engine.interrupted());
    // It joins in the report, and leaves behind it: in this order.
    lan.report(RecordType::to_in, k_g2);
    EXPECT_FALSE(lan.engine.interrupted() && lan.engine.resume(lan.now, out) > 0);
    EXPECT_NE(lan.state(k_g2), "-"); // a check runs
    EXPECT_EQ(lan.counters().records, 2U + k_records + 1);
}

TEST(Allowance, WhatIsLeftGoesWithTheLinkOrTheInterface) {
    for (bool const remove : {false, true}) {
        Lan lan;
        fill(lan);
        auto const bytes = costly();
        Output out;
        lan.engine.receive(from_host(bytes), lan.now, out, k_allowance);
        if (remove) {
            lan.engine.remove_interface(k_lan, out);
        } else {
            lan.engine.set_link(k_lan, false, lan.now, out);
        }
        EXPECT_EQ(lan.engine.resume(lan.now, out), 0U);
        EXPECT_FALSE(lan.engine.interrupted());
        EXPECT_EQ(lan.engine.entries(), 0U);
    }
}

// Groups that end with all their sources count as many timers.
TEST(Allowance, TimersOfGroupsWithManySourcesAreFewerAtOnce) {
    Lan lan;
    fill(lan);
    for (std::uint32_t g = 0; g < 8; ++g) {
        wire::GroupRecord many{.type = RecordType::allow, .group = Ipv4{k_g.value + 100 + g}};
        for (std::uint32_t n = 0; n < k_sources / 2; ++n) {
            many.sources.push_back(numbered(n));
        }
        lan.hear(k_host1, wire::ReportV3{.records = {many}});
    }
    Output out;
    TimePoint const end = lan.now + lan.interface().group_membership_interval;
    constexpr std::size_t k_limit = 64;
    std::size_t const ran = lan.engine.expire(end, k_limit, out);
    EXPECT_LT(ran, 9U);
    for (int turn = 0; turn < 16; ++turn) {
        lan.engine.expire(end, k_limit, out);
    }
    EXPECT_EQ(lan.engine.entries(), 0U);
}

} // namespace
} // namespace mcast::igmp::test
