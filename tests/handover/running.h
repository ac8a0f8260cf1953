// The fixture: an appliance with traffic through it. Everything that a test does to it happens on
// the thread of control, between two of its turns.
#pragma once

#include "appliance.h"
#include "component.h"
#include "options.h"
#include "traffic.h"

#include "mcast/platform/clock.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>

#include <sched.h>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace mcast::handover {

// The traffic thread goes where there is room; EAL has bound its parent to one processor.
inline void run_anywhere() {
    cpu_set_t all;
    CPU_ZERO(&all);
    for (std::size_t core = 0; core < CPU_SETSIZE; ++core) {
        CPU_SET(core, &all);
    }
    sched_setaffinity(0, sizeof all, &all);
}

inline constexpr Duration k_patience = std::chrono::seconds{60};

class Handover : public testing::Test {
protected:
    Handover() {
        appliance.launch();
        appliance.join(streams);
    }
    ~Handover() override { stop_traffic(); }

    // Entries for all streams, made by their first packets; then everything flows.
    void start_traffic() {
        std::atomic<bool> established{false};
        thread = std::jthread([this, &established] {
            run_anywhere();
            traffic.establish();
            established.store(true, std::memory_order_release); // the last look at it here
            traffic.run();
        });
        turn_until([&] { return established.load(std::memory_order_acquire); });
        ASSERT_EQ(appliance.manager().entries(), streams.count());
        misses = appliance.punted_misses();
        ASSERT_EQ(misses, streams.count());
    }
    void stop_traffic() {
        if (thread.joinable()) {
            traffic.stop();
            thread.join();
        }
    }
    // Traffic, workers, control, in this order; then the books.
    void close() {
        stop_traffic();
        EXPECT_EQ(appliance.punted_misses(), misses) << "an established stream had no entry";
        appliance.stop();
        for (std::string const& book : appliance.open_books()) {
            ADD_FAILURE() << book;
        }
        auto const faults = traffic.faults();
        for (std::size_t n = 0; n < faults.size() && n < 10; ++n) {
            ADD_FAILURE() << faults[n];
        }
        EXPECT_EQ(faults.size(), 0u);
    }
    void turn() {
        if (!appliance.turn()) {
            sched_yield();
        }
    }
    void turn_until(std::function<bool()> const& reached) {
        TimePoint const end = platform::now() + k_patience;
        while (!reached()) {
            ASSERT_LT(platform::now(), end) << "what must happen does not happen";
            turn();
        }
    }
    void expect_right(char const* what, Kind kind, Timeline const& timeline,
                      bool Sighting::* seen) {
        Verdict const verdict = traffic.judge(kind, timeline, seen);
        fmt::print("{}: {} packets came when they had to, {} were kept back, {} while changing\n",
                   what, verdict.on, verdict.off, verdict.changing);
        EXPECT_EQ(verdict.mistake, "") << what;
        EXPECT_GT(verdict.on, 0u) << what;
        EXPECT_GT(verdict.off, 0u) << what;
    }

    Wire& wire = Wire::with_workers(options().workers);
    Streams streams{options().flows};
    Appliance appliance{wire};
    RoutingComponent component{appliance.manager()};
    Traffic traffic{wire, appliance.pools().receive(), streams};
    std::jthread thread;
    std::uint64_t misses = 0; // punted while the streams were established
};

} // namespace mcast::handover
