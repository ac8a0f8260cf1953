// DVMRP in networks that were drawn on purpose. Times are the protocol's own: a neighbour that is
// silent for 35 s is gone, a route is held down for 120 s, tables are said again every 60 s.
#include "appliance.h"
#include "checks.h"
#include "kinds.h"

#include <gtest/gtest.h>

namespace mcast::sim {
namespace {

using namespace std::chrono_literals;

constexpr Ipv4 k_group = Ipv4::of(239, 1, 1, 1);

struct Net {
    explicit Net(Kind kind, Topology shape, std::uint64_t seed = 1)
        : world(std::move(shape), routers_of(kind), seed) {
        settle(90s);
    }
    ~Net() { EXPECT_EQ(world.loops(), 0U); }

    void settle(Duration within) {
        world.run_until([this] { return wrong_route(world).empty(); }, within);
        EXPECT_EQ(wrong_route(world), "") << world.topology.text() << world.last_events();
    }
    // One datagram, and what became of it.
    std::uint64_t one(std::size_t sender) {
        std::uint64_t const number = world.send(sender, k_group);
        world.run_for(1s);
        return number;
    }
    // Delivery and links are as they should be for a datagram that is sent now.
    void expect_exact(std::size_t sender) {
        std::uint64_t const number = one(sender);
        EXPECT_EQ(wrong_delivery(world, number), "") << world.last_events();
        EXPECT_EQ(wrong_links(world, number), "") << world.last_events();
    }
    // The time until a datagram arrives again at every member.
    Duration outage(std::size_t sender, Duration most) {
        TimePoint const from = world.now;
        while (world.now - from < most) {
            std::uint64_t const number = world.send(sender, k_group);
            world.run_for(200ms);
            if (wrong_delivery(world, number).empty()) {
                break;
            }
        }
        return world.now - from;
    }
    std::size_t member(std::size_t link) {
        std::size_t const host = world.add_host(link);
        world.join(host, k_group);
        return host;
    }

