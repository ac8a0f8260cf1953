// What a lookup costs in bursts of 32: our table against rte_hash with lock-free readers, in the
// same run, turn about, over the same keys in the same order.
//
//   lookup_bench [ROUNDS]
//
// Prints figures for scripts/bench: medians over the rounds (7), nanoseconds of processor time for
// one key. Ours is asked a second time while control publishes 10,000 entries a second, and between
// without.
#include "meter.h"

#include "mcast/base/log.h"
#include "mcast/base/random.h"
#include "mcast/handoff/grace_period.h"
#include "mcast/handoff/publisher.h"
#include "mcast/handoff/table.h"
#include "mcast/platform/eal.h"
#include "mcast/platform/qsbr.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <memory>
#include <span>
#include <thread>
#include <vector>

#include <sched.h>
#include <unistd.h>

#include <fmt/format.h>
#include <rte_hash.h>
#include <rte_hash_crc.h>

namespace {

using namespace mcast;
using namespace mcast::bench;

constexpr std::size_t k_burst = 32;
constexpr std::size_t k_lookups = std::size_t{1} << 20; // in one round

FlowKey key_of(std::uint64_t n) {
    return {Ipv4{0x0a000000U | static_cast<std::uint32_t>(n & 0xffff)},
            Ipv4{0xef000000U | static_cast<std::uint32_t>((n >> 16) * 7919 + n % 251)}};
}

struct HashDelete {
    void operator()(rte_hash* hash) const { rte_hash_free(hash); }
};

// Both tables with the same keys.
struct Rivals {
    explicit Rivals(std::size_t entries) : ours(entries, grace, 12345) {
        rte_hash_parameters parameters{};
        parameters.name = "rival";
        parameters.entries = static_cast<std::uint32_t>(std::max<std::size_t>(entries * 5 / 4, 64));
        parameters.key_len = sizeof(std::uint64_t);
        parameters.hash_func = rte_hash_crc;
        parameters.extra_flag = RTE_HASH_EXTRA_FLAGS_RW_CONCURRENCY_LF;
        theirs.reset(rte_hash_create(&parameters));
        if (!theirs) {
            fmt::print(stderr, "rte_hash_create: no memory for {} entries\n", entries);
            std::exit(1);
        }
        for (std::size_t n = 0; n < entries; ++n) {
            FlowKey const key = key_of(n);
            handoff::Entry& entry = kept.emplace_back();
            entry.key = key;
            ours.put(&entry);
            std::uint64_t const packed = key.packed();
            rte_hash_add_key_data(theirs.get(), &packed, &entry);
        }
    }
    handoff::ManualGrace grace;
    handoff::Table ours;
    std::unique_ptr<rte_hash, HashDelete> theirs;
    std::deque<handoff::Entry> kept;
};

// Calls `each(found)` for every burst.
template <class F>
void look_up_ours(Rivals const& rivals, std::span<FlowKey const> keys, F&& each) {
    std::array<handoff::Entry const*, k_burst> found{};
    for (std::size_t at = 0; at < keys.size(); at += k_burst) {
        rivals.ours.find_bulk(keys.subspan(at, k_burst), found);
        each(found);
    }
}

template <class F>
void look_up_theirs(Rivals const& rivals, std::span<std::uint64_t const> keys, F&& each) {
    std::array<void const*, k_burst> wanted{};
    std::array<void*, k_burst> found{};
    for (std::size_t at = 0; at < keys.size(); at += k_burst) {
        for (std::size_t n = 0; n < k_burst; ++n) {
            wanted[n] = &keys[at + n];
        }
        std::uint64_t mask = 0;
        rte_hash_lookup_bulk_data(rivals.theirs.get(), wanted.data(), k_burst, &mask, found.data());
        each(mask);
    }
}

// The result is as good as used.
constexpr auto k_used = [](auto const& found) { asm volatile("" : : "m"(found) : "memory"); };

// Both find every key, or none.
void check(Rivals const& rivals, std::span<FlowKey const> keys,
           std::span<std::uint64_t const> packed, bool hit) {
    std::size_t ours = 0;
    std::size_t theirs = 0;
    std::size_t at = 0;
    look_up_ours(rivals, keys, [&](auto const& found) {
        for (auto const* entry : found) {
            ours += handoff::Table::verified(entry, keys[at++]) != nullptr ? 1 : 0;
        }
    });
    look_up_theirs(rivals, packed, [&](std::uint64_t mask) {
        theirs += static_cast<std::size_t>(std::popcount(mask));
    });
    if (ours != theirs || ours != (hit ? k_lookups : 0)) {
        fmt::print(stderr, "{} and {} of {} found\n", ours, theirs, k_lookups);
        std::exit(1);
    }
}

void race(Rivals const& rivals, std::size_t entries, bool hit, int rounds) {
    Random random{entries};
    std::vector<FlowKey> keys;
    std::vector<std::uint64_t> packed;
    for (std::size_t n = 0; n < k_lookups; ++n) {
        keys.push_back(key_of(random.below(entries) + (hit ? 0 : std::uint64_t{1} << 30)));
        packed.push_back(keys.back().packed());
    }
    Samples ours;
    Samples theirs;
    check(rivals, keys, packed, hit); // and warms up
    for (int round = 0; round < rounds; ++round) {
        double const start = cpu_nanoseconds();
        look_up_ours(rivals, keys, k_used);
        double const middle = cpu_nanoseconds();
        look_up_theirs(rivals, packed, k_used);
        double const end = cpu_nanoseconds();
        ours.add((middle - start) / static_cast<double>(k_lookups));
        theirs.add((end - middle) / static_cast<double>(k_lookups));
    }
    figure(fmt::format("lookup-{}-{}", hit ? "hit" : "miss", entries), ours.median(), "ns/key",
           "rte_hash", theirs.median());
}

// Control on the other core: gives flows other outputs, so many a second, until told to stop.
class Writer {
public:
    Writer(handoff::Publisher& publisher, std::uint64_t flows)
        : thread_([this, &publisher, flows] { run(publisher, flows); }) {}
    ~Writer() {
        stop_ = true;
        thread_.join();
    }
    Writer(Writer const&) = delete;
    Writer& operator=(Writer const&) = delete;

private:
    static constexpr int k_changes = 10; // a millisecond

