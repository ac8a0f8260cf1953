#include "topology.h"

#include <algorithm>

namespace mcast::sim {

std::size_t Topology::add_link(bool point_to_point) {
    std::size_t const n = links.size();
    LinkSpec link;
    link.net = {
        Ipv4::of(10, static_cast<std::uint8_t>(n / 256), static_cast<std::uint8_t>(n % 256), 0),
        24};
    link.point_to_point = point_to_point;
    links.push_back(link);
    return n;
}

std::size_t Topology::add_router() {
    routers.emplace_back();
    return routers.size() - 1;
}

std::size_t Topology::port_count(std::size_t link) const {
    std::size_t n = 0;
    for (RouterSpec const& router : routers) {
        n += static_cast<std::size_t>(
            std::ranges::count(router.ports, link, [](PortSpec const& it) { return it.link; }));
    }
    return n;
}

void Topology::attach(std::size_t router, std::size_t link, std::uint8_t metric,
                      std::uint8_t host) {
    std::uint32_t const number =
        host != 0 ? host : static_cast<std::uint32_t>(port_count(link) + 1);
    routers[router].ports.push_back({link, {links[link].net.address.value + number}, metric});
}

std::string Topology::text() const {
    std::string result;
    for (std::size_t r = 0; r < routers.size(); ++r) {
        result += "router " + std::to_string(r) + ":";
        for (PortSpec const& port : routers[r].ports) {
            result += " link " + std::to_string(port.link) + " as " + to_string(port.address) +
                      " metric " + std::to_string(port.metric) + ",";
        }
        result.back() = '\n';
    }
    return result;
}

Topology line(std::size_t n) {
    Topology result;
    result.add_link();
    for (std::size_t i = 0; i < n; ++i) {
        result.add_link();
        result.add_router();
        result.attach(i, i);
        result.attach(i, i + 1);
    }
    return result;
}

Topology ring(std::size_t n) {
    Topology result;
    for (std::size_t i = 0; i < n; ++i) {
        result.add_router();
        result.add_link(true);
    }
    for (std::size_t i = 0; i < n; ++i) {
        result.attach(i, i);
        result.attach((i + 1) % n, i);
    }
    for (std::size_t i = 0; i < n; ++i) {
        result.attach(i, result.add_link());
    }
    return result;
}

Topology grid(std::size_t width, std::size_t height) {
    Topology result;
    for (std::size_t i = 0; i < width * height; ++i) {
        result.add_router();
    }
    auto const join = [&](std::size_t one, std::size_t other) {
        std::size_t const link = result.add_link();
        result.attach(one, link);
        result.attach(other, link);
    };
    for (std::size_t i = 0; i < width * height; ++i) {
        if (i % width + 1 < width) {
            join(i, i + 1);
        }
        if (i + width < width * height) {
            join(i, i + width);
        }
    }
    for (std::size_t i = 0; i < width * height; ++i) {
        result.attach(i, result.add_link());
    }
    return result;
}

Topology parallel(std::size_t n) {
    Topology result;
    result.add_link();
    result.add_link();
    for (std::size_t i = 0; i < n; ++i) {
        result.add_router();
        result.attach(i, 0);
        result.attach(i, 1);
    }
    return result;
}

Topology random_topology(RandomShape const& shape, Random& random) {
    Topology result;
    auto const metric = [&] {
        return static_cast<std::uint8_t>(1 + random.below(shape.highest_metric));
    };
    // In descending order of address half of the time: the newest router is not always the highest.
    auto const join = [&](std::size_t router, std::size_t link) {
        auto const place = static_cast<std::uint8_t>(result.port_count(link) + 1);
        bool const down = result.links[link].net.address.value / 256 % 2 != 0;
        result.attach(router, link, metric(),
                      down ? static_cast<std::uint8_t>(100 - place) : place);
    };
    constexpr std::size_t k_most_ports = 12;
    constexpr std::size_t k_most_on_lan = 8;
    for (std::size_t i = 0; i < shape.routers; ++i) {
        result.add_router();
        result.add_link(); // its stub
        join(i, i);
    }
    std::vector<std::size_t> lans;
    auto const connect = [&](std::size_t one, std::size_t other) {
        if (!lans.empty() && random.below(100) < shape.lan_percent) {
            std::size_t const lan = lans[random.below(lans.size())];
            bool const there = std::ranges::any_of(result.routers[one].ports,
                                                   [&](auto& it) { return it.link == lan; });
            if (!there && result.port_count(lan) < k_most_on_lan) {
                join(one, lan);
                return;
            }
        }
        bool const is_lan = random.below(100) < shape.lan_percent;
        std::size_t const link = result.add_link(!is_lan && random.below(2) == 0);
        join(one, link);
        join(other, link);
        if (is_lan) {
            lans.push_back(link);
        }
    };
    for (std::size_t i = 1; i < shape.routers; ++i) {
        connect(i, random.below(i));
    }
    for (std::size_t i = 0; i < shape.extra_links; ++i) {
        std::size_t const one = random.below(shape.routers);
        std::size_t const other = random.below(shape.routers);
        if (one != other && result.routers[one].ports.size() < k_most_ports &&
            result.routers[other].ports.size() < k_most_ports) {
            connect(one, other);
        }
    }
    return result;
}

} // namespace mcast::sim
