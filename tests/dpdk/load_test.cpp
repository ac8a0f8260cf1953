// What a worker counts of its own work: bursts by their size, and sleep.
#include "rig.h"

#include "mcast/platform/clock.h"
#include "mcast/platform/lcores.h"

#include <chrono>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <rte_mbuf.h>

namespace mcast::dataplane {
namespace {

using namespace std::chrono_literals;
using test::Packet;
using test::Rig;
using test::RigOptions;

// Each burst is counted under its size.
TEST(Load, BurstsBySize) {
    Rig rig;
    rig.publish_plain(4);
    rig.forward_to({1});
    for (std::size_t const packets : {1U, 3U, 40U}) {
        for (std::size_t n = 0; n < packets; ++n) {
            rig.enqueue(0, rig.frame(Packet{}.bytes()));
        }
        while (rig.worker().poll_once()) {
        }
        rig.sent(1);
        rig.release();
    }
    auto const& bursts = rig.shared().workers[0]->counters->bursts;
    std::vector<std::uint64_t> counted;
    for (auto const& size : bursts) {
        counted.push_back(size.read());
    }
    EXPECT_EQ(counted, (std::vector<std::uint64_t>{1, 1, 0, 1, 0, 1})); // 40 is 32 and 8
}

// A worker that sleeps counts it as idle time, and looks again within its bound.
TEST(Load, SleepsWithinItsBound) {
    constexpr std::uint32_t k_bound = 2000; // microseconds
    Rig rig{RigOptions{.idle = platform::Idle::sleep, .wake_up_within = k_bound}};
    rig.publish_plain(4);
    platform::Lcores cores;
    ASSERT_TRUE(
        cores
            .launch(WorkerId{0}, [&rig](platform::StopFlag const& stop) { rig.worker().run(stop); })
            .has_value());
    auto const& counters = *rig.shared().workers[0]->counters;
    auto const deadline = std::chrono::steady_clock::now() + 20s;
    while (counters.sleeps.read() < 50 && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::yield();
    }
    cores.stop();
    cores.join();
    ASSERT_GE(counters.sleeps.read(), 50U);
    // 5, 10, 20 ... microseconds, and then the bound each time; a busy machine only adds to that.
    double const asleep = static_cast<double>(counters.idle_cycles.read()) /
                          static_cast<double>(platform::cycles_per_second());
    EXPECT_GT(asleep, 40 * k_bound * 1e-6);
    EXPECT_EQ(counters.busy_cycles.read(), 0U);
}

} // namespace
} // namespace mcast::dataplane
