#include "mcast/platform/numa_plan.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <set>
#include <utility>

#include <fmt/format.h>

namespace mcast::platform {

namespace {

bool is_on(std::span<int const> places, int node) {
    return std::ranges::find(places, node) != places.end();
}

// Those of `places` in ascending order, home in front where something has no node.
std::vector<int> nodes_of(std::span<int const> places, int home) {
    std::set<int> const known{places.begin(), places.end()};
    std::vector<int> nodes;
    if (known.empty() || known.contains(k_any_node)) {
        nodes.push_back(home);
    }
    for (int const node : known) {
        if (node != k_any_node && !is_on(nodes, node)) {
            nodes.push_back(node);
        }
    }
    return nodes;
}

using Pollers = std::vector<std::vector<WorkerId>>;

// Among the workers on `node`, or all of them when none is, the one with the fewest queues so far.
std::size_t least_loaded(std::span<int const> workers, int node,
                         std::span<std::size_t const> queues) {
    bool const near = node != k_any_node && is_on(workers, node);
    std::size_t best = workers.size();
    for (std::size_t w = 0; w < workers.size(); ++w) {
        bool const may = !near || workers[w] == node;
        if (may && (best == workers.size() || queues[w] < queues[best])) {
            best = w;
        }
    }
    return best;
}

struct Assignment {
    Pollers pollers;
    std::vector<std::size_t> queues; // by WorkerId
};

Assignment assign(std::span<PortQueues const> ports, Places const& places) {
    Assignment all{.pollers = Pollers(ports.size()),
                   .queues = std::vector<std::size_t>(places.workers.size())};
    for (std::size_t p = 0; p < ports.size(); ++p) {
        for (std::uint16_t queue = 0; queue < ports[p].receive_queues; ++queue) {
            std::size_t const w = least_loaded(places.workers, places.ports[p], all.queues);
            ++all.queues[w];
            all.pollers[p].push_back(WorkerId{static_cast<WorkerId::rep>(w)});
        }
    }
    return all;
}

// "0", "0 or 2", "0, 2 or 3"
std::string listed(std::span<int const> nodes) {
    std::string text;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        bool const last = i + 1 == nodes.size();
        text += i == 0 ? "" : last ? " or " : ", ";
        text += std::to_string(nodes[i]);
    }
    return text;
}

std::string of_port(PortQueues const& port, int node, Places const& places) {
    if (node == k_any_node || is_on(places.workers, node) || is_on(places.workers, k_any_node)) {
        return {};
    }
    return fmt::format("port '{}' is on NUMA node {}, and no worker is: every frame crosses "
                       "between nodes; add a core of node {} to [workers] cores",
                       port.name, node, node);
}

std::string of_idle_worker(std::size_t worker, Places const& places) {
    int const node = places.workers[worker];
    if (node == k_any_node) {
        return fmt::format("worker {} polls nothing: nobody knows on which NUMA node its core is, "
                           "and every port has workers on its own; give it a core of one of their "
                           "nodes in [workers] cores",
                           worker);
    }
    if (is_on(places.ports, node)) {
        return fmt::format("worker {} is on NUMA node {}, whose ports have fewer receive queues "
                           "than it has workers, and polls nothing: raise queues of a [[port]] "
                           "there, or give it a core of another node in [workers] cores",
                           worker, node);
    }
    std::vector<int> with_ports;
    std::ranges::copy_if(nodes_of(places.ports, k_any_node), std::back_inserter(with_ports),
                         [](int each) { return each != k_any_node; });
    return fmt::format("worker {} is on NUMA node {}, where no port is, and polls nothing: give it "
                       "a core of node {} in [workers] cores",
                       worker, node, listed(with_ports));
}

} // namespace

int Places::home() const {
    auto const known = [](int node) { return node != k_any_node; };
    if (auto const worker = std::ranges::find_if(workers, known); worker != workers.end()) {
        return *worker;
    }
    auto const port = std::ranges::find_if(ports, known);
    return port == ports.end() ? k_any_node : *port;
}

PoolNodes pool_nodes(Places const& places) {
    int const home = places.home();
    return {.receive = nodes_of(places.ports, home), .copies = nodes_of(places.workers, home)};
}

NumaPlan plan_numa(std::span<PortQueues const> ports, Places const& places) {
    Assignment all = assign(ports, places);
    // What everybody would poll if all were on one node.
    Places const nowhere{.ports = std::vector(places.ports.size(), k_any_node),
                         .workers = places.workers};
    Assignment const in_turn = assign(ports, nowhere);
    NumaPlan plan{.pollers = std::move(all.pollers), .of_ports = {}, .of_workers = {}};
    for (std::size_t p = 0; p < ports.size(); ++p) {
        plan.of_ports.push_back(of_port(ports[p], places.ports[p], places));
    }
    for (std::size_t w = 0; w < places.workers.size(); ++w) {
        bool const by_nodes = all.queues[w] == 0 && in_turn.queues[w] != 0;
        plan.of_workers.push_back(by_nodes ? of_idle_worker(w, places) : std::string{});
    }
    return plan;
}

} // namespace mcast::platform
