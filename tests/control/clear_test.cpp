// Clearing what IGMP knows, by command on a running router: alerts and entries follow, hosts are
// asked again, and what nobody meant stays.
#include "world.h"

#include <gtest/gtest.h>

namespace mcast::control {
namespace {

using namespace std::chrono_literals;
using api::Json;

constexpr Ipv4 k_group = Ipv4::of(239, 1, 1, 1);
constexpr Ipv4 k_other = Ipv4::of(239, 1, 1, 2);
constexpr Ipv4 k_static_group = Ipv4::of(239, 7, 7, 7);

FlowKey flow(Ipv4 group) {
    return {host_of(k_lan0), group};
}

// Streams from lan0 to members of two groups on lan1 and of one on lan2.
struct Running : World {
    Running() : World(with_static_group()) {
        settle();
        join(k_lan1, k_group);
        join(k_lan1, k_other);
        join(k_lan2, k_group);
        for (Ipv4 const group : {k_group, k_other, k_static_group}) {
            miss(k_lan0, udp_frame(host_of(k_lan0), group));
        }
        settle();
        (void)injected();
    }
    static Config with_static_group() {
        Config config = three_lans();
        config.groups.push_back({k_static_group, std::nullopt, "lan1"});
        return config;
    }
    Json clear(std::vector<std::string> words) {
        words.insert(words.begin(), "igmp");
        Json const data = command("clear", words);
        settle();
        return data;
    }
    bool flows(IfIndex out, Ipv4 group = k_group) const {
        return entry(flow(group)) != nullptr && entry(flow(group))->outputs.contains(out);
    }
    std::size_t groups(std::string const& interface) const {
        return list({"igmp", "groups", interface}).size();
    }
    std::uint64_t told(std::string const& alert) const {
        for (Json const& row : ask("show", {"alerts"})) {
            if (row["alert"] == alert) {
                return row["components"]["static"];
            }
        }
        return 0;
    }
    std::uint64_t reports(std::string const& interface) const {
        return list({"igmp", "statistics", interface}).at(0)["counters"]["messages"]["reports-v3"];
    }
};

TEST(Clear, GroupsOfAnInterface) {
    Running world;
    ASSERT_TRUE(world.flows(k_lan1));
    auto const leaves = world.told("local_leave");
    auto const done = world.clear({"groups", "lan1"});
    EXPECT_EQ(done["cleared"], "groups");
    EXPECT_EQ(done["interfaces"], Json::array({"lan1"}));
    EXPECT_EQ(done["groups"], 2);
    EXPECT_NE(done["sentence"].get<std::string>().find("2 groups forgotten on lan1"),
              std::string::npos);
    EXPECT_EQ(world.groups("lan1"), 0U);
    EXPECT_EQ(world.groups("lan2"), 1U);
    EXPECT_FALSE(world.flows(k_lan1)) << "the entry follows";
    EXPECT_TRUE(world.flows(k_lan2));
    EXPECT_EQ(world.told("local_leave"), leaves + 2) << "the owner is told";
    EXPECT_TRUE(world.flows(k_lan1, k_static_group)) << "what is configured stays (IGMP-164)";
    world.join(k_lan1, k_group);
    EXPECT_TRUE(world.flows(k_lan1)) << "who answers is served again";
}

TEST(Clear, HostsAreAskedAtOnceWhereWeAreQuerier) {
    Running world;
    world.clear({"groups", "lan1"});
    auto const frames = world.injected();
    ASSERT_EQ(frames.size(), 1U);
    EXPECT_EQ(frames[0].interface, k_lan1);
}

TEST(Clear, OneGroupEverywhereOrOnOneInterface) {
    Running world;
    EXPECT_EQ(world.clear({"groups", "239.1.1.1"})["groups"], 2);
    EXPECT_EQ(world.groups("lan1"), 1U);
    EXPECT_EQ(world.groups("lan2"), 0U);
    EXPECT_FALSE(world.flows(k_lan2));
    EXPECT_TRUE(world.flows(k_lan1, k_other));
    EXPECT_EQ(world.clear({"groups", "lan1", "239.1.1.2"})["groups"], 1);
    EXPECT_EQ(world.groups("lan1"), 0U);
}

TEST(Clear, EverythingAtOnce) {
    Running world;
    auto const done = world.clear({"groups"});
    EXPECT_EQ(done["groups"], 3);
    EXPECT_EQ(done["interfaces"], Json::array({"lan0", "lan1", "lan2"}));
    EXPECT_TRUE(world.list({"igmp", "groups"}).empty());
}

TEST(Clear, InterfacesBeginAsWhenTheLinkComesUp) {
    Running world;
    world.run_for(60s);
    EXPECT_EQ(world.list({"igmp", "interfaces", "lan1"}).at(0)["startup_queries_left"], 0);
    EXPECT_EQ(world.clear({"interfaces", "lan1"})["groups"], 2);
    auto const row = world.list({"igmp", "interfaces", "lan1"}).at(0);
    EXPECT_EQ(row["startup_queries_left"], 1);
    EXPECT_EQ(row["uptime_seconds"], 0.0);
    EXPECT_FALSE(world.flows(k_lan1));
    EXPECT_TRUE(world.flows(k_lan2));
}

TEST(Clear, TheQuerierIsElectedAgainAndStreamsGoOn) {
    Config config = three_lans();
    config.interfaces[1].address = {Ipv4::of(10, 0, 1, 50), 24};
    World world(config);
    world.join(k_lan1, k_group);
    wire::Query query;
    query.max_resp_code = 100;
    query.qrv = 2;
    query.qqic = 125;
    auto const hear = [&] {
        world.punt(handoff::PuntClass::igmp, k_lan1, igmp_frame(k_lan1, query));
        world.settle();
    };
    auto const role = [&] { return world.list({"igmp", "interfaces", "lan1"}).at(0)["role"]; };
    hear();
    EXPECT_EQ(role(), "non-querier");
    EXPECT_EQ(world.command("clear", {"igmp", "querier", "lan1"})["cleared"], "querier");
    world.settle();
    EXPECT_EQ(role(), "querier");
    EXPECT_EQ(world.list({"igmp", "groups", "lan1"}).size(), 1U);
    hear();
    EXPECT_EQ(role(), "non-querier");
}

TEST(Clear, StatisticsBeginAgainAndTheBooksStillBalance) {
    Running world;
    EXPECT_EQ(world.reports("lan1"), 2U);
    auto& drops = world.shared.workers[0]->counters->interfaces[k_lan1.index()].drops;
    drops[static_cast<std::size_t>(handoff::Drop::igmp_full)].add(6);
    world.now += 10s;
    world.clear({"statistics", "lan1"});
    world.now += 5s;
    auto const row = world.list({"igmp", "statistics", "lan1"}).at(0);
    EXPECT_EQ(row["counted_seconds"], 5.0);
    EXPECT_EQ(row["groups"], 2);
    for (auto const& [kind, counters] : row["counters"].items()) {
        for (auto const& [name, count] : counters.items()) {
            EXPECT_EQ(count, name == "groups-peak" ? 2 : 0) << kind << " " << name;
        }
    }
    EXPECT_EQ(world.reports("lan2"), 1U);
    // `show drops` adds up with what was punted: it goes on.
    std::uint64_t reports = 0;
    auto const drops_shown = world.ask("show", {"drops"});
    for (Json const& counted : drops_shown["control"]) {
        reports += counted["name"] == "igmp_reports_v3" ? counted["packets"].get<unsigned>() : 0;
    }
    EXPECT_EQ(reports, 3U);
    drops[static_cast<std::size_t>(handoff::Drop::igmp_full)].add(1);
    world.join(k_lan1, k_group);
    EXPECT_EQ(world.reports("lan1"), 1U);
    EXPECT_EQ(world.list({"igmp", "statistics", "lan1"}).at(0)["counters"]["link"]["punt-full"], 1);
}

TEST(Clear, WhileTheGateIsClosed) {
    Running world;
    world.command("owner", {"release", "lan1", "static"}); // the gate is closed until a later turn
    EXPECT_EQ(world.command("clear", {"igmp", "groups", "lan1"})["groups"], 2);
    world.settle();
    world.run_for(1s);
    EXPECT_TRUE(world.list({"memberships", "lan1"}).empty());
    EXPECT_FALSE(world.flows(k_lan1));
}

TEST(Clear, RefusalsAreByNameAndChangeNothing) {
    struct Row {
        std::vector<std::string> words;
        std::string code;
        std::string says;
    };
    std::vector<Row> const table{
        {{}, "bad_argument", "groups, interfaces, querier, statistics"},
        {{"igmp"}, "bad_argument", "groups, interfaces, querier, statistics"},
        {{"igmp", "weather"}, "bad_argument", "groups, interfaces, querier, statistics"},
        {{"counters"}, "unavailable", "clear counters"},
        {{"igmp", "groups", "lan9"}, "not_found", "lan9"},
        {{"igmp", "groups", "10.0.0.1"}, "bad_argument", "clear igmp groups [INTERFACE] [GROUP]"},
        {{"igmp", "groups", "lan1", "239.9.9.9"}, "not_found", "no host has joined 239.9.9.9"},
        {{"igmp", "groups", "lan2", "239.1.1.2"}, "not_found", "no host has joined 239.1.1.2"},
        {{"igmp", "querier", "239.1.1.1"}, "bad_argument", "clear igmp querier [INTERFACE]"},
        {{"igmp", "statistics", "lan1", "lan2"}, "bad_argument", "lan2"},
    };
    Running world;
    for (Row const& row : table) {
        auto const refusal = world.command("clear", row.words);
        EXPECT_EQ(refusal.value("code", ""), row.code) << refusal.dump();
        EXPECT_NE(refusal.value("sentence", "").find(row.says), std::string::npos)
            << refusal.dump();
    }
    EXPECT_EQ(world.list({"igmp", "groups"}).size(), 3U);
    auto const only_answers = world.ask("clear", {"igmp", "groups"});
    EXPECT_EQ(only_answers["code"], "unavailable");
    EXPECT_NE(only_answers["sentence"].get<std::string>().find("changes nothing"),
              std::string::npos);
}

TEST(Query, HostsAreAskedOnceByCommand) {
    Running world;
    auto const general = world.command("igmp", {"query", "lan1"});
    EXPECT_EQ(general["sentence"], "hosts on lan1 have been asked what they want");
    EXPECT_TRUE(general["group"].is_null());
    auto const queries = world.queries(k_lan1);
    ASSERT_EQ(queries.size(), 1U);
    EXPECT_TRUE(queries[0].is_general());
    auto const one = world.command("igmp", {"query", "lan1", "239.1.1.1"});
    EXPECT_EQ(one["group"], "239.1.1.1");
    auto const specific = world.queries(k_lan1);
    ASSERT_EQ(specific.size(), 1U);
    EXPECT_EQ(specific[0].group, Ipv4::of(239, 1, 1, 1));
    EXPECT_TRUE(specific[0].suppress); // nobody's timers are lowered by it
    EXPECT_EQ(world.groups("lan1"), 2U);
}

TEST(Query, RefusalsSayWhy) {
    struct Row {
        std::vector<std::string> words;
        std::string code;
        std::string says;
    };
    std::vector<Row> const table{
        {{}, "bad_argument", "query INTERFACE [GROUP]"},
        {{"query"}, "bad_argument", "query INTERFACE [GROUP]"},
        {{"ask", "lan1"}, "bad_argument", "query INTERFACE [GROUP]"},
        {{"query", "lan9"}, "not_found", "there is no interface 'lan9'"},
        {{"query", "239.1.1.1"}, "bad_argument", "takes an interface"},
        {{"query", "lan1", "224.0.0.5"}, "bad_argument", "a group that hosts report"},
        {{"query", "lan1", "10.0.0.1"}, "bad_argument", "'10.0.0.1' does not fit"},
        {{"query", "lan2"}, "unavailable", "on lan2 it is 10.0.2.9 that asks"},
    };
    Config config = three_lans();
    config.interfaces[2].address.address.value += 99;
    World world(config);
    world.settle();
    world.punt(handoff::PuntClass::igmp, k_lan2,
               igmp_frame(k_lan2, wire::Query{.max_resp_code = 100, .qrv = 2, .qqic = 125}));
    world.settle();
    for (Row const& row : table) {
        auto const refusal = world.command("igmp", row.words);
        EXPECT_EQ(refusal.value("code", ""), row.code) << refusal.dump();
        EXPECT_NE(refusal.value("sentence", "").find(row.says), std::string::npos)
            << refusal.dump();
    }
    EXPECT_EQ(world.ask("igmp", {"query", "lan1"})["code"], "unavailable");
}

} // namespace
} // namespace mcast::control
