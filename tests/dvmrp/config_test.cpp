#include "mcast/dvmrp/config.h"

#include <gtest/gtest.h>

#include <functional>

namespace mcast::dvmrp {
namespace {

using namespace std::chrono_literals;

TEST(DvmrpConfig, DefaultsAreConsistent) {
    EXPECT_FALSE(check(InterfaceConfig{}));
    EXPECT_FALSE(check(Config{}));
}

TEST(DvmrpConfig, BoundsOfAnInterface) {
    struct Case {
        char const* member;
        std::function<void(InterfaceConfig&)> good, bad;
    };
    Case const cases[] = {
        {"metric", [](auto& c) { c.metric = 31; }, [](auto& c) { c.metric = 32; }},
        {"metric", [](auto& c) { c.metric = 1; }, [](auto& c) { c.metric = 0; }},
        {"metric_out", [](auto& c) { c.metric_out = 31; }, [](auto& c) { c.metric_out = 32; }},
        {"threshold", [](auto& c) { c.threshold = 1; }, [](auto& c) { c.threshold = 0; }},
        {"probe_interval", [](auto& c) { c.probe_interval = 1s; },
         [](auto& c) { c.probe_interval = 999ms; }},
        {"neighbor_timeout", [](auto& c) { c.neighbor_timeout = 31s; },
         [](auto& c) { c.neighbor_timeout = 30s; }},
        {"max_neighbors", [](auto& c) { c.max_neighbors = 1; },
         [](auto& c) { c.max_neighbors = 0; }},
        {"default_route", [](auto& c) { c.default_route = 31; },
         [](auto& c) { c.default_route = 32; }},
        {"default_only", [](auto& c) { c.default_route = 1, c.default_only = true; },
         [](auto& c) { c.default_route = 0; }},
        {"max_one_way", [](auto& c) { c.max_one_way = 1; }, [](auto& c) { c.max_one_way = 0; }},
    };
    for (auto const& [member, good, bad] : cases) {
        InterfaceConfig config;
        good(config);
        EXPECT_FALSE(check(config)) << member;
        bad(config);
        auto const fault = check(config);
        ASSERT_TRUE(fault) << member;
        EXPECT_EQ(fault->member, member);
    }
}

TEST(DvmrpConfig, GlobalBounds) {
    struct Case {
        char const* member;
        std::function<void(Config&)> good, bad;
    };
    Case const cases[] = {
        {"report_interval", [](auto& c) { c.report_interval = 1s; },
         [](auto& c) { c.report_interval = 0s; }},
        {"flash_interval", [](auto& c) { c.flash_interval = 1s; },
         [](auto& c) { c.flash_interval = 0s; }},
        {"route_expiry", [](auto& c) { c.route_expiry = 121s; },
         [](auto& c) { c.route_expiry = 120s; }},
        {"hold_down", [](auto& c) { c.hold_down = 0s; }, [](auto& c) { c.hold_down = -1s; }},
        {"min_prune_lifetime", [](auto& c) { c.min_prune_lifetime = 7200s; },
         [](auto& c) { c.min_prune_lifetime = 7201s; }},
        {"longest_prune_heard", [](auto& c) { c.longest_prune_heard = 1s; },
         [](auto& c) { c.longest_prune_heard = 0s; }},
        {"longest_prune_heard", [](auto& c) { c.longest_prune_heard = 86400s; },
         [](auto& c) { c.longest_prune_heard = 86401s; }},
        {"aggregates", [](auto& c) { c.aggregates = {{.prefix = {Ipv4::of(10, 0, 0, 0), 8}}}; },
         [](auto& c) { c.aggregates = {{.prefix = {Ipv4::of(10, 0, 0, 0), 7}}}; }},
        {"redistribute", [](auto& c) { c.redistribute = {{.metric = 31}}; },
         [](auto& c) { c.redistribute = {{.metric = 32}}; }},
        {"max_prunes_of_neighbor", [](auto& c) { c.max_prunes_of_neighbor = 1; },
         [](auto& c) { c.max_prunes_of_neighbor = 0; }},
        {"prune_retransmit", [](auto& c) { c.prune_retransmit = 1s; },
         [](auto& c) { c.prune_retransmit = 0s; }},
        {"graft_retransmit", [](auto& c) { c.graft_retransmit = 160s; },
         [](auto& c) { c.graft_retransmit = 161s; }},
    };
    for (auto const& [member, good, bad] : cases) {
        Config config;
        good(config);
        EXPECT_FALSE(check(config)) << member;
        bad(config);
        auto const fault = check(config);
        ASSERT_TRUE(fault) << member;
        EXPECT_EQ(fault->member, member);
    }
}

} // namespace
} // namespace mcast::dvmrp
