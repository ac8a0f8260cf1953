// Pools and ports on made-up NUMA nodes. That this machine has no memory on them does not matter:
// the pools are elsewhere then, and told apart all the same.
#include "rig.h"

#include "mcast/platform/lcores.h"
#include "mcast/platform/ports.h"

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rte_dev.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

namespace mcast::platform {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr PoolsConfig k_small{
    .receive = 1023, .headers = 511, .control = 127, .cache = 32, .buffer_bytes = 2176};
constexpr int k_no_memory = 40;

Pools made(PoolNodes const& nodes) {
    auto pools = Pools::create(k_small, "numa", nodes);
    EXPECT_TRUE(pools.has_value()) << pools.error().sentence;
    return std::move(*pools);
}

TEST(NumaPools, OneNodeHasWhatItAlwaysHad) {
    for (PoolNodes const& nodes : {PoolNodes{}, PoolNodes{{0}, {0}}}) {
        Pools const pools = made(nodes);
        std::vector<std::pair<std::string, std::uint32_t>> sizes;
        for (PoolUse const& use : pools.list()) {
            sizes.emplace_back(name_of(use.kind), use.size);
            EXPECT_EQ(use.elsewhere, "");
        }
        EXPECT_THAT(sizes, ElementsAre(std::pair{"receive", 1023U}, std::pair{"headers", 511U},
                                       std::pair{"references", 511U}, std::pair{"control", 127U}));
        EXPECT_STREQ(pools.receive()->name, "numa_receive");
        EXPECT_EQ(pools.receive(0), pools.receive());
    }
}

TEST(NumaPools, EachNodeHasItsOwn) {
    Pools const pools = made({.receive = {1, 0}, .copies = {0, 1}});
    EXPECT_EQ(pools.list().size(), 7U);
    EXPECT_NE(pools.receive(0), pools.receive(1));
    EXPECT_NE(pools.headers(0), pools.headers(1));
    EXPECT_NE(pools.references(0), pools.references(1));
    EXPECT_EQ(pools.receive(), pools.receive(1)) << "the first";
    EXPECT_EQ(pools.headers(7), pools.headers(0)) << "a node without";
    EXPECT_EQ(pools.receive(0)->size, 1023U);
    EXPECT_EQ(pools.receive(1)->size, 1023U);

    WorkerPools const of_worker{pools, 1};
    EXPECT_EQ(of_worker.headers(), pools.headers(1));
    EXPECT_EQ(of_worker.references(), pools.references(1));
    EXPECT_EQ(of_worker.control(), pools.control());

    // What is in use adds up over the nodes.
    std::array<rte_mbuf*, 4> const taken{
        rte_pktmbuf_alloc(pools.receive(0)), rte_pktmbuf_alloc(pools.receive(1)),
        rte_pktmbuf_alloc(pools.receive(1)), rte_pktmbuf_alloc(pools.headers(1))};
    EXPECT_EQ(pools.in_use(), (PoolBalance{.receive = 3, .headers = 1}));
    std::uint32_t sum = 0;
    for (PoolUse const& use : pools.list()) {
        sum += use.in_use;
    }
    EXPECT_EQ(sum, pools.in_use().total());
    for (rte_mbuf* const each : taken) {
        rte_pktmbuf_free(each);
    }
    EXPECT_EQ(pools.in_use(), PoolBalance{});
}

// DPDK's memory without hugepages, as in these tests, has no nodes.
TEST(NumaPools, WithoutHugepagesOneOfEach) {
    EXPECT_EQ(Pools::nodes({.ports = {0, 1}, .workers = {0, 1}}), PoolNodes{});
}

TEST(NumaPools, ANodeWithoutMemoryFallsBack) {
    Pools const pools = made({.receive = {0, k_no_memory}, .copies = {k_no_memory}});
    EXPECT_EQ(pools.receive(k_no_memory)->size, 1023U);
    EXPECT_NE(pools.receive(k_no_memory), pools.receive(0));
    EXPECT_THAT(pools.elsewhere(PoolKind::receive, k_no_memory),
                HasSubstr("NUMA node 40 has no memory for its receive pool"));
    EXPECT_THAT(pools.elsewhere(PoolKind::references, k_no_memory),
                HasSubstr("lower [pools] headers"));
    EXPECT_EQ(pools.elsewhere(PoolKind::receive, 0), "");
    EXPECT_EQ(pools.elsewhere(PoolKind::receive, 3), "") << "no pool of that node's own";
}

// Headers of its own for a copy: from the worker's node.
TEST(NumaPools, AWorkerTakesFromItsNode) {
    test::Rig rig{{.nodes = {.receive = {0}, .copies = {0, 1}}, .node = 1}};
    auto tagged = rig.plain(1);
    tagged.vlan = 30;
    rig.publish({{0, rig.plain(0)}, {1, tagged}, {2, rig.plain(2)}});
    rig.forward_to({1, 2});
    rig.receive(0, test::Packet{.payload = 1000}.bytes());
    auto const sent = rig.sent(1);
    ASSERT_EQ(sent.size(), 1U);
    ASSERT_EQ(sent[0].segments, 2U);
    EXPECT_EQ(sent[0].frame->pool, rig.pools().headers(1));
    EXPECT_EQ(sent[0].frame->next->pool, rig.pools().references(1));
    EXPECT_EQ(rig.pools().in_use().headers, 1U);
}

// Ports of the null driver, each with `queues` receive queues.
class NumaPorts : public testing::Test {
protected:
    NumaPorts() { config_.workers.cores = {0, 0}; }
    ~NumaPorts() override {
        for (PortConfig const& port : config_.ports) {
            rte_eal_hotplug_remove("vdev", port.device.c_str());
        }
    }

