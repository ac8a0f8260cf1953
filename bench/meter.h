// What all benches measure with: processor time of the thread, medians, and the line of a figure.
#pragma once

#include <algorithm>
#include <cstddef>
#include <ctime>
#include <string_view>
#include <vector>

#include <sched.h>

#include <fmt/format.h>

namespace mcast::bench {

// Of this thread alone, so that a shared machine does not count.
inline double cpu_nanoseconds() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

// Nobody else gets this thread's core while it runs, where the system allows that: what the
// scheduler does meanwhile is none of what is measured. For moments, on threads that spin.
inline void keep_core(bool keep) {
    sched_param const priority{.sched_priority = keep ? 1 : 0};
    sched_setscheduler(0, keep ? SCHED_FIFO : SCHED_OTHER, &priority);
}

// One contender's measurements, one a round.
class Samples {
public:
    void add(double value) { all_.push_back(value); }
    double median() const {
        std::vector<double> sorted = all_;
        std::ranges::sort(sorted);
        return sorted[sorted.size() / 2];
    }

private:
    std::vector<double> all_;
};

// What scripts/bench reads: `figure NAME VALUE UNIT [BASELINE VALUE]`, in the same unit.
inline void figure(std::string_view name, double value, std::string_view unit) {
    fmt::print("figure {} {:.4g} {}\n", name, value, unit);
}

inline void figure(std::string_view name, double value, std::string_view unit,
                   std::string_view baseline, double theirs) {
    fmt::print("figure {} {:.4g} {} {} {:.4g}\n", name, value, unit, baseline, theirs);
}

} // namespace mcast::bench
