#include "scenario.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mcast::gen {
namespace {

using testing::HasSubstr;

TEST(Scenario, ReadsEveryKey) {
    auto const read = parse_scenario(R"(
[scenario]
start-time = 5
[[port]]
name = "a"
[[port]]
name = "b"
[[flow]]
name = "news"
port = "b"
source = "10.1.1.1"
group = "239.1.1.1"
ttl = 3
size = 200
vlan = 12
start = "1.5s"
count = 4
interval = "20ms"
dont-fragment = true
source-port = 1
destination-port = 2
fault = "payload"
[[igmp]]
port = "a"
host = "10.2.1.5"
version = 3
at = 2
group = "232.1.1.1"
action = "allow"
sources = ["10.1.1.1", "10.1.1.2"]
vlan = 13
count = 2
interval = "1m"
)",
                                     "s.toml");
    ASSERT_TRUE(read.has_value()) << read.error().front().text();
    Flow const flow{.id = 1,
                    .name = "news",
                    .port = 1,
                    .source = Ipv4::of(10, 1, 1, 1),
                    .group = Ipv4::of(239, 1, 1, 1),
                    .ttl = 3,
                    .size = 200,
                    .vlan = 12,
                    .start = std::chrono::milliseconds{1500},
                    .count = 4,
                    .interval = std::chrono::milliseconds{20},
                    .dont_fragment = true,
                    .source_port = 1,
                    .destination_port = 2,
                    .fault = Fault::payload};
    Conversation const spoken{.port = 0,
                              .host = Ipv4::of(10, 2, 1, 5),
                              .version = 3,
                              .at = std::chrono::seconds{2},
                              .group = Ipv4::of(232, 1, 1, 1),
                              .action = Action::allow,
                              .sources = {Ipv4::of(10, 1, 1, 1), Ipv4::of(10, 1, 1, 2)},
                              .vlan = 13,
                              .count = 2,
                              .interval = std::chrono::minutes{1}};
    EXPECT_EQ(*read, (Scenario{std::chrono::seconds{5}, {"a", "b"}, {flow}, {spoken}}));
}

struct Mistake {
    std::string text; // behind `[[port]] name = "a"`, which is line 1
    std::string error;
};

class ScenarioMistakes : public testing::TestWithParam<Mistake> {};

TEST_P(ScenarioMistakes, AreNamedWithTheirPlace) {
    auto const read = parse_scenario("port = [{name = \"a\"}]\n" + GetParam().text, "s.toml");
    ASSERT_FALSE(read.has_value());
    std::string all;
    for (auto const& error : read.error()) {
        all += error.text() + "\n";
    }
    EXPECT_THAT(all, HasSubstr(GetParam().error));
}

std::string flow(std::string const& line) {
    return "[[flow]]\nport = \"a\"\nsource = \"10.0.0.1\"\ngroup = \"239.1.1.1\"\n" + line + "\n";
}

std::string igmp(std::string const& lines) {
    return "[[igmp]]\nport = \"a\"\nhost = \"10.0.0.1\"\ngroup = \"239.1.1.1\"\n" + lines + "\n";
}

INSTANTIATE_TEST_SUITE_P(
    Table, ScenarioMistakes,
    testing::Values(
        Mistake{"x = ", "s.toml:2:"}, Mistake{"[stage]\n", "s.toml:2:2: stage is not a table"},
        Mistake{"flow = 1\n", "s.toml:2:8: flow is not a list"},
        Mistake{"[[flow]]\n", "flow.port is missing"},
        Mistake{flow("colour = 1"), "s.toml:6:1: flow.colour is not a key"},
        Mistake{flow("ttl = 256"), "s.toml:6:7: flow.ttl is out of bounds; give an integer from 0"},
        Mistake{flow("ttl = \"1\""), "flow.ttl is out of bounds"},
        Mistake{flow("size = 31"), "give an integer from 32 to 65507"},
        Mistake{flow("vlan = 4095"), "give an integer from 1 to 4094"},
        Mistake{flow("start = \"1 s\""), "flow.start is not a duration"},
        Mistake{flow("start = -1"), "flow.start is not a duration"},
        Mistake{flow("interval = 0"), "interval is zero"},
        Mistake{flow("count = 1000000000\ninterval = \"1h\""), "longer than 60 years"},
        Mistake{flow("dont-fragment = 1"), "is not a truth value"},
        Mistake{flow("fault = \"bad\""), "no such fault"},
        Mistake{flow("name = 5"), "flow.name is not a string"},
        Mistake{"[[flow]]\nport = \"b\"\n", "s.toml:3:8: no port is named \"b\""},
        Mistake{"[[flow]]\nport = \"a\"\nsource = \"10.0.0\"\n", "flow.source is not an IPv4"},
        Mistake{"[[flow]]\nport = \"a\"\nsource = \"10.0.0.1\"\ngroup = \"10.1.1.1\"",
                "s.toml:5:9: flow.group 10.1.1.1 is not a group"},
        Mistake{flow("name = \"x\"") + flow("name = \"x\""), "flow \"x\" is there twice"},
        Mistake{igmp(""), "igmp.action is missing"},
        Mistake{igmp("action = \"sing\""), "no such action"},
        Mistake{igmp("action = \"join\"\nversion = 4"), "from 1 to 3"},
        Mistake{igmp("action = \"allow\"\nversion = 2"), "version 2 knows no sources"},
        Mistake{igmp("action = \"leave\"\nversion = 1"), "version 1 has no leave"},
        Mistake{igmp("action = \"allow\""), "allow and block need sources"},
        Mistake{igmp("action = \"join\"\nsources = [\"10.0.0.1\"]"), "speak of all sources"},
        Mistake{igmp("action = \"allow\"\nsources = 1"), "igmp.sources is not a list"},
        Mistake{igmp("action = \"allow\"\nsources = [1]"), "igmp.sources is not an IPv4"}));

TEST(Scenario, AllMistakesAreReportedInOrder) {
    auto const read =
        parse_scenario("port = [{name = \"a\"}]\n" + flow("ttl = 300\nsize = 1"), "f");
    ASSERT_FALSE(read.has_value());
    ASSERT_EQ(read.error().size(), 2U);
    EXPECT_LT(read.error()[0].line, read.error()[1].line);
}

TEST(Scenario, WithoutAPortIsRefused) {
    auto const read = parse_scenario("", "f");
    ASSERT_FALSE(read.has_value());
    EXPECT_THAT(read.error().front().text(), HasSubstr("at least one [[port]]"));
}

TEST(Scenario, MissingFileIsAnError) {
    auto const read = read_scenario("/nonexistent/s.toml");
    ASSERT_FALSE(read.has_value());
    EXPECT_THAT(read.error().front().text(), HasSubstr("cannot be read"));
}

TEST(Durations, ByTable) {
    struct Row {
        std::string_view text;
        std::optional<Duration> value;
    };
    for (auto const& [text, value] :
         {Row{"10ms", std::chrono::milliseconds{10}}, Row{"1.5s", std::chrono::milliseconds{1500}},
          Row{"2m", std::chrono::minutes{2}}, Row{"3h", std::chrono::hours{3}},
          Row{"7us", std::chrono::microseconds{7}}, Row{"9ns", Duration{9}}, Row{"0s", Duration{0}},
          Row{"", {}}, Row{"5", {}}, Row{"s", {}}, Row{"-1s", {}}, Row{"1 s", {}}, Row{"1e3s", {}},
          Row{"1d", {}}, Row{"600000h", {}}}) {
        EXPECT_EQ(parse_duration(text), value) << text;
    }
}

} // namespace
} // namespace mcast::gen
