// The ways to the other ends of our tunnels: asks ARP for their next hops, and tells the interfaces
// what is known of them. Control thread only.
#pragma once

#include "adjacency.h"
#include "interfaces.h"

#include "mcast/base/time.h"

namespace mcast::control {

class Tunnels {
public:
    Tunnels(Interfaces& interfaces, Adjacency& adjacency)
        : interfaces_(interfaces), adjacency_(adjacency) {}

    void start(TimePoint now);
    // True when workers have to hear of it.
    bool follow();

private:
    Interfaces& interfaces_;
    Adjacency& adjacency_;
    IfSet all_; // tunnels
};

} // namespace mcast::control
