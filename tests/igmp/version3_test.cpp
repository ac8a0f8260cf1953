// The state table of version 3 with its timers and queries: section 7.4 of the behaviours.
#include "lan.h"

#include <gmock/gmock.h>

#include <ostream>

namespace mcast::igmp::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// State "before" made 100 s ago; so timers that were left alone show 170 s.
struct Row {
    char const* name;
    bool exclude;
    RecordType type;
    char const* state;
    char const*
        timers; // sources with GMI, those left alone, those at LMQT, those at old GT: "bc/a//"
    Duration group_timer;
    std::vector<std::string> queries;
    // As non-querier: no query and no lowering (what stood at LMQT stays as it was).
    char const* silent_timers;
    Duration silent_group_timer;
};

void PrintTo(Row const& row, std::ostream* out) {
    *out << row.name;
}

constexpr Duration k_none = -1s;
constexpr Duration k_old = 170s;

void check_timers(Lan const& lan, std::string_view spec) {
    Duration const expected[] = {270s, k_old, 2s, k_old - 10s};
    std::size_t part = 0;
    for (char const c : spec) {
        if (c == '/') {
            ++part;
        } else {
            EXPECT_EQ(lan.source_timer(c), expected[part]) << c;
        }
    }
}

void make_state(Lan& lan, bool exclude) {
    if (!exclude) {
        lan.report(RecordType::is_in, k_g, "ab");
        lan.advance(100s);
        return;
    }
    // EXC({a,b},{y,z}) with 170 s for sources and 160 s for the group.
    lan.report(RecordType::is_ex, k_g, "yz");
    lan.advance(10s);
    lan.report(RecordType::is_in, k_g, "ab");
    lan.advance(100s);
}

class Version3Table : public testing::TestWithParam<Row> {};

TEST_P(Version3Table, AsQuerier) {
    Row const& row = GetParam();
    Lan lan;
    make_state(lan, row.exclude);
    lan.forget();
    lan.report(row.type, k_g, row.exclude ? "bzn" : "bc");
    EXPECT_EQ(lan.state(), row.state);
    check_timers(lan, row.timers);
    EXPECT_EQ(lan.group_timer(), row.group_timer);
    EXPECT_EQ(lan.queries(), row.queries);
}

TEST_P(Version3Table, AsNonQuerier) {
    Row const& row = GetParam();
    Lan lan;
    make_state(lan, row.exclude);
    lan.lose_election();
    lan.report(row.type, k_g, row.exclude ? "bzn" : "bc");
    EXPECT_EQ(lan.state(), row.state);
    check_timers(lan, row.silent_timers);
    EXPECT_EQ(lan.group_timer(), row.silent_group_timer);
    EXPECT_THAT(lan.queries(), IsEmpty());
}

using Texts = std::vector<std::string>;
constexpr Duration k_gt = k_old - 10s;

INSTANTIATE_TEST_SUITE_P(
    Rows, Version3Table,
    testing::Values(
        // IGMP-62, IGMP-63, IGMP-66 to IGMP-69
        Row{"IncIsIn", false, RecordType::is_in, "INC{a,b,c}", "bc/a", k_none, {}, "bc/a", k_none},
        Row{"IncIsEx", false, RecordType::is_ex, "EXC{b}/{c}", "/b", 270s, {}, "/b", 270s},
        Row{"IncAllow", false, RecordType::allow, "INC{a,b,c}", "bc/a", k_none, {}, "bc/a", k_none},
        Row{"IncBlock", false, RecordType::block, "INC{a,b}", "/a/b", k_none, Texts{"Q(G,{b}) S=0"},
            "/ab", k_none},
        Row{"IncToEx", false, RecordType::to_ex, "EXC{b}/{c}", "//b", 270s, Texts{"Q(G,{b}) S=0"},
            "/b", 270s},
        Row{"IncToIn", false, RecordType::to_in, "INC{a,b,c}", "bc//a", k_none,
            Texts{"Q(G,{a}) S=0"}, "bc/a", k_none},
        // IGMP-64, IGMP-70, IGMP-72, IGMP-73
        Row{"ExcIsIn",
            true,
            RecordType::is_in,
            "EXC{a,b,z,n}/{y}",
            "bzn/a",
            k_gt,
            {},
            "bzn/a",
            k_gt},
        Row{"ExcIsEx", true, RecordType::is_ex, "EXC{b,n}/{z}", "n/b", 270s, {}, "n/b", 270s},
        Row{"ExcAllow",
            true,
            RecordType::allow,
            "EXC{a,b,z,n}/{y}",
            "bzn/a",
            k_gt,
            {},
            "bzn/a",
            k_gt},
        Row{"ExcBlock", true, RecordType::block, "EXC{a,b,n}/{y,z}", "/a/bn", k_gt,
            Texts{"Q(G,{b,n}) S=0"}, "/ab//n", k_gt},
        Row{"ExcToEx", true, RecordType::to_ex, "EXC{b,n}/{z}", "//bn", 270s,
            Texts{"Q(G,{b,n}) S=0"}, "/b//n", 270s},
        Row{"ExcToIn", true, RecordType::to_in, "EXC{a,b,z,n}/{y}", "bzn//a", 2s,
            Texts{"Q(G) S=0", "Q(G,{a}) S=0"}, "bzn/a", k_gt}),
    [](auto const& it) { return it.param.name; });