    void run(handoff::Publisher& publisher, std::uint64_t flows) {
        cpu_set_t second;
        CPU_ZERO(&second);
        CPU_SET(1, &second);
        sched_setaffinity(0, sizeof second, &second);
        Random random{1};
        auto due = std::chrono::steady_clock::now();
        while (!stop_) {
            for (int i = 0; i < k_changes; ++i) {
                FlowKey const key = key_of(random.below(flows));
                bool const first = publisher.current(key)->outputs.contains(IfIndex{1});
                publisher.publish({.key = key,
                                   .arrival = IfIndex{0},
                                   .outputs = {first ? IfIndex{2} : IfIndex{1}}});
            }
            publisher.reclaim(100);
            std::this_thread::sleep_until(due += std::chrono::milliseconds(1));
        }
    }

    std::atomic<bool> stop_ = false;
    std::thread thread_;
};

// As a worker looks up, with a quiescent point each turn, and the entries verified.
double time_a_reader(handoff::Table const& table, platform::Qsbr& grace,
                     std::vector<FlowKey> const& keys) {
    WorkerId const self{0};
    std::array<handoff::Entry const*, k_burst> found{};
    std::size_t missed = 0;
    grace.online(self);
    double const start = cpu_nanoseconds();
    for (std::size_t at = 0; at < keys.size(); at += k_burst) {
        table.find_bulk(std::span(keys).subspan(at, k_burst), found);
        for (std::size_t i = 0; i < k_burst; ++i) {
            missed += handoff::Table::verified(found[i], keys[at + i]) == nullptr ? 1 : 0;
        }
        grace.quiescent(self);
    }
    double const ns = cpu_nanoseconds() - start;
    grace.offline(self);
    if (missed != 0) {
        fmt::print(stderr, "{} keys missed beside a writer\n", missed);
        std::exit(1);
    }
    return ns / static_cast<double>(keys.size());
}

void race_a_writer(std::size_t entries, int rounds) {
    platform::Qsbr grace{1};
    handoff::Table table(entries, grace, 12345);
    handoff::Publisher publisher(table, grace, 1);
    for (std::size_t n = 0; n < entries; ++n) {
        publisher.publish({.key = key_of(n), .arrival = IfIndex{0}, .outputs = {IfIndex{1}}});
    }
    Random random{entries};
    std::vector<FlowKey> keys;
    for (std::size_t n = 0; n < k_lookups; ++n) {
        keys.push_back(key_of(random.below(entries)));
    }
    Samples quiet;
    Samples published;
    for (int round = 0; round < rounds; ++round) {
        quiet.add(time_a_reader(table, grace, keys));
        Writer const writer(publisher, entries);
        published.add(time_a_reader(table, grace, keys));
    }
    figure(fmt::format("lookup-published-{}", entries), published.median(), "ns/key", "quiet",
           quiet.median());
}

} // namespace

int main(int argc, char** argv) {
    log::set_level(log::Level::error);
    int const rounds = argc > 1 ? std::max(std::atoi(argv[1]), 1) : 7;
    platform::Config config;
    config.memory = {.hugepages = false, .megabytes = 512};
    config.workers.cores = {0};
    config.instance = fmt::format("lookup_bench_{}", getpid());
    auto const eal = platform::Eal::start(config, {});
    if (!eal) {
        fmt::print(stderr, "{}\n", eal.error().sentence);
        return eal.error().exit_code;
    }
    for (std::size_t entries : {1'000UL, 64'000UL, 1'000'000UL}) {
        Rivals const rivals(entries);
        race(rivals, entries, true, rounds);
        race(rivals, entries, false, rounds);
    }
    race_a_writer(64'000, rounds);
    return 0;
}
