// `show igmp ...` as tables.
#include "views.h"

#include "list_view.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace mcast::ctl {

namespace {

constexpr std::array<Column, 16> k_interfaces{{
    {"INTERFACE", "interface"},
    {"ADDRESS", "address"},
    {"STATE", "state", Kind::state},
    {"VERSION", "version"},
    {"ROLE", "role", Kind::state},
    {"QUERIER", "querier"},
    {"SPEAKS", "querier_version"},
    {"SINCE", "querier_uptime_seconds", Kind::seconds},
    {"GONE-IN", "other_querier_expires_seconds", Kind::seconds},
    {"NEXT-QUERY", "next_query_seconds", Kind::seconds},
    {"STARTUP-LEFT", "startup_queries_left"},
    {"NEXT-ADVERT", "next_advertisement_seconds", Kind::seconds},
    {"MEMBERSHIP", "in_force.group_membership_interval_seconds", Kind::seconds},
    {"GROUPS", "groups"},
    {"SOURCES", "sources"},
    {"UPTIME", "uptime_seconds", Kind::seconds},
}};

constexpr std::array<Column, 11> k_groups{{
    {"INTERFACE", "interface"},
    {"GROUP", "group"},
    {"MODE", "mode"},
    {"VERSION", "compat"},
    {"WANTED", "sources_forwarded"},
    {"BLOCKED", "sources_blocked"},
    {"EXPIRES", "expires_seconds", Kind::seconds},
    {"V1-HOST", "v1_host_seconds", Kind::seconds},
    {"V2-HOST", "v2_host_seconds", Kind::seconds},
    {"LAST-REPORTER", "last_reporter"},
    {"UPTIME", "uptime_seconds", Kind::seconds},
}};

constexpr std::array<Column, 8> k_sources{{
    {"INTERFACE", "interface"},
    {"GROUP", "group"},
    {"SOURCE", "source"},
    {"MODE", "mode"},
    {"STATE", "state"},
    {"UPTIME", "uptime_seconds", Kind::seconds},
    {"EXPIRES", "expires_seconds", Kind::seconds},
    {"LAST-REPORTER", "last_reporter"},
}};

constexpr std::array<Column, 7> k_joins{{
    {"INTERFACE", "interface"},
    {"GROUP", "group"},
    {"FILTER", "filter"},
    {"SOURCES", "sources", Kind::list},
    {"VERSION", "version"},
    {"QUERIER", "querier"},
    {"NEXT-REPORT", "next_report_seconds", Kind::seconds},
}};

constexpr std::array<Column, 6> k_hosts{{
    {"INTERFACE", "interface"},
    {"GROUP", "group"},
    {"HOST", "host"},
    {"MODE", "mode"},
    {"SOURCES", "sources", Kind::list},
    {"EXPIRES", "expires_seconds", Kind::seconds},
}};

struct Listing {
    std::string_view page;
    std::span<Column const> columns;
    std::string_view things;
};

constexpr std::array<Listing, 5> k_listings{{
    {"interfaces", k_interfaces, "interfaces with IGMP"},
    {"groups", k_groups, "groups"},
    {"sources", k_sources, "sources"},
    {"hosts", k_hosts, "tracked hosts"},
    {"joins", k_joins, "joined groups"},
}};

// Wider than this no terminal is.
constexpr std::size_t k_interfaces_side_by_side = 6;

using Rows = std::span<Json const>;

Table statistics_table(Rows rows) {
    std::vector<std::string> headings{"CLASS", "COUNTER"};
    for (Json const& row : rows) {
        headings.push_back(cell(member(row, "interface"), Kind::plain).text);
    }
    Table table(std::move(headings));
    auto const line = [&](std::string_view kind, std::string_view name, std::string const& path,
                          Kind shown) {
        std::vector<Cell> cells{{printable(kind)}, {printable(name)}};
        for (Json const& row : rows) {
            cells.push_back(cell(member(row, path), shown));
        }
        table.add(std::move(cells));
    };
    line("now", "counted-for", "counted_seconds", Kind::seconds);
    line("now", "groups", "groups", Kind::plain);
    line("now", "sources", "sources", Kind::plain);
    Json const& classes = member(rows.front(), "counters");
    if (classes.is_object()) {
        for (auto const& [kind, counters] : classes.items()) {
            for (auto const& [name, count] : counters.items()) {
                line(kind, name, fmt::format("counters.{}.{}", kind, name), Kind::plain);
            }
        }
    }
    return table;
}

// Counters below each other, interfaces side by side, as many as fit.
std::string view_statistics(Json const& data, bool colour) {
    if (!data.is_array() || data.empty()) {
        return "no interfaces with IGMP\n";
    }
    std::vector<Json> const all(data.begin(), data.end());
    std::string page;
    for (std::size_t at = 0; at < all.size(); at += k_interfaces_side_by_side) {
        Rows const rows =
            Rows(all).subspan(at, std::min(k_interfaces_side_by_side, all.size() - at));
        page += (at == 0 ? "" : "\n") + statistics_table(rows).text(colour);
    }
    return page;
}

} // namespace

std::string view_igmp(std::string_view page, Json const& data, bool colour) {
    if (page == "statistics") {
        return view_statistics(data, colour);
    }
    for (Listing const& listing : k_listings) {
        if (listing.page == page) {
            return list_view(data, listing.columns, listing.things, colour);
        }
    }
    return data.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

} // namespace mcast::ctl
