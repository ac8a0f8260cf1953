#include "mcast/base/random.h"
#include "mcast/mgm/route_table.h"

#include <gtest/gtest.h>

namespace mcast::mgm {
namespace {

Route route(char const* prefix, unsigned interface, ProtocolId protocol = k_static_protocol) {
    return {
        *Ipv4Prefix::parse(prefix), IfIndex{static_cast<std::uint16_t>(interface)}, {}, protocol};
}
int found(RouteTable const& table, char const* source) {
    auto const result = table.lookup(*Ipv4::parse(source));
    return result ? result->interface.value : -1;
}

TEST(RouteTable, LongestPrefixWins) {
    RouteTable table;
    EXPECT_EQ(found(table, "10.0.0.1"), -1);
    EXPECT_TRUE(table.add(route("0.0.0.0/0", 1)));
    EXPECT_TRUE(table.add(route("10.0.0.0/8", 2)));
    EXPECT_TRUE(table.add(route("10.1.0.77/16", 3))); // host bits are cleared
    EXPECT_TRUE(table.add(route("10.1.0.1/32", 4)));
    EXPECT_EQ(found(table, "192.0.2.1"), 1);
    EXPECT_EQ(found(table, "10.9.0.1"), 2);
    EXPECT_EQ(found(table, "10.1.0.2"), 3);
    EXPECT_EQ(found(table, "10.1.0.1"), 4);
    EXPECT_TRUE(table.remove({Ipv4::of(10, 1, 0, 0), 16}, k_static_protocol));
    EXPECT_EQ(found(table, "10.1.0.2"), 2);
    EXPECT_EQ(table.size(), 3u);
    EXPECT_FALSE(table.remove({Ipv4::of(10, 1, 0, 0), 16}, k_static_protocol));
}

TEST(RouteTable, SamePrefixOfSeveralProtocols) {
    RouteTable table;
    EXPECT_TRUE(table.add(route("10.0.0.0/8", 1, k_dvmrp_protocol)));
    EXPECT_TRUE(table.add(route("10.0.0.0/8", 2, k_static_protocol)));
    EXPECT_EQ(found(table, "10.0.0.1"), 2);
    EXPECT_TRUE(table.add(route("10.0.0.0/8", 3, k_connected_protocol)));
    EXPECT_EQ(found(table, "10.0.0.1"), 3);
    EXPECT_TRUE(table.add(route("10.0.0.0/8", 4, k_connected_protocol))); // replaces
    EXPECT_EQ(found(table, "10.0.0.1"), 4);
    EXPECT_EQ(table.size(), 3u);
    EXPECT_TRUE(table.remove({Ipv4::of(10, 0, 0, 0), 8}, k_connected_protocol));
    EXPECT_EQ(found(table, "10.0.0.1"), 2);
    EXPECT_EQ(table.routes().size(), 2u);
}

TEST(RouteTable, RefusesWhatIsNoRoute) {
    RouteTable table;
    EXPECT_FALSE(table.add({{Ipv4::of(10, 0, 0, 0), 33}, IfIndex{1}, {}, k_static_protocol}));
    EXPECT_FALSE(table.add({{Ipv4::of(10, 0, 0, 0), 8}, k_no_interface, {}, k_static_protocol}));
    EXPECT_FALSE(table.remove({Ipv4::of(10, 0, 0, 0), 33}, k_static_protocol));
    EXPECT_EQ(table.size(), 0u);
}

TEST(RouteTable, AgreesWithALinearSearch) {
    Random random{7};
    RouteTable table;
    for (int n = 0; n < 500; ++n) {
        auto const length = static_cast<std::uint8_t>(random.below(33));
        table.add({{{static_cast<std::uint32_t>(random())}, length},
                   IfIndex{static_cast<std::uint16_t>(random.below(200))},
                   {},
                   k_static_protocol});
    }
    auto const all = table.routes();
    for (int n = 0; n < 2000; ++n) {
        // Half of the sources near a route, half anywhere.
        auto source = Ipv4{static_cast<std::uint32_t>(random())};
        if (n % 2 == 0) {
            source.value = all[random.below(all.size())].prefix.address.value ^
                           static_cast<std::uint32_t>(random.below(4));
        }
        std::optional<Route> best;
        for (Route const& each : all) {
            if (each.prefix.contains(source) &&
                (!best || best->prefix.length < each.prefix.length)) {
                best = each;
            }
        }
        EXPECT_EQ(table.lookup(source), best) << to_string(source);
    }
}

} // namespace
} // namespace mcast::mgm
