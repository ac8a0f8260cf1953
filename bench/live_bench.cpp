// From a report on the wire to the first copy, and from a leave to the last, by the wall's clock:
// worker and control on threads of their own, as in mcastd. Prints "name value unit" a line, for
// scripts/bench.
//
//   live_bench GROUPS   with so many groups that have members and streams, whose hosts report again
//
// "leave" is what comes on top of the configured last-member time, "whole" all of it. Control
// counts that time from the beginning of the turn that heard the leave, so that "leave" may be a
// little below zero. The stream that comes has a datagram every few microseconds, one that goes
// every hundred or so; so coarse are the figures.
#include "live_scene.h"

#include "mcast/base/log.h"
#include "mcast/base/random.h"
#include "mcast/platform/eal.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <deque>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <sched.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <fmt/format.h>

namespace {

using namespace mcast;
using namespace mcast::bench;
using wire::RecordType;

using Cycles = std::uint64_t;

// This thread shares a core with control on small machines: it does not spin.
void nap() {
    timespec const time{.tv_sec = 0, .tv_nsec = 10'000};
    nanosleep(&time, nullptr);
}

class Delays {
public:
    void add(double us) { all_.push_back(us); }
    void report(std::string_view what) {
        std::ranges::sort(all_);
        for (auto const& [name, share] :
             {std::pair{"p50", 0.5}, std::pair{"p99", 0.99}, std::pair{"p999", 0.999}}) {
            auto const at = static_cast<std::size_t>(share * static_cast<double>(all_.size() - 1));
            fmt::print("{}_{} {:.3f} us\n", what, name, all_[at]);
        }
    }

private:
    std::vector<double> all_;
};

class LiveBench {
public:
    static constexpr std::uint32_t k_samples = 5000;
    static constexpr Duration k_last_member_interval = std::chrono::milliseconds{100};
    static constexpr double k_last_member_time = 200e3; // us: two intervals
    static constexpr double k_between_changes = 300;    // us, and up to as much again
    static constexpr double k_between_reports = 500;    // us, of hosts that stay
    static constexpr double k_before_the_end = 3e3;     // us: a leaving stream is watched
    static constexpr double k_silence = 5e3;            // us after which it has ended
    static constexpr double k_patience = 2e6;           // us

    explicit LiveBench(std::uint32_t standing) : standing_(standing) {
        Router& router = live_.router();
        for (std::uint32_t n = 0; n < standing; ++n) {
            router.send(k_lan, report_frame(RecordType::to_ex, standing_group(n)));
            router.send(k_wan, data_frame(standing_group(n)));
            if (n % 32 == 31) {
                router.settle();
            }
        }
        for (std::uint32_t n = 0; n < k_guests; ++n) {
            router.send(k_wan, data_frame(guest(n)));
            data_.push_back(data_frame(guest(n)));
            if (n % 32 == 31) {
                router.settle();
            }
        }
        router.settle();
    }

    void run() {
        live_.launch();
        prctl(PR_SET_TIMERSLACK, 1'000); // ns: naps are as short as they are meant
        for (std::uint32_t sample = 0; sample < k_samples; ++sample) {
            std::uint32_t const n = sample % k_guests;
            while (
                std::ranges::any_of(leaving_, [&](Leaving const& it) { return it.guest == n; })) {
                go_on();
            }
            join(n);
            leave(n);
            double const pause =
                k_between_changes * (1 + static_cast<double>(random_.below(100)) / 100);
            for (Cycles const start = platform::cycles(); since(start) < pause;) {
                go_on();
            }
        }
        while (!leaving_.empty()) {
            go_on();
        }
        live_.halt();
        join_.report("join");
        leave_.report("leave");
        whole_.report("whole");
        if (unseen_ > k_samples / 1000) {
            throw std::runtime_error(
                fmt::format("{} streams ended while this thread was kept waiting:"
                            " the machine is too busy to measure this",
                            unseen_));
        }
    }

private:
    struct Leaving {
        std::uint32_t guest = 0;
        Cycles asked = 0;
    };

    static Ipv4 standing_group(std::uint32_t n) { return Ipv4{Ipv4::of(239, 1, 0, 0).value + n}; }
    static Ipv4 guest(std::uint32_t n) { return Ipv4{k_first_guest.value + n}; }
    double us(Cycles cycles) const { return static_cast<double>(cycles) * 1e6 / rate_; }
    double since(Cycles start) const { return us(platform::cycles() - start); }

    void join(std::uint32_t n) {
        live_.forget(n);
        Frame const report = report_frame(RecordType::to_ex, guest(n));
        Cycles const start = platform::cycles();
        live_.router().send(k_lan, report);
        while (live_.first_copy(n) == 0) {
            if (since(start) > k_patience) {
                throw std::runtime_error("a stream does not begin");
            }
            datagram(n);
            go_on();
        }
        join_.add(us(live_.first_copy(n) - start));
    }

    void leave(std::uint32_t n) {
        Frame const report = report_frame(RecordType::to_in, guest(n));
        leaving_.push_back({n, platform::cycles()});
        live_.router().send(k_lan, report);
    }

    void datagram(std::uint32_t n) {
        (void)live_.router().try_send(k_wan,
                                      data_[n]); // where there is no room the next one will do
    }

    // What goes on beside: streams that end are watched, hosts that stay report again.
    void go_on() {
        std::size_t watched = 0;
        while (watched < leaving_.size() &&
               since(leaving_[watched].asked) > k_last_member_time - k_before_the_end) {
            ++watched;
        }
        for (std::size_t n = 0; n < watched; ++n) {
            datagram(leaving_[n].guest);
        }
        if (watched != 0) {
            finish(leaving_.front());
        }
        if (since(last_report_) > k_between_reports) {
            last_report_ = platform::cycles();
            auto const any = static_cast<std::uint32_t>(random_.below(standing_));
            live_.router().send(k_lan, report_frame(RecordType::is_ex, standing_group(any)));
            (void)live_.router().try_send(k_wan, data_frame(standing_group(any)));
        }
        live_.router().drain();
        nap();
    }

    void finish(Leaving const& first) {
        Cycles const last = live_.last_copy(first.guest);
        if (since(first.asked) > k_last_member_time + k_patience) {
            throw std::runtime_error("a stream does not end");
        }
        if (since(first.asked) > k_last_member_time + k_silence && since(last) > k_silence) {
            if (last < first.asked) {
                ++unseen_;
            } else {
                double const whole = us(last - first.asked);
                whole_.add(whole);
                leave_.add(whole - k_last_member_time);
            }
            leaving_.pop_front();
        }
    }

    std::uint32_t standing_;
    LiveRouter live_{k_last_member_interval};
    double rate_ = static_cast<double>(platform::cycles_per_second());
    Random random_{1};
    std::vector<Frame> data_;
    std::deque<Leaving> leaving_; // in the order in which they asked
    std::uint32_t unseen_ = 0;    // no datagram was sent in the last moments of the stream
    Cycles last_report_ = 0;
    Delays join_;
    Delays leave_;
    Delays whole_;
};

std::vector<std::uint16_t> cores() {
    cpu_set_t set;
    CPU_ZERO(&set);
    sched_getaffinity(0, sizeof set, &set);
    std::vector<std::uint16_t> all;
    for (std::uint16_t core = 0; core < CPU_SETSIZE; ++core) {
        if (CPU_ISSET(core, &set)) {
            all.push_back(core);
        }
    }
    return all;
}

int run(std::string_view groups) {
    std::uint32_t standing = 0;
    auto const read = std::from_chars(groups.data(), groups.data() + groups.size(), standing);
    if (read.ec != std::errc{} || standing == 0 || standing > 16'000) {
        fmt::print(stderr, "usage: live_bench GROUPS, 1 to 16000\n");
        return 64;
    }
    auto const mine = cores();
    platform::Config config;
    config.memory = {.hugepages = false, .megabytes = 128};
    config.control_core = mine.front();
    config.workers.cores = {mine.size() > 1 ? mine[1] : mine[0]};
    config.instance = fmt::format("live_bench_{}", getpid());
    auto const eal = platform::Eal::start(config, {});
    if (!eal) {
        fmt::print(stderr, "live_bench: {}\n", eal.error().sentence);
        return eal.error().exit_code;
    }
    LiveBench(standing).run();
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    log::set_level(log::Level::error);
    try {
        return run(argc > 1 ? argv[1] : "");
    } catch (std::exception const& error) {
        fmt::print(stderr, "live_bench: {}\n", error.what());
        return 1;
    }
}