TEST(Version3, EmptyListsOfUnknownGroupsDoNothing) {
    // IGMP-74, IGMP-75
    Lan lan;
    lan.forget();
    lan.report(RecordType::block, k_g, "a");
    lan.report(RecordType::allow, k_g);
    lan.report(RecordType::is_in, k_g);
    lan.report(RecordType::to_in, k_g);
    EXPECT_EQ(lan.state(), "-");
    EXPECT_THAT(lan.queries(), IsEmpty());
    EXPECT_EQ(lan.changes(), 0U);
}

TEST(Version3, EmptyListIsNoLeave) {
    // IGMP-76
    Lan lan;
    lan.report(RecordType::is_in, k_g, "a");
    lan.forget();
    lan.report(RecordType::allow, k_g);
    lan.report(RecordType::is_in, k_g);
    EXPECT_EQ(lan.state(), "INC{a}");
    EXPECT_EQ(lan.changes(), 0U);
    // IGMP-78
    lan.report(RecordType::to_in, k_g);
    EXPECT_EQ(lan.state(), "INC{a}");
    EXPECT_EQ(lan.source_timer('a'), 2s);
    EXPECT_THAT(lan.queries(), ElementsAre("Q(G,{a}) S=0"));
}

TEST(Version3, SourcesExpireOneByOne) {
    // IGMP-79
    Lan lan;
    lan.report(RecordType::is_in, k_g, "a");
    lan.advance(10s);
    lan.report(RecordType::allow, k_g, "b");
    lan.advance(260s - 1ns);
    lan.forget();
    lan.advance(1ns);
    EXPECT_EQ(lan.state(), "INC{b}");
    EXPECT_EQ(lan.changes(), 1U);
    lan.advance(10s);
    EXPECT_EQ(lan.state(), "-");
    EXPECT_EQ(lan.changes(), 1U);
}

TEST(Version3, ExpiredSourceOfExcludeModeIsExcluded) {
    // IGMP-80
    Lan lan;
    lan.report(RecordType::is_ex, k_g);
    lan.report(RecordType::is_in, k_g, "a");
    lan.advance(200s);
    lan.report(RecordType::is_ex, k_g, "a");
    EXPECT_TRUE(lan.wanted('a'));
    lan.advance(70s);
    EXPECT_EQ(lan.state(), "EXC{}/{a}");
    EXPECT_FALSE(lan.wanted('a'));
    EXPECT_TRUE(lan.wanted('n'));
    EXPECT_THAT(lan.engine.wish(k_lan, k_g).exclude, ElementsAre(source('a')));
}

TEST(Version3, GroupTimerEndsExcludeMode) {
    // IGMP-81
    Lan lan;
    lan.report(RecordType::is_ex, k_g, "y");
    lan.advance(100s);
    lan.report(RecordType::allow, k_g, "a");
    lan.forget();
    lan.advance(170s);
    EXPECT_EQ(lan.state(), "INC{a}");
    EXPECT_EQ(lan.source_timer('a'), 100s);
    EXPECT_EQ(lan.changes(), 1U);
    EXPECT_THAT(lan.engine.wish(k_lan, k_g).include, ElementsAre(source('a')));
}

TEST(Version3, GroupTimerEndsAGroupOfExclusions) {
    // IGMP-82
    Lan lan;
    lan.report(RecordType::is_ex, k_g, "y");
    EXPECT_EQ(lan.state(), "EXC{}/{y}");
    lan.advance(270s);
    EXPECT_EQ(lan.state(), "-");
    EXPECT_EQ(lan.engine.entries(), 0U);
}

