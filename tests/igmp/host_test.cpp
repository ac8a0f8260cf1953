// The host side toward a querier of version 3: RFC 9776 sections 5.1, 5.2 and 4.2.16.
#include "uplink.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <variant>

namespace mcast::igmp::test {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

Ipv4 numbered(std::uint32_t n) {
    return Ipv4{Ipv4::of(239, 10, 0, 0).value + n};
}

TEST(HostTest, EveryKindOfChangeHasItsRecord) {
    // RFC 4605 section 4.1 by RFC 9776 section 5.1; IGMP-114 is the last row but one.
    struct Row {
        Wish before, after;
        std::vector<std::string> records;
    };
    std::vector<Row> const rows{
        {{}, only("ab"), {"ALLOW(G,{a,b})"}},
        {{}, all_but(), {"TO_EX(G,{})"}},
        {only("ab"), only("bc"), {"ALLOW(G,{c}) + BLOCK(G,{a})"}},
        {all_but("ab"), all_but("bc"), {"ALLOW(G,{a}) + BLOCK(G,{c})"}},
        {only("a"), all_but("b"), {"TO_EX(G,{b})"}},
        {all_but("b"), only("a"), {"TO_IN(G,{a})"}},
        {all_but(), {}, {"TO_IN(G,{})"}},
        {only("ab"), {}, {"TO_IN(G,{})"}},
    };
    for (Row const& row : rows) {
        SCOPED_TRACE(row.records.front());
        Uplink up;
        up.want(k_g, row.before);
        up.advance(1min);
        up.forget();
        up.want(k_g, row.after);
        EXPECT_EQ(up.reports(), row.records) << "at once";
        up.advance(1s);
        EXPECT_EQ(up.reports(), row.records) << "and once more";
        up.advance(10min);
        EXPECT_THAT(up.reports(), IsEmpty());
        EXPECT_EQ(up.host.view().pending, 0U);
        EXPECT_EQ(up.host.groups({}, 9).size(), row.after.empty() ? 0U : 1U);
    }
}

TEST(HostTest, ChangesAreRepeatedAsOftenAsRobustnessSays) {
    for (std::uint8_t const robustness : {std::uint8_t{1}, std::uint8_t{2}, std::uint8_t{7}}) {
        Uplink up({.robustness = robustness}, robustness);
        up.want(k_g, all_but());
        up.advance(1min);
        ASSERT_THAT(up.sent, SizeIs(robustness));
        for (std::size_t i = 1; i < up.sent.size(); ++i) {
            EXPECT_GT(up.sent[i].at, up.sent[i - 1].at);
            EXPECT_LE(up.sent[i].at - up.sent[i - 1].at, 1s);
        }
    }
}

TEST(HostTest, AChangeIsMergedWithWhatIsStillOwed) {
    Uplink up({.robustness = 3});
    up.want(k_g, all_but());
    EXPECT_THAT(up.reports(), ElementsAre("TO_EX(G,{})"));
    up.want(k_g, all_but("a")); // the mode is owed twice more, with the list as it is
    EXPECT_THAT(up.reports(), ElementsAre("TO_EX(G,{a})"));
    up.advance(1min);
    EXPECT_THAT(up.reports(), ElementsAre("TO_EX(G,{a})", "BLOCK(G,{a})"));
    up.want(k_g, only("b"));
    up.want(k_g, all_but()); // a mode that changes back is another change
    EXPECT_THAT(up.reports(), ElementsAre("TO_IN(G,{b})", "TO_EX(G,{})"));
    up.advance(1min);
    EXPECT_THAT(up.reports(), ElementsAre("TO_EX(G,{})", "TO_EX(G,{})"));
}

TEST(HostTest, ASourceThatComesAndGoesIsReportedAsItIsNow) {
    Uplink up({.robustness = 2});
    up.want(k_g, only("a"));
    up.want(k_g, only("ab"));
    EXPECT_THAT(up.reports(), ElementsAre("ALLOW(G,{a})", "ALLOW(G,{a,b})"));
    up.want(k_g, only("a"));
    EXPECT_THAT(up.reports(), ElementsAre("BLOCK(G,{b})"));
    up.advance(1min);
    EXPECT_THAT(up.reports(), ElementsAre("BLOCK(G,{b})"));
}

TEST(HostTest, ChangesOfOneMomentShareAReport) {
    Uplink up;
    up.host.want(k_g, all_but(), up.now);
    up.host.want(k_g2, only("a"), up.now);
    up.run();
    EXPECT_THAT(up.reports(), ElementsAre("TO_EX(G,{}) + ALLOW(G2,{a})"));
}

TEST(HostTest, AGeneralQueryIsAnsweredOnceWithinItsTime) {
    Duration earliest = 1h;
    Duration latest{};
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        Uplink up({}, seed);
        up.want(k_g, all_but("a"));
        up.want(k_channel, only("b"));
        up.advance(1min);
        up.forget();
        up.hear(general());
        up.hear(general()); // an answer is due already
        up.advance(10s);
        ASSERT_THAT(up.sent, SizeIs(1));
        EXPECT_EQ(text_of(up.sent[0].what), "IS_IN(C,{b}) + IS_EX(G,{a})");
        earliest = std::min(earliest, up.sent[0].at - 1min);
        latest = std::max(latest, up.sent[0].at - 1min);
    }
    EXPECT_GT(earliest, 0s);
    EXPECT_LT(earliest, 1s);
    EXPECT_GT(latest, 7s);
}

