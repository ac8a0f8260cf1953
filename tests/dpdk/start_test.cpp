// Starting: the EAL line, what is found wrong beforehand, pools, cores, the grace period.
#include "mcast/platform/clock.h"
#include "mcast/platform/eal.h"
#include "mcast/platform/lcores.h"
#include "mcast/platform/pools.h"
#include "mcast/platform/qsbr.h"

#include <atomic>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <sched.h>
#include <unistd.h>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mcast::platform {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

Config two_workers() {
    Config config;
    config.workers.cores = {1, 1};
    config.ports = {{.name = "wan", .device = "0000:01:00.0"},
                    {.name = "lan", .device = "net_af_packet0,iface=veth0"}};
    config.instance = "edge";
    return config;
}

TEST(EalArguments, WithHugepages) {
    auto const line = eal_arguments(two_workers(), {});
    EXPECT_THAT(line,
                testing::ElementsAre("mcastd", "--lcores=0@0,1@1,2@1", "--file-prefix=edge",
                                     "--socket-mem=512", "--in-memory", "--allow=0000:01:00.0",
                                     "--vdev=net_af_packet0,iface=veth0"));
}

TEST(EalArguments, WithoutHugepagesOrPci) {
    Config config = two_workers();
    config.memory = {.hugepages = false, .megabytes = 64};
    config.ports.erase(config.ports.begin());
    auto const line = eal_arguments(config, {});
    EXPECT_THAT(line, testing::ElementsAre("mcastd", "--lcores=0@0,1@1,2@1", "--file-prefix=edge",
                                           "--no-huge", "-m", "64", "--no-shconf", "--no-telemetry",
                                           "--vdev=net_af_packet0,iface=veth0", "--no-pci"));
}

TEST(EalArguments, TheUsersOwnReplaceOurs) {
    std::vector<std::string> const extra{"-l",        "0-2", "--file-prefix=mine",
                                         "--no-huge", "-m",  "32"};
    auto const line = eal_arguments(two_workers(), extra);
    EXPECT_THAT(line, Not(Contains(StartsWith("--lcores"))));
    EXPECT_THAT(line, Not(Contains("--file-prefix=edge")));
    EXPECT_THAT(line, Not(Contains("--in-memory"))); // excluded by --no-huge
    EXPECT_THAT(line, Not(Contains(StartsWith("--socket-mem"))));
    EXPECT_EQ(std::vector(line.end() - 6, line.end()), extra);
    auto const shared =
        eal_arguments(two_workers(), std::vector<std::string>{"--proc-type=primary"});
    EXPECT_THAT(shared, Not(Contains("--in-memory")));
}

TEST(EalArguments, PciDevicesWithArguments) {
    Config config = two_workers();
    config.ports[0].device += ",dv_flow_en=1";
    EXPECT_THAT(eal_arguments(config, {}), Contains("--allow=0000:01:00.0,dv_flow_en=1"));
    EXPECT_THAT(eal_arguments(config, {}), Not(Contains("--no-pci")));
}

TEST(EalArguments, PciAddresses) {
    for (char const* yes :
         {"0000:01:00.0", "01:00.7", "abcd:EF:1f.3", "0000:01:00.0,dv_flow_en=1", "01:00.0,a=b"}) {
        EXPECT_TRUE(is_pci(yes)) << yes;
    }
    for (char const* no : {"", "net_pcap0", "0000:01:00.8", "01:00", "g1:00.0", "0000-01:00.0",
                           "net_null0,01:00.0"}) {
        EXPECT_FALSE(is_pci(no)) << no;
    }
}

class Preflight : public testing::Test {
protected:
    ~Preflight() override { fs::remove_all(sys_); }

    void hugepages(int free) const {
        fs::path const folder = sys_ / "kernel/mm/hugepages/hugepages-2048kB";
        fs::create_directories(folder);
        std::ofstream{folder / "free_hugepages"} << free << "\n";
    }
    // A core, a device and free hugepages of 2 MB on a node.
    void core(int number, int node) const {
        fs::create_directories(sys_ / fmt::format("devices/system/cpu/cpu{}/node{}", number, node));
    }
    void place(std::string const& address, int node) const {
        fs::path const folder = sys_ / "bus/pci/devices" / address;
        fs::create_directories(folder);
        std::ofstream{folder / "numa_node"} << node << "\n";
    }
    void hugepages_of_node(int node, int free) const {
        fs::path const folder =
            sys_ / fmt::format("devices/system/node/node{}", node) / "hugepages/hugepages-2048kB";
        fs::create_directories(folder);
        std::ofstream{folder / "free_hugepages"} << free << "\n";
    }
    void device(std::string const& address, std::string const& driver) const {
        fs::path const folder = sys_ / "bus/pci/devices" / address;
        fs::create_directories(folder);
        if (!driver.empty()) {
            fs::create_symlink("../../drivers/" + driver, folder / "driver");
        }
    }

