// The neighbour that prunes and grafts of a flow go to.
#pragma once

#include "interface.h"

namespace mcast::dvmrp {

struct Upstream {
    Interface& interface;
    Neighbor& neighbor;
    Ipv4Prefix network{}; // of the sources, as our route has it

    // Nobody else is there who may want what we do not.
    bool is_alone() const { return interface.is_point_to_point() || interface.two_way() == 1; }
};

} // namespace mcast::dvmrp
