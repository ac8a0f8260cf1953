// What a network should come to, worked out from its drawing alone: distances by Dijkstra's
// algorithm, with the tie rules of section 5 of the behaviours' reference.
#pragma once

#include "router.h"
#include "world.h"

#include <optional>
#include <set>
#include <vector>

namespace mcast::sim {

class Oracle {
public:
    // Of the network as it is now: dead routers, ports that are down and cut links count.
    explicit Oracle(World const& world);

    // Where `router` should think that sources on link `source` are. A tie goes to the neighbour
    // with the lowest address.
    Toward toward(std::size_t router, std::size_t source) const { return routes_[source][router]; }
    // Who forwards packets of sources on `source` to `link`: the lowest metric, then the lowest
    // address. nullopt: nobody, or the link is the source's own.
    std::optional<std::size_t> forwarder(std::size_t link, std::size_t source) const;
    // The links that carry a packet from `source` when members are on these links, once every
    // branch without any is pruned.
    std::set<std::size_t> tree(std::size_t source, std::set<std::size_t> const& members) const;
    // Those that may carry it at all: branches on which routers or members depend.
    std::set<std::size_t> broadcast(std::size_t source, std::set<std::size_t> const& members) const;
    // Whether packets from `source` come to `link` if somebody there wants them.
    bool reaches(std::size_t source, std::size_t link) const;

private:
    struct Port {
        std::size_t router = 0;
        std::size_t port = 0;
        Ipv4 address{};
        int metric = 1;
    };

    void solve(std::size_t source);

    World const& world_;
    std::vector<std::vector<Port>> on_link_;  // ports that work
    std::vector<std::vector<Toward>> routes_; // by source link, then router
};

} // namespace mcast::sim