TEST(Version3, EqualDeadlinesEndTheGroup) {
    Lan lan;
    lan.report(RecordType::is_in, k_g, "a");
    lan.report(RecordType::is_ex, k_g, "a");
    EXPECT_EQ(lan.state(), "EXC{a}/{}");
    lan.forget();
    lan.advance(270s);
    EXPECT_EQ(lan.state(), "-");
    EXPECT_EQ(lan.changes(), 1U);
}

TEST(Version3, UnknownRecordTypesAreSkipped) {
    // IGMP-84
    Lan lan;
    lan.hear(k_host1,
             wire::ReportV3{
                 .records = {record(RecordType::allow, k_g, "a"), record(RecordType{0}, k_g, "b"),
                             record(RecordType{7}, k_g, "b"), record(RecordType{255}, k_g, "b"),
                             record(RecordType::is_ex, k_g2)}});
    EXPECT_EQ(lan.state(k_g), "INC{a}");
    EXPECT_EQ(lan.state(k_g2), "EXC{}/{}");
    EXPECT_EQ(lan.counters().record_unknown_type, 3U);
    EXPECT_EQ(lan.counters().records, 5U);
}

TEST(Version3, RecordsApplyInTheirOrder) {
    Lan lan;
    lan.hear(k_host1, wire::ReportV3{.records = {record(RecordType::allow, k_g, "b"),
                                                 record(RecordType::allow, k_g, "a"),
                                                 record(RecordType::block, k_g, "b")}});
    EXPECT_EQ(lan.state(), "INC{a,b}");
    EXPECT_EQ(lan.source_timer('b'), 2s);
    EXPECT_EQ(lan.source_timer('a'), 270s);
}

TEST(Version3, ReportFromNowhereIsAccepted) {
    // IGMP-85
    Lan lan;
    lan.report(RecordType::is_in, k_g, "a", Ipv4{});
    EXPECT_EQ(lan.state(), "INC{a}");
    EXPECT_EQ(lan.group().last_reporter, Ipv4{});
}

TEST(Version3, ReportFromAnotherSubnetIsAcceptedWhereItIsWelcome) {
    // P9
    for (bool const verify : {true, false}) {
        Lan lan({.verify_source_subnet = verify});
        lan.report(RecordType::is_in, k_g, "a", Ipv4::of(10, 9, 9, 9));
        EXPECT_EQ(lan.state(), verify ? "-" : "INC{a}");
        EXPECT_EQ(lan.counters().off_subnet, verify ? 1U : 0U);
    }
}

TEST(Version3, CurrentStateNeverAsks) {
    // IGMP-96
    Lan lan;
    lan.forget();
    for (auto const* names : {"ab", "bc", "", "y", "an"}) {
        lan.report(RecordType::is_in, k_g, names);
        lan.report(RecordType::is_ex, k_g, names);
    }
    EXPECT_THAT(lan.queries(), IsEmpty());
}

TEST(Version3, VerdictsOfAllRows) {
    // IGMP-122, the rows without static groups.
    Lan lan;
    EXPECT_FALSE(lan.wanted('a'));
    lan.report(RecordType::is_in, k_g, "a");
    EXPECT_TRUE(lan.wanted('a'));
    EXPECT_FALSE(lan.wanted('b'));
    lan.report(RecordType::is_ex, k_g, "ay");
    EXPECT_EQ(lan.state(), "EXC{a}/{y}");
    EXPECT_TRUE(lan.wanted('a'));
    EXPECT_FALSE(lan.wanted('y'));
    EXPECT_TRUE(lan.wanted('n'));
    EXPECT_FALSE(lan.engine.wanted(IfIndex{9}, {source('n'), k_g}));
}

TEST(Version3, RefreshIsNoChange) {
    Lan lan;
    lan.report(RecordType::is_ex, k_g, "y");
    lan.forget();
    lan.report(RecordType::is_ex, k_g, "y");
    EXPECT_EQ(lan.changes(), 0U);
    lan.report(RecordType::is_in, k_g, "a"); // wanted before, too
    EXPECT_EQ(lan.changes(), 0U);
    lan.report(RecordType::allow, k_g, "y");
    EXPECT_EQ(lan.changes(), 1U);
}

TEST(Version3, LateTurnDoesNotBeatAReportThatWaited) {
    // IGMP-169: receive comes before expire, however late.
    Lan lan;
    lan.v2(k_g);
    lan.now += 300s;
    lan.v2(k_g);
    lan.advance(0s);
    EXPECT_EQ(lan.state(), "EXC{}/{}");
    EXPECT_EQ(lan.group_timer(), 270s);
}

} // namespace
} // namespace mcast::igmp::test
