// Multicast router discovery, RFC 4286: snooping switches hear of a router that asks nobody.
#include "lan.h"

#include <gmock/gmock.h>

#include <variant>

namespace mcast::igmp::test {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr auto k_automatic = RouterDiscovery::automatic;
constexpr Ipv4 k_switch = Ipv4::of(192, 0, 2, 99);

template <class Message>
bool is(DiscoverySent const& sent) {
    return std::holds_alternative<Message>(sent.what.message);
}

Lan announced(InterfaceConfig config = {}) {
    config.router_discovery = RouterDiscovery::always;
    return Lan(config);
}

TEST(Discovery, WhoAsksIsKnownByThat) {
    // IGMP says enough while we are the querier (RFC 4541 section 2.1.1).
    Lan lan;
    lan.advance(1h);
    EXPECT_THAT(lan.discovery(), IsEmpty());
    EXPECT_FALSE(lan.interface().advertising);
}

TEST(Discovery, WhoLostTheElectionAnnouncesItself) {
    Lan lan;
    lan.lose_election();
    EXPECT_TRUE(lan.interface().advertising);
    lan.advance(7s);
    auto const sent = lan.discovery();
    ASSERT_THAT(sent, SizeIs(3));
    EXPECT_EQ(sent[0].what,
              (DiscoveryToSend{k_lan, k_router,
                               wire::RouterAdvertisement{
                                   .interval = 20, .query_interval = 125, .robustness = 2}}));
    EXPECT_EQ(lan.counters().sent_router_advertisements, 3U);
}

TEST(Discovery, BecomingTheQuerierIsNoFarewell) {
    // A termination would make switches forget the router that they hear query.
    Lan lan;
    lan.lose_election();
    lan.advance(255s - 1ns);
    EXPECT_TRUE(lan.interface().advertising);
    lan.discovery();
    lan.advance(1h);
    EXPECT_TRUE(lan.interface().querier);
    EXPECT_THAT(lan.discovery(), IsEmpty());
}

TEST(Discovery, PassiveRouterAnnouncesItself) {
    Lan lan({.passive = true});
    lan.advance(1min);
    EXPECT_GE(lan.discovery().size(), 4U);
    EXPECT_THAT(lan.queries(), IsEmpty());
}

TEST(Discovery, NeverIsNever) {
    Lan lan({.passive = true, .router_discovery = RouterDiscovery::never});
    lan.hear(k_switch, wire::RouterSolicitation{});
    lan.advance(1h);
    EXPECT_THAT(lan.discovery(), IsEmpty());
    EXPECT_EQ(lan.counters().router_solicitations, 1U);
}

TEST(Discovery, ThreeComeQuicklyThenOneAnInterval) {
    Lan lan = announced({.advertisement_interval = 40s});
    lan.advance(1h);
    auto const sent = lan.discovery();
    ASSERT_GT(sent.size(), 80U);
    Duration before{};
    Duration shortest = 1h;
    Duration longest{};
    for (std::size_t i = 0; i < sent.size(); ++i) {
        Duration const gap = sent[i].at - before;
        before = sent[i].at;
        ASSERT_TRUE(is<wire::RouterAdvertisement>(sent[i]));
        if (i < 3) {
            EXPECT_LE(gap, 2s) << i;
            EXPECT_GT(gap, 0s) << i;
        } else {
            shortest = std::min(shortest, gap);
            longest = std::max(longest, gap);
        }
    }
    // A fortieth either way, and used.
    EXPECT_GE(shortest, 39s);
    EXPECT_LE(longest, 41s);
    EXPECT_GT(longest - shortest, 1s);
}

TEST(Discovery, SolicitationIsAnsweredWithinTwoSeconds) {
    Lan lan = announced({.advertisement_interval = 180s});
    lan.advance(20s);
    lan.discovery();
    lan.hear(k_switch, wire::RouterSolicitation{});
    EXPECT_THAT(lan.discovery(), IsEmpty());
    lan.advance(2s);
    EXPECT_THAT(lan.discovery(), SizeIs(1));
    EXPECT_EQ(lan.counters().router_solicitations, 1U);
}

TEST(Discovery, SwitchWithoutAnAddressMaySolicit) {
    Lan lan = announced({.advertisement_interval = 180s});
    lan.advance(20s);
    lan.discovery();
    lan.hear(Ipv4{}, wire::RouterSolicitation{});
    lan.advance(2s);
    EXPECT_THAT(lan.discovery(), SizeIs(1));
}

TEST(Discovery, FloodOfSolicitationsCausesNone) {
    Lan lan = announced({.advertisement_interval = 180s});
    lan.advance(20s);
    lan.discovery();
    for (int i = 0; i < 10'000; ++i) {
        lan.hear(k_switch, wire::RouterSolicitation{});
        lan.advance(1ms);
    }
    // Ten seconds; each answer comes a random while, one second on average, after the question.
    EXPECT_GE(lan.discovery().size(), 4U);
    EXPECT_LE(lan.counters().sent_router_advertisements, 40U);
}

TEST(Discovery, FarewellWhenTheInterfaceGoes) {
    Lan lan = announced();
    Output out;
    lan.engine.remove_interface(k_lan, out);
    ASSERT_THAT(out.discovery, SizeIs(1));
    EXPECT_EQ(out.discovery[0], (DiscoveryToSend{k_lan, k_router, wire::RouterTermination{}}));
}

TEST(Discovery, FarewellIsSaidOnce) {
    Lan lan = announced();
    Output out;
    lan.engine.farewell(k_lan, out);
    EXPECT_EQ(lan.counters().sent_router_terminations, 1U);
    lan.engine.remove_interface(k_lan, out);
    EXPECT_THAT(out.discovery, SizeIs(1));
    EXPECT_THAT(out.queries, IsEmpty());
}

TEST(Discovery, SilentWhileTheLinkIsDown) {
    Lan lan = announced();
    Output out;
    lan.engine.set_link(k_lan, false, lan.now, out);
    lan.advance(1h);
    EXPECT_THAT(lan.discovery(), IsEmpty());
    lan.engine.set_link(k_lan, true, lan.now, out);
    EXPECT_THAT(out.discovery, IsEmpty());
    lan.advance(6s);
    EXPECT_GE(lan.discovery().size(), 3U); // as when it was new
}

TEST(Discovery, ReconfiguredAtRunTime) {
    Lan lan;
    Output out;
    ASSERT_TRUE(
        lan.engine.reconfigure(k_lan, {.router_discovery = RouterDiscovery::always}, lan.now, out));
    lan.advance(6s);
    EXPECT_GE(lan.discovery().size(), 3U);
    ASSERT_TRUE(lan.engine.reconfigure(k_lan, {.router_discovery = k_automatic}, lan.now, out));
    lan.advance(1h);
    EXPECT_THAT(lan.discovery(), IsEmpty());
}

TEST(Discovery, OtherRoutersAreCountedByName) {
    Lan lan;
    lan.hear(k_better, wire::RouterAdvertisement{});
    lan.hear(k_better, wire::RouterTermination{});
    EXPECT_EQ(lan.counters().router_advertisements, 1U);
    EXPECT_EQ(lan.counters().router_terminations, 1U);
    EXPECT_TRUE(lan.interface().querier); // they elect nobody
}

TEST(Discovery, WrongDestinationIsRefused) {
    Lan lan = announced({.advertisement_interval = 180s});
    lan.advance(20s);
    lan.discovery();
    auto const bytes = bytes_of(wire::RouterSolicitation{});
    lan.receive({.interface = k_lan,
                 .source = k_switch,
                 .destination = wire::k_all_snoopers,
                 .ttl = 1,
                 .router_alert = true,
                 .source_mac = k_other_mac,
                 .payload = bytes});
    EXPECT_EQ(lan.counters().bad_destination, 1U);
    lan.advance(3s);
    EXPECT_THAT(lan.discovery(), IsEmpty());
}

} // namespace
} // namespace mcast::igmp::test
