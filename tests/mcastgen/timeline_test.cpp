#include "timeline.h"

#include "frames.h"
#include "stamp.h"

#include "mcast/wire/datagram.h"
#include "mcast/wire/describe.h"

#include <gtest/gtest.h>

namespace mcast::gen {
namespace {

Scenario scenario_of(std::string const& text) {
    auto read = parse_scenario("port = [{name = \"a\"}, {name = \"b\"}]\n" + text, "test");
    EXPECT_TRUE(read.has_value()) << (read ? "" : read.error().front().text());
    return read.value_or(Scenario{});
}

std::vector<Event> all_of(Scenario const& scenario) {
    std::vector<Event> events;
    Timeline timeline(scenario);
    while (auto event = timeline.next()) {
        events.push_back(std::move(*event));
    }
    EXPECT_EQ(events.size(), timeline.total());
    if (!events.empty()) {
        EXPECT_EQ(events.back().at, timeline.length());
    }
    return events;
}

constexpr char const* k_two_flows = R"(
[[flow]]
port = "a"
source = "10.1.1.1"
group = "239.1.1.1"
count = 3
interval = "10ms"
[[flow]]
port = "b"
source = "10.1.1.2"
group = "239.1.1.2"
start = "10ms"
vlan = 7
count = 2
interval = "5ms"
[[igmp]]
port = "b"
host = "10.2.1.5"
version = 2
at = "10ms"
group = "239.1.1.1"
action = "join"
)";

TEST(Timeline, GoesByTimeThenIgmpThenTheOrderOfTheFile) {
    auto const scenario = scenario_of(k_two_flows);
    std::vector<std::pair<std::int64_t, std::size_t>> order;
    for (auto const& event : all_of(scenario)) {
        order.emplace_back(event.at / std::chrono::milliseconds{1}, event.port);
    }
    std::vector<std::pair<std::int64_t, std::size_t>> const expected{{0, 0},  {10, 1}, {10, 0},
                                                                     {10, 1}, {15, 1}, {20, 0}};
    EXPECT_EQ(order, expected);
}

TEST(Timeline, SameScenarioSameBytes) {
    auto const scenario = scenario_of(k_two_flows);
    auto const once = all_of(scenario);
    auto const twice = all_of(scenario);
    ASSERT_EQ(once.size(), twice.size());
    for (std::size_t i = 0; i < once.size(); ++i) {
        EXPECT_EQ(once[i].frame, twice[i].frame) << i;
    }
}

TEST(Timeline, DataFramesAreWhatTheFlowSays) {
    auto const scenario = scenario_of(k_two_flows);
    auto const events = all_of(scenario);
    auto const read = wire::decode_datagram(events[4].frame);
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->ethernet.vlan, 7);
    EXPECT_EQ(read->ethernet.destination, Mac::of_group(Ipv4::of(239, 1, 1, 2)));
    EXPECT_EQ(read->ethernet.source, mac_of(Ipv4::of(10, 1, 1, 2)));
    EXPECT_EQ(read->ip.ttl, 16);
    auto const udp = wire::decode_udp(read->payload, read->ip.source, read->ip.destination);
    ASSERT_TRUE(udp.has_value());
    auto const stamp = read_stamp(udp->data);
    ASSERT_TRUE(stamp.has_value());
    auto const sent = scenario.start_time + std::chrono::milliseconds{15};
    EXPECT_EQ(*stamp, (Stamp{2, 1, sent.count()}));
}

struct Spoken {
    std::string lines;
    std::string description;
};

class TimelineIgmp : public testing::TestWithParam<Spoken> {};

TEST_P(TimelineIgmp, SaysWhatTheScenarioSays) {
    auto const scenario = scenario_of("[[igmp]]\nport = \"a\"\nhost = \"10.0.0.5\"\n"
                                      "group = \"239.1.2.3\"\n" +
                                      GetParam().lines);
    auto const events = all_of(scenario);
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(wire::describe_frame(events[0].frame), GetParam().description);
    auto const read = wire::decode_datagram(events[0].frame);
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->ip.ttl, 1);
    EXPECT_TRUE(wire::decode_igmp(read->payload).has_value());
}

INSTANTIATE_TEST_SUITE_P(
    Table, TimelineIgmp,
    testing::Values(
        Spoken{"version = 1\naction = \"join\"", "IGMPv1 report 10.0.0.5 -> 239.1.2.3: 239.1.2.3"},
        Spoken{"version = 2\naction = \"join\"", "IGMPv2 report 10.0.0.5 -> 239.1.2.3: 239.1.2.3"},
        Spoken{"version = 2\naction = \"leave\"", "IGMPv2 leave 10.0.0.5 -> 224.0.0.2: 239.1.2.3"},
        Spoken{"action = \"join\"", "IGMPv3 report 10.0.0.5 -> 224.0.0.22: 239.1.2.3 TO_EX {}"},
        Spoken{"action = \"leave\"", "IGMPv3 report 10.0.0.5 -> 224.0.0.22: 239.1.2.3 TO_IN {}"},
        Spoken{"action = \"include\"\nsources = [\"10.1.1.1\"]",
               "IGMPv3 report 10.0.0.5 -> 224.0.0.22: 239.1.2.3 TO_IN {10.1.1.1}"},
        Spoken{"action = \"exclude\"\nsources = [\"10.1.1.1\"]",
               "IGMPv3 report 10.0.0.5 -> 224.0.0.22: 239.1.2.3 TO_EX {10.1.1.1}"},
        Spoken{"action = \"allow\"\nsources = [\"10.1.1.1\"]",
               "IGMPv3 report 10.0.0.5 -> 224.0.0.22: 239.1.2.3 ALLOW {10.1.1.1}"},
        Spoken{"action = \"block\"\nsources = [\"10.1.1.1\"]",
               "IGMPv3 report 10.0.0.5 -> 224.0.0.22: 239.1.2.3 BLOCK {10.1.1.1}"}));

TEST(Timeline, FaultsDamageWhatTheyName) {
    auto const frame_with = [](std::string const& fault) {
        auto const scenario =
            scenario_of("[[flow]]\nport = \"a\"\nsource = \"10.1.1.1\"\ngroup = \"239.1.1.1\"\n"
                        "fault = \"" +
                        fault + "\"\n");
        return all_of(scenario).front().frame;
    };
    EXPECT_EQ(wire::decode_datagram(frame_with("ip-checksum")).error(),
              wire::DatagramError::bad_header_checksum);
    for (auto const* const fault : {"udp-checksum", "payload"}) {
        auto const frame = frame_with(fault);
        auto const read = wire::decode_datagram(frame);
        ASSERT_TRUE(read.has_value()) << fault;
        EXPECT_EQ(wire::decode_udp(read->payload, read->ip.source, read->ip.destination).error(),
                  wire::UdpError::bad_checksum)
            << fault;
    }
}

} // namespace
} // namespace mcast::gen
