//   sim_test [--networks 200] [--seed 1] [--largest 50] [--growth 100] [--gtest_...]
#include "options.h"

#include "mcast/base/log.h"

#include <CLI/CLI.hpp>
#include <gtest/gtest.h>

namespace mcast::sim {
namespace {

Options& chosen() {
    static Options options;
    return options;
}

int run(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    Options& options = chosen();
    CLI::App app("Networks of routers and hosts on virtual time.");
    app.add_option("--networks", options.networks, "how many random ones");
    app.add_option("--seed", options.seed, "of the first of them");
    app.add_option("--largest", options.largest, "routers of the largest of them")
        ->check(CLI::Range(2, 200));
    app.add_option("--growth", options.growth, "routers of the largest network of the figure")
        ->check(CLI::IsMember({10, 100, 1000}));
    CLI11_PARSE(app, argc, argv);
    log::set_level(log::Level::none);
    return RUN_ALL_TESTS();
}

} // namespace

Options const& options() {
    return chosen();
}

} // namespace mcast::sim

int main(int argc, char** argv) {
    return mcast::sim::run(argc, argv);
}
