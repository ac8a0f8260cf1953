// The network itself: that links do what they are told, that hosts and queriers find each other on
// it, that data takes the real table, and that one seed is one run.
#include "appliance.h"
#include "kinds.h"

#include <gtest/gtest.h>

namespace mcast::sim {
namespace {

using namespace std::chrono_literals;

constexpr Ipv4 k_group = Ipv4::of(239, 1, 1, 1);

// Static routes toward link 0, and static groups on every link but the last, where IGMP decides.
World::Maker static_line() {
    return [](Topology const& topology, std::size_t number, std::uint64_t seed, std::uint32_t) {
        control::Config config;
        config.limits.entries = 64;
        auto const& ports = topology.routers[number].ports;
        for (std::size_t p = 0; p < ports.size(); ++p) {
            control::InterfaceConfig it;
            it.name = "if" + std::to_string(p);
            it.port = "p" + std::to_string(p);
            it.address = {ports[p].address, 24};
            it.static_protocol = true;
            config.interfaces.push_back(it);
        }
        if (number > 0) {
            config.routes.push_back(
                {topology.links[0].net, "if0", Ipv4{topology.links[number].net.address.value + 2}});
        }
        if (number + 1 < topology.routers.size()) {
            config.groups.push_back({.group = k_group, .source = {}, .interface = "if1"});
        }
        return std::make_unique<Appliance>(number, config, seed);
    };
}

struct Line {
    explicit Line(std::uint64_t seed = 1, std::uint8_t version = 3)
        : world(line(3), static_line(), seed), sender(world.add_host(0)),
          member(world.add_host(3, version)) {
        world.run_for(5s);
    }
    unsigned came(std::uint64_t number) {
        auto const& got = world.host(member).got();
        auto const it = got.find(number);
        return it == got.end() ? 0 : it->second;
    }

    World world;
    std::size_t sender;
    std::size_t member;
};

TEST(Network, CarriesFromHostToHostThroughTheRealTables) {
    for (std::uint8_t version : {2, 3}) {
        Line net(1, version);
        net.world.join(net.member, k_group);
        net.world.run_for(1s);
        std::uint64_t const number = net.world.send(net.sender, k_group);
        net.world.run_for(1s);
        EXPECT_EQ(net.came(number), 1U) << "IGMP version " << int{version};
        for (std::size_t link = 0; link < 4; ++link) {
            EXPECT_EQ(net.world.passage(number).carried.at(link), 1U) << link;
        }
    }
}

TEST(Network, AsksWhoStaysAndStopsWhenNobodyDoes) {
    Line net;
    net.world.join(net.member, k_group);
    net.world.stream(net.sender, k_group, 200s, 5s); // through two general queries
    std::uint64_t const last = net.world.send(net.sender, k_group);
    net.world.run_for(1s);
    EXPECT_EQ(net.came(last), 1U);
    net.world.leave(net.member, k_group);
    net.world.run_for(5s);
    std::uint64_t const after = net.world.send(net.sender, k_group);
    net.world.run_for(1s);
    EXPECT_FALSE(net.world.passage(after).carried.contains(3));
}

TEST(Network, TtlEndsWhereItShould) {
    Line net;
    net.world.join(net.member, k_group);
    net.world.run_for(1s);
    std::uint64_t const short_one = net.world.send(net.sender, k_group, 3);
    std::uint64_t const enough = net.world.send(net.sender, k_group, 4);
    net.world.run_for(1s);
    EXPECT_EQ(net.came(short_one), 0U);
    EXPECT_EQ(net.came(enough), 1U);
}

TEST(Network, CutsLosesAndDelays) {
    Line net;
    net.world.join(net.member, k_group);
    net.world.run_for(1s);
    net.world.cut(1);
    std::uint64_t const cut = net.world.send(net.sender, k_group);
    net.world.run_for(1s);
    net.world.cut(1, false);
    EXPECT_EQ(net.came(cut), 0U);
    net.world.set_loss(1, 0.5);
    unsigned came = 0;
    for (int i = 0; i < 200; ++i) {
        std::uint64_t const number = net.world.send(net.sender, k_group);
        net.world.run_for(10ms);
        came += net.came(number);
    }
    EXPECT_GT(came, 60U);
    EXPECT_LT(came, 140U);
    net.world.set_loss(1, 0);
    net.world.topology.links[2].delay = 300ms;
    std::uint64_t const slow = net.world.send(net.sender, k_group);
    net.world.run_for(200ms);
    EXPECT_EQ(net.came(slow), 0U);
    net.world.run_for(200ms);
    EXPECT_EQ(net.came(slow), 1U);
}

TEST(Network, JitterLetsFramesOvertake) {
    Line net;
    net.world.join(net.member, k_group);
    net.world.run_for(1s);
    net.world.set_jitter(3, 100ms);
    bool overtook = false;
    for (int i = 0; i < 20; ++i) {
        std::uint64_t const first = net.world.send(net.sender, k_group);
        net.world.run_for(5ms);
        std::uint64_t const second = net.world.send(net.sender, k_group);
        net.world.run_until([&] { return net.came(second) == 1; }, 1s);
        overtook = overtook || net.came(first) == 0;
        net.world.run_for(1s);
        EXPECT_EQ(net.came(first), 1U);
    }
    EXPECT_TRUE(overtook);
}

TEST(Network, ARouterThatIsGoneCarriesNothingAndComesBack) {
    Line net;
    net.world.join(net.member, k_group);
    net.world.run_for(1s);
    net.world.crash(1);
    std::uint64_t const lost = net.world.send(net.sender, k_group);
    net.world.run_for(1s);
    net.world.restart(1);
    net.world.run_for(1s);
    std::uint64_t const found = net.world.send(net.sender, k_group);
    net.world.run_for(1s);
    EXPECT_EQ(net.came(lost), 0U);
    EXPECT_EQ(net.came(found), 1U);
}

struct Told {
    std::uint64_t digest;
    std::string events;
    bool operator==(Told const&) const = default;
};

Told tell(std::uint64_t seed) {
    Random random(seed);
    World world(random_topology({.routers = 8, .extra_links = 4}, random), engines(), seed);
    std::size_t const sender = world.add_host(0);
    world.join(world.add_host(5), k_group);
    for (std::size_t link = 0; link < world.topology.links.size(); ++link) {
        world.set_loss(link, 0.05);
        world.set_jitter(link, 3ms);
    }
    world.run_for(90s);
    world.restart(3);
    world.stream(sender, k_group, 10s);
    return {world.digest(), world.last_events(400)};
}

TEST(Network, OneSeedIsOneRunByteForByte) {
    Told const once = tell(7);
    EXPECT_EQ(once, tell(7));
    EXPECT_NE(once.digest, tell(8).digest);
    EXPECT_FALSE(once.events.empty());
}

} // namespace
} // namespace mcast::sim
