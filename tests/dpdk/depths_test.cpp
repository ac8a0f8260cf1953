// How full rings are: what drivers tell is told, what they do not tell is unknown and never 0.
#include "rig.h"

#include "mcast/platform/lcores.h"
#include "mcast/platform/ports.h"
#include "mcast/platform/queue_depths.h"

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rte_dev.h>
#include <rte_ethdev.h>
#include <rte_ring.h>
#include <rte_ring_elem.h>

namespace mcast::platform {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;

constexpr std::uint16_t k_descriptors = 64;

// What the driver of the device under test is to say.
std::uint32_t waiting_now;
std::uint16_t sending_now; // behind the tail, of k_descriptors
std::uint32_t times_asked;

std::uint32_t count_of(void* /*queue*/) {
    ++times_asked;
    return waiting_now;
}

int status_of(void* /*queue*/, std::uint16_t offset) {
    return offset >= k_descriptors                ? -EINVAL
           : offset < k_descriptors - sending_now ? RTE_ETH_TX_DESC_DONE
                                                  : RTE_ETH_TX_DESC_FULL;
}

// Null ports; the driver has neither operation.
class Depths : public testing::Test {
protected:
    Depths() { config_.pools = {.receive = 511, .headers = 63, .control = 63, .cache = 0}; }
    ~Depths() override {
        ports_.reset();
        for (PortConfig const& port : config_.ports) {
            rte_eal_hotplug_remove("vdev", port.device.c_str());
        }
    }

    void open(std::uint16_t ports, std::size_t workers) {
        config_.workers.cores.assign(workers, 0);
        for (std::uint16_t p = 0; p < ports; ++p) {
            std::string const device = "net_null_depth" + std::to_string(p);
            // Ring depths are of real traffic alone: nothing comes in by itself.
            ASSERT_EQ(rte_eal_hotplug_add("vdev", device.c_str(), "no-rx=1"), 0);
            PortConfig& port = config_.ports.emplace_back();
            port.name = "p" + std::to_string(p);
            port.device = device;
            port.receive_descriptors = port.transmit_descriptors = k_descriptors;
        }
        auto pools = Pools::create(config_.pools, "depths");
        ASSERT_TRUE(pools.has_value()) << pools.error().sentence;
        pools_.emplace(std::move(*pools));
        auto opened = Ports::open(config_, Mac{}, *pools_);
        ASSERT_TRUE(opened.has_value()) << opened.error().sentence;
        ports_.emplace(std::move(*opened));
        ASSERT_TRUE(ports_->start().has_value());
    }

    // As if the driver had the operations, until the port is stopped.
    void give_operations(PortId port) {
        auto& operations = rte_eth_fp_ops[ports_->info(port).dpdk_port];
        operations.rx_queue_count = count_of;
        operations.tx_descriptor_status = status_of;
    }

    QueueDepths& depths(std::uint16_t worker = 0) {
        return *ports_->queues_of(WorkerId{worker}).depths;
    }

