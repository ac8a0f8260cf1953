// What the command line chose.
#pragma once

#include <cstddef>
#include <cstdint>

namespace mcast::sim {

struct Options {
    std::uint64_t seed = 1; // of the first random network; the others count on from there
    std::uint64_t networks = 200;
    std::size_t largest = 50; // routers of a random network
    std::size_t growth = 100; // routers of the largest network in the figure
};
Options const& options();

} // namespace mcast::sim
