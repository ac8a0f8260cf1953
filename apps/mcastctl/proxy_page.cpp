// `show proxy`: the host side upstream, and the roles downstream.
#include "views.h"

#include "list_view.h"

#include <array>

#include <fmt/format.h>

namespace mcast::ctl {

namespace {

constexpr std::array<Column, 4> k_downstream{{
    {"DOWNSTREAM", "interface"},
    {"OURS", "holds", Kind::state},
    {"FORWARDS", "forwards", Kind::state},
    {"QUERIER", "querier"},
}};

constexpr std::array<Column, 2> k_counters{{
    {"COUNTER", "name"},
    {"NUMBER", "number"},
}};

std::string text_of(Json const& object, std::string_view path, Kind kind = Kind::plain) {
    return cell(member(object, path), kind).text;
}

std::string fact(std::string_view label, std::string_view value) {
    return fmt::format("{:<16}{}\n", label, value);
}

std::string querier(Json const& upstream) {
    Json const& one = member(upstream, "querier");
    return one.is_object() ? fmt::format("{}, version {}, heard {} ago", text_of(one, "address"),
                                         text_of(one, "version"),
                                         text_of(one, "heard_ago_seconds", Kind::seconds))
                           : "none heard yet";
}

// What has happened, by name.
Json counted(Json const& upstream) {
    Json rows = Json::array();
    for (auto const* const list : {"counters", "heard"}) {
        for (auto const& [name, number] : member(upstream, list).items()) {
            if (number != 0) {
                rows.push_back({{"name", name}, {"number", number}});
            }
        }
    }
    return rows;
}

std::string host_facts(Json const& upstream) {
    if (member(upstream, "holds") != true) {
        return fact("state", "not ours: owner take gives it back");
    }
    auto const left = [&](std::string_view path) { return text_of(upstream, path, Kind::seconds); };
    return fact("address", text_of(upstream, "address")) +
           fact("version", fmt::format("{} of {}", text_of(upstream, "version"),
                                       text_of(upstream, "configured_version"))) +
           fact("querier", querier(upstream)) +
           fact("older queriers",
                fmt::format("version 1 for {}, version 2 for {}", left("v1_querier_seconds"),
                            left("v2_querier_seconds"))) +
           fact("groups", fmt::format("{}, {} with changes to report again",
                                      text_of(upstream, "groups"), text_of(upstream, "pending"))) +
           fact("next", fmt::format("answer in {}, repetition in {}", left("next_answer_seconds"),
                                    left("next_retransmission_seconds")));
}

} // namespace

std::string view_proxy(Json const& data, bool colour) {
    if (member(data, "configured") != true) {
        return "no proxy: the configuration has no [proxy]\n";
    }
    Json const& upstream = member(data, "upstream");
    std::string page =
        painted(fmt::format("upstream {}", text_of(upstream, "interface")), Tone::strong, colour) +
        "\n" + host_facts(upstream) + "\n";
    page += list_view(member(data, "downstream"), k_downstream, "downstream interfaces", colour);
    if (member(data, "sole_forwarder") == true) {
        page += "sole forwarder: forwards whoever is the querier\n";
    }
    return page + "\n" + list_view(counted(upstream), k_counters, "counters", colour);
}

} // namespace mcast::ctl
