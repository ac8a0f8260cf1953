// The journal: what happened, in order, and honestly what is kept no more.
#include "world.h"

#include <gtest/gtest.h>

namespace mcast::control {
namespace {

using namespace std::chrono_literals;

constexpr Ipv4 k_group = Ipv4::of(239, 1, 1, 1);

std::vector<std::string> kinds(api::Json const& rows) {
    std::vector<std::string> names;
    for (auto const& row : rows) {
        names.push_back(row["kind"]);
    }
    return names;
}

// Rows after the cursor, which moves on.
api::Json news(World const& world, std::string& cursor, std::vector<std::string> words = {}) {
    words.insert(words.begin(), "events");
    auto const data = world.page(words, {{"after", cursor}});
    cursor = data["cursor"];
    EXPECT_EQ(data["missed"], 0);
    return data["rows"];
}

TEST(Journal, AHandOverIsToldStepByStep) {
    World world;
    world.join(k_lan1, k_group);
    world.settle();
    std::string cursor = "now";
    EXPECT_TRUE(news(world, cursor).empty());
    world.command("owner", {"release", "lan1", "static"});
    world.now += 2ms;
    world.settle();
    auto const rows = news(world, cursor, {"owner"});
    EXPECT_EQ(kinds(rows),
              (std::vector<std::string>{"released", "gate_closed", "ready", "gate_opened"}));
    EXPECT_EQ(rows[0]["component"], "static");
    EXPECT_EQ(rows[0]["interface"], "lan1");
    EXPECT_EQ(rows[1]["component"], "igmp");
    EXPECT_EQ(rows[2]["ready_seconds"], 0.002);
    EXPECT_EQ(rows[2]["published_seconds"], 0.002);
    EXPECT_EQ(rows[3]["epoch"], world.owner("lan1")["epoch"]);
    EXPECT_EQ(rows[2]["sentence"], "lan1 has been released: entries published after 2.000 ms, seen "
                                   "by all workers after 2.000 ms");
    EXPECT_TRUE(news(world, cursor, {"owner"}).empty()) << "each once";
    world.now += 1s;
    auto const all = world.list({"events", "ready"});
    EXPECT_EQ(all[all.size() - 1]["ago_seconds"], 1.0);
    EXPECT_EQ(all[all.size() - 1]["uptime_seconds"], 0.002);
}

TEST(Journal, AlertsAndEntries) {
    World world;
    world.settle();
    std::string cursor = "now";
    (void)news(world, cursor);
    world.join(k_lan1, k_group);
    auto const joined = news(world, cursor, {"alert"});
    EXPECT_EQ(kinds(joined), (std::vector<std::string>{"local_join"}));
    EXPECT_EQ(joined[0]["component"], "static");
    EXPECT_EQ(joined[0]["group"], "239.1.1.1");
    EXPECT_EQ(joined[0]["source"], nullptr);
    EXPECT_EQ(joined[0]["sentence"], "static hears of members of (*, 239.1.1.1) on lan1");

    world.miss(k_lan0, udp_frame(host_of(k_lan0), k_group));
    world.settle();
    auto const made = news(world, cursor, {"entry"});
    EXPECT_EQ(kinds(made), (std::vector<std::string>{"entry_created"}));
    EXPECT_EQ(made[0]["outputs"], api::Json::array({"lan1"}));
    EXPECT_EQ(made[0]["interface"], "lan0");
    EXPECT_EQ(made[0]["sentence"], "entry (10.0.0.9, 239.1.1.1) is made: from lan0 to lan1");

    world.join(k_lan1, k_group); // says nothing new: nothing is published
    EXPECT_TRUE(news(world, cursor, {"entry"}).empty());
    world.join(k_lan2, k_group);
    EXPECT_EQ(kinds(news(world, cursor, {"entry"})), (std::vector<std::string>{"entry_changed"}));

    world.miss(k_lan0, udp_frame(host_of(k_lan0), Ipv4::of(239, 9, 9, 9)));
    world.settle();
    auto const refused = news(world, cursor, {"entry"});
    ASSERT_EQ(refused.size(), 1U);
    EXPECT_EQ(refused[0]["reason"], "no_member") << refused.dump();
    world.run_for(60s);
    auto const old = news(world, cursor, {"entry"});
    EXPECT_EQ(old[0]["kind"], "entry_withdrawn");
    EXPECT_EQ(old[0]["reason"], "expired");
}

TEST(Journal, RefusalsHaveTheNameOfTheirCounter) {
    Config config = three_lans();
    config.limits.entries = 1;
    World world(config);
    world.join(k_lan1, k_group);
    for (std::uint8_t i = 1; i <= 2; ++i) {
        world.miss(k_lan0, udp_frame(Ipv4::of(10, 0, 0, i + 20), k_group));
    }
    world.settle();
    auto const rows = world.list({"events", "trouble"});
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0]["kind"], "refused");
    EXPECT_EQ(rows[0]["reason"], "entry_limit_refused");
    EXPECT_EQ(rows[0]["source"], "10.0.0.22");
    EXPECT_EQ(rows[0]["interface"], "lan0");
}

// Entries come faster than anybody reads: the reader is told how many it has missed, and what is
// rare is still there.
TEST(Journal, AFloodOfEntriesIsCountedAndWashesNothingElseAway) {
    World world;
    world.settle();
    std::string const before = world.page({"events"}, {{"after", "now"}})["cursor"];
    for (unsigned n = 0; n < 3000; ++n) {
        world.miss(k_lan0, udp_frame(Ipv4{Ipv4::of(10, 0, 0, 20).value}, Ipv4{k_group.value + n}));
        if (n % 8 == 0) {
            world.settle();
        }
    }
    world.settle();
    auto const data = world.page({"events", "entry"}, {{"after", before}});
    // 3000 are made, all but the last 64 evicted again; 2048 events are kept.
    EXPECT_EQ(data["missed"], 3000 + 3000 - 64 - 2048);
    EXPECT_EQ(data["rows"].size(), 256U);
    EXPECT_TRUE(data["next"].is_string());
    EXPECT_EQ(world.page({"events", "owner"}, {{"after", before}})["missed"], 0);
    EXPECT_EQ(world.list({"events", "entry"}).size(), 2048U);
    EXPECT_EQ(world.list({"events", "taken"}).size(), 6U) << "from the start of the router";
}

} // namespace
} // namespace mcast::control
