// IGMP from the wire to the wire. Prints one figure a line, "name value unit", for scripts/bench.
//
//   igmp_bench delay GROUPS   from a report to the first copy, and from a leave to the last, less
//                             the configured last-member time, while GROUPS groups have members and
//                             streams, and their hosts report again
//   igmp_bench records        what a record costs control, and what is refused at 200,000 a second
//   igmp_bench turn           the longest turn under reports that cost the most
//
// Times are processor time of one thread that runs worker and control in turn.
#include "igmp_scene.h"

#include "mcast/base/heap.h"
#include "mcast/base/log.h"
#include "mcast/base/random.h"
#include "mcast/platform/eal.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>

#include <unistd.h>

#include <fmt/format.h>

namespace {

using namespace mcast;
using namespace mcast::bench;
using wire::RecordType;

void figure(std::string_view name, double value, std::string_view unit) {
    fmt::print("{} {:.3f} {}\n", name, value, unit);
}

void demand(bool condition, char const* what) {
    if (!condition) {
        throw std::runtime_error(what);
    }
}

Ipv4 group(std::uint32_t n) {
    return Ipv4{Ipv4::of(239, 1, 0, 0).value + n};
}

class Delays {
public:
    void add(double ns) { all_.push_back(ns / 1e3); }
    void report(std::string_view what) {
        std::ranges::sort(all_);
        auto const at = [&](double share) {
            return all_[static_cast<std::size_t>(share * static_cast<double>(all_.size() - 1))];
        };
        for (auto const& [name, share] :
             {std::pair{"p50", 0.5}, std::pair{"p99", 0.99}, std::pair{"p999", 0.999}}) {
            figure(fmt::format("{}_{}", what, name), at(share), "us");
        }
    }

private:
    std::vector<double> all_;
};

class DelayBench {
public:
    static constexpr std::uint32_t k_samples = 4000;
    static constexpr std::uint32_t k_guests = 64; // groups that come and go
    static constexpr Duration k_interval = std::chrono::seconds{1};
    static constexpr int k_patience = 1000; // turns

    explicit DelayBench(std::uint32_t standing) : standing_(standing) {
        for (std::uint32_t n = 0; n < standing_; ++n) {
            router_.send(k_lan, report_frame(RecordType::to_ex, group(n)));
            router_.send(k_wan, data_frame(group(n)));
            if (n % 32 == 31) {
                router_.settle();
            }
        }
        for (std::uint32_t n = 0; n < k_guests; ++n) {
            router_.send(k_wan, data_frame(guest(n)));
        }
        router_.settle();
    }

    void run() {
        for (std::uint32_t n = 0; n < k_samples; ++n) {
            join(guest(n % k_guests));
            leave(guest(n % k_guests));
        }
        join_.report("join");
        leave_.report("leave");
    }

private:
    Ipv4 guest(std::uint32_t n) const { return group(standing_ + n); }

    // What goes on beside: somebody reports again, a stream of somebody else flows.
    void bustle() {
        auto const other = group(static_cast<std::uint32_t>(random_.below(standing_)));
        router_.send(k_lan, report_frame(RecordType::is_ex, other));
    }

    // A datagram of the stream, and a turn of each; whether it came out.
    bool step(Frame const& datagram) {
        router_.send(k_wan, datagram);
        router_.worker_turn();
        bool const came = router_.datagram_came();
        router_.control_turn();
        return came;
    }

    void join(Ipv4 of) {
        Frame const datagram = data_frame(of);
        Frame const report = report_frame(RecordType::to_ex, of);
        bustle();
        double const start = cpu_nanoseconds();
        router_.send(k_lan, report);
        for (int turn = 0; !step(datagram); ++turn) {
            demand(turn < k_patience, "the stream does not begin");
        }
        join_.add(cpu_nanoseconds() - start);
        router_.settle();
    }

    void leave(Ipv4 of) {
        Frame const datagram = data_frame(of);
        bustle();
        TimePoint const start = router_.now();
        router_.send(k_lan, report_frame(RecordType::to_in, of));
        router_.settle();
        router_.skip(k_interval - (router_.now() - start)); // the second query
        router_.settle();
        TimePoint const end = start + 2 * k_interval;
        router_.skip(end - router_.now());
        for (int turn = 0; step(datagram); ++turn) {
            demand(turn < k_patience, "the stream does not end");
        }
        leave_.add(static_cast<double>((router_.now() - end).count()));
        router_.settle();
    }

    std::uint32_t standing_;
    Router router_;
    Random random_{1};
    Delays join_;
    Delays leave_;
};

// Reports straight into control's queue.
class RecordBench {
public:
    static constexpr std::uint32_t k_groups = 10'000;
    static constexpr double k_rate = 200'000; // records a second

    using Make = std::function<Frame(std::uint32_t)>;

    void run(std::string_view name, double records, std::uint32_t reports, std::size_t known,
             Make const& make) {
        std::vector<Frame> frames;
        for (std::uint32_t n = 0; n < reports; ++n) {
            frames.push_back(make(n));
        }
        // As many as were taken: the queue never runs empty, nor full.
        auto const as_they_go = [&](double) {
            return 512.0 - static_cast<double>(router_.igmp_queue().waiting());
        };
        feed(frames, as_they_go); // known and warm
        double const cost = feed(frames, as_they_go);
        demand(router_.groups() >= std::min<std::size_t>(k_groups, known), "groups are missing");
        figure(fmt::format("{}_cost", name), cost / (records * reports), "ns");
        refused_ = 0;
        feed(frames, [&](double ns) { return ns * 1e-9 * k_rate / records; });
        figure(fmt::format("{}_refused", name), static_cast<double>(refused_), "reports");
    }

private:
    // Time in control until all is done; `arriving` says how many reports come during so many
    // nanoseconds of it.
    double feed(std::vector<Frame> const& frames, std::function<double(double)> const& arriving) {
        double spent = 0;
        double credit = 1;
        std::size_t next = 0;
        while (next < frames.size() || router_.igmp_queue().waiting() != 0) {
            for (; credit >= 1 && next < frames.size(); --credit) {
                push(frames[next++]);
            }
            double const start = cpu_nanoseconds();
            router_.control_turn();
            double const turn = cpu_nanoseconds() - start;
            spent += turn;
            credit += arriving(turn);
            router_.worker_turn(); // another core's: queries leave
            router_.drain();
        }
        return spent;
    }

