// Contenders that run as workers do, on cores of their own until told to stop, and are measured
// from outside: packets, and the time that their threads had on the processor.
#pragma once

#include "mcast/platform/lcores.h"

#include <cstdint>
#include <functional>
#include <vector>

namespace mcast::bench {

struct Runner {
    WorkerId core{}; // the worker core of that number
    std::function<void(platform::StopFlag const&)> run;
    std::function<std::uint64_t()> packets; // so far; any thread
};

struct Pace {
    double nanoseconds_a_packet = 0;  // of one thread: the mean over the runners
    double packets_a_microsecond = 0; // of all
};

// What the measuring thread does during the window, for so many milliseconds. Default: it sleeps.
using Meanwhile = std::function<void(int milliseconds)>;

// Starts them all, lets them warm up, measures for a while, stops them.
Pace measure(std::vector<Runner> const& runners, int milliseconds, Meanwhile const& meanwhile = {});

} // namespace mcast::bench
