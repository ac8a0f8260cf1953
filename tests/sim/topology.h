// Which routers stand on which links: a value that the network is built from, and that the oracle
// works on.
#pragma once

#include "mcast/base/ipv4.h"
#include "mcast/base/random.h"
#include "mcast/base/time.h"

#include <cstdint>
#include <string>
#include <vector>

namespace mcast::sim {

struct LinkSpec {
    Ipv4Prefix net{}; // 10.x.y.0/24 with x, y from the link's number
    bool point_to_point = false;
    Duration delay = std::chrono::milliseconds{1};
    Duration jitter{}; // added at random: frames overtake each other
    double loss = 0;   // of all frames, for each receiver
};

struct PortSpec {
    std::size_t link = 0;
    Ipv4 address{};
    std::uint8_t metric = 1;
};

struct RouterSpec {
    std::vector<PortSpec> ports; // by IfIndex
};

struct Topology {
    std::vector<LinkSpec> links;
    std::vector<RouterSpec> routers;

    std::size_t add_link(bool point_to_point = false);
    std::size_t add_router();
    // `host`: the last byte of the address; 0: the next free one of the link.
    void attach(std::size_t router, std::size_t link, std::uint8_t metric = 1,
                std::uint8_t host = 0);
    std::size_t port_count(std::size_t link) const;
    std::string text() const;
};

// A link to each side of n routers: link 0, router 0, link 1, ... router n-1, link n.
Topology line(std::size_t n);
// n routers, link i between router i and the next; and a stub n+i at each.
Topology ring(std::size_t n);
// width x height routers with a link between neighbours, and a stub at each, behind all of those.
Topology grid(std::size_t width, std::size_t height);
// Two LANs (0 and 1) with n routers side by side between them.
Topology parallel(std::size_t n);

struct RandomShape {
    std::size_t routers = 10;
    std::size_t extra_links = 5;     // beyond a tree
    std::size_t lan_percent = 30;    // of the links that have more than two routers
    std::uint8_t highest_metric = 3; // of a port
};
// Connected; every router has a stub, whose number is that of the router.
Topology random_topology(RandomShape const& shape, Random& random);

} // namespace mcast::sim
