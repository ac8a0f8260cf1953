#include "check_report.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace mcast::gen {
namespace {

std::string flow_name(std::uint32_t flow, FlowNames const& names) {
    auto const known = names.find(flow);
    if (known != names.end()) {
        return known->second;
    }
    return flow == 0 ? "(damaged)" : fmt::format("flow{}", flow);
}

std::string ttl_range(FlowCounts const& counts) {
    if (counts.lowest_ttl > counts.highest_ttl) {
        return "-";
    }
    if (counts.lowest_ttl == counts.highest_ttl) {
        return fmt::format("{}", counts.lowest_ttl);
    }
    return fmt::format("{}-{}", counts.lowest_ttl, counts.highest_ttl);
}

} // namespace

std::string check_table(CheckResult const& result, FlowNames const& names) {
    std::size_t width = 4;
    for (auto const& [id, counts] : result.flows) {
        width = std::max(width, flow_name(id.flow, names).size());
    }
    std::string text = fmt::format(
        "{:<{}}  {:<15}  {:<15}  {:>7}  {:>8}  {:>6}  {:>6}  {:>6}  {:>6}  {:>6}  {:>6}\n", "flow",
        width, "source", "group", "ttl", "received", "lost", "dup", "reord", "corr", "late",
        "unexp");
    for (auto const& [id, counts] : result.flows) {
        bool const came = id.key != FlowKey{};
        text += fmt::format(
            "{:<{}}  {:<15}  {:<15}  {:>7}  {:>8}  {:>6}  {:>6}  {:>6}  {:>6}  {:>6}  {:>6}\n",
            flow_name(id.flow, names), width, came ? to_string(id.key.source) : "-",
            came ? to_string(id.key.group) : "-", ttl_range(counts), counts.received, counts.lost,
            counts.duplicated, counts.reordered, counts.corrupted, counts.late, counts.unexpected);
    }
    text += fmt::format("{} frames, {} of other kinds, {} with unreadable headers: {}\n",
                        result.frames, result.other, result.bad_headers,
                        result.clean() ? "all well" : "NOT as it should be");
    return text;
}

std::string check_json(CheckResult const& result, FlowNames const& names) {
    auto flows = nlohmann::ordered_json::array();
    for (auto const& [id, counts] : result.flows) {
        flows.push_back({{"flow", id.flow},
                         {"name", flow_name(id.flow, names)},
                         {"source", to_string(id.key.source)},
                         {"group", to_string(id.key.group)},
                         {"received", counts.received},
                         {"lost", counts.lost},
                         {"duplicated", counts.duplicated},
                         {"reordered", counts.reordered},
                         {"corrupted", counts.corrupted},
                         {"late", counts.late},
                         {"unexpected", counts.unexpected},
                         {"first", counts.first},
                         {"last", counts.last},
                         {"ttl", ttl_range(counts)}});
    }
    nlohmann::ordered_json const report{{"flows", std::move(flows)},
                                        {"frames", result.frames},
                                        {"other", result.other},
                                        {"bad_headers", result.bad_headers},
                                        {"clean", result.clean()}};
    return report.dump(2) + "\n";
}

} // namespace mcast::gen