    Config config_;
    std::optional<Pools> pools_;
    std::optional<Ports> ports_;
};

TEST_F(Depths, UnknownIsNotZero) {
    open(1, 1);
    ports_->ask_depths();
    depths().answer();
    ASSERT_EQ(depths().receive().size(), 1U);
    EXPECT_EQ(depths().receive()[0].descriptors, ports_->info(PortId{0}).receive_descriptors);
    EXPECT_EQ(depths().received(0), std::nullopt);
    EXPECT_EQ(depths().sent(0), std::nullopt);
}

TEST_F(Depths, AsTheDriverTells) {
    open(2, 1);
    give_operations(PortId{1});
    waiting_now = 17;
    for (std::uint16_t const sending : {0, 1, 2, 31, 32, 33, 63, 64}) {
        sending_now = sending;
        depths().ask();
        depths().answer();
        EXPECT_EQ(depths().sent(1), sending);
        EXPECT_EQ(depths().received(1), 17U);
        EXPECT_EQ(depths().received(0), std::nullopt) << "the other port";
    }
    waiting_now = 0;
    depths().ask();
    depths().answer();
    EXPECT_EQ(depths().received(1), 0U);
}

// The driver is asked when control asks, and not once more.
TEST_F(Depths, OnlyWhenAsked) {
    open(1, 1);
    give_operations(PortId{0});
    times_asked = 0;
    depths().answer();
    EXPECT_EQ(times_asked, 0U);
    depths().ask();
    depths().answer();
    depths().answer();
    EXPECT_EQ(times_asked, 1U);
}

// Who has not answered twice in a row is stuck, and what it said once is no depth of now.
TEST_F(Depths, OldAnswersAreUnknown) {
    open(1, 1);
    give_operations(PortId{0});
    waiting_now = 5;
    depths().ask();
    EXPECT_EQ(depths().received(0), std::nullopt) << "asked, not answered yet";
    depths().answer();
    depths().ask();
    EXPECT_EQ(depths().received(0), 5U) << "of the time before";
    depths().ask();
    EXPECT_EQ(depths().received(0), std::nullopt);
    depths().answer();
    EXPECT_EQ(depths().received(0), 5U);
}

// Each worker knows the queues that it polls, and the transmit queues that it alone fills.
TEST_F(Depths, OfTheWorkersOwnQueues) {
    open(2, 2);
    ASSERT_EQ(ports_->info(PortId{0}).transmit_queues, 2);
    for (std::uint16_t worker = 0; worker < 2; ++worker) {
        ASSERT_EQ(depths(worker).receive().size(), 1U);
        EXPECT_EQ(depths(worker).receive()[0].port, PortId{worker});
        ASSERT_EQ(depths(worker).transmit().size(), 2U);
        EXPECT_EQ(depths(worker).transmit()[1].port, PortId{1});
        EXPECT_EQ(depths(worker).transmit()[1].queue, worker);
        EXPECT_THAT(ports_->relays(WorkerId{worker}), IsEmpty());
    }
}

// A running worker answers by itself.
TEST_F(Depths, AWorkerAnswersBetweenTurns) {
    open(1, 1);
    give_operations(PortId{0});
    waiting_now = 9;
    sending_now = 3;
    Qsbr grace{1};
    handoff::Shared shared{1, 16, {}, grace};
    dataplane::Worker worker{
        {.id = WorkerId{0}, .queues = ports_->queues_of(WorkerId{0}), .limits = {}},
        shared,
        *pools_,
        grace};
    Lcores cores;
    ASSERT_TRUE(
        cores.launch(WorkerId{0}, [&](StopFlag const& stop) { worker.run(stop); }).has_value());
    ports_->ask_depths();
    auto const deadline = std::chrono::steady_clock::now() + 20s;
    while (!ports_->depths(WorkerId{0}).received(0) &&
           std::chrono::steady_clock::now() < deadline) {
        std::this_thread::yield();
    }
    EXPECT_EQ(ports_->depths(WorkerId{0}).received(0), 9U);
    EXPECT_EQ(ports_->depths(WorkerId{0}).sent(0), 3U);
    cores.stop();
    cores.join();
}

// One transmit queue for two workers: what waits on the relay is known at any time.
TEST_F(Depths, OfRelays) {
    config_.workers.cores = {0, 0};
    std::string const file = testing::TempDir() + "mcast_depths.pcap";
    ASSERT_EQ(rte_eal_hotplug_add("vdev", "net_pcap_depth", ("tx_pcap=" + file).c_str()), 0);
    config_.ports.emplace_back().device = "net_pcap_depth";
    pools_.emplace(Pools::create(config_.pools, "depths").value());
    ports_.emplace(Ports::open(config_, Mac{}, *pools_).value());
    EXPECT_THAT(ports_->relays(WorkerId{1}), IsEmpty());
    rte_ring* const relay = ports_->queues_of(WorkerId{1}).transmit.at(0).relay;
    ASSERT_NE(relay, nullptr);
    for (int n = 0; n < 3; ++n) {
        OutFrame out{.frame = rte_pktmbuf_alloc(pools_->control())};
        ASSERT_EQ(rte_ring_enqueue_elem(relay, &out, sizeof out), 0);
    }
    auto const uses = ports_->relays(WorkerId{0});
    ASSERT_EQ(uses.size(), 1U);
    EXPECT_EQ(uses[0].port, PortId{0});
    EXPECT_EQ(uses[0].waiting, 3U);
    EXPECT_EQ(uses[0].slots, 1023U);
    ports_->close();
    EXPECT_THAT(ports_->relays(WorkerId{0}), IsEmpty());
    EXPECT_EQ(pools_->in_use(), PoolBalance{});
    std::filesystem::remove(file);
}

} // namespace
} // namespace mcast::platform