TEST(HostTest, WhoWantsNothingSaysNothing) {
    Uplink up;
    up.hear(general());
    up.hear(specific(k_g));
    up.hear(specific(k_g, "a"));
    up.advance(1h);
    EXPECT_THAT(up.reports(), IsEmpty());
}

TEST(HostTest, AnswersToSpecificQueries) {
    struct Row {
        Wish wish;
        std::vector<std::string> asked; // one query each; "": the group
        std::vector<std::string> answers;
    };
    std::vector<Row> const rows{
        {only("ab"), {""}, {"IS_IN(G,{a,b})"}},         {all_but("ab"), {""}, {"IS_EX(G,{a,b})"}},
        {only("ab"), {"bc"}, {"IS_IN(G,{b})"}},         {only("ab"), {"c"}, {}},
        {all_but("ab"), {"bc"}, {"IS_IN(G,{c})"}},      {all_but("ab"), {"ab"}, {}},
        {only("abc"), {"a", "b"}, {"IS_IN(G,{a,b})"}},  // both are noted for one answer
        {only("abc"), {"a", ""}, {"IS_IN(G,{a,b,c})"}}, // the group is more
        {only("abc"), {"", "a"}, {"IS_IN(G,{a,b,c})"}}, // and is not narrowed again
    };
    for (Row const& row : rows) {
        Uplink up;
        up.want(k_g, row.wish);
        up.advance(1min);
        up.forget();
        for (std::string const& names : row.asked) {
            up.hear(specific(k_g, names));
        }
        up.advance(1s);
        EXPECT_EQ(up.reports(), row.answers);
        up.advance(1min);
        EXPECT_THAT(up.reports(), IsEmpty());
    }
}

TEST(HostTest, TheEndOfAGroupCancelsItsAnswer) {
    Uplink up({.robustness = 1});
    up.want(k_g, all_but());
    up.hear(specific(k_g));
    up.want(k_g, {});
    up.forget();
    up.advance(1min);
    EXPECT_THAT(up.reports(), IsEmpty());
}

TEST(HostTest, AnAnswerThatIsDueSoonServesASpecificQuery) {
    Uplink up;
    up.want(k_g, all_but());
    up.advance(1min);
    up.forget();
    auto quick = general();
    quick.max_resp_code = 1;
    up.hear(quick);
    auto slow = specific(k_g);
    slow.max_resp_code = 127;
    up.hear(slow);
    up.advance(1min);
    EXPECT_THAT(up.reports(), ElementsAre("IS_EX(G,{})"));
}

