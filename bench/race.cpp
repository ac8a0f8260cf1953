#include "race.h"

#include "meter.h"

#include <atomic>
#include <chrono>
#include <ctime>
#include <deque>
#include <stdexcept>
#include <thread>

#include <pthread.h>

namespace mcast::bench {

namespace {

constexpr int k_warm_up = 20; // milliseconds

struct Clock {
    clockid_t id{};
    std::atomic<bool> known = false;

    double nanoseconds() const {
        timespec time{};
        clock_gettime(id, &time);
        return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
    }
};

void sleep_for(int milliseconds) {
    std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
}

} // namespace

Pace measure(std::vector<Runner> const& runners, int milliseconds, Meanwhile const& meanwhile) {
    std::deque<Clock> clocks(runners.size());
    platform::Lcores lcores;
    for (std::size_t i = 0; i < runners.size(); ++i) {
        auto const launched = lcores.launch(
            runners[i].core, [&runner = runners[i], &clock = clocks[i]](auto const& stop) {
                pthread_getcpuclockid(pthread_self(), &clock.id);
                clock.known = true;
                keep_core(true);
                runner.run(stop);
                keep_core(false);
            });
        if (!launched) {
            throw std::runtime_error(launched.error().sentence);
        }
    }
    for (Clock const& clock : clocks) {
        while (!clock.known) {
            sleep_for(1);
        }
    }
    sleep_for(k_warm_up);
    struct Mark {
        std::uint64_t packets;
        double ns;
    };
    auto const marks = [&] {
        std::vector<Mark> all;
        for (std::size_t i = 0; i < runners.size(); ++i) {
            all.push_back({runners[i].packets(), clocks[i].nanoseconds()});
        }
        return all;
    };
    std::vector<Mark> const before = marks();
    meanwhile ? meanwhile(milliseconds) : sleep_for(milliseconds);
    std::vector<Mark> after = marks();
    // The system may hold back for a moment who keeps a core so long.
    for (std::size_t i = 0; i < runners.size(); ++i) {
        while (after[i].packets == before[i].packets) {
            sleep_for(1);
            after = marks();
        }
    }
    lcores.stop();
    lcores.join();
    Pace pace;
    for (std::size_t i = 0; i < runners.size(); ++i) {
        double const ns = (after[i].ns - before[i].ns) /
                          static_cast<double>(after[i].packets - before[i].packets);
        pace.nanoseconds_a_packet += ns / static_cast<double>(runners.size());
        pace.packets_a_microsecond += 1000 / ns;
    }
    return pace;
}

} // namespace mcast::bench
