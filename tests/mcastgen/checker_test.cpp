#include "checker.h"

#include "check_report.h"
#include "expectation.h"
#include "frames.h"

#include "mcast/wire/datagram.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace mcast::gen {
namespace {

using testing::HasSubstr;

Flow const k_flow{.id = 1,
                  .name = "news",
                  .source = Ipv4::of(10, 1, 1, 1),
                  .group = Ipv4::of(239, 1, 1, 1),
                  .size = 64};
FlowKey const k_key{k_flow.source, k_flow.group};

struct Row {
    std::string_view what;
    std::vector<std::uint64_t> arrivals;
    std::vector<Expectation> expectations;
    FlowCounts counts; // of those below only received .. unexpected are compared
};

std::vector<std::uint64_t> judged(FlowCounts const& counts) {
    return {counts.received,  counts.lost, counts.duplicated, counts.reordered,
            counts.corrupted, counts.late, counts.unexpected};
}

TEST(Checker, CountsByTable) {
    constexpr CheckOptions k_options{.window = 8};
    std::vector<Row> const rows{
        {"in order", {0, 1, 2, 3}, {}, {.received = 4}},
        {"joined in the middle", {70, 71, 72}, {}, {.received = 3}},
        {"one hole", {0, 1, 3}, {}, {.received = 3, .lost = 1}},
        {"first ones missing", {2, 3}, {{1, 0, 3}}, {.received = 2, .lost = 2}},
        {"last ones missing", {0, 1}, {{1, 0, 3}}, {.received = 2, .lost = 2}},
        {"twice at once", {0, 1, 1, 2}, {}, {.received = 3, .duplicated = 1}},
        {"twice, later", {0, 1, 2, 0}, {}, {.received = 3, .duplicated = 1}},
        {"swapped", {0, 2, 1, 3}, {}, {.received = 4, .reordered = 1}},
        {"before the first", {5, 4, 6}, {}, {.received = 3, .reordered = 1}},
        {"swapped, then again", {0, 2, 1, 1}, {}, {.received = 3, .duplicated = 1, .reordered = 1}},
        {"behind the window", {0, 9, 1}, {}, {.received = 2, .lost = 8, .late = 1}},
        {"last in the window", {0, 8, 1}, {}, {.received = 3, .lost = 6, .reordered = 1}},
        {"ring used again", {0, 8, 16, 9}, {}, {.received = 4, .lost = 13, .reordered = 1}},
        {"outside what is expected", {0, 1, 2}, {{1, 1, 1}}, {.received = 1, .unexpected = 2}},
        {"a far jump", {0, 1'000'000}, {}, {.received = 2, .lost = 999'999}},
    };
    for (auto const& row : rows) {
        auto options = k_options;
        options.only_expected = !row.expectations.empty();
        Checker checker(options, row.expectations);
        for (auto const number : row.arrivals) {
            checker.frame(flow_frame(k_flow, number, {}), {});
        }
        auto const result = checker.result();
        EXPECT_EQ(judged(result.flows.at({1, k_key})), judged(row.counts)) << row.what;
        EXPECT_EQ(result.clean(), row.counts.clean()) << row.what;
    }
}

TEST(Checker, DamageIsCountedOnTheFlowItHit) {
    for (auto const fault : {Fault::udp_checksum, Fault::payload}) {
        Checker checker({}, {});
        auto bad = k_flow;
        bad.fault = fault;
        checker.frame(flow_frame(k_flow, 0, {}), {});
        checker.frame(flow_frame(bad, 1, {}), {});
        checker.frame(flow_frame(k_flow, 2, {}), {});
        auto const counts = checker.result().flows.at({1, k_key});
        EXPECT_EQ(judged(counts), (std::vector<std::uint64_t>{2, 1, 0, 0, 1, 0, 0}));
    }
}

// A damaged payload under a UDP checksum that is right: the stamp's own check is what shows it.
TEST(Checker, DamageUnderAGoodUdpChecksumShows) {
    std::vector<std::uint8_t> payload(64);
    write_stamp({1, 0, 0}, payload);
    payload.back() ^= 1;
    std::vector<std::uint8_t> frame(200);
    wire::Writer out(frame);
    wire::Ipv4Header ip;
    ip.ttl = 9;
    ip.destination = k_flow.group;
    ASSERT_TRUE(wire::build_udp_frame({mac_of(k_flow.source), k_flow.source, {}}, ip,
                                      {5000, 5000, payload}, out));
    Checker checker({}, {});
    checker.frame(out.written(), {});
    auto const result = checker.result();
    EXPECT_EQ(result.flows.at({0, k_key}).corrupted, 1U);
    EXPECT_FALSE(result.clean());
}

TEST(Checker, DamagedHeadersAreNotReadFurther) {
    Checker checker({}, {});
    auto bad = k_flow;
    bad.fault = Fault::ip_checksum;
    checker.frame(flow_frame(bad, 0, {}), {});
    auto const result = checker.result();
    EXPECT_EQ(result.bad_headers, 1U);
    EXPECT_TRUE(result.flows.empty());
    EXPECT_FALSE(result.clean());
}

TEST(Checker, TooLongOnTheWayIsLate) {
    using std::chrono::milliseconds;
    Checker checker({.late_after = milliseconds{10}}, {});
    checker.frame(flow_frame(k_flow, 0, milliseconds{0}), milliseconds{10});
    checker.frame(flow_frame(k_flow, 1, milliseconds{0}), milliseconds{11});
    auto const counts = checker.result().flows.at({1, k_key});
    EXPECT_EQ(judged(counts), (std::vector<std::uint64_t>{2, 0, 0, 0, 0, 1, 0}));
}

TEST(Checker, OtherTrafficIsNotJudged) {
    Checker checker({}, {});
    checker.frame(igmp_frame({.host = Ipv4::of(10, 0, 0, 1), .group = k_flow.group}), {});
    checker.frame(std::vector<std::uint8_t>(60), {});
    auto const result = checker.result();
    EXPECT_EQ(result.other, 2U);
    EXPECT_TRUE(result.clean());
}

TEST(Checker, AFlowThatNeverCameIsLost) {
    Checker checker({.only_expected = true}, {{1, 0, 9}});
    auto const result = checker.result();
    EXPECT_EQ(result.flows.at({1, {}}).lost, 10U);
    EXPECT_FALSE(result.clean());
}

TEST(Checker, NothingIsExpected) {
    Checker checker({.only_expected = true}, {});
    EXPECT_TRUE(checker.result().clean());
    checker.frame(flow_frame(k_flow, 0, {}), {});
    EXPECT_EQ(checker.result().flows.at({1, k_key}).unexpected, 1U);
    EXPECT_FALSE(checker.result().clean());
}

TEST(Checker, ShowsTheTtlsSeen) {
    Checker checker({}, {});
    auto flow = k_flow;
    for (std::uint8_t const ttl : {9, 7, 8}) {
        flow.ttl = ttl;
        checker.frame(flow_frame(flow, ttl, {}), {});
    }
    auto const counts = checker.result().flows.at({1, k_key});
    EXPECT_EQ(counts.lowest_ttl, 7);
    EXPECT_EQ(counts.highest_ttl, 9);
}

// The pieces of one datagram of 64 bytes of payload, 72 with the UDP header, cut at `cut` bytes.
std::vector<std::vector<std::uint8_t>> pieces(std::uint64_t number, std::size_t cut) {
    auto const frame = flow_frame(k_flow, number, {});
    auto const whole = wire::decode_datagram(frame);
    std::vector<std::vector<std::uint8_t>> result;
    for (std::size_t at = 0; at < whole->payload.size(); at += cut) {
        auto ip = whole->ip;
        auto const part = whole->payload.subspan(at, std::min(cut, whole->payload.size() - at));
        ip.fragment_offset = static_cast<std::uint16_t>(at);
        ip.more_fragments = at + part.size() < whole->payload.size();
        auto& piece = result.emplace_back(200);
        wire::Writer out(piece);
        EXPECT_TRUE(wire::build_ipv4_frame(whole->ethernet, ip, part, out));
        piece.resize(out.size());
    }
    return result;
}

TEST(Checker, PutsFragmentsTogetherInAnyOrder) {
    auto parts = pieces(0, 24);
    ASSERT_EQ(parts.size(), 3U);
    std::ranges::sort(parts);
    do {
        Checker checker({}, {});
        for (auto const& part : parts) {
            checker.frame(part, {});
        }
        auto const result = checker.result();
        EXPECT_EQ(result.flows.at({1, k_key}).received, 1U);
        EXPECT_TRUE(result.clean());
    } while (std::ranges::next_permutation(parts).found);
}

TEST(Checker, AMissingFragmentIsNotCleanAndMemoryIsBounded) {
    Checker checker({}, {});
    for (std::uint64_t number = 0; number < 1000; ++number) {
        checker.frame(pieces(number, 24).front(), {});
    }
    auto const result = checker.result();
    EXPECT_TRUE(result.flows.empty());
    EXPECT_EQ(result.bad_headers, 1000U);
    EXPECT_FALSE(result.clean());
}

TEST(Expectations, ByTable) {
    FlowNames const names{{1, "news"}, {2, "film"}};
    auto const good = parse_expectations({"news=10", "film=3-5", "7=1", "none"}, names);
    ASSERT_TRUE(good.has_value());
    ASSERT_EQ(good->size(), 3U);
    EXPECT_EQ((*good)[0].flow, 1U);
    EXPECT_EQ((*good)[0].first, 0U);
    EXPECT_EQ((*good)[0].last, 9U);
    EXPECT_EQ((*good)[1].first, 3U);
    EXPECT_EQ((*good)[1].last, 5U);
    EXPECT_EQ((*good)[2].flow, 7U);
    for (auto const* const bad : {"other=1", "news", "news=", "news=0", "news=x", "news=5-3",
                                  "news=1-", "=1", "99999999999=1", ""}) {
        EXPECT_FALSE(parse_expectations({bad}, names).has_value()) << bad;
    }
}

TEST(Report, SaysTheSameInTableAndJson) {
    Checker checker({}, {});
    checker.frame(flow_frame(k_flow, 0, {}), {});
    checker.frame(flow_frame(k_flow, 2, {}), {});
    auto const table = check_table(checker.result(), {{1, "news"}});
    EXPECT_THAT(table, HasSubstr("news"));
    EXPECT_THAT(table, HasSubstr("NOT as it should be"));
    auto const json = nlohmann::json::parse(check_json(checker.result(), {{1, "news"}}));
    EXPECT_EQ(json["flows"][0]["name"], "news");
    EXPECT_EQ(json["flows"][0]["received"], 2);
    EXPECT_EQ(json["flows"][0]["lost"], 1);
    EXPECT_EQ(json["clean"], false);
}

} // namespace
} // namespace mcast::gen
