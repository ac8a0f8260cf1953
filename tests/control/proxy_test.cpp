// The proxy on a running router: lan0 is upstream, lan1 and lan2 are downstream. On each link the
// host .9 speaks; ours are the addresses .100, so that .9 would win an election.
#include "world.h"

#include "mcast/mgm/group_manager.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <variant>

#include <fmt/format.h>

namespace mcast::control {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;
using wire::RecordType;

constexpr Ipv4 k_group = Ipv4::of(239, 1, 1, 1);
constexpr Ipv4 k_channel = Ipv4::of(232, 1, 1, 1);
constexpr Ipv4 k_a = Ipv4::of(198, 51, 100, 1); // beyond upstream
constexpr Ipv4 k_b = Ipv4::of(198, 51, 100, 2);

Config with_proxy() {
    Config config = three_lans();
    for (InterfaceConfig& interface : config.interfaces) {
        interface.static_protocol = false;
        interface.address.address.value += 99;
    }
    config.interfaces[0].igmp_enabled = false;
    config.proxy = ProxyConfig{.upstream = "lan0", .downstream = {"lan1", "lan2"}, .host = {}};
    return config;
}

// lan2 is not the proxy's: static owns it, and wants a group there.
Config with_static_lan2(bool group = true) {
    Config config = with_proxy();
    config.proxy->downstream = {"lan1"};
    config.interfaces[2].static_protocol = true;
    if (group) {
        config.groups.push_back({k_group, std::nullopt, "lan2"});
    }
    return config;
}

std::string text_of(wire::GroupRecord const& record) {
    std::string sources;
    for (Ipv4 source : record.sources) {
        sources += (sources.empty() ? "" : ",") + to_string(source);
    }
    return fmt::format("{} {} {{{}}}", name_of(record.type), to_string(record.group), sources);
}

struct Proxied : World {
    explicit Proxied(Config const& config = with_proxy()) : World(config) {
        settle();
        injected();
    }
    // What left upstream since the last call: records, older reports, leaves, "query".
    std::vector<std::string> upstream() {
        std::vector<std::string> texts;
        for (Injected const& out : injected()) {
            auto const datagram = wire::decode_datagram(out.bytes);
            if (out.interface != k_lan0 || !datagram ||
                datagram->ip.protocol != wire::k_protocol_igmp) {
                continue;
            }
            auto const message = wire::decode_igmp(datagram->payload);
            if (!message) {
                texts.emplace_back("not IGMP");
            } else if (auto const* v3 = std::get_if<wire::ReportV3>(&*message)) {
                for (wire::GroupRecord const& record : v3->records) {
                    texts.push_back(text_of(record));
                }
            } else if (auto const* v2 = std::get_if<wire::ReportV2>(&*message)) {
                texts.push_back("REPORT2 " + to_string(v2->group));
            } else if (auto const* leave = std::get_if<wire::Leave>(&*message)) {
                texts.push_back("LEAVE " + to_string(leave->group));
            } else {
                texts.emplace_back("query");
            }
        }
        return texts;
    }
    void hear(IfIndex interface, wire::Igmp const& message) {
        punt(handoff::PuntClass::igmp, interface, igmp_frame(interface, message));
        settle();
    }
    // Time in which a member says what it wants again and again.
    void stay(IfIndex interface, wire::ReportV3 const& state, Duration by) {
        for (TimePoint const end = now + by; now < end;) {
            run_for(60s);
            hear(interface, state);
            injected();
        }
    }
    // The outputs of a flow whose first packet comes in now, if there is no entry yet.
    std::vector<IfIndex> outputs(IfIndex arrival, FlowKey flow) {
        if (entry(flow) == nullptr) {
            miss(arrival, udp_frame(flow.source, flow.group));
            settle();
        }
        std::vector<IfIndex> all;
        entry(flow)->outputs.for_each([&](IfIndex i) { all.push_back(i); });
        return all;
    }
    std::string sentence(std::vector<std::string> const& words) {
        return command("owner", words).value("sentence", "no refusal");
    }
};

wire::ReportV3 state_of(RecordType type, std::vector<Ipv4> sources) {
    return {{{type, k_group, std::move(sources), {}}}};
}

TEST(Proxy, WhatIsWantedDownstreamIsReportedUpstream) {
    Proxied world;
    world.join(k_lan1, k_group);
    EXPECT_THAT(world.upstream(), ElementsAre("TO_EX 239.1.1.1 {}"));
    world.run_for(1s);
    EXPECT_THAT(world.upstream(), ElementsAre("TO_EX 239.1.1.1 {}"));
    world.join(k_lan2, k_group); // nothing new
    world.run_for(5s);
    EXPECT_THAT(world.upstream(), IsEmpty());
}

TEST(Proxy, ReportsHaveRouterAlertTtl1AndTheirPrecedence) {
    Proxied world;
    world.join(k_lan1, k_group);
    auto const frames = world.injected();
    auto const report = std::ranges::find(frames, k_lan0, &Injected::interface);
    ASSERT_NE(report, frames.end());
    auto const datagram = wire::decode_datagram(report->bytes);
    ASSERT_TRUE(datagram);
    EXPECT_EQ(datagram->ip.ttl, 1);
    EXPECT_EQ(datagram->ip.tos, 0xc0);
    EXPECT_TRUE(wire::has_router_alert(datagram->ip.options));
    EXPECT_EQ(datagram->ip.source, Ipv4::of(10, 0, 0, 100));
    EXPECT_EQ(datagram->ip.destination, wire::k_all_igmpv3_routers);
    EXPECT_EQ(datagram->ethernet.source, k_router_mac);
}

TEST(Proxy, FiltersOfTheLinksAreMerged) {
    // IGMP-111, IGMP-112
    Proxied world;
    world.hear(k_lan1, exclude_report(k_group, {k_a, k_b}));
    EXPECT_THAT(world.upstream(), ElementsAre("TO_EX 239.1.1.1 {198.51.100.1,198.51.100.2}"));
    world.run_for(2s);
    world.upstream();
    world.hear(k_lan2, include_report(k_group, {k_a}));
    EXPECT_THAT(world.upstream(), ElementsAre("ALLOW 239.1.1.1 {198.51.100.1}"));
    world.run_for(2s);
    world.upstream();
    world.hear(k_lan1, wire::ReportV2{k_group}); // an old member wants every source
    EXPECT_THAT(world.upstream(), ElementsAre("ALLOW 239.1.1.1 {198.51.100.2}"));
}

TEST(Proxy, TheLastMemberLeavesUpstreamToo) {
    // IGMP-114
    Proxied world;
    world.join(k_lan1, k_group);
    world.run_for(5s);
    world.upstream();
    world.leave(k_lan1, k_group);
    EXPECT_THAT(world.upstream(), IsEmpty()) << "others are asked first";
    world.run_for(2s + 1ms);
    EXPECT_THAT(world.upstream(), Contains("TO_IN 239.1.1.1 {}"));
    world.run_for(5s);
    world.upstream();
    EXPECT_THAT(world.list({"proxy-groups"}), IsEmpty());
}

TEST(Proxy, AVersion2QuerierUpstreamGetsItsReportsAndLeaves) {
    // IGMP-115, IGMP-120
    Proxied world;
    world.hear(k_lan0, wire::Query{.version = 2, .max_resp_code = 10, .group = k_group});
    EXPECT_EQ(world.ask("show", {"proxy"})["upstream"]["version"], 3);
    world.hear(k_lan0, wire::Query{.version = 2, .max_resp_code = 100});
    EXPECT_EQ(world.ask("show", {"proxy"})["upstream"]["version"], 2);
    world.hear(k_lan1, include_report(k_group, {k_a}));
    EXPECT_THAT(world.upstream(), ElementsAre("REPORT2 239.1.1.1"));
    world.run_for(10s);
    world.upstream();
    world.hear(k_lan1, include_report(k_group, {k_b}));
    world.run_for(10s);
    EXPECT_THAT(world.upstream(), IsEmpty());
    world.leave(k_lan1, k_group);
    world.run_for(3s);
    EXPECT_THAT(world.upstream(), ElementsAre("LEAVE 239.1.1.1"));
}

TEST(Proxy, NeverAQueryUpstream) {
    // IGMP-116
    Proxied world;
    world.join(k_lan1, k_group);
    for (int hour = 0; hour < 6; ++hour) {
        world.run_for(1h);
        EXPECT_THAT(world.upstream(), Not(Contains("query")));
    }
}

TEST(Proxy, AQueryUpstreamIsAnsweredWithTheMergedDatabase) {
    Proxied world;
    world.hear(k_lan1, include_report(k_group, {k_a}));
    world.hear(k_lan2, include_report(k_channel, {k_b}));
    world.run_for(5s);
    world.upstream();
    world.hear(k_lan0, wire::Query{.version = 3, .max_resp_code = 100, .qrv = 2, .qqic = 125});
    world.run_for(10s);
    EXPECT_THAT(world.upstream(),
                ElementsAre("IS_IN 232.1.1.1 {198.51.100.2}", "IS_IN 239.1.1.1 {198.51.100.1}"));
}

TEST(Proxy, AQueryThatLeavesNoTimeIsAnswered) {
    // IGMP-153 upstream: time is divided there, and a querier of version 2 came before
    // (CVE-2012-0207).
    for (bool const older : {false, true}) {
        Proxied world;
        world.join(k_lan1, k_group);
        world.run_for(5s);
        if (older) {
            world.hear(k_lan0, wire::Query{.version = 2, .max_resp_code = 100});
            world.run_for(10s);
        }
        world.upstream();
        for (int const code : {0, 1, 127, 128}) {
            for (Ipv4 const group : {Ipv4{}, k_group}) {
                world.hear(k_lan0, wire::Query{.version = 3,
                                               .max_resp_code = static_cast<std::uint8_t>(code),
                                               .group = group,
                                               .qrv = 2,
                                               .qqic = 125});
                world.run_for(13s);
                EXPECT_THAT(world.upstream(),
                            ElementsAre(older ? "REPORT2 239.1.1.1" : "IS_EX 239.1.1.1 {}"))
                    << code;
            }
        }
    }
}

TEST(Proxy, OldReportsForAChannelAreNotWorthAnything) {
    // IGMP-121
    Proxied world;
    world.hear(k_lan1, wire::ReportV2{k_channel});
    world.run_for(5s);
    EXPECT_THAT(world.upstream(), IsEmpty());
}

TEST(Proxy, ABoundaryUpstreamKeepsItsGroupsIn) {
    Config config = with_proxy();
    config.interfaces[0].boundaries = {{Ipv4::of(239, 1, 0, 0), 16}};
    Proxied world(config);
    world.join(k_lan1, k_group);
    EXPECT_THAT(world.upstream(), IsEmpty());
    EXPECT_THAT(world.outputs(k_lan2, {host_of(k_lan2), k_group}), ElementsAre(k_lan1));
}

TEST(Proxy, DownTheStreamsThatAreWantedUpAllOfThem) {
    Proxied world;
    world.join(k_lan1, k_group);
    EXPECT_THAT(world.outputs(k_lan0, {k_a, k_group}), ElementsAre(k_lan1));
    EXPECT_THAT(world.outputs(k_lan0, {host_of(k_lan0), k_group}), ElementsAre(k_lan1));
    EXPECT_THAT(world.outputs(k_lan2, {host_of(k_lan2), k_group}), ElementsAre(k_lan0, k_lan1));
    EXPECT_THAT(world.outputs(k_lan1, {host_of(k_lan1), k_group}), ElementsAre(k_lan0));
    Ipv4 const unwanted = Ipv4::of(239, 9, 9, 9);
    EXPECT_THAT(world.outputs(k_lan0, {k_a, unwanted}), IsEmpty());
    EXPECT_THAT(world.outputs(k_lan1, {host_of(k_lan1), unwanted}), ElementsAre(k_lan0));
}

TEST(Proxy, SourcesThatAreExcludedStayUpstream) {
    Proxied world;
    world.hear(k_lan1, exclude_report(k_group, {k_a}));
    EXPECT_THAT(world.outputs(k_lan0, {k_a, k_group}), IsEmpty());
    EXPECT_THAT(world.outputs(k_lan0, {k_b, k_group}), ElementsAre(k_lan1));
}

constexpr wire::Query k_rival{.version = 3, .max_resp_code = 100, .qrv = 2, .qqic = 125};

TEST(Proxy, OnlyTheQuerierForwardsDownstream) {
    // IGMP-117
    Proxied world;
    FlowKey const before{k_a, k_group};
    FlowKey const after{k_b, k_group};
    world.join(k_lan1, k_group);
    EXPECT_THAT(world.outputs(k_lan0, before), ElementsAre(k_lan1));
    world.hear(k_lan1, k_rival);
    EXPECT_THAT(world.outputs(k_lan0, before), IsEmpty());
    EXPECT_THAT(world.outputs(k_lan0, after), IsEmpty());
    world.upstream();
    world.stay(k_lan1, state_of(RecordType::is_ex, {}), 256s); // the other querier is silent
    EXPECT_THAT(world.outputs(k_lan0, before), ElementsAre(k_lan1));
    EXPECT_THAT(world.outputs(k_lan0, after), ElementsAre(k_lan1));
}

TEST(Proxy, WhoIsNotTheQuerierStillAsksUpstreamAndSendsThere) {
    Proxied world;
    world.hear(k_lan1, k_rival);
    world.injected();
    world.join(k_lan1, k_group);
    EXPECT_THAT(world.upstream(), ElementsAre("TO_EX 239.1.1.1 {}"));
    EXPECT_THAT(world.outputs(k_lan1, {host_of(k_lan1), k_group}), ElementsAre(k_lan0));
}

TEST(Proxy, TheSoleForwarderDoesNotAskWhoTheQuerierIs) {
    // IGMP-118
    Config config = with_proxy();
    config.proxy->sole_forwarder = true;
    Proxied world(config);
    world.hear(k_lan1, k_rival);
    world.join(k_lan1, k_group);
    EXPECT_THAT(world.outputs(k_lan0, {k_a, k_group}), ElementsAre(k_lan1));
}

TEST(Proxy, WhatOtherComponentsWantCounts) {
    Proxied world(with_static_lan2());
    world.run_for(5s);
    EXPECT_EQ(world.list({"proxy-groups"})[0]["filter"], "exclude");
    world.hear(k_lan1, exclude_report(k_group, {k_a})); // static wants every source
    EXPECT_THAT(world.upstream(), Not(Contains("BLOCK 239.1.1.1 {198.51.100.1}")));
    EXPECT_THAT(world.outputs(k_lan0, {k_a, k_group}), ElementsAre(k_lan2));
    world.command("owner", {"release", "lan2", "static"});
    world.run_for(5s);
    EXPECT_THAT(world.upstream(), Contains("BLOCK 239.1.1.1 {198.51.100.1}"));
}

TEST(Proxy, WhatComesFromElsewhereIsNotSentUpstream) {
    // RFC 4605 section 4.3: upstream goes what arrives downstream; lan2 is neither.
    Proxied world(with_static_lan2(false));
    world.join(k_lan1, k_group);
    EXPECT_THAT(world.outputs(k_lan2, {host_of(k_lan2), k_group}), ElementsAre(k_lan1));
}

TEST(Proxy, AnInterfaceOfAnotherOwnerIsRefusedAndTakenWhenItIsFree) {
    Config config = with_static_lan2(false);
    config.proxy->downstream = {"lan1", "lan2"}; // as no configuration file can say it
    Proxied world(config);
    EXPECT_EQ(world.owner("lan2")["owner"], "static") << "who came first";
    EXPECT_THAT(world.sentence({"take", "lan2", "proxy"}),
                testing::HasSubstr("static owns lan2, and has to release it first"));
    world.command("owner", {"release", "lan2", "static"});
    world.run_for(1s);
    EXPECT_EQ(world.sentence({"take", "lan2", "proxy"}), "no refusal");
    world.run_for(1s);
    EXPECT_EQ(world.owner("lan2")["owner"], "proxy");
    EXPECT_EQ(world.owner("lan2")["state"], "PI");
    EXPECT_THAT(world.sentence({"take", "lan2", "static"}),
                testing::HasSubstr("proxy owns lan2, and has to release it first"));
    EXPECT_THAT(world.sentence({"take", "lan0", "igmp"}),
                testing::HasSubstr("the proxy is a host there"));
    EXPECT_EQ(world.owner("lan0")["igmp"], nullptr);
}

TEST(Proxy, OnlyInterfacesThatAreConfiguredForIt) {
    Proxied world(with_static_lan2(false));
    world.command("owner", {"release", "lan2", "static"});
    EXPECT_THAT(world.sentence({"take", "lan2", "proxy"}),
                testing::HasSubstr("[proxy] names it neither"));
    World without(three_lans());
    EXPECT_THAT(without.command("owner", {"take", "lan0", "proxy"})["sentence"],
                testing::HasSubstr("has no [proxy]"));
}

TEST(Proxy, ADownstreamInterfaceChangesHandsWithoutALeaveUpstream) {
    Proxied world;
    world.hear(k_lan1, exclude_report(k_group, {k_a}));
    FlowKey const flow{k_b, k_group};
    EXPECT_THAT(world.outputs(k_lan0, flow), ElementsAre(k_lan1));
    world.run_for(5s);
    world.upstream();
    world.command("owner", {"release", "lan1", "proxy"});
    EXPECT_THAT(world.outputs(k_lan0, flow), ElementsAre(k_lan1));
    world.run_for(60s);
    for (std::string const& text : world.upstream()) { // as another component's, every source
        EXPECT_EQ(text, "ALLOW 239.1.1.1 {198.51.100.1}");
    }
    EXPECT_THAT(world.outputs(k_lan0, flow), ElementsAre(k_lan1));
    world.command("owner", {"take", "lan1", "proxy"});
    world.run_for(5s);
    EXPECT_THAT(world.upstream(), Contains("BLOCK 239.1.1.1 {198.51.100.1}"));
    EXPECT_THAT(world.outputs(k_lan0, flow), ElementsAre(k_lan1));
}

TEST(Proxy, UpstreamChangesHandsWithFarewellAndANewBeginning) {
    Proxied world;
    world.join(k_lan1, k_group);
    FlowKey const up{host_of(k_lan2), k_group};
    EXPECT_THAT(world.outputs(k_lan0, {k_a, k_group}), ElementsAre(k_lan1));
    EXPECT_THAT(world.outputs(k_lan2, up), ElementsAre(k_lan0, k_lan1));
    world.run_for(5s);
    world.upstream();
    world.command("owner", {"release", "lan0", "proxy"});
    world.settle();
    EXPECT_THAT(world.upstream(), ElementsAre("TO_IN 239.1.1.1 {}"));
    EXPECT_THAT(world.outputs(k_lan2, up), ElementsAre(k_lan1));
    EXPECT_EQ(world.ask("show", {"proxy"})["upstream"]["holds"], false);
    world.hear(k_lan0, k_rival);
    world.run_for(60s);
    EXPECT_THAT(world.upstream(), IsEmpty());
    world.command("owner", {"take", "lan0", "proxy"});
    world.settle();
    EXPECT_THAT(world.upstream(), ElementsAre("TO_EX 239.1.1.1 {}"));
    EXPECT_THAT(world.outputs(k_lan2, up), ElementsAre(k_lan0, k_lan1));
}

TEST(Proxy, ALinkThatComesBackIsToldAgain) {
    Proxied world;
    world.join(k_lan1, k_group);
    world.run_for(5s);
    world.upstream();
    world.control.link_changed(PortId{0}, false, world.now);
    world.run_for(5s);
    world.control.link_changed(PortId{0}, true, world.now);
    world.settle();
    EXPECT_THAT(world.upstream(), ElementsAre("TO_EX 239.1.1.1 {}"));
}

TEST(Proxy, FarewellComesOnceAndBeforeTheEnd) {
    // 2236 section 6, 4605 section 4.1: who goes does not let the routers upstream find out.
    Proxied world;
    world.join(k_lan1, k_group);
    world.run_for(5s);
    world.upstream();
    world.control.farewell();
    EXPECT_THAT(world.upstream(), ElementsAre("TO_IN 239.1.1.1 {}"));
    world.control.stop(world.now);
    EXPECT_THAT(world.upstream(), IsEmpty());
}

TEST(Proxy, StopWithoutFarewellSaysItToo) {
    Proxied world;
    world.join(k_lan1, k_group);
    world.run_for(5s);
    world.upstream();
    world.control.stop(world.now);
    EXPECT_THAT(world.upstream(), ElementsAre("TO_IN 239.1.1.1 {}"));
}

TEST(Proxy, IsShown) {
    Proxied world;
    EXPECT_EQ(World(three_lans()).ask("show", {"proxy"})["configured"], false);
    world.hear(k_lan1, exclude_report(k_group, {k_a}));
    world.hear(k_lan0, k_rival);
    auto const shown = world.ask("show", {"proxy"});
    auto const& upstream = shown["upstream"];
    EXPECT_EQ(upstream["interface"], "lan0");
    EXPECT_EQ(upstream["version"], 3);
    EXPECT_EQ(upstream["querier"]["address"], "10.0.0.9");
    EXPECT_EQ(upstream["groups"], 1);
    EXPECT_EQ(upstream["pending"], 1);
    EXPECT_EQ(upstream["counters"]["sent-reports-v3"], 1);
    EXPECT_EQ(upstream["heard"]["general-queries-v3"], 1);
    EXPECT_GT(upstream["next_answer_seconds"], 0.0);
    EXPECT_EQ(shown["downstream"][0]["interface"], "lan1");
    EXPECT_EQ(shown["downstream"][0]["forwards"], true);
    auto const group = world.list({"proxy-groups"})[0];
    EXPECT_EQ(group["group"], "239.1.1.1");
    EXPECT_EQ(group["sources"], api::Json::array({"198.51.100.1"}));
    EXPECT_EQ(group["pending_filter_reports"], 1);
    EXPECT_EQ(world.owner("lan0")["owner"], "proxy");
}

TEST(Proxy, GroupsAreListedPageByPage) {
    Proxied world;
    for (std::uint8_t i = 1; i <= 25; ++i) {
        world.join(k_lan1, Ipv4::of(239, 1, 1, i));
    }
    EXPECT_EQ(world.list({"proxy-groups"}, 7).size(), 25U);
    EXPECT_EQ(world.page({"proxy-groups"}, {{"after", "x"}})["code"], "bad_argument");
}

} // namespace
} // namespace mcast::control