TEST(HostTest, LongListsAreSplitButThoseOfExcludeAreCut) {
    // RFC 9776 section 4.2.16; 365 sources in one report of 1500 bytes.
    Uplink up({.robustness = 1});
    Wish wish;
    for (std::uint32_t i = 0; i < 800; ++i) {
        wish.include.push_back(Ipv4{Ipv4::of(10, 0, 0, 0).value + i});
    }
    up.want(k_g, wish);
    std::size_t listed = 0;
    for (auto const& it : up.sent) {
        auto const& report = std::get<wire::ReportV3>(it.what.message);
        EXPECT_LE(24 + bytes_of(report).size(), 1500U);
        for (auto const& record : report.records) {
            EXPECT_EQ(record.type, RecordType::allow);
            EXPECT_LE(record.sources.size(), 365U);
            listed += record.sources.size();
        }
    }
    EXPECT_EQ(up.sent.size(), 3U);
    EXPECT_EQ(listed, 800U);
    EXPECT_EQ(up.host.counters().truncated_lists, 0U);
    up.forget();

    std::swap(wish.include, wish.exclude);
    wish.any_source = true;
    up.want(k_g, wish);
    ASSERT_THAT(up.sent, SizeIs(1));
    auto const& cut = std::get<wire::ReportV3>(up.sent[0].what.message).records[0];
    EXPECT_EQ(cut.type, RecordType::to_ex);
    EXPECT_EQ(cut.sources.size(), 365U);
    EXPECT_EQ(up.host.counters().truncated_lists, 1U);
}

TEST(HostTest, ALargeAnswerIsSpreadOverTheTimeGiven) {
    Uplink up({.robustness = 1});
    for (std::uint32_t i = 0; i < 2000; ++i) {
        up.host.want(numbered(i), all_but(), up.now);
    }
    up.advance(1min);
    up.forget();
    TimePoint const asked = up.now;
    up.hear(general());
    up.advance(10s);
    std::vector<Ipv4> answered;
    for (auto const& it : up.sent) {
        for (auto const& record : std::get<wire::ReportV3>(it.what.message).records) {
            answered.push_back(record.group);
        }
    }
    EXPECT_EQ(answered.size(), 2000U);
    EXPECT_TRUE(std::ranges::is_sorted(answered));
    ASSERT_EQ(up.sent.size(), 11U);
    Duration const slice = Duration{10s} / 11;
    for (int i = 0; i < 11; ++i) {
        auto const& it = up.sent[static_cast<std::size_t>(i)];
        Duration const after = it.at - asked.time_since_epoch();
        EXPECT_GT(after, slice * i);
        EXPECT_LE(after, slice * (i + 1));
    }
}

TEST(HostTest, QueriesDuringALargeAnswerNeitherStopNorMultiplyIt) {
    Uplink up({.robustness = 1});
    for (std::uint32_t i = 0; i < 2000; ++i) {
        up.host.want(numbered(i), all_but(), up.now);
    }
    up.advance(1min);
    up.forget();
    for (int i = 0; i < 100; ++i) { // for 10 s
        up.hear(general());
        up.advance(100ms);
    }
    EXPECT_GE(up.sent.size(), 10U);
    EXPECT_LE(up.sent.size(), 13U);
    up.advance(1min);
    EXPECT_LE(up.sent.size(), 33U); // one that ran, one for who asked meanwhile, and once more
}

TEST(HostTest, ManyChangesAreReportedInBursts) {
    Uplink up({.robustness = 2});
    for (std::uint32_t i = 0; i < 20000; ++i) {
        up.host.want(numbered(i), all_but(), up.now);
    }
    up.run();
    EXPECT_LE(up.sent.size(), 17U);
    up.advance(1min);
    EXPECT_EQ(up.host.counters().sent_records, 40000U);
    EXPECT_EQ(up.host.view().pending, 0U);
}

TEST(HostTest, ReportsGoToTheRoutersFromOurAddress) {
    Uplink up;
    up.want(k_g, all_but());
    ASSERT_THAT(up.sent, SizeIs(1));
    EXPECT_EQ(up.sent[0].what.source, k_member);
    EXPECT_EQ(up.sent[0].what.destination, wire::k_all_igmpv3_routers);
}

TEST(HostTest, NeverAQuery) {
    // IGMP-116: hours without a querier; what is said are reports of changes.
    Uplink up;
    up.want(k_g, all_but());
    up.advance(6h);
    up.want(k_g, {});
    up.advance(6h);
    for (auto const& it : up.sent) {
        EXPECT_FALSE(std::holds_alternative<wire::Query>(it.what.message));
    }
    EXPECT_THAT(up.sent, SizeIs(4));
    EXPECT_EQ(up.host.next_due(), std::nullopt);
}

