// One EAL for the whole process: DPDK cannot be started twice.
//
//   handover_test [--hand-overs 10000] [--flows 1000] [--workers 2] [--seed N] [--gtest_...]
#include "buffers.h"
#include "options.h"
#include "wire.h"

#include "mcast/base/log.h"
#include "mcast/platform/eal.h"

#include <random>

#include <sched.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

namespace mcast::handover {
namespace {

Options& chosen() {
    static Options options;
    return options;
}

// The processors that this process may use; the workers are spread over them.
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

platform::Config configuration() {
    auto const mine = cores();
    platform::Config config;
    config.memory = {.hugepages = false, .megabytes = 128};
    config.control_core = mine.front();
    for (std::size_t w = 0; w < options().workers; ++w) {
        config.workers.cores.push_back(mine[(w + 1) % mine.size()]);
    }
    config.instance = fmt::format("mcast_handover_test_{}", getpid());
    return config;
}

int run(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    Options& options = chosen();
    options.seed = std::random_device{}();
    CLI::App app("Live hand-overs of interfaces under full traffic.");
    app.add_option("--hand-overs", options.hand_overs, "how many")
        ->check(CLI::Range(2, 10'000'000));
    app.add_option("--flows", options.flows, "streams")->check(CLI::Range(60, 8000));
    app.add_option("--workers", options.workers, "workers")
        ->check(CLI::Range(std::size_t{1}, Wire::k_most_workers));
    app.add_option("--seed", options.seed, "of the pauses between hand-overs");
    CLI11_PARSE(app, argc, argv);
    log::set_level(log::Level::none);
    auto const eal = platform::Eal::start(configuration(), {});
    if (!eal) {
        fmt::print(stderr, "{}\n", eal.error().sentence);
        return 1;
    }
    use_visible_pools();
    return RUN_ALL_TESTS();
}

} // namespace

Options const& options() {
    return chosen();
}

} // namespace mcast::handover

int main(int argc, char** argv) {
    return mcast::handover::run(argc, argv);
}
