// The tables of RFC 9776 sections 6.4.1 and 6.4.2, row by row, on the pure function.
#include "source_filter.h"

#include "lan.h"

#include <gtest/gtest.h>

#include <ostream>

namespace mcast::igmp::test {
namespace {

SourceSet set(std::string_view names) {
    return SourceSet(sources(names));
}

struct Row {
    char const* name;
    FilterMode mode;
    char const* wanted;
    char const* excluded;
    RecordType type;
    char const* sources;
    Transition expected;
};

void PrintTo(Row const& row, std::ostream* out) {
    *out << row.name;
}

class SourceFilterTable : public testing::TestWithParam<Row> {};

TEST_P(SourceFilterTable, Row) {
    Row const& row = GetParam();
    SourceFilter const before{row.mode, set(row.wanted), set(row.excluded)};
    EXPECT_EQ(apply(before, row.type, set(row.sources)), row.expected);
}

constexpr auto k_inc = FilterMode::include;
constexpr auto k_exc = FilterMode::exclude;

// The worked examples: INC({a,b}) with {b,c}, and EXC({a,b},{y,z}) with {b,z,n}.
INSTANTIATE_TEST_SUITE_P(
    Examples, SourceFilterTable,
    testing::Values(
        // IGMP-62
        Row{"IncIsIn",
            k_inc,
            "ab",
            "",
            RecordType::is_in,
            "bc",
            {.next = {k_inc, set("abc"), {}}, .restart = set("bc")}},
        // IGMP-63
        Row{"IncIsEx",
            k_inc,
            "ab",
            "",
            RecordType::is_ex,
            "bc",
            {.next = {k_exc, set("b"), set("c")}, .restart_group_timer = true}},
        // IGMP-66
        Row{"IncAllow",
            k_inc,
            "ab",
            "",
            RecordType::allow,
            "bc",
            {.next = {k_inc, set("abc"), {}}, .restart = set("bc")}},
        // IGMP-67
        Row{"IncBlock",
            k_inc,
            "ab",
            "",
            RecordType::block,
            "bc",
            {.next = {k_inc, set("ab"), {}}, .query_sources = set("b")}},
        // IGMP-68
        Row{"IncToEx",
            k_inc,
            "ab",
            "",
            RecordType::to_ex,
            "bc",
            {.next = {k_exc, set("b"), set("c")},
             .restart_group_timer = true,
             .query_sources = set("b")}},
        // IGMP-69
        Row{"IncToIn",
            k_inc,
            "ab",
            "",
            RecordType::to_in,
            "bc",
            {.next = {k_inc, set("abc"), {}}, .restart = set("bc"), .query_sources = set("a")}},
        // IGMP-64
        Row{"ExcIsIn",
            k_exc,
            "ab",
            "yz",
            RecordType::is_in,
            "bzn",
            {.next = {k_exc, set("abzn"), set("y")}, .restart = set("bzn")}},
        Row{"ExcIsEx",
            k_exc,
            "ab",
            "yz",
            RecordType::is_ex,
            "bzn",
            {.next = {k_exc, set("bn"), set("z")},
             .restart = set("n"),
             .restart_group_timer = true}},
        // IGMP-70
        Row{"ExcAllow",
            k_exc,
            "ab",
            "yz",
            RecordType::allow,
            "bzn",
            {.next = {k_exc, set("abzn"), set("y")}, .restart = set("bzn")}},
        Row{"ExcBlock",
            k_exc,
            "ab",
            "yz",
            RecordType::block,
            "bzn",
            {.next = {k_exc, set("abn"), set("yz")},
             .to_group_timer = set("n"),
             .query_sources = set("bn")}},
        // IGMP-72
        Row{"ExcToEx",
            k_exc,
            "ab",
            "yz",
            RecordType::to_ex,
            "bzn",
            {.next = {k_exc, set("bn"), set("z")},
             .to_group_timer = set("n"),
             .restart_group_timer = true,
             .query_sources = set("bn")}},
        // IGMP-73
        Row{"ExcToIn",
            k_exc,
            "ab",
            "yz",
            RecordType::to_in,
            "bzn",
            {.next = {k_exc, set("abzn"), set("y")},
             .restart = set("bzn"),
             .query_sources = set("a"),
             .query_group = true}}),
    [](auto const& it) { return it.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Empty, SourceFilterTable,
    testing::Values(
        // IGMP-74, IGMP-75: nothing comes of nothing.
        Row{"UnknownBlock", k_inc, "", "", RecordType::block, "a", {}},
        Row{"UnknownAllow", k_inc, "", "", RecordType::allow, "", {}},
        Row{"UnknownIsIn", k_inc, "", "", RecordType::is_in, "", {}},
        Row{"UnknownToIn", k_inc, "", "", RecordType::to_in, "", {}},
        Row{"UnknownToEx",
            k_inc,
            "",
            "",
            RecordType::to_ex,
            "y",
            {.next = {k_exc, {}, set("y")}, .restart_group_timer = true}},
        // IGMP-76: an empty list is no leave.
        Row{"IncAllow", k_inc, "a", "", RecordType::allow, "", {.next = {k_inc, set("a"), {}}}},
        Row{"IncIsIn", k_inc, "a", "", RecordType::is_in, "", {.next = {k_inc, set("a"), {}}}},
        // IGMP-78
        Row{"IncToIn",
            k_inc,
            "a",
            "",
            RecordType::to_in,
            "",
            {.next = {k_inc, set("a"), {}}, .query_sources = set("a")}},
        Row{"ExcToIn",
            k_exc,
            "",
            "",
            RecordType::to_in,
            "",
            {.next = {k_exc, {}, {}}, .query_group = true}},
        Row{"ExcIsEx",
            k_exc,
            "a",
            "y",
            RecordType::is_ex,
            "",
            {.next = {k_exc, {}, {}}, .restart_group_timer = true}}),
    [](auto const& it) { return it.param.name; });

} // namespace
} // namespace mcast::igmp::test
