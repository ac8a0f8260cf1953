// Who polls what on machines with one, two and four NUMA nodes, and what people are told of it.
#include "mcast/platform/numa_plan.h"

#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mcast::platform {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Machine {
    char const* name;
    std::vector<int> port_nodes;
    std::vector<std::uint16_t> queues; // by port
    std::vector<int> worker_nodes;
    // expected
    std::vector<std::vector<std::uint16_t>> pollers; // by port, then queue
    PoolNodes pools;
    std::vector<std::size_t> warned_ports;
    std::vector<std::size_t> warned_workers;
};

std::vector<std::size_t> said(std::vector<std::string> const& sentences) {
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < sentences.size(); ++i) {
        if (!sentences[i].empty()) {
            places.push_back(i);
        }
    }
    return places;
}

NumaPlan plan_of(Machine const& machine) {
    std::vector<PortQueues> ports;
    ports.reserve(machine.queues.size());
    for (std::size_t p = 0; p < machine.queues.size(); ++p) {
        ports.push_back({.name = fmt::format("p{}", p), .receive_queues = machine.queues[p]});
    }
    return plan_numa(ports, {.ports = machine.port_nodes, .workers = machine.worker_nodes});
}

Machine const k_machines[] = {
    {.name = "nothing is known",
     .port_nodes = {-1, -1},
     .queues = {2, 3},
     .worker_nodes = {-1, -1},
     .pollers = {{0, 1}, {0, 1, 0}},
     .pools = {{-1}, {-1}},
     .warned_ports = {},
     .warned_workers = {}},
    {.name = "one node: in turn, over all ports",
     .port_nodes = {0, 0, 0},
     .queues = {2, 3, 1},
     .worker_nodes = {0, 0, 0, 0},
     .pollers = {{0, 1}, {2, 3, 0}, {1}},
     .pools = {{0}, {0}},
     .warned_ports = {},
     .warned_workers = {}},
    {.name = "one node, virtual ports, more workers than queues",
     .port_nodes = {-1, 0},
     .queues = {1, 1},
     .worker_nodes = {0, 0, 0},
     .pollers = {{0}, {1}},
     .pools = {{0}, {0}},
     .warned_ports = {},
     .warned_workers = {}},
    {.name = "two nodes, each port at home",
     .port_nodes = {0, 1},
     .queues = {2, 2},
     .worker_nodes = {0, 1, 0, 1},
     .pollers = {{0, 2}, {1, 3}},
     .pools = {{0, 1}, {0, 1}},
     .warned_ports = {},
     .warned_workers = {}},
    {.name = "two nodes, ports on the other one",
     .port_nodes = {1, 1},
     .queues = {1, 2},
     .worker_nodes = {0, 0},
     .pollers = {{0}, {1, 0}},
     .pools = {{1}, {0}},
     .warned_ports = {0, 1},
     .warned_workers = {}},
    {.name = "two nodes, no port at one of them",
     .port_nodes = {0},
     .queues = {4},
     .worker_nodes = {0, 1},
     .pollers = {{0, 0, 0, 0}},
     .pools = {{0}, {0, 1}},
     .warned_ports = {},
     .warned_workers = {1}},
    {.name = "two nodes, fewer queues at one of them than workers",
     .port_nodes = {0, 1},
     .queues = {4, 1},
     .worker_nodes = {0, 1, 1},
     .pollers = {{0, 0, 0, 0}, {1}},
     .pools = {{0, 1}, {0, 1}},
     .warned_ports = {},
     .warned_workers = {2}},
    {.name = "two nodes, a virtual port goes to who has least",
     .port_nodes = {1, -1},
     .queues = {3, 2},
     .worker_nodes = {1, 0},
     .pollers = {{0, 0, 0}, {1, 1}},
     .pools = {{1}, {0, 1}},
     .warned_ports = {},
     .warned_workers = {}},
    {.name = "two nodes, a worker that may run on both",
     .port_nodes = {1, 0},
     .queues = {2, 1},
     .worker_nodes = {-1, 0},
     .pollers = {{0, 1}, {1}},
     .pools = {{0, 1}, {0}},
     .warned_ports = {},
     .warned_workers = {}},
    {.name = "two nodes, who may run on both is not needed",
     .port_nodes = {0, 1},
     .queues = {2, 1},
     .worker_nodes = {0, -1, 1},
     .pollers = {{0, 0}, {2}},
     .pools = {{0, 1}, {0, 1}},
     .warned_ports = {},
     .warned_workers = {1}},
    {.name = "four nodes",
     .port_nodes = {3, 0, 2, 1},
     .queues = {2, 2, 1, 1},
     .worker_nodes = {0, 0, 2, 3},
     .pollers = {{3, 3}, {0, 1}, {2}, {0}},
     .pools = {{0, 1, 2, 3}, {0, 2, 3}},
     .warned_ports = {3},
     .warned_workers = {}},
};

