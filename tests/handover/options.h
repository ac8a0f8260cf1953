// What the command line of handover_test asks for.
#pragma once

#include <cstddef>
#include <cstdint>

namespace mcast::handover {

struct Options {
    std::size_t hand_overs = 200;
    std::size_t flows = 1000;
    std::size_t workers = 2;
    std::uint64_t seed = 0;
};
Options const& options();

} // namespace mcast::handover
