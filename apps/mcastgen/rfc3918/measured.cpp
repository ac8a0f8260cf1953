#include "measured.h"

#include <cmath>

#include <fmt/format.h>

namespace mcast::gen::rfc3918 {

double in_us(Duration time) {
    return static_cast<double>(time.count()) / 1000;
}

void put(Row& row, Delays const& delays) {
    row["count"] = delays.count();
    row["min_us"] = in_us(delays.least());
    row["mean_us"] = in_us(delays.mean());
    row["p50_us"] = in_us(delays.quantile(0.5));
    row["p99_us"] = in_us(delays.quantile(0.99));
    row["max_us"] = in_us(delays.most());
}

std::string no_rate(Plan const& plan, Found const& found) {
    if (found.limited_by == "unicast") {
        return "no unicast frame came through; for a router that forwards none give unicast = "
               "\"reported\"";
    }
    return fmt::format("nothing passes, not even min-rate, {} frames a second ({}); lower it, or "
                       "look whether the groups reach the egress ports at all",
                       plan.min_rate, found.limited_by);
}

void Measured::draw(std::string_view by, std::string_view x, std::string_view y) {
    auto const words = [](std::string_view key) {
        std::string text(key);
        std::ranges::replace(text, '_', ' ');
        return text;
    };
    Row series = Row::object();
    for (Row const& row : rows) {
        auto const& value = row.at(std::string{by});
        auto const name = fmt::format("{} {}", words(by),
                                      value.is_string() ? value.get<std::string>() : value.dump());
        series[name].push_back({row.at(std::string{x}), row.at(std::string{y})});
    }
    chart = {{"title", rfc3918::name_of(test).title},
             {"x", words(x)},
             {"y", words(y)},
             {"series", std::move(series)}};
}

Measured measure(Bench& bench, Method test) {
    switch (test) {
    case Method::mixed_class:
        return mixed_class(bench);
    case Method::group_matrix:
        return group_matrix(bench);
    case Method::aggregated:
        return aggregated(bench);
    case Method::latency:
        return latency(bench, test, 0);
    case Method::min_max_latency:
        return min_max_latency(bench);
    case Method::join_delay:
        return join_delay(bench, test, 0);
    case Method::leave_delay:
        return leave_delay(bench);
    case Method::capacity:
        return capacity(bench);
    case Method::burdened_latency:
        return latency(bench, test, bench.plan().burden);
    case Method::burdened_join:
        return join_delay(bench, test, bench.plan().burden);
    case Method::count_:
        break;
    }
    return {.test = test, .why = "there is no such test"};
}

} // namespace mcast::gen::rfc3918
