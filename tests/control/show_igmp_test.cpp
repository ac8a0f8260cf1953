// What IGMP knows and counts, as it is shown: members of each row, countdowns, filters, pages.
#include "world.h"

#include "mcast/igmp/counters.h"
#include "mcast/wire/checksum.h"

#include <gtest/gtest.h>

#include <map>

namespace mcast::control {
namespace {

using namespace std::chrono_literals;
using api::Json;

constexpr Ipv4 k_group = Ipv4::of(239, 1, 1, 1);

Ipv4 group(unsigned n) {
    return Ipv4{Ipv4::of(239, 1, 0, 0).value + n};
}
Ipv4 source(unsigned n) {
    return Ipv4{Ipv4::of(10, 0, 0, 100).value + n};
}

std::vector<std::string> members(Json const& object) {
    std::vector<std::string> names;
    for (auto const& [name, value] : object.items()) {
        names.push_back(name);
    }
    return names;
}

// lan1: 40 groups without sources; lan2: a group with three wanted and one with two blocked.
World& busy(World& world) {
    for (unsigned n = 0; n < 40; ++n) {
        world.join(k_lan1, group(n));
    }
    world.report(k_lan2, include_report(group(7), {source(3), source(1), source(2)}));
    world.report(k_lan2, exclude_report(group(9), {source(5), source(4)}));
    world.settle();
    return world;
}

Json only(Json const& rows) {
    EXPECT_EQ(rows.size(), 1U) << rows.dump();
    return rows.empty() ? Json::object() : rows[0];
}

Json statistics(World const& world, std::string const& interface) {
    return only(world.list({"igmp", "statistics", interface}));
}

std::size_t terminations(World& world) {
    std::size_t count = 0;
    for (Injected const& out : world.injected()) {
        auto const datagram = wire::decode_datagram(out.bytes);
        auto const message = datagram ? wire::decode_igmp(datagram->payload)
                                      : std::unexpected(wire::IgmpError::malformed);
        if (message && std::holds_alternative<wire::RouterTermination>(*message)) {
            EXPECT_EQ(datagram->ip.destination, wire::k_all_snoopers);
            EXPECT_EQ(datagram->ip.ttl, 1);
            EXPECT_TRUE(wire::has_router_alert(datagram->ip.options));
            ++count;
        }
    }
    return count;
}

TEST(ShowIgmp, SwitchesAreToldWhileTheRouterIsThereAndThatItGoes) {
    // RFC 4286 sections 3 and 5.
    Config config = three_lans();
    config.interfaces[1].igmp.router_discovery = igmp::RouterDiscovery::always;
    World world(config);
    world.settle();
    auto const announced = only(world.list({"igmp", "interfaces", "lan1"}));
    EXPECT_EQ(announced["advertising"], true);
    EXPECT_LE(announced["next_advertisement_seconds"].get<double>(), 2.0);
    auto const silent = only(world.list({"igmp", "interfaces", "lan0"}));
    EXPECT_EQ(silent["advertising"], false);
    EXPECT_TRUE(silent["next_advertisement_seconds"].is_null());
    world.run_for(std::chrono::seconds{30});
    auto const sent = statistics(world, "lan1")["counters"]["sent"];
    EXPECT_GE(sent["sent-router-advertisements"], 4);
    EXPECT_EQ(terminations(world), 0U);
    world.control.farewell();
    EXPECT_EQ(terminations(world), 1U);
    world.control.stop(world.now);
    EXPECT_EQ(terminations(world), 0U);
}

TEST(ShowIgmp, MembersAreThoseOfTheProtocol) {
    std::map<std::string, std::vector<std::string>> const promised{
        {"interfaces",
         {"interface",
          "address",
          "state",
          "role",
          "querier",
          "querier_version",
          "querier_uptime_seconds",
          "other_querier_expires_seconds",
          "next_query_seconds",
          "startup_queries_left",
          "advertising",
          "next_advertisement_seconds",
          "v1_querier_seconds",
          "v2_querier_seconds",
          "version",
          "uptime_seconds",
          "groups",
          "sources",
          "hosts",
          "in_force",
          "configured"}},
        {"groups",
         {"interface", "group", "mode", "compat", "sources_forwarded", "sources_blocked",
          "expires_seconds", "group_timer_seconds", "v1_host_seconds", "v2_host_seconds",
          "last_reporter", "uptime_seconds", "checking", "queries_left", "next_query_seconds"}},
        {"sources",
         {"interface", "group", "source", "mode", "state", "expires_seconds", "queries_left",
          "last_reporter", "uptime_seconds"}},
        {"statistics", {"interface", "counted_seconds", "groups", "sources", "counters"}},
    };
    World world;
    busy(world);
    for (auto const& [page, names] : promised) {
        auto const rows = world.list({"igmp", page});
        ASSERT_FALSE(rows.empty()) << page;
        EXPECT_EQ(members(rows.front()), names) << page;
    }
}

// IGMP-15, IGMP-16, IGMP-18 as an operator sees them.
TEST(ShowIgmp, TheQuerierAndItsTimers) {
    World world;
    world.settle();
    world.now += 10s;
    auto const ours = only(world.list({"igmp", "interfaces", "lan1"}));
    EXPECT_EQ(ours["role"], "querier");
    EXPECT_EQ(ours["querier"], "10.0.1.1");
    EXPECT_EQ(ours["startup_queries_left"], 1);
    EXPECT_EQ(ours["next_query_seconds"], 21.25);
    EXPECT_EQ(ours["other_querier_expires_seconds"], nullptr);
    EXPECT_EQ(ours["uptime_seconds"], 10.0);
    EXPECT_EQ(ours["in_force"]["group_membership_interval_seconds"], 270.0);
    EXPECT_EQ(ours["configured"]["max_groups"], 4096);
    wire::Query query;
    query.version = 2;
    query.max_resp_code = 100;
    // 10.0.1.0 would win, but is the network: the subnet of lan1 has no lower host than .1, so the
    // router moves up.
    Config config = three_lans();
    config.interfaces[1].address = {Ipv4::of(10, 0, 1, 50), 24};
    World second(config);
    second.settle();
    second.punt(handoff::PuntClass::igmp, k_lan1, igmp_frame(k_lan1, query));
    second.settle();
    second.now += 5s;
    auto const lost = only(second.list({"igmp", "interfaces", "lan1"}));
    EXPECT_EQ(lost["role"], "non-querier");
    EXPECT_EQ(lost["querier"], "10.0.1.9");
    EXPECT_EQ(lost["querier_version"], 2);
    EXPECT_EQ(lost["querier_uptime_seconds"], 5.0);
    EXPECT_EQ(lost["other_querier_expires_seconds"], 250.0);
    EXPECT_EQ(lost["v2_querier_seconds"], 250.0);
    EXPECT_EQ(lost["next_query_seconds"], nullptr);
    EXPECT_EQ(lost["version"], 2);
    EXPECT_EQ(lost["configured"]["version"], 3);
}

TEST(ShowIgmp, ALinkThatIsDownHasNoRole) {
    World world;
    world.settle();
    world.control.link_changed(PortId{1}, false, world.now);
    auto const down = only(world.list({"igmp", "interfaces", "lan1"}));
    EXPECT_EQ(down["state"], "down");
    EXPECT_EQ(down["role"], nullptr);
    EXPECT_EQ(down["querier"], nullptr);
    EXPECT_EQ(down["uptime_seconds"], nullptr);
}

TEST(ShowIgmp, GroupsCountDown) {
    World world;
    busy(world);
    world.punt(handoff::PuntClass::igmp, k_lan1, igmp_frame(k_lan1, wire::ReportV2{k_group}));
    world.settle();
    world.now += 30s;
    auto const v2 = only(world.list({"igmp", "groups", "lan1", "239.1.1.1"}));
    EXPECT_EQ(v2["mode"], "exclude");
    EXPECT_EQ(v2["compat"], 2);
    EXPECT_EQ(v2["expires_seconds"], 240.0);
    EXPECT_EQ(v2["group_timer_seconds"], 240.0);
    EXPECT_EQ(v2["v2_host_seconds"], 230.0);
    EXPECT_EQ(v2["v1_host_seconds"], nullptr);
    EXPECT_EQ(v2["last_reporter"], "10.0.1.9");
    EXPECT_EQ(v2["uptime_seconds"], 30.0);
    EXPECT_EQ(v2["checking"], false);
    auto const included = only(world.list({"igmp", "groups", "239.1.0.7", "lan2"}));
    EXPECT_EQ(included["mode"], "include");
    EXPECT_EQ(included["group_timer_seconds"], nullptr);
    EXPECT_EQ(included["expires_seconds"], 240.0) << "with its last source";
    EXPECT_EQ(included["sources_forwarded"], 3);
    auto const excluded = only(world.list({"igmp", "groups", "239.1.0.9", "lan2"}));
    EXPECT_EQ(excluded["sources_blocked"], 2);
    world.leave(k_lan1, k_group);
    auto const asked = only(world.list({"igmp", "groups", "lan1", "239.1.1.1"}));
    EXPECT_EQ(asked["checking"], true);
    EXPECT_EQ(asked["queries_left"], 1);
    EXPECT_EQ(asked["next_query_seconds"], 1.0);
    EXPECT_EQ(asked["expires_seconds"], 2.0);
}

TEST(ShowIgmp, SourcesWantedAndBlocked) {
    World world;
    busy(world);
    auto const rows = world.list({"igmp", "sources"});
    ASSERT_EQ(rows.size(), 5U);
    EXPECT_EQ(rows[0]["source"], "10.0.0.101");
    EXPECT_EQ(rows[0]["state"], "forward");
    EXPECT_EQ(rows[0]["expires_seconds"], 270.0);
    EXPECT_EQ(rows[3]["group"], "239.1.0.9");
    EXPECT_EQ(rows[3]["state"], "block");
    EXPECT_EQ(rows[3]["expires_seconds"], nullptr);
    EXPECT_TRUE(world.list({"igmp", "sources", "lan1"}).empty());
    EXPECT_EQ(world.list({"igmp", "sources", "lan2", "239.1.0.7"}).size(), 3U);
}

TEST(ShowIgmp, HostsThatAreTracked) {
    Config config = three_lans();
    config.interfaces[k_lan2.index()].igmp.host_tracking = true;
    World world(config);
    busy(world);
    auto const rows = world.list({"igmp", "hosts"});
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(members(rows[0]), (std::vector<std::string>{"interface", "group", "host", "mode",
                                                          "sources", "expires_seconds"}));
    EXPECT_EQ(rows[0]["interface"], "lan2");
    EXPECT_EQ(rows[0]["group"], "239.1.0.7");
    EXPECT_EQ(rows[0]["mode"], "include");
    EXPECT_EQ(rows[0]["sources"], Json({"10.0.0.101", "10.0.0.102", "10.0.0.103"}));
    EXPECT_EQ(rows[0]["expires_seconds"], 270.0);
    EXPECT_EQ(rows[1]["mode"], "exclude");
    EXPECT_EQ(only(world.list({"igmp", "interfaces", "lan2"}))["hosts"], 1);
    EXPECT_EQ(world.list({"igmp", "hosts"}, 1), rows);
    EXPECT_EQ(world.list({"igmp", "hosts", "lan2", "239.1.0.9"}).size(), 1U);
}

// Each source has a story of its own: another host names one of the three half a minute later.
TEST(ShowIgmp, SourcesHaveAnAgeAndAReporterEach) {
    World world;
    busy(world);
    world.now += 30s;
    world.punt(
        handoff::PuntClass::igmp, k_lan2,
        igmp_frame(Ipv4::of(10, 0, 2, 77), include_report(group(7), {source(1), source(9)})));
    world.settle();
    world.now += 5s;
    auto const rows = world.list({"igmp", "sources", "lan2", "239.1.0.7"});
    ASSERT_EQ(rows.size(), 4U);
    EXPECT_EQ(rows[0]["last_reporter"], "10.0.2.77");
    EXPECT_EQ(rows[0]["uptime_seconds"], 35.0);
    EXPECT_EQ(rows[1]["last_reporter"], "10.0.2.9");
    EXPECT_EQ(rows[1]["uptime_seconds"], 35.0);
    EXPECT_EQ(rows[3]["last_reporter"], "10.0.2.77");
    EXPECT_EQ(rows[3]["uptime_seconds"], 5.0);
}

TEST(ShowIgmp, EveryRowOnceWithAnyPageSize) {
    World world;
    busy(world);
    std::map<std::string, std::size_t> const sizes{
        {"interfaces", 3}, {"groups", 42}, {"sources", 5}, {"statistics", 3}};
    for (auto const& [page, size] : sizes) {
        auto const all = world.list({"igmp", page});
        EXPECT_EQ(all.size(), size) << page;
        for (std::size_t limit = 1; limit < 7; ++limit) {
            EXPECT_EQ(world.list({"igmp", page}, limit), all) << page << " by " << limit;
        }
    }
    EXPECT_EQ(world.list({"igmp", "groups", "lan2"}, 1).size(), 2U);
    EXPECT_EQ(world.list({"igmp", "groups", "239.1.0.7"}, 1).size(), 2U);
}

TEST(ShowIgmp, AGroupThatGoesBetweenPagesDisturbsNone) {
    World world;
    busy(world);
    auto const first = world.page({"igmp", "groups", "lan1"}, {{"limit", 2}});
    ASSERT_EQ(first["rows"].size(), 2U);
    world.leave(k_lan1, group(1)); // the last row of that page
    world.run_for(3s);
    auto const second =
        world.page({"igmp", "groups", "lan1"}, {{"limit", 256}, {"after", first["next"]}});
    EXPECT_EQ(second["rows"][0]["group"], "239.1.0.2");
    EXPECT_EQ(second["rows"].size(), 38U);
}

// Every counter that is declared is shown, in the class that it has.
TEST(ShowIgmp, StatisticsHaveEveryCounter) {
    World world;
    busy(world);
    auto const counters = statistics(world, "lan1")["counters"];
    std::size_t shown = 0;
    for (auto const& [kind, names] : counters.items()) {
        shown += names.size();
    }
    // And what the demux and the workers count: fragments, and nine of the link.
    EXPECT_EQ(shown, igmp::k_counters.size() + 10);
    for (igmp::CounterName const& counter : igmp::k_counters) {
        std::size_t found = 0;
        for (auto const& [kind, names] : counters.items()) {
            found += names.contains(std::string(counter.name)) ? 1 : 0;
        }
        EXPECT_EQ(found, 1U) << counter.name;
    }
    EXPECT_EQ(counters["messages"]["reports-v3"], 40);
    EXPECT_EQ(counters["sent"]["sent-general-queries"], 1);
    EXPECT_EQ(counters["link"]["queries-sent"], 1);
    EXPECT_EQ(counters["protocol"]["joins"], 40);
}

std::uint64_t sum(Json const& counters) {
    std::uint64_t result = 0;
    for (auto const& [name, count] : counters.items()) {
        result += count.get<std::uint64_t>();
    }
    return result;
}

// What the demux takes before the querier sees it is counted on its interface, in the right class.
TEST(ShowIgmp, ReceivedIsTheSumOfMessagesAndRefusals) {
    World world;
    busy(world);
    Frame far = igmp_frame(k_lan1, wire::ReportV2{k_group});
    Frame fragment = far;
    Frame dvmrp = far;
    constexpr std::size_t k_ip = 14;
    constexpr std::size_t k_igmp = k_ip + 24;
    auto const fix = [](Frame& frame) {
        frame[k_ip + 10] = frame[k_ip + 11] = 0;
        std::uint16_t const sum =
            wire::internet_checksum(std::span(frame).subspan(k_ip, 24)); // of the header
        frame[k_ip + 10] = static_cast<std::uint8_t>(sum >> 8);
        frame[k_ip + 11] = static_cast<std::uint8_t>(sum & 0xff);
    };
    far[k_ip + 8] = 2; // IGMP-145
    fix(far);
    fragment[k_ip + 6] = 0x20; // IGMP-156
    fix(fragment);
    dvmrp[k_igmp] = 0x13;
    for (Frame const& frame : {far, far, fragment, dvmrp}) {
        world.punt(handoff::PuntClass::igmp, k_lan1, frame);
    }
    world.settle();
    auto& worker = world.shared.workers[0]->counters->interfaces[k_lan1.index()];
    worker.drops[static_cast<std::size_t>(handoff::Drop::igmp_policed)].add(5);
    worker.drops[static_cast<std::size_t>(handoff::Drop::igmp_full)].add(6);
    auto const counters = statistics(world, "lan1")["counters"];
    EXPECT_EQ(counters["refusals"]["bad-ttl"], 2);
    EXPECT_EQ(counters["refusals"]["fragment"], 1);
    EXPECT_EQ(counters["messages"]["dvmrp"], 1);
    EXPECT_EQ(counters["link"]["punt-policed"], 5);
    EXPECT_EQ(counters["link"]["punt-full"], 6);
    EXPECT_EQ(counters["total"]["received"], 44);
    EXPECT_EQ(sum(counters["messages"]) + sum(counters["refusals"]), 44U);
    EXPECT_EQ(statistics(world, "lan2")["counters"]["refusals"]["bad-ttl"], 0);
}

TEST(ShowIgmp, WhatTheRouterSaysItselfAndCannotSay) {
    Config config = three_lans();
    config.interfaces[1].igmp.router_discovery = igmp::RouterDiscovery::always;
    config.groups.push_back(
        {.group = k_group, .source = std::nullopt, .interface = "lan1", .join = true});
    World world(config);
    world.run_for(5s);
    auto const said = statistics(world, "lan1")["counters"]["link"];
    EXPECT_EQ(said["queries-sent"], 1);
    EXPECT_GE(said["reports-sent"], 2); // at the start, and once more
    EXPECT_EQ(said["reports-unsent"], 0);
    EXPECT_EQ(said["discovery-unsent"], 0);
    EXPECT_EQ(statistics(world, "lan2")["counters"]["link"]["reports-sent"], 0);
    while (handoff::Frame* const frame = world.shared.workers[0]->inject.acquire()) {
        frame->length = 0;
        world.shared.workers[0]->inject.push(frame);
    }
    world.run_for(60s); // a query and its answer, and advertisements
    auto const unsaid = statistics(world, "lan1")["counters"]["link"];
    EXPECT_EQ(unsaid["queries-sent"], 1);
    EXPECT_EQ(unsaid["queries-unsent"], 1);
    EXPECT_GE(unsaid["reports-unsent"], 1);
    EXPECT_GE(unsaid["discovery-unsent"], 2);
}

TEST(ShowIgmp, WhatArrivesWhereIgmpDoesNotRun) {
    Config config = three_lans();
    config.interfaces[2].igmp_enabled = false;
    World world(config);
    world.settle();
    EXPECT_EQ(world.list({"igmp", "statistics"}).size(), 2U);
    world.punt(handoff::PuntClass::igmp, k_lan2, igmp_frame(k_lan2, wire::ReportV2{k_group}));
    world.settle();
    EXPECT_EQ(world.list({"igmp", "statistics"}).size(), 3U);
    EXPECT_EQ(statistics(world, "lan2")["counters"]["refusals"]["not-enabled"], 1);
    EXPECT_EQ(world.list({"igmp", "interfaces"}).size(), 2U);
}

TEST(ShowIgmp, RefusalsAreByName) {
    struct Row {
        std::vector<std::string> words;
        std::string code;
        std::string says;
    };
    std::vector<Row> const table{
        {{"igmp"}, "bad_argument", "interfaces, groups, sources, hosts, joins, statistics"},
        {{"igmp", "weather"},
         "bad_argument",
         "interfaces, groups, sources, hosts, joins, statistics"},
        {{"igmp", "groups", "lan9"}, "not_found", "no interface 'lan9'"},
        {{"igmp", "groups", "10.0.0.1"}, "bad_argument", "show igmp groups [INTERFACE] [GROUP]"},
        {{"igmp", "groups", "lan0", "lan1"}, "bad_argument", "'lan1' does not fit"},
        {{"igmp", "groups", "239.1.1.1", "239.1.1.2"}, "bad_argument", "does not fit"},
        {{"igmp", "interfaces", "239.1.1.1"}, "bad_argument", "show igmp interfaces [INTERFACE]"},
        {{"igmp", "sources", "lan2"}, "not_found", "IGMP does not run on lan2"},
    };
    Config config = three_lans();
    config.interfaces[2].igmp_enabled = false;
    World world(config);
    for (Row const& row : table) {
        auto const refusal = world.page(row.words, Json::object());
        EXPECT_EQ(refusal.value("code", ""), row.code) << refusal.dump();
        EXPECT_NE(refusal.value("sentence", "").find(row.says), std::string::npos)
            << refusal.dump();
    }
    std::vector<std::pair<std::string, std::string>> const cursors{
        {"interfaces", "x"},    {"interfaces", "70000"},    {"interfaces", "1 239.1.1.1"},
        {"groups", "1"},        {"groups", "1 10.0.0.1"},   {"groups", "-1 239.1.1.1"},
        {"groups", "1  2"},     {"sources", "1 239.1.1.1"}, {"sources", "1 239.1.1.1 here"},
        {"statistics", ""},     {"statistics", "1 "},       {"sources", "1 239.1.1.1 10.0.0.1 "},
        {"groups", "1 0.0.0.0"}};
    for (auto const& [page, cursor] : cursors) {
        EXPECT_EQ(world.page({"igmp", page}, {{"after", cursor}}).value("code", ""), "bad_argument")
            << page << " '" << cursor << "'";
    }
}

} // namespace
} // namespace mcast::control