TEST(HostTest, ALinkThatComesBackIsToldEverything) {
    Uplink up;
    up.want(k_g, all_but("a"));
    up.advance(1min);
    up.forget();
    up.host.set_link(false, up.now);
    up.want(k_g2, only("b"));
    up.hear(general());
    up.advance(1h);
    EXPECT_THAT(up.reports(), IsEmpty());
    up.host.set_link(true, up.now);
    up.run();
    EXPECT_THAT(up.reports(), ElementsAre("TO_EX(G,{a}) + ALLOW(G2,{b})"));
}

TEST(HostTest, FarewellEndsEverythingOnce) {
    Uplink up;
    up.want(k_g, all_but("a"));
    up.want(k_g2, only("b"));
    HostOutput out;
    up.host.farewell(out);
    ASSERT_THAT(out.reports, SizeIs(1));
    EXPECT_EQ(text_of(out.reports[0]), "TO_IN(G,{}) + TO_IN(G2,{})");
    EXPECT_EQ(up.host.next_due(), std::nullopt);
    EXPECT_THAT(up.host.groups({}, 9), IsEmpty());
}

TEST(HostTest, WhoMayAsk) {
    struct Row {
        HostConfig config;
        Received query;
        bool answered;
        std::uint64_t Counters::* counter;
    };
    Received const good{.source = k_querier,
                        .destination = wire::k_all_systems,
                        .ttl = 1,
                        .router_alert = true,
                        .source_mac = k_other_mac};
    auto const with = [&](auto&& change) {
        Received query = good;
        change(query);
        return query;
    };
    HostConfig const strict{.require_router_alert = true, .strict_destination = true};
    std::vector<Row> const rows{
        {{}, good, true, &Counters::general_queries_v3},
        {strict, good, true, &Counters::general_queries_v3},
        {{}, with([](auto& q) { q.ttl = 2; }), false, &Counters::bad_ttl},
        {{},
         with([](auto& q) { q.source = Ipv4::of(203, 0, 113, 1); }),
         false,
         &Counters::off_subnet},
        {{}, with([](auto& q) { q.source = k_member; }), false, &Counters::duplicate_address},
        {{}, with([](auto& q) { q.source = Ipv4{}; }), true, &Counters::general_queries_v3},
        {{}, with([](auto& q) { q.router_alert = false; }), true, &Counters::general_queries_v3},
        {strict, with([](auto& q) { q.router_alert = false; }), false, &Counters::no_router_alert},
        {{}, with([](auto& q) { q.destination = k_member; }), true, &Counters::general_queries_v3},
        {strict, with([](auto& q) { q.destination = k_member; }), false,
         &Counters::bad_destination},
    };
    auto const bytes = bytes_of(general());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        SCOPED_TRACE(i);
        Uplink up(rows[i].config);
        up.want(k_g, all_but());
        up.advance(1min);
        up.forget();
        Received query = rows[i].query;
        query.payload = bytes;
        up.receive(query);
        up.advance(10s);
        EXPECT_EQ(!up.sent.empty(), rows[i].answered);
        EXPECT_EQ(up.host.counters().heard.*rows[i].counter, 1U);
    }
}

TEST(HostTest, NoMoreSourcesAreNotedThanOneAnswerNeeds) {
    Uplink up({.robustness = 1});
    up.want(k_g, only("a"));
    up.forget();
    for (std::uint32_t i = 0; i < 5; ++i) {
        auto query = specific(k_g);
        query.max_resp_code = 127;
        for (std::uint32_t n = 0; n < 200; ++n) {
            query.sources.push_back(Ipv4{Ipv4::of(10, 0, 0, 0).value + 200 * i + n});
        }
        up.hear(query);
    }
    up.advance(1min);
    EXPECT_THAT(up.reports(), ElementsAre("IS_IN(G,{a})"));
    EXPECT_EQ(up.host.counters().widened_answers, 1U);
}

} // namespace
} // namespace mcast::igmp::test