    fs::path sys_ = fs::temp_directory_path() / fmt::format("mcast_sys_{}", getpid());
};

TEST_F(Preflight, Hugepages) {
    Config config;
    config.memory.megabytes = 100;
    hugepages(49);
    auto const error = preflight(config, {}, sys_);
    ASSERT_TRUE(error.has_value());
    EXPECT_EQ(error->exit_code, k_exit_system);
    EXPECT_THAT(error->sentence, HasSubstr("100 MB of hugepages are needed but 98 MB are free"));
    EXPECT_THAT(error->sentence, HasSubstr("dpdk-hugepages.py --setup 100M"));
    hugepages(50);
    EXPECT_FALSE(preflight(config, {}, sys_).has_value());
    hugepages(0);
    EXPECT_FALSE(preflight(config, std::vector<std::string>{"--no-huge"}, sys_).has_value());
    config.memory.hugepages = false;
    EXPECT_FALSE(preflight(config, {}, sys_).has_value());
}

// Memory is taken where the cores and ports are, no more than there is.
TEST_F(Preflight, MemoryOfNodes) {
    using testing::ElementsAre;
    using testing::IsEmpty;
    Config config;
    config.memory.megabytes = 100;
    config.control_core = 0;
    config.workers.cores = {1, 2};
    config.ports = {{.name = "wan", .device = "0000:01:00.0,dv_flow_en=1"},
                    {.name = "lan", .device = "net_tap0"}};
    EXPECT_THAT(memory_by_node(config, sys_), IsEmpty()) << "nothing is known";
    for (int number = 0; number < 3; ++number) {
        core(number, 0);
    }
    place("0000:01:00.0", -1);
    hugepages_of_node(0, 10'000);
    EXPECT_THAT(memory_by_node(config, sys_), IsEmpty()) << "one node";
    place("0000:01:00.0", 2);
    EXPECT_THAT(memory_by_node(config, sys_), ElementsAre(100, 0, 0)) << "no hugepages there";
    hugepages_of_node(1, 10'000);
    hugepages_of_node(2, 30);
    EXPECT_THAT(memory_by_node(config, sys_), ElementsAre(100, 0, 60));
    config.workers.cores = {3};
    core(3, 1);
    EXPECT_THAT(memory_by_node(config, sys_), ElementsAre(100, 100, 60));
    EXPECT_THAT(eal_arguments(config, {}, memory_by_node(config, sys_)),
                Contains("--socket-mem=100,100,60"));
}

TEST_F(Preflight, PciDevices) {
    Config config;
    config.memory.hugepages = false;
    config.ports = {{.name = "wan", .device = "0000:01:00.0,dv_flow_en=1"}};
    EXPECT_THAT(preflight(config, {}, sys_).value().sentence,
                HasSubstr("no PCI device 0000:01:00.0"));
    device("0000:01:00.0", "ixgbe");
    auto const error = preflight(config, {}, sys_);
    ASSERT_TRUE(error.has_value());
    EXPECT_EQ(error->exit_code, k_exit_unavailable);
    EXPECT_THAT(error->sentence, HasSubstr("'wan'"));
    EXPECT_THAT(error->sentence, HasSubstr("bound to the driver ixgbe"));
    EXPECT_THAT(error->sentence, HasSubstr("driverctl set-override 0000:01:00.0 vfio-pci"));
    config.ports[0].device = "0000:02:00.0";
    device("0000:02:00.0", "vfio-pci");
    EXPECT_FALSE(preflight(config, {}, sys_).has_value());
    config.ports[0].device = "0000:03:00.0";
    device("0000:03:00.0", "");
    EXPECT_THAT(preflight(config, {}, sys_).value().sentence, HasSubstr("bound to no driver"));
}

TEST_F(Preflight, Cores) {
    cpu_set_t before;
    ASSERT_EQ(sched_getaffinity(0, sizeof before, &before), 0);
    Config config;
    config.memory.hugepages = false;
    config.workers.cores = {0, 1023};
    auto const worker = preflight(config, {}, sys_);
    ASSERT_TRUE(worker.has_value());
    EXPECT_EQ(worker->exit_code, k_exit_system);
    EXPECT_THAT(worker->sentence,
                StartsWith("worker 1 is to run on core 1023, but mcastd may run on core 0"));
    config.control_core = 1022;
    EXPECT_THAT(preflight(config, {}, sys_).value().sentence,
                StartsWith("the control core is to be core 1022, but mcastd may run on core 0"));
    EXPECT_FALSE(preflight(config, std::vector<std::string>{"-l", "0"}, sys_).has_value());
    cpu_set_t after;
    ASSERT_EQ(sched_getaffinity(0, sizeof after, &after), 0);
    EXPECT_TRUE(CPU_EQUAL(&before, &after)) << "trying cores must leave no trace";
}

// Cores that are kept from everybody else are just those that workers are put on.
TEST_F(Preflight, CoresOutsideTheInheritedAffinity) {
    cpu_set_t before;
    ASSERT_EQ(sched_getaffinity(0, sizeof before, &before), 0);
    cpu_set_t usable;
    std::memset(&usable, 0xff, sizeof usable);
    ASSERT_EQ(sched_setaffinity(0, sizeof usable, &usable), 0); // EAL keeps this thread on one
    ASSERT_EQ(sched_getaffinity(0, sizeof usable, &usable), 0);
    Config config;
    config.memory.hugepages = false;
    cpu_set_t first;
    CPU_ZERO(&first);
    for (std::uint16_t core = 0; core < CPU_SETSIZE; ++core) {
        if (CPU_ISSET(core, &usable)) {
            config.workers.cores.push_back(core);
        }
    }
    config.control_core = config.workers.cores.front();
    CPU_SET(config.control_core, &first);
    ASSERT_EQ(sched_setaffinity(0, sizeof first, &first), 0);
    EXPECT_FALSE(preflight(config, {}, sys_).has_value());
    sched_setaffinity(0, sizeof before, &before);
}

TEST_F(Preflight, KernelInterfaces) {
    Config config;
    config.memory.hugepages = false;
    config.ports = {
        {.name = "lan", .device = "net_af_packet0,qpairs=1,iface=mc-none,blocksz=4096"}};
    auto const error = preflight(config, {}, sys_);
    ASSERT_TRUE(error.has_value());
    EXPECT_EQ(error->exit_code, k_exit_unavailable);
    EXPECT_THAT(error->sentence, StartsWith("port 'lan': there is no interface mc-none: "));
    EXPECT_THAT(error->sentence, HasSubstr("`ip link add mc-none type veth`"));
    config.ports[0].device = "net_af_packet0,iface=lo";
    EXPECT_FALSE(preflight(config, {}, sys_).has_value());
    config.ports[0].device = "eth_af_packet0";
    EXPECT_THAT(preflight(config, {}, sys_).value().sentence, HasSubstr("names no interface"));
}

TEST(Pools, TooLittleMemoryIsOneSentence) {
    auto const pools = Pools::create({.receive = 1 << 20}, "huge");
    ASSERT_FALSE(pools.has_value());
    EXPECT_EQ(pools.error().exit_code, k_exit_system);
    EXPECT_THAT(pools.error().sentence, HasSubstr("receive pool of 1048576 buffers"));
}

TEST(Qsbr, WaitsForOnlineWorkersOnly) {
    Qsbr grace{3};
    EXPECT_TRUE(grace.passed(grace.start()));
    grace.online(WorkerId{0});
    grace.online(WorkerId{2});
    auto const first = grace.start();
    auto const second = grace.start();
    EXPECT_FALSE(grace.passed(first));
    grace.quiescent(WorkerId{0});
    EXPECT_FALSE(grace.passed(first));
    grace.quiescent(WorkerId{2});
    EXPECT_TRUE(grace.passed(first));
    EXPECT_TRUE(grace.passed(second));
    auto const third = grace.start();
    grace.quiescent(WorkerId{0});
    EXPECT_FALSE(grace.passed(third));
    grace.offline(WorkerId{2});
    EXPECT_TRUE(grace.passed(third));
}

TEST(Lcores, RunAndStop) {
    ASSERT_EQ(Lcores::available(), 2U);
    std::atomic<int> ran = 0;
    {
        Lcores cores;
        for (std::uint16_t w = 0; w < 2; ++w) {
            auto const started = cores.launch(WorkerId{w}, [&](StopFlag const& stop) {
                while (!stop.requested()) {
                    ::usleep(100);
                }
                ++ran;
            });
            ASSERT_TRUE(started.has_value());
        }
        auto const third = cores.launch(WorkerId{2}, [](StopFlag const&) {});
        ASSERT_FALSE(third.has_value());
        EXPECT_THAT(third.error().sentence, HasSubstr("worker 2 has no core"));
        EXPECT_EQ(ran, 0);
    }
    EXPECT_EQ(ran, 2);
}

TEST(Clock, GoesForward) {
    TimePoint const before = now();
    std::uint64_t const ticks = cycles();
    EXPECT_LE(before, now());
    EXPECT_LE(ticks, cycles());
    EXPECT_GT(cycles_per_second(), 1'000'000U);
}

} // namespace
} // namespace mcast::platform
