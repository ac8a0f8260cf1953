// What is shown has the members that clients are promised, and what is not there is refused by
// name.
#include "world.h"

#include "mcast/mgm/views.h"

#include <gtest/gtest.h>

#include <map>

namespace mcast::control {
namespace {

constexpr Ipv4 k_group = Ipv4::of(239, 1, 1, 1);

std::vector<std::string> members(api::Json const& object) {
    std::vector<std::string> names;
    for (auto const& [name, value] : object.items()) {
        names.push_back(name);
    }
    return names;
}

World& busy(World& world) {
    world.join(k_lan1, k_group);
    world.report(k_lan2, include_report(k_group, {host_of(k_lan0)}));
    world.settle();
    world.miss(k_lan0, udp_frame(host_of(k_lan0), k_group));
    world.settle();
    return world;
}

TEST(Show, MembersAreThoseOfTheProtocol) {
    std::map<std::string, std::vector<std::string>> const promised{
        {"interfaces",
         {"name", "port", "vlan", "address", "tunnel", "mtu", "up", "ttl_threshold", "boundaries",
          "protocols", "owner", "igmp", "received", "forwarded", "sent", "wrong_interface_alerts"}},
        {"groups",
         {"interface", "group", "mode", "compat", "sources", "expires_seconds", "last_reporter",
          "uptime_seconds", "origin"}},
        {"entries",
         {"source", "group", "arrival", "outputs", "state", "reason", "why", "packets", "bytes",
          "wrong_interface", "ttl_expired", "dropped", "copies", "age_seconds", "expires_seconds"}},
        {"memberships", {"interface", "source", "group", "owner", "igmp", "stale"}},
        {"events",
         {"uptime_seconds", "ago_seconds", "family", "kind", "interface", "component", "source",
          "group", "cause", "outputs", "reason", "epoch", "published_seconds", "ready_seconds",
          "sentence"}},
        {"owners",
         {"interface", "owner", "igmp", "state", "meaning", "epoch", "hand_overs", "last",
          "transition_seconds", "waits_for"}},
        {"alerts", {"alert", "total", "not_told", "components", "meaning"}},
        {"workers",
         {"worker", "core", "numa_node", "turns", "busy_percent", "busy_last_second_percent",
          "cycles_per_packet", "sleeps", "bursts", "received", "forwarded", "punted", "queues",
          "receive_rings", "transmit_rings", "relays", "heartbeat_age_seconds", "holds_up",
          "warnings"}},
    };
    World world;
    busy(world);
    for (auto const& [subject, names] : promised) {
        auto const data = world.ask("show", {subject});
        auto const& rows = data.is_object() ? data["rows"] : data;
        ASSERT_FALSE(rows.empty()) << subject;
        EXPECT_EQ(members(rows.front()), names) << subject;
    }
}

// A worker's load: since the start, of the last second, for each packet.
TEST(Show, WorkersLoad) {
    World world;
    auto& counters = *world.shared.workers[0]->counters;
    auto const second = [&](std::uint64_t busy, std::uint64_t idle) {
        counters.busy_cycles.add(busy);
        counters.idle_cycles.add(idle);
        world.now += std::chrono::seconds{1};
        world.settle();
    };
    world.settle();
    second(100, 900);
    second(600, 200);
    counters.interfaces[0].received.add(7);
    counters.bursts[handoff::burst_size(3)].add(2);
    counters.bursts[handoff::burst_size(32)].add(5);
    counters.sleeps.add(4);
    auto const worker = world.ask("show", {"workers"})[0];
    EXPECT_NEAR(worker["busy_percent"].get<double>(), 100.0 * 700 / 1800, 0.01);
    EXPECT_NEAR(worker["busy_last_second_percent"].get<double>(), 75.0, 0.01);
    EXPECT_NEAR(worker["cycles_per_packet"].get<double>(), 100.0, 0.01);
    EXPECT_EQ(worker["sleeps"], 4);
    ASSERT_EQ(worker["bursts"].size(), handoff::k_burst_sizes);
    EXPECT_EQ(worker["bursts"][1], (api::Json{{"packets", "2-3"}, {"bursts", 2}}));
    EXPECT_EQ(worker["bursts"][5], (api::Json{{"packets", "32"}, {"bursts", 5}}));
}

TEST(Show, Status) {
    World world;
    busy(world);
    world.now += std::chrono::seconds{90};
    auto const status = world.ask("show", {"status"});
    EXPECT_EQ(status["uptime_seconds"], 90.0);
    EXPECT_EQ(status["interfaces"], 3);
    EXPECT_EQ(status["memberships"], 2);
    EXPECT_EQ(status["entries"], 1);
    EXPECT_EQ(status["entries_limit"], 64);
    EXPECT_EQ(status["limits"]["interfaces"], k_max_interfaces);
    EXPECT_EQ(status["accounting"]["difference"], 0);
}

TEST(Show, GroupsSayWhoWantsWhat) {
    World world;
    auto const groups = busy(world).ask("show", {"groups"});
    ASSERT_EQ(groups.size(), 2U);
    EXPECT_EQ(groups[0]["interface"], "lan1");
    EXPECT_EQ(groups[0]["mode"], "exclude");
    EXPECT_EQ(groups[0]["last_reporter"], "10.0.1.9");
    EXPECT_EQ(groups[1]["mode"], "include");
    EXPECT_EQ(groups[1]["sources"][0]["source"], "10.0.0.9");
    EXPECT_EQ(groups[1]["sources"][0]["state"], "forward");
    EXPECT_EQ(groups[1]["sources"][0]["expires_seconds"], 270.0);
}

// The protocols hear of each other by the manager alone: who was told what is seen here (MGM-67,
// MGM-97).
TEST(Show, AlertsSayWhoWasToldWhat) {
    World world;
    auto const told = [&](std::string const& alert, std::string const& component) {
        for (auto const& row : world.ask("show", {"alerts"})) {
            if (row["alert"] == alert) {
                EXPECT_FALSE(row["meaning"].get<std::string>().empty());
                return component.empty() ? row["total"] : row["components"][component];
            }
        }
        return api::Json();
    };
    EXPECT_EQ(world.ask("show", {"alerts"}).size(), mgm::k_alert_kinds);
    EXPECT_EQ(told("interface_ready", "static"), 0);
    world.settle();
    EXPECT_EQ(told("interface_ready", "static"), 3); // of the three that it takes at the start
    busy(world);
    EXPECT_EQ(told("local_join", "static"), 2);
    EXPECT_EQ(told("local_join", "igmp"), 0);
    EXPECT_EQ(told("rpf_question", "static"), 1);
    EXPECT_EQ(told("creation_question", "igmp"), 1);
    EXPECT_EQ(told("creation_question", ""), 2);
}

TEST(Show, DropsNameTheInterfaceTheReasonAndTheMeaning) {
    World world;
    auto& counters = world.shared.workers[0]->counters->interfaces[k_lan1.index()];
    counters.received.add(4);
    counters.drops[static_cast<std::size_t>(handoff::Drop::ttl_expired)].add(3);
    auto const drops = world.ask("show", {"drops"});
    ASSERT_EQ(drops["rows"].size(), 1U);
    EXPECT_EQ(drops["rows"][0]["interface"], "lan1");
    EXPECT_EQ(drops["rows"][0]["reason"], "ttl_expired");
    EXPECT_EQ(drops["rows"][0]["packets"], 3);
    EXPECT_EQ(drops["rows"][0]["meaning"], handoff::explain(handoff::Drop::ttl_expired));
    EXPECT_EQ(drops["accounting"]["difference"], 1); // one packet that nobody accounts for
}

TEST(Show, PortsAndPoolsComeFromWhoeverKnowsThem) {
    handoff::ManualGrace grace;
    handoff::Shared shared(1, 16, World::small_queues(), grace);
    Reporters reporters;
    reporters.ports = [] {
        PortReport port;
        port.name = "p0";
        port.capabilities = {{"rss", true}};
        port.fallbacks = {"no RSS"};
        PortReport other;
        other.numa_node = 1;
        return std::vector{port, other};
    };
    reporters.pools = [] {
        return std::vector{PoolReport{"receive", 100, 7, {{0, 60, 3}, {std::nullopt, 40, 4}}}};
    };
    ControlLoop control(three_lans(), three_ports(), shared, grace, reporters);
    auto const ports = control.answer({"show", {"ports"}, api::Json::object()}, {}).data;
    EXPECT_EQ(ports[0]["capabilities"]["rss"], true);
    EXPECT_EQ(ports[0]["fallbacks"], api::Json::array({"no RSS"}));
    EXPECT_TRUE(ports[0]["numa_node"].is_null());
    EXPECT_EQ(ports[1]["numa_node"], 1);
    auto const status = control.answer({"show", {"status"}, api::Json::object()}, {}).data;
    EXPECT_EQ(status["pools"][0],
              api::Json::parse(R"({"name": "receive", "size": 100, "in_use": 7, "nodes": [
                  {"numa_node": 0, "size": 60, "in_use": 3},
                  {"numa_node": null, "size": 40, "in_use": 4}]})"));
}

// What a driver does not tell is null, not 0; who has no reporter has empty lists.
TEST(Show, RingsComeFromWhoeverKnowsThem) {
    handoff::ManualGrace grace;
    handoff::Shared shared(2, 16, World::small_queues(), grace);
    Reporters reporters;
    reporters.workers = [] {
        WorkerReport worker;
        worker.numa_node = 1;
        worker.receive = {{"wan", 0, 12, 1024}, {"lan", 1, std::nullopt, 512}};
        worker.transmit = {{"wan", 0, 0, 256}};
        worker.relays = {{"lan", 0, 3, 1023}};
        worker.warnings = {"every frame crosses"};
        return std::vector{worker};
    };
    ControlLoop control(three_lans(), three_ports(), shared, grace, reporters);
    auto const workers = control.answer({"show", {"workers"}, api::Json::object()}, {}).data;
    EXPECT_EQ(workers[0]["numa_node"], 1);
    EXPECT_EQ(workers[0]["receive_rings"], api::Json::parse(R"([
        {"port": "wan", "queue": 0, "used": 12, "descriptors": 1024},
        {"port": "lan", "queue": 1, "used": null, "descriptors": 512}])"));
    EXPECT_EQ(workers[0]["transmit_rings"], api::Json::parse(R"([
        {"port": "wan", "queue": 0, "used": 0, "descriptors": 256}])"));
    EXPECT_EQ(workers[0]["relays"], api::Json::parse(R"([
        {"port": "lan", "queue": 0, "used": 3, "slots": 1023}])"));
    EXPECT_EQ(workers[0]["warnings"], api::Json::array({"every frame crosses"}));
    EXPECT_TRUE(workers[1]["numa_node"].is_null());
    EXPECT_EQ(workers[1]["receive_rings"], api::Json::array());
}

TEST(Show, RefusalsAreByName) {
    struct Row {
        std::string command;
        std::vector<std::string> arguments;
        std::string code;
        std::string says;
    };
    std::vector<Row> const table{
        {"owner", {"take", "lan0", "static"}, "unavailable", "changes nothing"},
        {"show", {"entries", "now"}, "bad_argument", "no words"},
        {"show", {"memberships", "lan9"}, "not_found", "lan9"},
        {"show", {"memberships", "10.0.0.1"}, "bad_argument", "[INTERFACE] [GROUP]"},
        {"show", {"memberships", "lan0", "lan1"}, "not_found", "lan1"},
        {"show", {"events", "weather"}, "bad_argument", "gate_opened"},
        {"reload", {}, "unavailable", "reload"},
        {"show", {"neighbors"}, "unavailable", "neighbors"},
        {"show", {"nonsense"}, "bad_argument", "nonsense"},
        {"show", {}, "bad_argument", "status"},
        {"show", {"status", "now"}, "bad_argument", "status"},
        {"dance", {}, "unknown_command", "dance"},
        {"explain", {"10.0.0.9"}, "bad_argument", "SOURCE GROUP"},
        {"explain", {"here", "239.1.1.1"}, "bad_argument", "here"},
        {"explain", {"10.0.0.9", "10.0.0.1"}, "bad_argument", "10.0.0.1"},
        {"explain", {"10.0.0.9", "239.1.1.1", "on", "lan0"}, "bad_argument", "INTERFACE"},
        {"explain", {"10.0.0.9", "239.1.1.1", "in", "lan9"}, "not_found", "lan9"},
    };
    World world;
    for (Row const& row : table) {
        auto const refusal = world.ask(row.command, row.arguments);
        EXPECT_EQ(refusal["code"], row.code) << refusal.dump();
        EXPECT_NE(refusal["sentence"].get<std::string>().find(row.says), std::string::npos)
            << refusal.dump();
    }
}

} // namespace
} // namespace mcast::control
