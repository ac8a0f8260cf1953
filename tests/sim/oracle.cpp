#include "oracle.h"

#include <queue>
#include <tuple>

namespace mcast::sim {

namespace {

constexpr int k_infinity = 32;

} // namespace

Oracle::Oracle(World const& world)
    : world_(world), on_link_(world.topology.links.size()), routes_(world.topology.links.size()) {
    auto const& routers = world.topology.routers;
    for (std::size_t r = 0; r < routers.size(); ++r) {
        for (std::size_t p = 0; world.alive(r) && p < routers[r].ports.size(); ++p) {
            PortSpec const& it = routers[r].ports[p];
            if (world.port_up(r, p)) {
                on_link_[it.link].push_back({r, p, it.address, it.metric});
            }
        }
    }
    for (std::size_t source = 0; source < routes_.size(); ++source) {
        routes_[source].resize(routers.size());
        solve(source);
    }
}

void Oracle::solve(std::size_t source) {
    auto& best = routes_[source];
    using Item = std::pair<int, std::size_t>;
    std::priority_queue<Item, std::vector<Item>, std::greater<>> queue;
    for (Port const& it : on_link_[source]) {
        best[it.router] = {it.metric, IfIndex{static_cast<IfIndex::rep>(it.port)}, {}};
        queue.emplace(it.metric, it.router);
    }
    while (!queue.empty()) {
        auto const [metric, router] = queue.top();
        queue.pop();
        if (metric != best[router].metric) {
            continue;
        }
        auto const& ports = world_.topology.routers[router].ports;
        for (std::size_t p = 0; p < ports.size(); ++p) {
            std::size_t const link = ports[p].link;
            bool const speaks = link != source && world_.port_up(router, p) &&
                                !world_.is_cut(link) && best[router].interface.index() != p;
            for (Port const& to : on_link_[link]) {
                Toward const offer{metric + to.metric, IfIndex{static_cast<IfIndex::rep>(to.port)},
                                   ports[p].address};
                Toward& has = best[to.router];
                bool const connected = has.metric < k_infinity && has.neighbor.is_unspecified();
                if (!speaks || to.router == router || connected || offer.metric >= k_infinity ||
                    std::tie(offer.metric, offer.neighbor) >= std::tie(has.metric, has.neighbor)) {
                    continue;
                }
                bool const nearer = offer.metric < has.metric;
                has = offer;
                if (nearer) {
                    queue.emplace(has.metric, to.router);
                }
            }
        }
    }
}

std::optional<std::size_t> Oracle::forwarder(std::size_t link, std::size_t source) const {
    std::optional<std::size_t> winner;
    std::tuple<int, Ipv4> lowest{k_infinity, Ipv4{}};
    for (Port const& it : on_link_[link]) {
        Toward const& route = routes_[source][it.router];
        if (link == source || route.metric >= k_infinity || route.interface.index() == it.port) {
            continue;
        }
        std::tuple<int, Ipv4> const mine{route.metric, it.address};
        if (!winner || mine < lowest) {
            winner = it.router;
            lowest = mine;
        }
    }
    return winner;
}

std::set<std::size_t> Oracle::tree(std::size_t source, std::set<std::size_t> const& members) const {
    std::set<std::size_t> carries{source};
    for (std::size_t member : members) {
        for (std::size_t link = member; !carries.contains(link);) {
            auto const by = forwarder(link, source);
            if (!by) {
                break;
            }
            carries.insert(link);
            link = world_.topology.routers[*by].ports[routes_[source][*by].interface.index()].link;
        }
    }
    return carries;
}

std::set<std::size_t> Oracle::broadcast(std::size_t source,
                                        std::set<std::size_t> const& members) const {
    std::set<std::size_t> leaves = members;
    for (std::size_t r = 0; r < world_.topology.routers.size(); ++r) {
        Toward const& route = routes_[source][r];
        if (route.metric < k_infinity) {
            leaves.insert(world_.topology.routers[r].ports[route.interface.index()].link);
        }
    }
    return tree(source, leaves);
}

bool Oracle::reaches(std::size_t source, std::size_t link) const {
    return link == source || forwarder(link, source).has_value();
}

} // namespace mcast::sim
