// What a lookup costs in bursts of 32: our table against rte_hash with lock-free readers, in the
// same run, turn about, over the same keys in the same order.
//
//   lookup_bench [ROUNDS]
//
// Prints `lookup ENTRIES hit|miss NS rte_hash NS`: medians over the rounds (7), nanoseconds of
// processor time for one key. Ours reads the entry too, to verify whose it is; rte_hash does not.
#include "mcast/base/log.h"
#include "mcast/base/random.h"
#include "mcast/handoff/grace_period.h"
#include "mcast/handoff/table.h"
#include "mcast/platform/eal.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <deque>
#include <memory>
#include <span>
#include <vector>

#include <unistd.h>

#include <fmt/format.h>
#include <rte_hash.h>
#include <rte_hash_crc.h>

namespace {

using namespace mcast;

constexpr std::size_t k_burst = 32;
constexpr std::size_t k_lookups = std::size_t{1} << 20; // in one round

double cpu_nanoseconds() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

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

double median(std::vector<double>& values) {
    std::ranges::sort(values);
    return values[values.size() / 2];
}

void race(Rivals const& rivals, std::size_t entries, bool hit, int rounds) {
    Random random{entries};
    std::vector<FlowKey> keys;
    std::vector<std::uint64_t> packed;
    for (std::size_t n = 0; n < k_lookups; ++n) {
        keys.push_back(key_of(random.below(entries) + (hit ? 0 : std::uint64_t{1} << 30)));
        packed.push_back(keys.back().packed());
    }
    std::vector<double> ours;
    std::vector<double> theirs;
    check(rivals, keys, packed, hit); // and warms up
    for (int round = 0; round < rounds; ++round) {
        double const start = cpu_nanoseconds();
        look_up_ours(rivals, keys, k_used);
        double const middle = cpu_nanoseconds();
        look_up_theirs(rivals, packed, k_used);
        double const end = cpu_nanoseconds();
        ours.push_back((middle - start) / static_cast<double>(k_lookups));
        theirs.push_back((end - middle) / static_cast<double>(k_lookups));
    }
    fmt::print("lookup {} {} {:.2f} rte_hash {:.2f}\n", entries, hit ? "hit" : "miss", median(ours),
               median(theirs));
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
    return 0;
}