    void add_port(std::string const& name, std::uint16_t queues) {
        std::string const device = "net_null_numa" + std::to_string(config_.ports.size());
        ASSERT_EQ(rte_eal_hotplug_add("vdev", device.c_str(), ""), 0);
        PortConfig& port = config_.ports.emplace_back();
        port.name = name;
        port.device = device;
        port.queues = queues;
    }

    Config config_;
};

std::vector<std::pair<std::uint16_t, std::uint16_t>> polled(Ports const& ports, WorkerId worker) {
    std::vector<std::pair<std::uint16_t, std::uint16_t>> queues;
    for (ReceiveQueue const& queue : ports.queues_of(worker).receive) {
        queues.emplace_back(queue.port.value, queue.queue);
    }
    return queues;
}

TEST_F(NumaPorts, PollersAndBuffersAreOnThePortsNode) {
    add_port("a", 1);
    add_port("b", 1);
    Places const places{.ports = {1, 0}, .workers = {0, 1}};
    Pools const pools = made(pool_nodes(places));
    auto ports = Ports::open(config_, Mac{}, pools, places);
    ASSERT_TRUE(ports.has_value()) << ports.error().sentence;
    EXPECT_THAT(polled(*ports, WorkerId{0}), ElementsAre(std::pair{1, 0}));
    EXPECT_THAT(polled(*ports, WorkerId{1}), ElementsAre(std::pair{0, 0}));
    EXPECT_EQ(ports->info(PortId{0}).node, 1);
    EXPECT_EQ(ports->queues_of(WorkerId{1}).node, 1);
    EXPECT_THAT(ports->warnings(), Each(HasSubstr("no memory")));

    ASSERT_TRUE(ports->start().has_value());
    for (std::uint16_t port = 0; port < 2; ++port) {
        rte_mbuf* frame = nullptr;
        ASSERT_EQ(rte_eth_rx_burst(ports->info(PortId{port}).dpdk_port, 0, &frame, 1), 1);
        EXPECT_EQ(frame->pool, pools.receive(1 - port)) << port;
        rte_pktmbuf_free(frame);
    }
}

TEST_F(NumaPorts, WarningsAreFallbacksToo) {
    add_port("wan", 1);
    add_port("lan", 1);
    config_.workers.cores = {0, 0, 0};
    Places const places{.ports = {k_no_memory, 0}, .workers = {0, 0, 0}};
    Pools const pools = made(pool_nodes(places));
    auto const ports = Ports::open(config_, Mac{}, pools, places);
    ASSERT_TRUE(ports.has_value()) << ports.error().sentence;
    auto const crosses = HasSubstr("port 'wan' is on NUMA node 40, and no worker is");
    auto const no_memory = HasSubstr("no memory for its receive pool");
    EXPECT_THAT(ports->warnings(), ElementsAre(crosses, no_memory));
    EXPECT_THAT(ports->info(PortId{0}).fallbacks, Contains(crosses));
    EXPECT_THAT(ports->info(PortId{0}).fallbacks, Contains(no_memory));
    EXPECT_THAT(ports->info(PortId{1}).fallbacks, testing::Not(Contains(crosses)));
    EXPECT_THAT(ports->warnings(WorkerId{0}), IsEmpty());
}

// Once, however many workers it concerns.
TEST_F(NumaPorts, MemoryOfAWorkersNode) {
    add_port("lan", 1);
    Places const places{.ports = {0}, .workers = {k_no_memory, k_no_memory}};
    Pools const pools = made(pool_nodes(places));
    auto const ports = Ports::open(config_, Mac{}, pools, places);
    ASSERT_TRUE(ports.has_value()) << ports.error().sentence;
    auto const headers = HasSubstr("no memory for its headers pool");
    auto const references = HasSubstr("no memory for its references pool");
    EXPECT_THAT(ports->warnings(), ElementsAre(HasSubstr("crosses"), headers, references));
    for (std::uint16_t worker = 0; worker < 2; ++worker) {
        EXPECT_THAT(ports->warnings(WorkerId{worker}), ElementsAre(headers, references));
    }
}

TEST_F(NumaPorts, AWorkerWithoutQueuesIsTold) {
    add_port("lan", 1);
    Places const places{.ports = {k_no_memory}, .workers = {0, k_no_memory}};
    Pools const pools = made({});
    auto const ports = Ports::open(config_, Mac{}, pools, places);
    ASSERT_TRUE(ports.has_value()) << ports.error().sentence;
    EXPECT_THAT(polled(*ports, WorkerId{0}), IsEmpty());
    EXPECT_THAT(ports->warnings(WorkerId{0}), ElementsAre(HasSubstr("worker 0 is on NUMA node 0")));
    EXPECT_THAT(ports->warnings(), ElementsAre(HasSubstr("polls nothing")));
}

// Without places all is as on one node, and a virtual device has no node of its own.
TEST_F(NumaPorts, VirtualPortsAreNowhere) {
    add_port("lan", 1);
    Places const places = Ports::places(config_);
    EXPECT_THAT(places.ports, ElementsAre(k_any_node));
    EXPECT_THAT(places.workers,
                ElementsAre(Lcores::node_of(WorkerId{0}), Lcores::node_of(WorkerId{1})));
    EXPECT_GE(places.workers[0], 0) << "this machine's";
    EXPECT_EQ(Lcores::node_of(WorkerId{31}), k_any_node) << "no such lcore";
    Pools const pools = made({});
    auto const ports = Ports::open(config_, Mac{}, pools);
    ASSERT_TRUE(ports.has_value()) << ports.error().sentence;
    EXPECT_THAT(polled(*ports, WorkerId{0}), ElementsAre(std::pair{0, 0}));
    EXPECT_EQ(ports->node_of(WorkerId{0}), k_any_node);
}

} // namespace
} // namespace mcast::platform
