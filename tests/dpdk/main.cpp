// One EAL for the whole process: DPDK cannot be started twice.
#include "mcast/base/log.h"
#include "mcast/platform/eal.h"

#include <unistd.h>

#include <fmt/format.h>
#include <gtest/gtest.h>

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    mcast::log::set_level(mcast::log::Level::none);
    mcast::platform::Config config;
    config.memory = {.hugepages = false, .megabytes = 128};
    config.workers.cores = {0, 0};
    config.instance = fmt::format("mcast_dpdk_test_{}", getpid());
    auto const eal = mcast::platform::Eal::start(config, {});
    if (!eal) {
        fmt::print(stderr, "{}\n", eal.error().sentence);
        return 1;
    }
    return RUN_ALL_TESTS();
}
