// `show dvmrp prunes` and `show dvmrp grafts` of a running router.
#include "dvmrp_world.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mcast::control {
namespace {

using api::Json;
using testing::SizeIs;

TEST(ShowDvmrp, Prunes) {
    Dvmrp world;
    world.converge();
    world.packet();
    EXPECT_TRUE(world.list({"dvmrp", "prunes"}).empty());
    world.say(k_lan1, Prune{k_source, k_group, 300, {}}, ours(k_lan1));
    world.run_for(seconds{20});
    for (std::size_t const limit : {1U, 256U}) {
        auto const rows = world.list({"dvmrp", "prunes"}, limit);
        ASSERT_EQ(rows.size(), 2U);
        EXPECT_EQ(rows[0]["direction"], "sent");
        EXPECT_EQ(rows[0]["interface"], "lan0");
        EXPECT_EQ(rows[0]["neighbor"], "10.0.0.9");
        EXPECT_EQ(rows[0]["lifetime_seconds"], 300.0);
        EXPECT_EQ(rows[0]["expires_seconds"], 280.0);
        EXPECT_EQ(rows[0]["repeats_seconds"], 0.0) << "as soon as data comes";
        EXPECT_EQ(rows[1]["direction"], "received");
        EXPECT_EQ(rows[1]["prefix"], "10.9.0.0/24");
        EXPECT_EQ(rows[1]["group"], "239.1.1.1");
        EXPECT_EQ(rows[1]["interface"], "lan1");
        EXPECT_EQ(rows[1]["neighbor"], "10.0.1.9");
        EXPECT_EQ(rows[1]["expires_seconds"], 280.0);
        EXPECT_TRUE(rows[1]["host"].is_null());
        EXPECT_TRUE(rows[1]["repeats_seconds"].is_null());
        EXPECT_EQ(rows[1]["domain"], 0);
    }
    EXPECT_EQ(world.list({"dvmrp", "prunes", "lan1"}).size(), 1U);
    EXPECT_EQ(world.list({"dvmrp", "prunes", "lan2"}).size(), 0U);
}

TEST(ShowDvmrp, Grafts) {
    Dvmrp world;
    world.probe(k_lan0);
    world.report(k_lan0, k_far, 2);
    world.packet();
    EXPECT_TRUE(world.list({"dvmrp", "grafts"}).empty());
    world.join(k_lan2, k_group);
    world.run_for(seconds{6});
    auto const rows = world.list({"dvmrp", "grafts"});
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0]["prefix"], "10.9.0.0/24");
    EXPECT_EQ(rows[0]["group"], "239.1.1.1");
    EXPECT_EQ(rows[0]["source"], "10.9.0.5");
    EXPECT_EQ(rows[0]["interface"], "lan0");
    EXPECT_EQ(rows[0]["neighbor"], "10.0.0.9");
    EXPECT_EQ(rows[0]["sent"], 2);
    EXPECT_EQ(rows[0]["waiting_seconds"], 6.0);
    EXPECT_EQ(rows[0]["repeats_seconds"], 9.0);
    EXPECT_TRUE(world.list({"dvmrp", "grafts", "lan1"}).empty());
    world.say(k_lan0, GraftAck{k_source, k_group, {}}, ours(k_lan0));
    EXPECT_TRUE(world.list({"dvmrp", "grafts"}).empty());
}

// All domains, one after the other.
TEST(ShowDvmrp, PrunesOfDomains) {
    Config config = dvmrp_everywhere();
    config.interfaces[1].dvmrp_domain = 7;
    Dvmrp world(config);
    for (IfIndex const lan : {k_lan0, k_lan1}) {
        world.probe(lan);
        world.report(lan, k_far, 2);
        world.packet(k_flow, lan);
    }
    world.run_for(seconds{1});
    auto const rows = world.list({"dvmrp", "prunes"});
    ASSERT_EQ(rows.size(), 1U) << "the manager takes one of the two ways";
    EXPECT_EQ(rows[0]["direction"], "sent");
    EXPECT_EQ(world.page({"dvmrp", "prunes"}, Json::object())["next"], "1");
}

TEST(ShowDvmrp, CursorsThatAreNone) {
    Dvmrp world;
    for (std::string const page : {"prunes", "grafts"}) {
        for (std::string const cursor :
             {"", "x", "1", "0 0 239.1.1.1", "0 0 239.1.1.1 x", "0 0 x 10.9.0.0/24",
              "0 2 239.1.1.1 10.9.0.0/24", "0 0 239.1.1.1 10.9.0.0/24 2 1 10.0.0.9 0.0.0.0",
              "0 0 239.1.1.1 10.9.0.0/24 1 70000 10.0.0.9 0.0.0.0",
              "0 0 239.1.1.1 10.9.0.0/24 1 1 10.0.0 0.0.0.0",
              "0 0 239.1.1.1 10.9.0.0/24 1 1 10.0.0.9 ten"}) {
            EXPECT_TRUE(world.page({"dvmrp", page}, {{"after", cursor}}).contains("sentence"))
                << page << " after '" << cursor << "'";
        }
    }
    EXPECT_TRUE(world
                    .page({"dvmrp", "prunes"},
                          {{"after", "0 0 239.1.1.1 10.9.0.0/24 1 1 10.0.0.9 0.0.0.0"}})
                    .contains("rows"));
}

} // namespace
} // namespace mcast::control
