// `clear dvmrp ...` on a running router.
#include "dvmrp_world.h"

#include <gtest/gtest.h>

namespace mcast::control {
namespace {

using api::Json;

struct Clearing : Dvmrp {
    Clearing() { converge(); }
    Json clear(std::vector<std::string> words) {
        words.insert(words.begin(), "dvmrp");
        Json data = command("clear", words);
        settle();
        return data;
    }
};

TEST(ClearDvmrp, NeighborsOfAnInterface) {
    Clearing world;
    auto const done = world.clear({"neighbors", "lan0"});
    EXPECT_EQ(done["cleared"], "neighbors");
    EXPECT_EQ(done["neighbors"], 1);
    EXPECT_EQ(done["interfaces"], Json::array({"lan0"}));
    EXPECT_EQ(done["sentence"], "1 neighbour forgotten on lan0");
    auto const left = world.list({"dvmrp", "neighbors"});
    ASSERT_EQ(left.size(), 1U);
    EXPECT_EQ(left[0]["interface"], "lan1");
    EXPECT_EQ(world.texts<Probe>(), "probe lan0 ");
    EXPECT_EQ(world.clear({"neighbors"})["neighbors"], 1);
    EXPECT_EQ(world.list({"dvmrp", "neighbors"}).size(), 0U);
}

// The stream comes back with the route.
TEST(ClearDvmrp, Routes) {
    Clearing world;
    world.packet();
    ASSERT_EQ(world.outputs(), "lan1 ");
    auto const done = world.clear({"routes"});
    EXPECT_EQ(done["neighbors"], 2);
    EXPECT_EQ(done["interfaces"], Json::array({"lan0", "lan1", "lan2"}));
    EXPECT_EQ(done["sentence"], "routes of 2 neighbours on lan0, lan1, lan2 forgotten; they are "
                                "asked for them again");
    EXPECT_NE(world.outputs(), "lan1 ");
    EXPECT_EQ(world.list({"dvmrp", "neighbors"}).size(), 2U);
    world.report(k_lan0, k_far, 2);
    world.report(k_lan1, k_far, 4 + k_infinity);
    world.packet();
    EXPECT_EQ(world.outputs(), "lan1 ");
}

TEST(ClearDvmrp, Prunes) {
    Clearing world;
    world.packet();
    world.say(k_lan1, Prune{k_source, k_group, 300, {}}, ours(k_lan1));
    ASSERT_EQ(world.outputs(), "");
    world.sent();
    EXPECT_EQ(world.clear({"prunes", "lan1"})["neighbors"], 1);
    EXPECT_EQ(world.outputs(), "lan1 ");
    EXPECT_EQ(world.prunes_and_grafts(), "graft lan0 ");
    EXPECT_TRUE(world.list({"dvmrp", "prunes"}).empty());
}

TEST(ClearDvmrp, Statistics) {
    Clearing world;
    auto const probes = [&](std::string const& interface) {
        for (Json const& row : world.list({"dvmrp", "statistics", interface})) {
            if (row["counter"] == "probes") {
                return row["count"].get<int>();
            }
        }
        return -1;
    };
    ASSERT_EQ(probes("lan0"), 1);
    auto const done = world.clear({"statistics", "lan0"});
    EXPECT_EQ(done["sentence"], "statistics of DVMRP begin again on lan0");
    EXPECT_EQ(probes("lan0"), 0);
    EXPECT_EQ(probes("lan1"), 1);
}

TEST(ClearDvmrp, Refusals) {
    Config config = dvmrp_everywhere();
    config.interfaces[2].dvmrp_enabled = false;
    Dvmrp world(config);
    struct Row {
        std::vector<std::string> words;
        std::string code;
        std::string part;
    };
    for (Row const& row : std::vector<Row>{
             {{"dvmrp"}, "bad_argument", "one of neighbors, prunes, routes, statistics"},
             {{"dvmrp", "weather"}, "bad_argument", "not 'weather'"},
             {{"dvmrp", "routes", "lan9"}, "not_found", "no interface 'lan9'"},
             {{"dvmrp", "routes", "lan2"}, "not_found", "does not run on lan2"},
             {{"dvmrp", "routes", "lan0", "lan1"}, "bad_argument", "not also 'lan1'"}}) {
        auto const refusal = world.command("clear", row.words);
        EXPECT_EQ(refusal["code"], row.code) << refusal.dump();
        EXPECT_NE(refusal["sentence"].get<std::string>().find(row.part), std::string::npos)
            << refusal.dump();
    }
    EXPECT_EQ(world.ask("clear", {"dvmrp", "routes"})["code"], "unavailable") << "as a question";
    auto const options =
        world.control.command({"clear", {"dvmrp", "routes"}, {{"now", true}}}, world.now);
    ASSERT_TRUE(options.failure);
    EXPECT_EQ(options.failure->code, api::ErrorCode::bad_argument);
}

} // namespace
} // namespace mcast::control
