// What a test found: rows of named values, of which the report, the text and the charts are made.
#pragma once

#include "bench.h"
#include "plan.h"

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace mcast::gen::rfc3918 {

using Row = nlohmann::ordered_json;

struct Measured {
    Method test{};
    std::string why{};          // it could not be measured as it should be; or empty
    Row method = Row::object(); // what RFC 3918 wants to be told beside the rows
    std::vector<Row> rows{};
    Row chart = Row::object();

    bool good() const { return why.empty(); }
    // The first reason counts.
    void fail(std::string reason) {
        if (why.empty()) {
            why = std::move(reason);
        }
    }
    // One line for each value of `by`: `y` over `x`.
    void draw(std::string_view by, std::string_view x, std::string_view y);
};

// Runs one test. A failure of the wires ends it; the rows so far are kept.
Measured measure(Bench& bench, Method test);

Measured mixed_class(Bench& bench);
Measured group_matrix(Bench& bench);
Measured aggregated(Bench& bench);
Measured latency(Bench& bench, Method test, double unicast_percent);
Measured min_max_latency(Bench& bench);
Measured join_delay(Bench& bench, Method test, double unicast_percent);
Measured leave_delay(Bench& bench);
Measured capacity(Bench& bench);

// Microseconds with three decimals.
double in_us(Duration time);
// "count", "min_us", "mean_us", "p50_us", "p99_us", "max_us".
void put(Row& row, Delays const& delays);
// Why there is no rate to test at.
std::string no_rate(Plan const& plan, Found const& found);

} // namespace mcast::gen::rfc3918
