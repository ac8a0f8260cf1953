#include "topology.h"

#include <algorithm>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mcast::ctl {
namespace {

using testing::HasSubstr;
using testing::Not;

Json interface(std::string const& name, bool up, Json owner, Json igmp) {
    return {{"name", name},
            {"address", "10.0.0.1/24"},
            {"up", up},
            {"owner", std::move(owner)},
            {"igmp", std::move(igmp)},
            {"mtu", 1500}};
}

Json entry(Json arrival, Json outputs, std::string const& group = "239.1.1.1") {
    return {{"source", "10.9.0.5"}, {"group", group},        {"arrival", std::move(arrival)},
            {"packets", 7},         {"state", "forwarding"}, {"outputs", std::move(outputs)},
            {"bytes", 700}};
}

Json sample(Json entries = Json::array({entry("wan", {"lan"})})) {
    Json const interfaces = {interface("wan", true, "dvmrp", nullptr),
                             interface("lan", true, "dvmrp", {{"groups", 3}}),
                             interface("old", false, nullptr, {{"groups", 0}})};
    Json const neighbors = Json::array(
        {{{"neighbor", "10.0.0.9"}, {"interface", "wan"}, {"state", "two-way"}, {"version", "3"}}});
    return topology("box", interfaces, neighbors, entries);
}

TEST(Topology, IsMadeOfThreeListings) {
    EXPECT_EQ(sample(), Json::parse(R"({"router": "box", "interfaces": [
        {"name": "wan", "address": "10.0.0.1/24", "up": true, "owner": "dvmrp", "groups": 0,
         "neighbors": [{"address": "10.0.0.9", "state": "two-way"}]},
        {"name": "lan", "address": "10.0.0.1/24", "up": true, "owner": "dvmrp", "groups": 3,
         "neighbors": []},
        {"name": "old", "address": "10.0.0.1/24", "up": false, "owner": null, "groups": 0,
         "neighbors": []}],
        "streams": [{"source": "10.9.0.5", "group": "239.1.1.1", "arrival": "wan",
                     "outputs": ["lan"], "state": "forwarding", "packets": 7}]})"));
}

TEST(Topology, TunnelsSayWhereTo) {
    Json tunnel = interface("tun", true, "dvmrp", nullptr);
    tunnel["tunnel"] = {{"over", "wan"}, {"remote", "192.0.2.9"}};
    Json const picture = topology("box", Json::array({tunnel}), Json::array(), Json::array());
    EXPECT_THAT(topology_dot(picture), HasSubstr("10.0.0.1/24 tunnel to 192.0.2.9"));
    EXPECT_THAT(topology_svg(picture), HasSubstr("10.0.0.1/24 tunnel to 192.0.2.9"));
}

TEST(Topology, Dot) {
    EXPECT_EQ(topology_dot(sample()), R"(digraph topology {
  rankdir=LR;
  node [shape=box];
  subgraph cluster_router {
    label="box";
    "if wan" [label="wan\n10.0.0.1/24\nowner dvmrp"];
    "if lan" [label="lan\n10.0.0.1/24\nowner dvmrp"];
    "if old" [label="old\n10.0.0.1/24\nno owner", style=dashed];
    "stream 0" [shape=note, label="10.9.0.5\n239.1.1.1\npackets: 7"];
    "if wan" -> "stream 0" [color=blue];
    "stream 0" -> "if lan" [color=darkgreen];
  }
  "router wan 10.0.0.9" [shape=ellipse, label="10.0.0.9\ntwo-way"];
  "if wan" -> "router wan 10.0.0.9" [dir=none];
  "hosts lan" [shape=plaintext, label="hosts, groups: 3"];
  "if lan" -> "hosts lan" [dir=none];
}
)");
}

TEST(Topology, Svg) {
    std::string const svg = topology_svg(sample());
    for (char const* const part :
         {"<svg xmlns", ">box<", ">wan<", ">lan<", ">old (down)<", "stroke-dasharray",
          ">10.0.0.9 two-way<", ">hosts, groups: 3<", ">owner dvmrp<", ">no owner<",
          "10.9.0.5 to 239.1.1.1: 7 packets<", "stroke=\"blue\"", "stroke=\"darkgreen\""}) {
        EXPECT_THAT(svg, HasSubstr(part));
    }
    EXPECT_THAT(svg, Not(HasSubstr("wanted by nobody")));
    EXPECT_THAT(svg, Not(HasSubstr("more")));
}

TEST(Topology, StreamsThatNobodyWantsOrWhoseLinkIsGone) {
    Json const picture =
        sample(Json::array({entry(nullptr, Json::array()), entry("gone", Json::array({"away"}))}));
    EXPECT_THAT(topology_svg(picture), HasSubstr("7 packets, wanted by nobody<"));
    EXPECT_THAT(topology_svg(picture), Not(HasSubstr("stroke=\"blue\"")));
    EXPECT_THAT(topology_dot(picture), HasSubstr("\"if gone\" -> \"stream 1\""));
    EXPECT_THAT(topology_dot(picture), Not(HasSubstr("-> \"stream 0\"")));
}

TEST(Topology, ManyStreamsAreCounted) {
    Json entries = Json::array();
    for (std::size_t n = 0; n < k_streams_drawn + 5; ++n) {
        entries.push_back(entry("wan", {"lan"}, "239.1.2." + std::to_string(n)));
    }
    Json const picture = sample(entries);
    for (std::string const& text : {topology_dot(picture), topology_svg(picture)}) {
        EXPECT_THAT(text, HasSubstr("and 5 streams more"));
        EXPECT_THAT(text, HasSubstr("239.1.2.47"));
        EXPECT_THAT(text, Not(HasSubstr("239.1.2.48")));
    }
    EXPECT_EQ(picture["streams"].size(), k_streams_drawn + 5);
}

TEST(Topology, NamesCannotBreakOut) {
    Json const interfaces = Json::array({interface("a\"];<b>&\\", true, nullptr, nullptr)});
    Json const picture = topology("box", interfaces, Json::array(), Json::array());
    EXPECT_THAT(topology_dot(picture), HasSubstr(R"("if a\"];<b>&\\" [label="a\"];<b>&\\\n10)"));
    EXPECT_THAT(topology_svg(picture), HasSubstr(">a\"];&lt;b&gt;&amp;\\<"));
}

} // namespace
} // namespace mcast::ctl
