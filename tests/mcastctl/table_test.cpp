#include "cells.h"
#include "table.h"

#include <limits>

#include <gtest/gtest.h>

namespace mcast::ctl {
namespace {

TEST(Table, AlignsAndLeavesNoSpacesAtTheEnd) {
    Table table({"NAME", "PACKETS", "REASON"});
    table.add({{"a"}, {"7", Tone::plain, true}, {"-"}});
    table.add({{"longer"}, {"12345678", Tone::plain, true}, {""}});
    EXPECT_EQ(table.text(false), "NAME     PACKETS  REASON\n"
                                 "a              7  -\n"
                                 "longer  12345678\n");
}

TEST(Table, DashesDoNotTurnANumberColumnToTheLeft) {
    Table table({"MTU", "X"});
    table.add({{"1500", Tone::plain, true}, {"a"}});
    table.add({{"-"}, {"b"}});
    EXPECT_EQ(table.text(false), " MTU  X\n1500  a\n   -  b\n");
}

TEST(Table, WidthCountsCharactersNotBytes) {
    Table table({"N", "X"});
    table.add({{"\xc3\xa4\xc3\xb6"}, {"1"}});
    table.add({{"ab"}, {"2"}});
    EXPECT_EQ(table.text(false), "N   X\n\xc3\xa4\xc3\xb6  1\nab  2\n");
}

TEST(Table, ColoursOnlyWhenAsked) {
    Table table({"S"});
    table.add({{"up", Tone::good}});
    EXPECT_EQ(table.text(true), "\033[1mS\033[0m\n\033[32mup\033[0m\n");
    EXPECT_EQ(table.text(false), "S\nup\n");
}

TEST(Printable, NoEscapeSequencesReachTheTerminal) {
    EXPECT_EQ(printable("a\033[2Jb\x7f\n"), "a?[2Jb??");
}

TEST(Seconds, TwoUnitsAtMost) {
    EXPECT_EQ(seconds_text(0), "0.0s");
    EXPECT_EQ(seconds_text(4.24), "4.2s");
    EXPECT_EQ(seconds_text(9.96), "10s");
    EXPECT_EQ(seconds_text(59.4), "59s");
    EXPECT_EQ(seconds_text(59.6), "1m0s");
    EXPECT_EQ(seconds_text(3599.9), "1h0m");
    EXPECT_EQ(seconds_text(7505), "2h5m");
    EXPECT_EQ(seconds_text(93784), "1d2h");
    EXPECT_EQ(seconds_text(-1), "-");
    EXPECT_EQ(seconds_text(std::numeric_limits<double>::infinity()), "-");
    EXPECT_EQ(seconds_text(1e300), "-");
}

TEST(Cell, EveryTypeHasAText) {
    EXPECT_EQ(cell(nullptr, Kind::plain).text, "-");
    EXPECT_EQ(cell(nullptr, Kind::seconds).text, "-");
    EXPECT_EQ(cell("", Kind::plain).text, "-");
    EXPECT_EQ(cell(true, Kind::state).text, "yes");
    EXPECT_EQ(cell(18446744073709551615u, Kind::plain).text, "18446744073709551615");
    EXPECT_EQ(cell(-3, Kind::plain).text, "-3");
    EXPECT_EQ(cell(1.25, Kind::percent).text, "1.2%");
    EXPECT_EQ(cell(Json{{"a", 1}}, Kind::plain).text, "{\"a\":1}");
    EXPECT_EQ(cell(Json::array({"a", 1, nullptr}), Kind::list).text, "a,1,-");
    EXPECT_EQ(cell(Json::array(), Kind::list).text, "-");
    EXPECT_EQ(cell("soon", Kind::seconds).text, "soon");
    EXPECT_EQ(cell("down", Kind::state).tone, Tone::bad);
    EXPECT_EQ(cell(3, Kind::count).tone, Tone::doubtful);
    EXPECT_EQ(cell(0, Kind::count).tone, Tone::plain);
}

TEST(Member, PathsLeadNowhereQuietly) {
    Json const object{{"igmp", {{"role", "querier"}}}, {"name", "a"}};
    EXPECT_EQ(member(object, "igmp.role"), "querier");
    EXPECT_TRUE(member(object, "igmp.version").is_null());
    EXPECT_TRUE(member(object, "name.role").is_null());
    EXPECT_TRUE(member(Json(7), "name").is_null());
}

} // namespace
} // namespace mcast::ctl
