// Three routers in a row, of which the middle one forwards unicast alone: the outer two have a
// tunnel between them, an interface of its own at each.
//
//   link 0 -- router 0 -- link 1 -- unicast router -- link 2 -- router 2 -- link 3
//   sender        (=============== tunnel ================)               members
#include "appliance.h"
#include "kinds.h"

#include <gtest/gtest.h>

namespace mcast::sim {
namespace {

using namespace std::chrono_literals;

constexpr Ipv4 k_group = Ipv4::of(239, 1, 1, 1);
constexpr IfIndex k_tunnel{2};

class Tunnel : public testing::TestWithParam<bool> { // control beside it
protected:
    Tunnel() : world(line(3), tunnel_ends(GetParam()), 1) {
        sender = world.add_host(0);
        world.run_for(100s);
    }
    ~Tunnel() override { EXPECT_EQ(world.loops(), 0U); }

    void member_joins() {
        member = world.add_host(3);
        world.join(member, k_group);
        world.run_for(1s);
    }
    unsigned times_got(std::uint64_t number) {
        auto const& got = world.host(member).got();
        auto const at = got.find(number);
        return at == got.end() ? 0 : at->second;
    }
    unsigned times_carried(std::uint64_t number, std::size_t link) {
        auto const& carried = world.passage(number).carried;
        auto const at = carried.find(link);
        return at == carried.end() ? 0 : at->second;
    }
    std::uint64_t one() {
        std::uint64_t const number = world.send(sender, k_group);
        world.run_for(200ms);
        return number;
    }
    void expect_each_once(int datagrams) {
        for (int i = 0; i < datagrams; ++i) {
            std::uint64_t const number = one();
            EXPECT_EQ(times_got(number), 1U) << i << world.last_events();
            for (std::size_t link = 0; link < 4; ++link) {
                EXPECT_EQ(times_carried(number, link), 1U) << "link " << link;
            }
        }
    }
    Duration outage(Duration most) {
        TimePoint const from = world.now;
        while (world.now - from < most && times_got(one()) == 0) {
        }
        return world.now - from;
    }

    World world;
    std::size_t sender = 0;
    std::size_t member = 0;
};

TEST_P(Tunnel, IsTheWayBackToTheSource) {
    EXPECT_EQ(world.router(2).toward(world.topology.links[0].net),
              (Toward{Toward::k_untold, k_tunnel, world.topology.routers[0].ports[1].address}));
    EXPECT_EQ(world.router(0).toward(world.topology.links[3].net),
              (Toward{Toward::k_untold, k_tunnel, world.topology.routers[2].ports[0].address}));
}

TEST_P(Tunnel, CarriesEachPacketOnce) {
    member_joins();
    expect_each_once(50);
}

TEST_P(Tunnel, IsPrunedAndGraftedLikeALink) {
    world.stream(sender, k_group, 3s);
    EXPECT_EQ(times_carried(one(), 1), 0U) << "nobody wants it";
    member_joins();
    EXPECT_LE(outage(5s), 400ms);
    expect_each_once(5);
}

TEST_P(Tunnel, BearsLossOfTheLinksBelow) {
    member_joins();
    world.set_loss(1, 0.1);
    world.set_loss(2, 0.1);
    world.stream(sender, k_group, 300s, 1s);
    world.set_loss(1, 0);
    world.set_loss(2, 0);
    world.run_for(200s);
    world.stream(sender, k_group, 3s);
    expect_each_once(20);
}

TEST_P(Tunnel, ComesBackAfterARestart) {
    member_joins();
    world.stream(sender, k_group, 3s);
    for (std::size_t router : {2, 0, 1}) {
        world.restart(router);
        EXPECT_LE(outage(60s), 25s) << "router " << router;
        world.stream(sender, k_group, 15s);
        expect_each_once(5);
    }
}

// The other end is silent: nothing goes in. DVMRP-40.
TEST_P(Tunnel, CarriesNothingToNobody) {
    member_joins();
    world.stream(sender, k_group, 3s);
    world.crash(2);
    world.stream(sender, k_group, 40s);
    EXPECT_EQ(times_carried(one(), 1), 0U);
    world.restart(2);
    EXPECT_LE(outage(60s), 25s);
}

// What the middle does not carry is missed after 35 s, and found again.
TEST_P(Tunnel, FollowsTheWayBelow) {
    member_joins();
    world.stream(sender, k_group, 3s);
    world.crash(1);
    world.stream(sender, k_group, 40s);
    EXPECT_EQ(times_carried(one(), 1), 0U);
    world.restart(1);
    EXPECT_LE(outage(300s), 120s + 60s + 35s);
    world.stream(sender, k_group, 130s, 1s);
    expect_each_once(5);
}

INSTANTIATE_TEST_SUITE_P(Control, Tunnel, testing::Values(false, true),
                         [](auto const& it) { return it.param ? "Beside" : "Inside"; });

} // namespace
} // namespace mcast::sim
