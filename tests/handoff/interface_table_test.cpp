#include "mcast/handoff/interface_table.h"

#include <gtest/gtest.h>

namespace mcast::handoff {
namespace {

constexpr Mac k_router{{2, 0, 0, 0, 0, 1}};
constexpr Mac k_other{{2, 0, 0, 0, 0, 2}};

Interface on(std::uint16_t port, std::uint16_t vlan) {
    Interface interface;
    interface.port = PortId{port};
    interface.vlan = vlan;
    interface.up = true;
    interface.mac = k_router;
    return interface;
}

struct InterfaceTableTest : testing::Test {
    InterfaceTableTest() { table.router_mac = k_router; }
    InterfaceTable table;
};

TEST_F(InterfaceTableTest, FindsInterfacesByPortAndTag) {
    table.add(IfIndex{10}, on(0, 0));
    table.add(IfIndex{11}, on(0, 1));
    table.add(IfIndex{12}, on(0, 4094));
    table.add(IfIndex{13}, on(1, 1));
    EXPECT_EQ(table.lookup(PortId{0}, 0), IfIndex{10});
    EXPECT_EQ(table.lookup(PortId{0}, 1), IfIndex{11});
    EXPECT_EQ(table.lookup(PortId{0}, 4094), IfIndex{12});
    EXPECT_EQ(table.lookup(PortId{1}, 1), IfIndex{13});
    EXPECT_EQ(table.lookup(PortId{0}, 2), k_no_interface);
    EXPECT_EQ(table.lookup(PortId{1}, 0), k_no_interface) << "only tagged";
    EXPECT_EQ(table.lookup(PortId{2}, 0), k_no_interface) << "no such port";
    EXPECT_EQ(table.lookup(PortId{2}, 1), k_no_interface);
    EXPECT_EQ(table.lookup(PortId{k_max_ports - 1}, 1), k_no_interface);
    EXPECT_EQ(table.interfaces[12].vlan, 4094);
}

TEST_F(InterfaceTableTest, SetsSayWhoIsThereAndUpAndNeedsAHeaderOfItsOwn) {
    Interface down = on(1, 0);
    down.up = false;
    Interface own_mac = on(2, 0);
    own_mac.mac = k_other;
    table.add(IfIndex{0}, on(0, 0));
    table.add(IfIndex{1}, down);
    table.add(IfIndex{2}, own_mac);
    table.add(IfIndex{255}, on(0, 5));
    EXPECT_EQ(table.present, (IfSet{IfIndex{0}, IfIndex{1}, IfIndex{2}, IfIndex{255}}));
    EXPECT_EQ(table.up, (IfSet{IfIndex{0}, IfIndex{2}, IfIndex{255}}));
    EXPECT_EQ(table.private_header, (IfSet{IfIndex{2}, IfIndex{255}}));
}

// Its port's frames stay those of the interface below.
TEST_F(InterfaceTableTest, ATunnelHasNoPortOfItsOwn) {
    Ipv4 const local = Ipv4::of(10, 0, 1, 1);
    Ipv4 const remote = Ipv4::of(10, 0, 9, 9);
    table.add(IfIndex{0}, on(0, 0));
    table.add(IfIndex{1}, on(1, 7));
    for (std::uint16_t i : {0, 1}) {
        Interface tunnel = on(i, i == 0 ? 0 : 7);
        tunnel.tunnel =
            Tunnel{.over = IfIndex{i}, .local = local, .remote = remote, .next_hop = {}};
        table.add(IfIndex{static_cast<std::uint16_t>(20 + i)}, tunnel);
    }
    EXPECT_EQ(table.lookup(PortId{0}, 0), IfIndex{0});
    EXPECT_EQ(table.lookup(PortId{1}, 7), IfIndex{1});
    EXPECT_EQ(table.tunnels, (IfSet{IfIndex{20}, IfIndex{21}}));
    EXPECT_TRUE(table.private_header.contains(IfIndex{20}));
    EXPECT_EQ(table.tunnel_between(IfIndex{0}, local, remote), IfIndex{20});
    EXPECT_EQ(table.tunnel_between(IfIndex{1}, local, remote), IfIndex{21});
    EXPECT_EQ(table.tunnel_between(IfIndex{20}, local, remote), k_no_interface);
    EXPECT_EQ(table.tunnel_between(IfIndex{0}, remote, local), k_no_interface);
    EXPECT_EQ(table.tunnel_between(IfIndex{0}, local, local), k_no_interface);
}

TEST_F(InterfaceTableTest, OwnAddressesAreSortedAndUnique) {
    std::uint16_t port = 0;
    for (Ipv4 address : {Ipv4::of(10, 0, 2, 1), Ipv4{}, Ipv4::of(10, 0, 1, 1),
                         Ipv4::of(192, 168, 0, 1), Ipv4::of(10, 0, 1, 1)}) {
        Interface interface = on(port, 0);
        interface.address = {address, 24};
        table.add(IfIndex{port++}, interface);
    }
    EXPECT_EQ(table.own_addresses, (std::vector{Ipv4::of(10, 0, 1, 1), Ipv4::of(10, 0, 2, 1),
                                                Ipv4::of(192, 168, 0, 1)}));
}

TEST(PublishedInterfaces, StartsWithAnEmptySnapshot) {
    ManualGrace grace;
    PublishedInterfaces const published(grace);
    EXPECT_TRUE(published.current().present.empty());
    EXPECT_EQ(published.current().lookup(PortId{0}, 0), k_no_interface);
}

TEST(PublishedInterfaces, TheOldSnapshotLivesUntilNoWorkerCanSeeIt) {
    ManualGrace grace;
    PublishedInterfaces published(grace);
    for (std::uint16_t n = 0; n < 3; ++n) {
        auto next = std::make_unique<InterfaceTable>();
        next->add(IfIndex{n}, on(0, 0));
        InterfaceTable const& before = published.current();
        published.publish(std::move(next));
        EXPECT_EQ(published.current().lookup(PortId{0}, 0), IfIndex{n});
        EXPECT_NE(&published.current(), &before);
        EXPECT_FALSE(before.present.contains(IfIndex{n})) << "still readable";
    }
    EXPECT_EQ(published.reclaim(), 0U);
    grace.end(2);
    EXPECT_EQ(published.reclaim(), 2U);
    grace.end_all();
    EXPECT_EQ(published.reclaim(), 1U);
    EXPECT_TRUE(published.current().present.contains(IfIndex{2}));
}

} // namespace
} // namespace mcast::handoff