    World world;
};

class Scenario : public testing::TestWithParam<Kind> {};

bool carried(World const& world, std::uint64_t number, std::size_t link) {
    return world.passage(number).carried.contains(link);
}

TEST_P(Scenario, LineFloodsAndPrunes) {
    Net net(GetParam(), line(4));
    std::size_t const sender = net.world.add_host(0);
    std::uint64_t const first = net.one(sender);
    EXPECT_TRUE(carried(net.world, first, 3)) << "flooded to all who depend on it";
    EXPECT_FALSE(carried(net.world, first, 4)) << "but not to a leaf without members";
    net.expect_exact(sender); // pruned by now: the sender's own link alone
}

TEST_P(Scenario, LineGraftsOnJoin) {
    Net net(GetParam(), line(4));
    std::size_t const sender = net.world.add_host(0);
    std::size_t const far = net.world.add_host(4);
    net.world.stream(sender, k_group, 2s);
    net.world.join(far, k_group);
    EXPECT_LE(net.outage(sender, 10s), 400ms);
    net.expect_exact(sender);
    net.world.leave(far, k_group);
    net.world.stream(sender, k_group, 6s);
    net.expect_exact(sender); // pruned again
}

TEST_P(Scenario, PrunesEndAndAreMadeAgain) {
    Net net(GetParam(), line(3));
    std::size_t const sender = net.world.add_host(0);
    std::set<std::uint64_t> flooded;
    for (int second = 0; second < 600; ++second) {
        std::uint64_t const number = net.one(sender);
        if (carried(net.world, number, 2)) {
            flooded.insert(number);
        }
    }
    EXPECT_GE(flooded.size(), 3U) << "once each 150 to 200 s";
    EXPECT_LE(flooded.size(), 12U);
}

TEST_P(Scenario, RingFindsTheShorterWay) {
    Net net(GetParam(), ring(7));
    std::size_t const sender = net.world.add_host(7);
    for (std::size_t link : {8, 10, 11, 13}) {
        net.member(link);
    }
    net.world.stream(sender, k_group, 3s);
    net.expect_exact(sender);
}

TEST_P(Scenario, GridHasOneTree) {
    Net net(GetParam(), grid(4, 4));
    std::size_t const stubs = net.world.topology.links.size() - 16;
    std::size_t const sender = net.world.add_host(stubs + 5);
    for (std::size_t n : {0, 3, 10, 12, 15}) {
        net.member(stubs + n);
    }
    net.world.stream(sender, k_group, 3s);
    net.expect_exact(sender);
}

TEST_P(Scenario, OneOfParallelRoutersForwards) {
    Net net(GetParam(), parallel(3));
    std::size_t const sender = net.world.add_host(0);
    net.member(1);
    net.world.stream(sender, k_group, 3s);
    net.expect_exact(sender);
}

TEST_P(Scenario, ANeighbourTakesOverFromADesignatedForwarder) { // DVMRP-80
    Net net(GetParam(), parallel(2));
    std::size_t const sender = net.world.add_host(0);
    net.member(1);
    net.world.stream(sender, k_group, 3s);
    net.world.crash(0);
    EXPECT_LE(net.outage(sender, 60s), 36s);
    net.expect_exact(sender);
    net.world.restart(0);
    net.settle(120s);
    // The first router forwards again as soon as it says its routes; who is there it learns when
    // hosts answer its query, in ten seconds.
    net.world.stream(sender, k_group, 12s);
    net.expect_exact(sender);
}

TEST_P(Scenario, AStubHearsOfNothingItDidNotAskFor) {
    Topology shape = line(2);
    std::size_t const stub = shape.add_link();
    shape.attach(0, stub);
    Net net(GetParam(), shape);
    std::size_t const sender = net.world.add_host(0);
    net.member(2);
    net.world.stream(sender, k_group, 3s);
    std::uint64_t const number = net.one(sender);
    EXPECT_FALSE(carried(net.world, number, stub));
    net.member(stub);
    net.world.run_for(1s);
    net.expect_exact(sender);
}

TEST_P(Scenario, TheOtherWayIsTakenWhenTheUpstreamRouterDies) {
    Net net(GetParam(), ring(6));
    std::size_t const sender = net.world.add_host(6);
    net.member(8);
    net.world.stream(sender, k_group, 3s);
    net.world.crash(1);
    // 35 s until it is missed; then the other way is heard of within a table's round.
    EXPECT_LE(net.outage(sender, 400s), 35s + 120s + 65s);
    net.settle(300s);
    net.world.stream(sender, k_group, 3s);
    net.expect_exact(sender);
}

TEST_P(Scenario, ARestartedRouterIsSuppliedAtOnce) { // DVMRP-26, -28, -136
    Net net(GetParam(), line(3));
    std::size_t const sender = net.world.add_host(0);
    net.member(3);
    net.world.stream(sender, k_group, 3s);
    net.world.restart(1);
    EXPECT_LE(net.outage(sender, 60s), 15s);
    net.settle(120s);
    net.world.stream(sender, k_group, 3s);
    net.expect_exact(sender);
}

TEST_P(Scenario, ARestartedLastRouterGetsWhatItPruned) {
    Net net(GetParam(), line(3));
    std::size_t const sender = net.world.add_host(0);
    net.world.stream(sender, k_group, 3s); // pruned
    net.world.restart(2);
    net.member(3);
    EXPECT_LE(net.outage(sender, 60s), 15s);
}

TEST_P(Scenario, ADearerLinkIsLeft) {
    Net net(GetParam(), ring(4));
    std::size_t const sender = net.world.add_host(4);
    net.member(6); // two hops either way
    net.world.stream(sender, k_group, 3s);
    net.world.set_metric(1, 0, 7); // router 1 toward router 0
    net.world.restart(1);
    net.settle(400s);
    net.world.stream(sender, k_group, 3s);
    net.expect_exact(sender);
}

TEST_P(Scenario, ALostNetworkIsNotCountedToInfinity) {
    Net net(GetParam(), ring(8));
    Ipv4Prefix const lost = net.world.topology.links[8].net;
    int worst = 0;
    net.world.set_port(0, 2, false);
    auto const before = net.world.sent.dvmrp;
    bool const gone = net.world.run_until(
        [&] {
            bool any = false;
            for (std::size_t r = 0; r < 8; ++r) {
                int const metric = net.world.router(r).toward(lost).metric;
                worst = metric < 32 ? std::max(worst, metric) : worst;
                any = any || metric < 32;
            }
            return !any;
        },
        300s);
    EXPECT_TRUE(gone);
    EXPECT_LE(worst, 9) << "nobody took a longer way to what is gone";
    EXPECT_LE(net.world.sent.dvmrp - before, 2000U);
}

TEST_P(Scenario, APartitionHeals) {
    Net net(GetParam(), line(4));
    std::size_t const sender = net.world.add_host(0);
    net.member(1);
    net.member(4);
    net.world.stream(sender, k_group, 3s);
    net.world.cut(2);
    net.settle(300s);
    net.world.stream(sender, k_group, 3s);
    net.expect_exact(sender); // this side goes on
    net.world.cut(2, false);
    EXPECT_LE(net.outage(sender, 300s), 10s + 120s + 60s);
    net.settle(300s);
    net.world.stream(sender, k_group, 3s);
    net.expect_exact(sender);
}

TEST_P(Scenario, LossAndReorderingOnlyDelay) {
    Net net(GetParam(), grid(3, 3), 5);
    std::size_t const stubs = net.world.topology.links.size() - 9;
    std::size_t const sender = net.world.add_host(stubs);
    net.member(stubs + 8);
    for (std::size_t link = 0; link < stubs; ++link) {
        net.world.set_loss(link, 0.1);
        net.world.set_jitter(link, 20ms);
    }
    net.world.stream(sender, k_group, 120s, 1s);
    for (std::size_t link = 0; link < stubs; ++link) {
        net.world.set_loss(link, 0);
        net.world.set_jitter(link, {});
    }
    net.settle(300s);
    net.world.stream(sender, k_group, 30s, 1s);
    net.expect_exact(sender);
}

TEST_P(Scenario, NothingIsRememberedOfWhatHasEnded) {
    Net net(GetParam(), grid(3, 3));
    std::size_t const stubs = net.world.topology.links.size() - 9;
    std::size_t const sender = net.world.add_host(stubs);
    std::size_t const member = net.member(stubs + 4);
    net.world.stream(sender, k_group, 5s);
    EXPECT_FALSE(net.world.memory().empty());
    net.world.leave(member, k_group);
    net.world.run_for(400s); // the longest prune, and idle entries
    EXPECT_TRUE(net.world.memory().empty());
}

TEST_P(Scenario, AFarewellIsHeard) { // DVMRP-75
    Net net(GetParam(), ring(5));
    net.world.shut_down(2);
    Ipv4Prefix const net_behind = net.world.topology.links[7].net;
    EXPECT_TRUE(net.world.run_until(
        [&] { return net.world.router(1).toward(net_behind).metric == 32; }, 1s));
    net.settle(400s);
}

// The promise of the house: an interface changes hands under traffic, and nothing is lost or
// doubled. Here the last router's link to its members goes to the static protocol and back.
TEST(Handover, InTheMiddleOfATree) {
    Net net(Kind::appliance, line(3));
    std::size_t const sender = net.world.add_host(0);
    std::size_t const member = net.member(3);
    net.world.stream(sender, k_group, 3s);
    net.world.forget_data();
    auto& router = dynamic_cast<Appliance&>(net.world.router(2));
    std::uint64_t sent = 0;
    auto const stream = [&] {
        for (int i = 0; i < 400; ++i, ++sent) {
            net.world.send(sender, k_group);
            net.world.run_for(10ms);
        }
    };
    for (auto const& words : {std::vector<std::string>{"owner", "release", "if1", "dvmrp"},
                              {"owner", "take", "if1", "static"},
                              {"owner", "release", "if1", "static"},
                              {"owner", "take", "if1", "dvmrp"}}) {
        router.command(words, net.world.now);
        stream();
    }
    net.world.run_for(1s);
    auto const& got = net.world.host(member).got();
    EXPECT_EQ(got.size(), sent);
    for (auto const& [number, times] : got) {
        EXPECT_EQ(times, 1U) << number;
    }
    net.settle(60s);
    net.expect_exact(sender);
}

// And a link between two routers: what hangs on it comes back as soon as they know each other.
TEST(Handover, OfALinkBetweenRouters) {
    Net net(Kind::appliance, line(3));
    std::size_t const sender = net.world.add_host(0);
    net.member(1);
    net.member(3);
    net.world.stream(sender, k_group, 3s);
    auto& router = dynamic_cast<Appliance&>(net.world.router(1));
    router.command({"owner", "release", "if1", "dvmrp"}, net.world.now);
    net.world.stream(sender, k_group, 60s);
    router.command({"owner", "take", "if1", "dvmrp"}, net.world.now);
    EXPECT_LE(net.outage(sender, 300s), 10s + 120s + 60s);
    net.settle(300s);
    net.world.stream(sender, k_group, 3s);
    net.expect_exact(sender);
}

INSTANTIATE_TEST_SUITE_P(Kinds, Scenario, testing::Values(Kind::engine, Kind::appliance),
                         [](auto const& it) {
                             return it.param == Kind::engine ? "Engine" : "Appliance";
                         });

} // namespace
} // namespace mcast::sim