TEST(NumaPlan, OnEveryMachine) {
    for (Machine const& machine : k_machines) {
        SCOPED_TRACE(machine.name);
        NumaPlan const plan = plan_of(machine);
        std::vector<std::vector<std::uint16_t>> pollers;
        for (auto const& of_port : plan.pollers) {
            for (auto& numbers = pollers.emplace_back(); WorkerId const worker : of_port) {
                numbers.push_back(worker.value);
            }
        }
        EXPECT_EQ(pollers, machine.pollers);
        EXPECT_EQ(said(plan.of_ports), machine.warned_ports);
        EXPECT_EQ(said(plan.of_workers), machine.warned_workers);
        EXPECT_EQ(pool_nodes({.ports = machine.port_nodes, .workers = machine.worker_nodes}),
                  machine.pools);
    }
}

// On one node it is as if nobody had heard of nodes, however many queues and workers there are.
TEST(NumaPlan, OneNodeIsRoundRobin) {
    for (std::size_t workers = 1; workers <= 5; ++workers) {
        std::vector<PortQueues> const ports{{"a", 3}, {"b", 1}, {"c", 7}, {"d", 2}};
        NumaPlan const plan =
            plan_numa(ports, {.ports = {0, -1, 0, 0}, .workers = std::vector(workers, 0)});
        std::size_t turn = 0;
        for (auto const& of_port : plan.pollers) {
            for (WorkerId const worker : of_port) {
                EXPECT_EQ(worker.index(), turn++ % workers);
            }
        }
        EXPECT_EQ(turn, 13U);
        EXPECT_THAT(said(plan.of_workers), IsEmpty());
    }
}

TEST(NumaPlan, SentencesSayWhatToDo) {
    std::vector<PortQueues> const ports{{"wan", 1}, {"lan", 2}};
    NumaPlan const far = plan_numa(ports, {.ports = {1, 0}, .workers = {0}});
    EXPECT_THAT(far.of_ports,
                ElementsAre("port 'wan' is on NUMA node 1, and no worker is: every frame crosses "
                            "between nodes; add a core of node 1 to [workers] cores",
                            ""));
    NumaPlan const idle = plan_numa(ports, {.ports = {0, 2}, .workers = {0, 1, 2}});
    EXPECT_THAT(idle.of_workers,
                ElementsAre("",
                            "worker 1 is on NUMA node 1, where no port is, and polls nothing: give "
                            "it a core of node 0 or 2 in [workers] cores",
                            ""));
    NumaPlan const many = plan_numa(ports, {.ports = {0, 1}, .workers = {0, 0, 1}});
    EXPECT_THAT(many.of_workers[1], HasSubstr("fewer receive queues than it has workers"));
    EXPECT_THAT(many.of_workers[1], HasSubstr("raise queues of a [[port]]"));
}

} // namespace
} // namespace mcast::platform
