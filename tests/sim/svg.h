// A figure of two charts, both axes logarithmic: time and messages of events by number of routers.
#pragma once

#include <string>
#include <vector>

namespace mcast::sim {

struct Figure {
    std::vector<std::string> events;
    std::vector<double> routers;
    std::vector<double> seconds;  // by network, then event; NaN: not measured
    std::vector<double> messages; // the same
};

std::string to_svg(Figure const& figure);

} // namespace mcast::sim
