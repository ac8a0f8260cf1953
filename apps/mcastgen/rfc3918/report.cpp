#include "report.h"

#include <algorithm>

#include <fmt/format.h>

namespace mcast::gen::rfc3918 {
namespace {

double in_seconds(Duration time) {
    return std::chrono::duration<double>(time).count();
}

Row parameters(Plan const& plan) {
    Row egress = Row::array();
    auto const port = [](PortPlan const& one) {
        return Row{{"port", one.interface.empty() ? one.device : one.interface},
                   {"address", to_string(one.address)}};
    };
    for (PortPlan const& one : plan.egress) {
        egress.push_back(port(one));
    }
    return {{"ingress", port(plan.ingress)},
            {"egress", std::move(egress)},
            {"frame_sizes", plan.frame_sizes},
            {"trial_seconds", in_seconds(plan.trial)},
            {"warm_up_seconds", in_seconds(plan.warm_up)},
            {"settle_seconds", in_seconds(plan.settle)},
            {"drain_seconds", in_seconds(plan.drain)},
            {"min_rate", plan.min_rate},
            {"max_rate", plan.max_rate},
            {"resolution_percent", plan.resolution},
            {"tolerance_percent", plan.tolerance},
            {"load", plan.load},
            {"groups", plan.groups},
            {"first_group", to_string(plan.first_group)},
            {"group_counts", plan.group_counts},
            {"unicast_percent", plan.unicast_percent},
            {"unicast", plan.unicast_judged ? "judged" : "reported"},
            {"burden_percent", plan.burden},
            {"igmp_version", plan.igmp_version},
            {"join_rate", plan.join_rate},
            {"delay_timeout_seconds", in_seconds(plan.delay_timeout)},
            {"leave_time_seconds", in_seconds(plan.leave_time)},
            {"ttl", plan.ttl}};
}

std::string cell(Row const& value) {
    if (value.is_array()) {
        std::string text;
        for (Row const& each : value) {
            text += (text.empty() ? "" : each.is_object() ? ", " : "/") + cell(each);
        }
        return text;
    }
    if (value.is_object()) { // a port
        return fmt::format("{} ({})", cell(value.at("port")), cell(value.at("address")));
    }
    if (value.is_number_float()) {
        double const number = value.get<double>();
        return number == static_cast<double>(static_cast<std::int64_t>(number))
                   ? fmt::format("{:.0f}", number)
                   : fmt::format("{:.3f}", number);
    }
    if (value.is_null()) {
        return "-";
    }
    return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string table(Row const& rows) {
    std::vector<std::string> keys;
    for (Row const& row : rows) {
        for (auto const& [key, value] : row.items()) {
            if (std::ranges::find(keys, key) == keys.end()) {
                keys.push_back(key);
            }
        }
    }
    std::vector<std::string> lines(rows.size() + 1);
    for (auto const& key : keys) {
        std::vector<std::string> cells{key};
        for (Row const& row : rows) {
            cells.push_back(row.contains(key) ? cell(row.at(key)) : "-");
        }
        std::size_t width = 0;
        for (auto const& text : cells) {
            width = std::max(width, text.size());
        }
        for (std::size_t line = 0; line < lines.size(); ++line) {
            lines[line] +=
                fmt::format("{}{:>{}}", lines[line].empty() ? "" : "  ", cells[line], width);
        }
    }
    std::string text;
    for (auto const& line : lines) {
        text += line + "\n";
    }
    return text;
}

} // namespace

Row report_of(Plan const& plan, std::span<Measured const> all, std::string const& trouble) {
    Row tests = Row::array();
    bool complete = trouble.empty() && all.size() == plan.tests.size();
    for (Measured const& one : all) {
        TestName const& name = name_of(one.test);
        complete = complete && one.good();
        tests.push_back({{"test", name.name},
                         {"title", name.title},
                         {"section", name.section},
                         {"term", name.term},
                         {"measured", one.good()},
                         {"why", one.why},
                         {"method", one.method},
                         {"rows", one.rows},
                         {"chart", one.chart}});
    }
    return {{"method", "RFC 3918, with the terms of RFC 2432"},
            {"generator", "mcastgen " MCAST_VERSION},
            {"parameters", parameters(plan)},
            {"tests", std::move(tests)},
            {"trouble", trouble},
            {"complete", complete}};
}

std::string report_text(Row const& report) {
    std::string text = fmt::format("{}, by {}\n", report.at("method").get<std::string>(),
                                   report.at("generator").get<std::string>());
    for (auto const& [key, value] : report.at("parameters").items()) {
        text += fmt::format("  {:<22} {}\n", key, cell(value));
    }
    for (Row const& test : report.at("tests")) {
        text +=
            fmt::format("\n{} ({}, section {})\n", test.at("title").get<std::string>(),
                        test.at("term").get<std::string>(), test.at("section").get<std::string>());
        for (auto const& [key, value] : test.at("method").items()) {
            text += fmt::format("  {}: {}\n", key, cell(value));
        }
        text += table(test.at("rows"));
        if (!test.at("measured").get<bool>()) {
            text += fmt::format("NOT as it should be: {}\n", test.at("why").get<std::string>());
        }
    }
    if (auto const trouble = report.at("trouble").get<std::string>(); !trouble.empty()) {
        text += fmt::format("\nEnded early: {}\n", trouble);
    }
    return text;
}

} // namespace mcast::gen::rfc3918
