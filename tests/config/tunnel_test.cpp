// [interface.tunnel]: what is read, and each kind of mistake.
#include "mcast/config/config.h"

#include "minimal.h"

#include <gtest/gtest.h>

namespace mcast::config {
namespace {

using testing::errors_of;
using testing::k_minimal;
using testing::replaced;

// Lines 1 to 10 are "wan", 10.0.0.1/24; the tunnel's [[interface]] is line 11, its table line 14.
std::string with(std::string_view table, std::string_view interface = "",
                 std::string_view protocols = "\"dvmrp\"") {
    return replaced(k_minimal, "# end\n", "[[interface]]\nname = \"tun\"\nprotocols = [") +
           std::string{protocols} + "]\n" + std::string{interface} + "[interface.tunnel]\n" +
           std::string{table};
}

constexpr std::string_view k_good = "over = \"wan\"\nremote = \"198.51.100.1\"\n"
                                    "gateway = \"10.0.0.254\"\n";

TEST(TunnelConfig, IsRead) {
    auto const config = parse(with(std::string{k_good} + "ttl = 9\ncontrol = \"beside\"\n",
                                   "mtu = 1400\nttl-threshold = 3\n"
                                   "boundaries = [\"239.192.0.0/14\"]\n"),
                              "f");
    ASSERT_TRUE(config) << config.error().front().text();
    control::InterfaceConfig const& tunnel = config->control.interfaces[1];
    EXPECT_EQ(tunnel.tunnel, (control::TunnelConfig{.over = "wan",
                                                    .remote = Ipv4::of(198, 51, 100, 1),
                                                    .gateway = Ipv4::of(10, 0, 0, 254),
                                                    .ttl = 9,
                                                    .control_beside = true}));
    EXPECT_EQ(tunnel.address, (Ipv4Prefix{Ipv4::of(10, 0, 0, 1), 32})) << "that of wan";
    EXPECT_EQ(tunnel.mtu, 1400);
    EXPECT_EQ(tunnel.ttl_threshold, 3);
    EXPECT_EQ(tunnel.boundaries.size(), 1U);
    EXPECT_TRUE(tunnel.dvmrp_enabled);
    EXPECT_FALSE(tunnel.igmp_enabled);
    EXPECT_TRUE(tunnel.port.empty());
    EXPECT_EQ(parse(print(*config), "again"), *config);
}

TEST(TunnelConfig, Defaults) {
    auto const config =
        parse(with("over = \"wan\"\nlocal = \"10.0.0.1\"\nremote = \"10.0.0.7\"\n"), "f");
    ASSERT_TRUE(config) << config.error().front().text();
    control::TunnelConfig const& tunnel = *config->control.interfaces[1].tunnel;
    EXPECT_EQ(tunnel.ttl, 64);
    EXPECT_FALSE(tunnel.control_beside);
    EXPECT_EQ(tunnel.next_hop(), Ipv4::of(10, 0, 0, 7)) << "on the link";
    EXPECT_EQ(parse(print(*config), "again"), *config);
}

TEST(TunnelConfig, WithoutProtocolsThereIsNoIgmp) {
    std::string const text = replaced(with(k_good), "protocols = [\"dvmrp\"]\n", "");
    auto const config = parse(text, "f");
    ASSERT_TRUE(config) << config.error().front().text();
    EXPECT_FALSE(config->control.interfaces[1].igmp_enabled);
}

TEST(TunnelConfig, ItMayBeDeclaredBeforeWhatItGoesOver) {
    std::string const text = replaced(k_minimal, "[[interface]]\n",
                                      "[[interface]]\nname = \"tun\"\n[interface.tunnel]\n" +
                                          std::string{k_good} + "[[interface]]\n");
    auto const config = parse(text, "f");
    ASSERT_TRUE(config) << config.error().front().text();
    EXPECT_EQ(config->control.interfaces[0].address, (Ipv4Prefix{Ipv4::of(10, 0, 0, 1), 32}));
}

TEST(TunnelConfig, Mistakes) {
    struct Row {
        std::string text;
        std::string says;
    };
    std::string const good{k_good};
    std::string const twin = "[[interface]]\nname = \"tun2\"\n[interface.tunnel]\n" + good;
    Row const rows[] = {
        {with(""), "f:14:1: [interface.tunnel] of [[interface]] \"tun\" has no over; add a line "
                   "such as: over = \"wan\"\n"},
        {with("over = \"wan\"\n"), "has no remote; add a line such as: remote"},
        {with(replaced(good, "\"wan\"", "\"van\"")),
         "f:15:8: over in [interface.tunnel] of [[interface]] \"tun\" is \"van\", which is no "
         "interface; interfaces are: \"wan\""},
        {with(good) + replaced(replaced(twin, "\"wan\"", "\"tun\""), "100.1", "100.2"),
         "is \"tun\", a tunnel itself; name an interface with a port"},
        {with(good) + twin, "a tunnel over \"wan\" to 198.51.100.1 is there already, in line 11"},
        {with(good, "port = \"wan\"\n"),
         "f:14:8: [[interface]] \"tun\" has port and [interface.tunnel]; remove port: its packets "
         "leave by the port of the interface that over names"},
        {with(good, "vlan = 7\n"), "has vlan and [interface.tunnel]; remove vlan"},
        {with(good, "address = \"10.9.0.1/24\"\n"), "has address and [interface.tunnel]"},
        {with(good, "mtu = 1481\n"),
         "f:14:7: mtu of tunnel \"tun\" is 1481, and interface \"wan\" leaves room for 1480"},
        {replaced(with(good), "protocols = [\"igmp\", \"static\"]\n", "mtu = 87\n"),
         "over in [interface.tunnel] of [[interface]] \"tun\" is \"wan\", whose mtu leaves room "
         "for "
         "67 bytes; make its mtu at least 88"},
        {with(good + "local = \"10.0.0.2\"\n"),
         "f:18:9: local in [interface.tunnel] of [[interface]] \"tun\" is 10.0.0.2, not the "
         "address of interface \"wan\"; write \"10.0.0.1\", or nothing"},
        {with(good + "local = \"224.0.0.4\"\n"), "which no router can have"},
        {with(replaced(good, "198.51.100.1", "239.1.1.1")), "which no router can have"},
        {with(replaced(good, "198.51.100.1", "10.0.0.1")), "an address of this router"},
        {with("over = \"wan\"\nremote = \"10.0.0.255\"\n"),
         "which no host on 10.0.0.0/24 can have"},
        {with(replaced(good, "198.51.100.1", "10.0.0.9")),
         "has a gateway toward 10.0.0.9, which is on the link of interface \"wan\"; remove "
         "gateway"},
        {with("over = \"wan\"\nremote = \"198.51.100.1\"\n"),
         "not on the link of interface \"wan\", and there is no gateway; add the router in "
         "10.0.0.0/24 that leads there"},
        {with(replaced(good, "10.0.0.254", "10.0.1.254")),
         "gateway in [interface.tunnel] of [[interface]] \"tun\" is 10.0.1.254, not a neighbour on "
         "interface \"wan\""},
        {replaced(with("over = \"wan\"\nremote = \"10.0.0.9\"\n"), "\"igmp\", \"static\"",
                  "\"dvmrp\""),
         "a neighbour on interface \"wan\", which runs DVMRP as well"},
        {with(good + "ttl = 0\n"), "ttl in [interface.tunnel]"},
        {with(good + "control = \"outside\"\n"), "it must be one of \"inside\" and \"beside\""},
        {with(good + "speed = 3\n"), "unknown key \"speed\" in [interface.tunnel]"},
        {with(good, "", "\"igmp\", \"dvmrp\""),
         "f:13:14: [[interface]] \"tun\" is a tunnel, where no host can speak IGMP; remove "
         "\"igmp\""},
        {with(good) + "[interface.igmp]\nversion = 2\n", "has [interface.igmp] without IGMP"},
        {with(good) + "[interface.dvmrp]\nforce-leaf = true\n",
         "force-leaf in [interface.dvmrp] of [[interface]] \"tun\" is true, and a tunnel has no "
         "hosts"},
        {with(good, "", "\"static\"") +
             "[[group]]\ngroup = \"239.1.1.1\"\ninterface = \"tun\"\njoin = true\n",
         "joins on interface \"tun\", a tunnel, where nobody hears IGMP; remove join"},
        {with(good) +
             "[[route]]\nprefix = \"10.7.0.0/16\"\ninterface = \"tun\"\nupstream = \"10.0.0.5\"\n",
         "is a tunnel that ends elsewhere; write \"198.51.100.1\""},
        {with(good, "", "") + "[proxy]\nupstream = \"tun\"\ndownstream = [\"wan\"]\n",
         "interface \"tun\" of [proxy] is a tunnel, where nobody speaks IGMP"},
        {replaced(with(good), "[interface.tunnel]", "[[interface.tunnel]]"),
         "tunnel in [[interface]] \"tun\" is a list"},
    };
    for (Row const& row : rows) {
        std::string const errors = errors_of(row.text);
        EXPECT_NE(errors.find(row.says), std::string::npos) << row.says << "\n--- is not in:\n"
                                                            << errors << "--- of the text:\n"
                                                            << row.text;
    }
}

} // namespace
} // namespace mcast::config
