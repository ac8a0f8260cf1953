// Listings come in pages: each row that is there all the time exactly once, whatever the size of a
// page and whatever changes meanwhile.
#include "world.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace mcast::control {
namespace {

Ipv4 group(unsigned n) {
    return Ipv4{Ipv4::of(239, 1, 0, 0).value + n};
}

// Five groups on lan1, three of them on lan2, and a source of its own on lan2; streams from lan0.
World& busy(World& world) {
    for (unsigned n = 0; n < 5; ++n) {
        world.join(k_lan1, group(n));
    }
    for (unsigned n = 0; n < 3; ++n) {
        world.join(k_lan2, group(n));
    }
    world.report(k_lan2, include_report(group(9), {host_of(k_lan0)}));
    world.settle();
    for (unsigned n = 0; n < 7; ++n) {
        world.miss(k_lan0, udp_frame(host_of(k_lan0), group(n)));
    }
    world.settle();
    return world;
}

TEST(Paging, EveryRowOnceWithAnyPageSize) {
    World world;
    busy(world);
    for (std::string const subject : {"entries", "memberships", "events"}) {
        auto const all = world.list({subject});
        EXPECT_GE(all.size(), 7U);
        for (std::size_t limit = 1; limit < 10; ++limit) {
            EXPECT_EQ(world.list({subject}, limit), all) << subject << " by " << limit;
        }
    }
    EXPECT_EQ(world.list({"entries"}).size(), 7U);
    EXPECT_EQ(world.list({"memberships"}).size(), 9U);
}

TEST(Paging, APageIsBoundedAndSaysWhereToGoOn) {
    World world;
    busy(world);
    auto const first = world.page({"memberships"}, {{"limit", 4}});
    EXPECT_EQ(first["rows"].size(), 4U);
    EXPECT_TRUE(first["next"].is_string());
    auto const most = world.page({"memberships"}, {{"limit", 1000000}});
    EXPECT_EQ(most["next"], nullptr);
}

// MGM-116: what goes and comes between pages does not disturb the rest.
TEST(Paging, ChangesBetweenPages) {
    World world;
    busy(world);
    auto const first = world.page({"memberships", "lan1"}, {{"limit", 2}});
    ASSERT_EQ(first["rows"].size(), 2U);
    // The last row of that page goes, and another comes.
    world.leave(k_lan1, *Ipv4::parse(first["rows"][1]["group"].get<std::string>()));
    world.run_for(std::chrono::seconds{3});
    world.join(k_lan1, group(7));
    std::multiset<std::string> seen;
    auto const second =
        world.page({"memberships", "lan1"}, {{"limit", 200}, {"after", first["next"]}});
    for (auto const& rows : {first["rows"], second["rows"]}) {
        for (auto const& row : rows) {
            seen.insert(row["group"]);
        }
    }
    EXPECT_EQ(seen, (std::multiset<std::string>{"239.1.0.0", "239.1.0.1", "239.1.0.2", "239.1.0.3",
                                                "239.1.0.4", "239.1.0.7"}));
}

TEST(Paging, MembershipsSayWhoWantsWhat) {
    Config config = three_lans();
    config.groups.push_back({group(0), std::nullopt, "lan1"});
    World world(config);
    busy(world);
    auto const both = world.list({"memberships", "lan1", "239.1.0.0"});
    ASSERT_EQ(both.size(), 1U);
    EXPECT_EQ(both[0]["owner"], "static");
    EXPECT_EQ(both[0]["igmp"], true);
    EXPECT_EQ(both[0]["source"], nullptr);
    EXPECT_EQ(both[0]["stale"], false);
    auto const source = world.list({"memberships", "239.1.0.9"});
    ASSERT_EQ(source.size(), 1U);
    EXPECT_EQ(source[0]["source"], "10.0.0.9");
    EXPECT_EQ(source[0]["owner"], nullptr);
    EXPECT_EQ(world.list({"memberships", "239.1.0.1", "lan2"}).size(), 1U);
    EXPECT_TRUE(world.list({"memberships", "lan0"}).empty());
}

TEST(Paging, StaleUntilIgmpHasAddedItAgain) {
    World world;
    busy(world);
    world.command("owner", {"release", "lan1", "static"});
    for (auto const& row : world.list({"memberships", "lan1"})) {
        EXPECT_EQ(row["stale"], true) << row.dump();
    }
    auto const entry = world.list({"entries"})[0];
    EXPECT_EQ(entry["outputs"], api::Json::array({"lan1", "lan2"}));
    ASSERT_EQ(entry["why"].size(), 2U);
    EXPECT_EQ(entry["why"][0]["stale"], true) << entry.dump();
    EXPECT_EQ(entry["why"][1]["stale"], false);
    world.settle();
    for (auto const& row : world.list({"memberships", "lan1"})) {
        EXPECT_EQ(row["stale"], false) << row.dump();
    }
}

// Why an entry has its outputs, with the reasons of `explain`.
TEST(Paging, EntriesSayWhyTheyHaveTheirOutputs) {
    Config config = three_lans();
    config.groups.push_back({group(0), std::nullopt, "lan2"});
    World world(config);
    world.join(k_lan1, group(0));
    world.miss(k_lan0, udp_frame(host_of(k_lan0), group(0)));
    world.settle();
    auto const entry = world.list({"entries"})[0];
    ASSERT_EQ(entry["why"].size(), 2U);
    EXPECT_EQ(entry["why"][0], (api::Json{{"interface", "lan1"},
                                          {"forwarded", true},
                                          {"reason", "forwarded"},
                                          {"by", "igmp"},
                                          {"stale", false}}));
    EXPECT_EQ(entry["why"][1]["by"], "static");
    auto const said = world.ask("explain", {"10.0.0.9", "239.1.0.0"});
    EXPECT_EQ(said["interfaces"][1]["by"], "igmp");
    EXPECT_EQ(said["interfaces"][2]["by"], "static");
    EXPECT_EQ(said["interfaces"][0]["by"], "static") << "it owns where the stream comes from";

    world.report(k_lan1, exclude_report(group(0), {host_of(k_lan0)}));
    world.run_for(std::chrono::seconds{5});
    auto const vetoed = world.list({"entries"})[0];
    EXPECT_EQ(vetoed["outputs"], api::Json::array({"lan2"})) << vetoed.dump();
    EXPECT_EQ(vetoed["why"][0]["forwarded"], false);
    EXPECT_EQ(vetoed["why"][0]["reason"], "vetoed");
}

TEST(Paging, WrongQuestionsAreRefused) {
    World world;
    busy(world);
    std::vector<std::pair<std::string, api::Json>> const table{
        {"entries", {{"after", "here"}}},
        {"entries", {{"after", "239.1.1.1"}}},
        {"entries", {{"after", 7}}},
        {"entries", {{"limit", 0}}},
        {"entries", {{"limit", -1}}},
        {"entries", {{"colour", true}}},
        {"memberships", {{"after", "7"}}},
        {"memberships", {{"after", "7 x"}}},
        {"memberships", {{"after", "7 70000"}}},
        {"memberships", {{"after", "7 1 2"}}},
        {"memberships", {{"after", "-1 1"}}},
        {"events", {{"after", "1.2.3"}}},
        {"events", {{"after", "0.0.0.999999"}}},
        {"events", {{"after", "0.0.0.0.0"}}},
        {"status", {{"limit", 1}}},
    };
    for (auto const& [subject, options] : table) {
        EXPECT_EQ(world.page({subject}, options).value("code", ""), "bad_argument")
            << subject << options.dump();
    }
}

} // namespace
} // namespace mcast::control
