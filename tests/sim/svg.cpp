#include "svg.h"

#include <array>
#include <cmath>

#include <fmt/format.h>

namespace mcast::sim {

namespace {

constexpr double k_width = 360;
constexpr double k_height = 260;
constexpr double k_left = 60;
constexpr double k_top = 40;
constexpr std::array k_colors{"#1f77b4", "#d62728", "#2ca02c"};

// One chart: x from 10 to 1,000, y over the decades from 10^low to 10^high.
struct Chart {
    double left;
    int low;
    int high;

    double x(double value) const { return left + (std::log10(value) - 1) / 2 * k_width; }
    double y(double value) const {
        double const share = (std::log10(value) - low) / (high - low);
        return k_top + k_height * (1 - share);
    }
};

std::string axes(Chart const& chart, char const* title) {
    std::string svg =
        fmt::format("<text x='{}' y='24' font-weight='bold'>{}</text>\n", chart.left, title);
    for (int decade = chart.low; decade <= chart.high; ++decade) {
        double const y = chart.y(std::pow(10, decade));
        svg += fmt::format("<line x1='{}' x2='{}' y1='{}' y2='{}' stroke='#ddd'/>\n"
                           "<text x='{}' y='{}' text-anchor='end'>{:g}</text>\n",
                           chart.left, chart.left + k_width, y, y, chart.left - 6, y + 4,
                           std::pow(10, decade));
    }
    for (double const n : {10, 100, 1000}) {
        svg += fmt::format("<text x='{}' y='{}' text-anchor='middle'>{:g}</text>\n", chart.x(n),
                           k_top + k_height + 18, n);
    }
    return svg + fmt::format("<text x='{}' y='{}' text-anchor='middle'>routers</text>\n",
                             chart.left + k_width / 2, k_top + k_height + 36);
}

std::string lines(Chart const& chart, Figure const& figure, std::vector<double> const& values) {
    std::string svg;
    std::size_t const events = figure.events.size();
    for (std::size_t e = 0; e < events; ++e) {
        std::string points;
        char const* const color = k_colors[e % k_colors.size()];
        for (std::size_t n = 0; n < figure.routers.size(); ++n) {
            double const value = values[n * events + e];
            if (!std::isnan(value) && value > 0) {
                double const x = chart.x(figure.routers[n]);
                double const y = chart.y(value);
                points += fmt::format("{:.1f},{:.1f} ", x, y);
                svg +=
                    fmt::format("<circle cx='{:.1f}' cy='{:.1f}' r='3' fill='{}'/>\n", x, y, color);
            }
        }
        svg += fmt::format("<polyline points='{}' fill='none' stroke='{}'/>\n", points, color);
        svg += fmt::format("<text x='{}' y='{}' fill='{}'>{}</text>\n", chart.left + 8,
                           k_top + 14 + 15 * static_cast<double>(e), color, figure.events[e]);
    }
    return svg;
}

} // namespace

std::string to_svg(Figure const& figure) {
    Chart const time{k_left, -2, 3};
    Chart const messages{2 * k_left + k_width + 20, 0, 7};
    return fmt::format("<svg xmlns='http://www.w3.org/2000/svg' width='{}' height='{}' "
                       "font-family='sans-serif' font-size='12'>\n",
                       2 * (k_left + k_width) + 60, k_top + k_height + 50) +
           axes(time, "seconds until all is right again") + lines(time, figure, figure.seconds) +
           axes(messages, "DVMRP messages until then") + lines(messages, figure, figure.messages) +
           "</svg>\n";
}

} // namespace mcast::sim
