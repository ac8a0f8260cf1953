// Source-specific groups in a network: nobody is flooded, who asks gets it, whatever happens
// between.
#include "checks.h"
#include "kinds.h"

#include <gtest/gtest.h>

namespace mcast::sim {
namespace {

using namespace std::chrono_literals;

constexpr Ipv4 k_group = Ipv4::of(232, 1, 1, 1);

// Link 0 - router 0 - link 1 - ... - router 3 - link 4; two senders on the first link.
struct Line {
    Line() : world(line(4), appliances(), 1) {
        world.run_until([this] { return wrong_route(world).empty(); }, 90s);
        EXPECT_EQ(wrong_route(world), "");
        sender = world.add_host(0);
        other = world.add_host(0);
        far = world.add_host(4);
    }
    ~Line() { EXPECT_EQ(world.loops(), 0U); }

    FlowKey channel() { return {world.host(sender).address(), k_group}; }
    // How many links carry a datagram that is sent now.
    std::size_t reach(std::size_t from) {
        std::uint64_t const number = world.send(from, k_group);
        world.run_for(1s);
        return world.passage(number).carried.size();
    }

    World world;
    std::size_t sender = 0;
    std::size_t other = 0;
    std::size_t far = 0;
};

// IGMP-110: routers that depend on each other get nothing that nobody asked for, not even once.
TEST(Channel, IsNotFlooded) {
    Line net;
    EXPECT_EQ(net.reach(net.sender), 1U);
    EXPECT_EQ(net.reach(net.sender), 1U);
}

// Asked for before it begins: the very first packet arrives. The group's other source does not.
TEST(Channel, FirstPacketArrivesWhereItIsWanted) {
    Line net;
    net.world.join(net.far, net.channel());
    net.world.run_for(2s);
    EXPECT_EQ(net.reach(net.sender), 5U);
    EXPECT_EQ(net.reach(net.other), 1U);
    net.world.leave(net.far, k_group);
    net.world.run_for(5s);
    EXPECT_EQ(net.reach(net.sender), 1U);
    net.world.join(net.far, net.channel());
    net.world.run_for(2s);
    EXPECT_EQ(net.reach(net.sender), 5U);
}

TEST(Channel, JoinsOfARunningStream) {
    Line net;
    net.world.stream(net.sender, k_group, 5s);
    net.world.join(net.far, net.channel());
    net.world.run_for(2s);
    EXPECT_EQ(net.reach(net.sender), 5U);
}

// Neither grafts nor acknowledgements may be lost for good.
TEST(Channel, OverLossyLinks) {
    Line net;
    for (std::size_t link = 1; link < 4; ++link) {
        net.world.set_loss(link, 0.3);
    }
    net.world.join(net.far, net.channel());
    net.world.run_for(60s);
    for (std::size_t link = 1; link < 4; ++link) {
        net.world.set_loss(link, 0);
    }
    net.world.run_for(160s);
    EXPECT_EQ(net.reach(net.sender), 5U);
}

// A router in the middle forgets everything; the one below asks it again.
TEST(Channel, ARouterRestarts) {
    Line net;
    net.world.join(net.far, net.channel());
    net.world.run_for(2s);
    EXPECT_EQ(net.reach(net.sender), 5U);
    net.world.crash(1);
    net.world.run_for(5s);
    net.world.restart(1);
    EXPECT_TRUE(net.world.run_until([&] { return net.reach(net.sender) == 5; }, 120s));
}

// The way changes: the other side of a ring is asked.
TEST(Channel, TheWayChanges) {
    World world(ring(4), appliances(), 1);
    world.run_until([&] { return wrong_route(world).empty(); }, 90s);
    // Links 0 to 3 are the ring's, 4 to 7 the stubs of routers 0 to 3.
    std::size_t const sender = world.add_host(4);
    std::size_t const member = world.add_host(5);
    world.join(member, {world.host(sender).address(), k_group});
    world.run_for(2s);
    auto const arrives = [&] {
        std::uint64_t const number = world.send(sender, k_group);
        world.run_for(1s);
        return wrong_delivery(world, number).empty();
    };
    EXPECT_TRUE(arrives());
    world.cut(0);
    EXPECT_TRUE(world.run_until(arrives, 400s));
    EXPECT_EQ(world.loops(), 0U);
}

} // namespace
} // namespace mcast::sim
