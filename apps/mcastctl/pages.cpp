// The pages that are more than one table.
#include "views.h"

#include "list_view.h"

#include <array>

#include <fmt/format.h>

namespace mcast::ctl {

namespace {

std::string text_of(Json const& object, std::string_view path, Kind kind = Kind::plain) {
    return cell(member(object, path), kind).text;
}

// "label: value" with the values in one column.
std::string fact(std::string_view label, std::string_view value) {
    return fmt::format("{:<12}{}\n", label, value);
}

constexpr std::array<Column, 3> k_pools{{
    {"POOL", "name"},
    {"IN-USE", "in_use"},
    {"SIZE", "size"},
}};

constexpr std::array<Column, 4> k_drops{{
    {"INTERFACE", "interface"},
    {"REASON", "reason"},
    {"PACKETS", "packets"},
    {"MEANING", "meaning"},
}};

constexpr std::array<Column, 2> k_control{{
    {"NAME", "name"},
    {"PACKETS", "packets"},
}};

constexpr std::array<Column, 6> k_explained{{
    {"INTERFACE", "interface"},
    {"FORWARDED", "forwarded", Kind::state},
    {"REASON", "reason"},
    {"BY", "by"},
    {"STALE", "stale", Kind::alarm},
    {"BECAUSE", "sentence"},
}};

// The pools of a kind together; where they are on several nodes, each of them too.
Json pool_rows(Json const& pools) {
    Json rows = Json::array();
    for (Json const& pool : pools) {
        rows.push_back(pool);
        Json const& nodes = member(pool, "nodes");
        for (Json const& each : nodes) {
            if (nodes.size() > 1) {
                rows.push_back({{"name", fmt::format("{} on node {}", text_of(pool, "name"),
                                                     text_of(each, "numa_node"))},
                                {"in_use", member(each, "in_use")},
                                {"size", member(each, "size")}});
            }
        }
    }
    return rows;
}

std::string balance(Json const& difference, bool colour) {
    if (!difference.is_number()) {
        return "-";
    }
    return difference == 0
               ? painted("complete", Tone::good, colour)
               : painted(fmt::format("{} unaccounted for", difference.dump()), Tone::bad, colour);
}

} // namespace

std::string view_accounting(Json const& accounting, bool colour) {
    return fact("inputs",
                fmt::format("{} received + {} reinjected = {} forwarded + {} dropped + "
                            "{} punted: {}",
                            text_of(accounting, "received"), text_of(accounting, "reinjected"),
                            text_of(accounting, "forwarded"), text_of(accounting, "dropped"),
                            text_of(accounting, "punted"),
                            balance(member(accounting, "difference"), colour))) +
           fact("outputs",
                fmt::format("{} copies + {} fragments, {} frames sent, {} dropped: {}",
                            text_of(accounting, "copies"), text_of(accounting, "fragments"),
                            text_of(accounting, "frames_sent"), text_of(accounting, "copy_drops"),
                            balance(member(accounting, "copy_difference"), colour)));
}

std::string view_status(Json const& data, bool colour) {
    std::string page =
        fmt::format("mcastd {} \"{}\", up {}\n", text_of(data, "version"),
                    text_of(data, "instance"), text_of(data, "uptime_seconds", Kind::seconds));
    for (std::string_view const name : {"workers", "ports", "interfaces"}) {
        page += fact(name, fmt::format("{} of {}", text_of(data, name),
                                       text_of(data, fmt::format("limits.{}", name))));
    }
    page += fact("entries",
                 fmt::format("{} of {}", text_of(data, "entries"), text_of(data, "entries_limit")));
    page += fact("memberships", text_of(data, "memberships"));
    Json const& mbufs = member(data, "mbuf_balance");
    page += fact("mbufs", balance(mbufs, colour));
    page += view_accounting(member(data, "accounting"), colour);
    page += "\n" + list_view(pool_rows(member(data, "pools")), k_pools, "pools", colour);
    return page;
}

std::string view_drops(Json const& data, bool colour) {
    return list_view(member(data, "rows"), k_drops, "drops", colour) + heading("Copies", colour) +
           list_view(member(data, "copies"), k_drops, "copies dropped", colour) +
           heading("Control", colour) +
           list_view(member(data, "control"), k_control, "control packets refused", colour) +
           heading("Accounting", colour) + view_accounting(member(data, "accounting"), colour);
}

std::string view_explain(Json const& data, bool colour) {
    std::string page = painted(fmt::format("({}, {}): {}", text_of(data, "source"),
                                           text_of(data, "group"), text_of(data, "verdict")),
                               Tone::strong, colour) +
                       "\n" + text_of(data, "sentence") + "\n\n";
    Json const& route = member(data, "route");
    if (route.is_object()) {
        std::string line;
        for (auto const& [name, value] : route.items()) {
            line += fmt::format("{}{} {}", line.empty() ? "" : ", ", printable(name),
                                cell(value, Kind::list).text);
        }
        page += fact("route", line);
    } else {
        page += fact("route", "none");
    }
    page += fact("arrival", text_of(data, "arrival"));
    page += fact("owner", text_of(data, "owner"));
    Json const& entry = member(data, "entry");
    page += fact("entry", entry.is_object()
                              ? fmt::format("{}, {} packets, {} copies", text_of(entry, "state"),
                                            text_of(entry, "packets"), text_of(entry, "copies"))
                              : "none");
    page += "\n" + list_view(member(data, "interfaces"), k_explained, "interfaces", colour);
    return page;
}

} // namespace mcast::ctl
