// Whether this core is shared just now: how many additions it does in the time of one.
//
// A core does one of a chain of additions each cycle, and about four that do not wait for each
// other. While another thread runs on the same physical core (a sibling that belongs to somebody
// else's virtual machine, say) it does about two, and nothing else shows that. Prints
// `calibration ADDITIONS_PER_CYCLE`: the median of loops of some microseconds.
#include "meter.h"

#include <cstdint>

#include <sched.h>
#include <time.h>

namespace {

constexpr int k_loops = 2'000;
constexpr int k_steps = 400;

double now() {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

// Nanoseconds for an addition that waits for the one before it.
double chained() {
    std::uint64_t a = 0;
    double const start = now();
    for (int i = 0; i < k_steps; ++i) {
        asm volatile("add $1, %0\n add $1, %0\n add $1, %0\n add $1, %0\n add $1, %0\n add $1, %0\n"
                     "add $1, %0\n add $1, %0\n add $1, %0\n add $1, %0\n add $1, %0\n add $1, %0\n"
                     : "+r"(a));
    }
    return (now() - start) / (12.0 * k_steps);
}

// For one of six that do not wait for each other.
double side_by_side() {
    std::uint64_t a = 0, b = 0, c = 0, d = 0, e = 0, f = 0;
    double const start = now();
    for (int i = 0; i < k_steps; ++i) {
        asm volatile("add $1, %0\n add $1, %1\n add $1, %2\n add $1, %3\n add $1, %4\n add $1, %5\n"
                     "add $1, %0\n add $1, %1\n add $1, %2\n add $1, %3\n add $1, %4\n add $1, %5\n"
                     "add $1, %0\n add $1, %1\n add $1, %2\n add $1, %3\n add $1, %4\n add $1, %5\n"
                     "add $1, %0\n add $1, %1\n add $1, %2\n add $1, %3\n add $1, %4\n add $1, %5\n"
                     : "+r"(a), "+r"(b), "+r"(c), "+r"(d), "+r"(e), "+r"(f));
    }
    return (now() - start) / (24.0 * k_steps);
}

} // namespace

int main() {
    // The core that the benches' workers use.
    cpu_set_t first;
    CPU_ZERO(&first);
    CPU_SET(0, &first);
    sched_setaffinity(0, sizeof first, &first);
    mcast::bench::Samples chain;
    mcast::bench::Samples side;
    for (int i = 0; i < k_loops; ++i) {
        chain.add(chained());
        side.add(side_by_side());
    }
    fmt::print("calibration {:.2f}\n", chain.median() / side.median());
    return 0;
}