    void push(Frame const& frame) {
        handoff::Frame* const slot = router_.igmp_queue().acquire();
        if (slot == nullptr) {
            ++refused_;
            return;
        }
        std::memcpy(slot->storage.data(), frame.data(), frame.size());
        slot->length = static_cast<std::uint32_t>(frame.size());
        slot->interface = IfIndex{k_lan.value};
        router_.igmp_queue().push(slot);
    }

    Router router_;
    std::uint64_t refused_ = 0;
};

wire::ReportV3 many(std::uint32_t first, RecordType type) {
    wire::ReportV3 report;
    for (std::uint32_t n = 0; n < 100; ++n) {
        report.records.push_back({type, group((first + n) % RecordBench::k_groups), {}, {}});
    }
    return report;
}

void records() {
    constexpr std::uint32_t k_groups = RecordBench::k_groups;
    RecordBench bench;
    bench.run("single", 1, 100'000, k_groups, [](std::uint32_t n) {
        return report_frame(RecordType::is_ex, group(n * 7919 % k_groups));
    });
    bench.run("hundred", 100, 2'000, k_groups,
              [](std::uint32_t n) { return report_frame(many(n * 100, RecordType::is_ex)); });
    bench.run("sources", 1, 100'000, k_groups, [](std::uint32_t n) {
        wire::GroupRecord record{.type = RecordType::is_in, .group = group(k_groups + n % 1000)};
        for (std::uint32_t s = 0; s < 4; ++s) {
            record.sources.push_back(Ipv4{k_source.value + s});
        }
        return report_frame(wire::ReportV3{.records = {record}});
    });
    // Channels that come and go: half of all records change what is forwarded or who is asked.
    bench.run("change", 1, 100'000, k_groups, [](std::uint32_t n) {
        wire::GroupRecord const record{.type = n % 2 == 0 ? RecordType::allow : RecordType::block,
                                       .group = Ipv4{Ipv4::of(232, 1, 0, 0).value + n / 2 % 4096},
                                       .sources = {k_source}};
        return report_frame(wire::ReportV3{.records = {record}});
    });
}

// A group with as many sources as are kept, and reports with as many records as fit, each of which
// looks at all of them.
void turn() {
    constexpr std::uint32_t k_sources = 512;
    constexpr std::size_t k_records = 122;
    Router router;
    wire::ReportV3 join;
    for (std::uint32_t half = 0; half < 2; ++half) {
        wire::GroupRecord record{.type = RecordType::allow, .group = group(1)};
        for (std::uint32_t s = 0; s < k_sources / 2; ++s) {
            record.sources.push_back(Ipv4{Ipv4::of(10, 0, 1, 0).value + half * k_sources / 2 + s});
        }
        router.send(k_lan, report_frame(wire::ReportV3{.records = {record}}));
    }
    router.settle();
    wire::ReportV3 costly;
    for (std::uint32_t n = 0; n < k_records; ++n) {
        costly.records.push_back({n % 2 == 0 ? RecordType::is_in : RecordType::block,
                                  group(1),
                                  {Ipv4{Ipv4::of(10, 0, 1, 0).value + n}},
                                  {}});
    }
    Frame const frame = report_frame(costly);
    double longest = 0;
    double all = 0;
    constexpr int k_reports = 640;
    for (int n = 0; n < k_reports / 64; ++n) {
        for (int i = 0; i < 64; ++i) {
            router.send(k_lan, frame);
        }
        router.worker_turn();
        router.worker_turn();
        for (bool busy = true; busy;) {
            double const start = cpu_nanoseconds();
            busy = router.control_turn();
            double const spent = cpu_nanoseconds() - start;
            longest = std::max(longest, spent);
            all += spent;
        }
        router.drain();
    }
    figure("longest", longest / 1e6, "ms");
    figure("report", all / 1e3 / k_reports, "us");
}

int run(int argc, char** argv) {
    std::string_view const what = argc > 1 ? argv[1] : "";
    platform::Config config;
    config.memory = {.hugepages = false, .megabytes = 128};
    config.workers.cores = {0};
    config.instance = fmt::format("igmp_bench_{}", getpid());
    auto const eal = platform::Eal::start(config, {});
    if (!eal) {
        fmt::print(stderr, "igmp_bench: {}\n", eal.error().sentence);
        return eal.error().exit_code;
    }
    if (what == "delay" && argc == 3) {
        DelayBench(static_cast<std::uint32_t>(std::strtoul(argv[2], nullptr, 10))).run();
    } else if (what == "records") {
        records();
    } else if (what == "turn") {
        turn();
    } else {
        fmt::print(stderr, "usage: igmp_bench delay GROUPS | records | turn\n");
        return 64;
    }
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    free_at_once(); // as mcastd does
    log::set_level(log::Level::error);
    try {
        return run(argc, argv);
    } catch (std::exception const& error) {
        fmt::print(stderr, "igmp_bench: {}\n", error.what());
        return 1;
    }
}
