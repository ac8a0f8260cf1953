// What a good text means: values, defaults, limits.
#include "mcast/config/config.h"

#include "minimal.h"

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mcast::config {
namespace {

using namespace std::chrono_literals;
using testing::k_minimal;
using testing::replaced;

// The errors as text, one a line; empty when there are none.
std::string faults(std::expected<Config, Errors> const& result) {
    std::string lines;
    if (!result) {
        for (Error const& error : result.error()) {
            lines += error.text() + '\n';
        }
    }
    return lines;
}

// All keys of the grammar, each with a value that is not its default.
constexpr std::string_view k_everything = R"(
[daemon]
instance = "lab"
control-core = 3
router-mac = "02:00:00:00:00:01"
[memory]
hugepages = false
megabytes = 256
[workers]
cores = [1, 2, 2]
idle = "sleep"
wake-up-within = 200
[[port]]
name = "wan"
device = "0000:01:00.0"
queues = 2
mtu = 9000
receive-descriptors = 512
transmit-descriptors = 2048
mac = "router"
[[port]]
name = "lan"
device = "net_pcap0,rx_pcap=in.pcap,tx_pcap=out.pcap"
mac = "own"
[[interface]]
name = "up"
port = "wan"
address = "192.0.2.1/24"
mtu = 1400
protocols = []
[[interface]]
name = "tv"
port = "lan"
vlan = 100
address = "198.51.100.1/24"
ttl-threshold = 16
boundaries = ["239.192.0.0/14", "239.255.0.0/16"]
protocols = ["static", "igmp"]
[interface.igmp]
version = 2
robustness = 3
query-interval = "60s"
query-response-interval = "5s"
last-member-query-interval = "500ms"
last-member-query-count = 4
startup-query-interval = 10
startup-query-count = 5
require-router-alert = true
verify-source-subnet = false
ignore-v1 = true
ignore-v2 = false
immediate-leave = true
max-groups = 100
max-sources = 10
[[route]]
prefix = "10.0.0.0/8"
interface = "up"
upstream = "192.0.2.254"
[[route]]
prefix = "0.0.0.0/0"
interface = "tv"
[[group]]
group = "239.1.1.1"
interface = "tv"
[[group]]
group = "232.1.1.1"
source = "10.1.1.1"
interface = "tv"
[igmp]
ssm-ranges = ["232.0.0.0/8", "239.232.0.0/16"]
max-entries = 1000
[pools]
receive = 8191
headers = 4095
control = 1023
cache = 256
buffer-bytes = 2304
[limits]
entries = 4096
entry-idle = "5m"
negative-lifetime = "1.5s"
[limits.punt]
dvmrp = 1
igmp = 2
query = 5
miss = 3
host = 4
[socket]
path = "/run/lab/control.sock"
group = "operators"
monitor-path = "/run/lab/monitor.sock"
[log]
level = "debug"
)";

void expect_platform(platform::Config const& platform) {
    EXPECT_EQ(platform.instance, "lab");
    EXPECT_EQ(platform.control_core, 3);
    EXPECT_FALSE(platform.memory.hugepages);
    EXPECT_EQ(platform.memory.megabytes, 256u);
    EXPECT_THAT(platform.workers.cores, ::testing::ElementsAre(1, 2, 2));
    EXPECT_EQ(platform.workers.idle, platform::Idle::sleep);
    EXPECT_EQ(platform.workers.idle_of(2), platform::Idle::sleep);
    EXPECT_EQ(platform.workers.wake_up_within, 200U);
    EXPECT_EQ(platform.pools, (platform::PoolsConfig{8191, 4095, 1023, 256, 2304}));
    ASSERT_EQ(platform.ports.size(), 2u);
    EXPECT_EQ(platform.ports[0], (platform::PortConfig{"wan", "0000:01:00.0", 2, 9000, 512, 2048,
                                                       platform::MacMode::router}));
    EXPECT_EQ(platform.ports[1],
              (platform::PortConfig{"lan", "net_pcap0,rx_pcap=in.pcap,tx_pcap=out.pcap", 1, 1500,
                                    1024, 1024, platform::MacMode::own}));
}

void expect_interfaces(std::vector<control::InterfaceConfig> const& interfaces) {
    ASSERT_EQ(interfaces.size(), 2u);
    control::InterfaceConfig const& up = interfaces[0];
    EXPECT_EQ(up.name, "up");
    EXPECT_EQ(up.vlan, 0);
    EXPECT_EQ(up.mtu, 1400);
    EXPECT_FALSE(up.igmp_enabled);
    EXPECT_FALSE(up.static_protocol);
    control::InterfaceConfig const& tv = interfaces[1];
    EXPECT_EQ(tv.port, "lan");
    EXPECT_EQ(tv.vlan, 100);
    EXPECT_EQ(to_string(tv.address), "198.51.100.1/24") << "host bits are the router's own address";
    EXPECT_EQ(tv.mtu, std::nullopt);
    EXPECT_EQ(tv.ttl_threshold, 16);
    EXPECT_THAT(tv.boundaries, ::testing::ElementsAre(*Ipv4Prefix::parse("239.192.0.0/14"),
                                                      *Ipv4Prefix::parse("239.255.0.0/16")));
    EXPECT_TRUE(tv.igmp_enabled);
    EXPECT_TRUE(tv.static_protocol);
    igmp::InterfaceConfig const expected{2,    3,     60s,  5s,    500ms, 4,   10s, 5,
                                         true, false, true, false, true,  100, 10};
    EXPECT_EQ(tv.igmp, expected);
}

TEST(Parse, EveryKeyReachesItsValue) {
    auto const result = parse(k_everything, "all.toml");
    ASSERT_EQ(faults(result), "");
    expect_platform(result->platform);
    control::Config const& control = result->control;
    expect_interfaces(control.interfaces);
    EXPECT_EQ(control.router_mac, Mac::parse("02:00:00:00:00:01"));
    EXPECT_THAT(control.routes, ::testing::ElementsAre(
                                    control::RouteConfig{
                                        {Ipv4::of(10, 0, 0, 0), 8}, "up", Ipv4::of(192, 0, 2, 254)},
                                    control::RouteConfig{{}, "tv", {}}));
    EXPECT_THAT(control.groups,
                ::testing::ElementsAre(
                    control::GroupConfig{Ipv4::of(239, 1, 1, 1), std::nullopt, "tv"},
                    // IGMP-108
                    control::GroupConfig{Ipv4::of(232, 1, 1, 1), Ipv4::of(10, 1, 1, 1), "tv"}));
    EXPECT_EQ(control.igmp.ssm_ranges.size(), 2u);
    EXPECT_EQ(control.igmp.max_entries, 1000u);
    EXPECT_EQ(control.limits, (control::LimitsConfig{4096, 300s, 1500ms, {1, 2, 5, 3, 4}}));
    EXPECT_EQ(control.socket, (control::SocketConfig{"/run/lab/control.sock", "operators",
                                                     "/run/lab/monitor.sock"}));
    EXPECT_EQ(control.log.level, "debug");
}

TEST(Parse, MinimalTextGetsTheDefaultsOfTheStructs) {
    auto const result = parse(k_minimal, "min.toml");
    ASSERT_EQ(faults(result), "");
    Config expected;
    expected.platform.workers.cores = {1};
    expected.platform.ports = {{.name = "wan", .device = "net_null0"}};
    control::InterfaceConfig interface;
    interface.name = "wan";
    interface.port = "wan";
    interface.address = {Ipv4::of(10, 0, 0, 1), 24};
    interface.static_protocol = true;
    expected.control.interfaces = {interface};
    EXPECT_EQ(*result, expected);
}

TEST(Parse, ProtocolsDefaultToIgmp) {
    auto const result =
        parse(replaced(k_minimal, "protocols = [\"igmp\", \"static\"]", ""), "f.toml");
    ASSERT_EQ(faults(result), "");
    EXPECT_TRUE(result->control.interfaces[0].igmp_enabled);
    EXPECT_FALSE(result->control.interfaces[0].static_protocol);
}

TEST(Parse, SocketFollowsTheInstance) {
    auto const result =
        parse(std::string{"[daemon]\ninstance = \"lab\"\n"} + std::string{k_minimal}, "f.toml");
    ASSERT_EQ(faults(result), "");
    EXPECT_EQ(result->control.socket.path, "/run/lab/ctl.sock");
}

TEST(RenameInstance, DefaultSocketFollowsAnotherStays) {
    auto config = parse(k_minimal, "f.toml").value();
    EXPECT_TRUE(rename_instance(config, "lab"));
    EXPECT_EQ(config.platform.instance, "lab");
    EXPECT_EQ(config.control.socket.path, "/run/lab/ctl.sock");
    config.control.socket.path = "/tmp/x";
    EXPECT_TRUE(rename_instance(config, "b"));
    EXPECT_EQ(config.control.socket.path, "/tmp/x");
    auto const bad = rename_instance(config, "a/b");
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error(), "instance \"a/b\" is no name; a name has 1 to 32 letters, digits, '.', "
                           "'_' and '-', and begins with a letter or digit");
    EXPECT_EQ(config.platform.instance, "b");
}

TEST(Parse, DevicesOfEveryKind) {
    for (std::string_view device :
         {"0000:01:00.0", "01:00.0", "0000:AF:1f.7", "0000:01:00.0,rxq_pkt_pad_en=1", "net_null0",
          "net_af_packet0,iface=veth0", "net_ring0", "net_tap1,iface=t", "virtio_user0,path=/x"}) {
        auto const result = parse(replaced(k_minimal, "net_null0", device), "f.toml");
        EXPECT_EQ(faults(result), "") << device;
    }
}

// Whatever way a PCI address is written, the rest of the house sees the one of sysfs.
TEST(Parse, OneSpellingForEachPciDevice) {
    struct {
        std::string_view written, read;
    } const cases[] = {
        {"01:00.0", "0000:01:00.0"},
        {"AF:1f.7", "0000:af:1f.7"},
        {"0000:AF:1F.7,dv_flow_en=1,Name=A", "0000:af:1f.7,dv_flow_en=1,Name=A"},
        {"01:00.0,dv_flow_en=1", "0000:01:00.0,dv_flow_en=1"},
        {"net_af_packet0,iface=Veth0", "net_af_packet0,iface=Veth0"},
    };
    for (auto const& c : cases) {
        auto const result = parse(replaced(k_minimal, "net_null0", c.written), "f.toml");
        ASSERT_EQ(faults(result), "") << c.written;
        EXPECT_EQ(result->platform.ports.at(0).device, c.read);
    }
    for (std::string_view device : {"01:00.8", "0000:01:00.8,a=1", "001:00.0", "00000:01:00.0"}) {
        EXPECT_FALSE(parse(replaced(k_minimal, "net_null0", device), "f")) << device;
    }
}

// A text with as many ports, interfaces and workers as asked for.
std::string many(std::size_t ports, std::size_t interfaces, std::size_t workers) {
    std::string text = "[workers]\nidle = \"yield\"\ncores = [";
    for (std::size_t i = 0; i < workers; ++i) {
        text += fmt::format("{}{}", i == 0 ? "" : ", ", i);
    }
    text += "]\n";
    for (std::size_t i = 0; i < ports; ++i) {
        text += fmt::format("[[port]]\nname = \"p{0}\"\ndevice = \"net_null{0}\"\n", i);
    }
    for (std::size_t i = 0; i < interfaces; ++i) {
        text += fmt::format("[[interface]]\nname = \"i{0}\"\nport = \"p0\"\nvlan = {1}\n"
                            "address = \"10.{2}.{3}.1/24\"\n",
                            i, i + 1, i / 256, i % 256);
    }
    return text;
}

TEST(Limits, OneBelowAtAndAbove) {
    struct Case {
        std::size_t ports;
        std::size_t interfaces;
        std::size_t workers;
        std::string_view fault; // a part of the only error; empty: none
    };
    Case const cases[] = {
        {k_max_ports - 1, 1, 1, ""},
        {k_max_ports, 1, 1, ""},
        {k_max_ports + 1, 1, 1, "there are 33 [[port]]; at most 32 are possible"},
        {1, k_max_interfaces - 1, 1, ""},
        {1, k_max_interfaces, 1, ""},
        {1, k_max_interfaces + 1, 1, "there are 257 [[interface]]; at most 256 are possible"},
        {1, 1, k_max_workers - 1, ""},
        {1, 1, k_max_workers, ""},
        {1, 1, k_max_workers + 1,
         "cores in [workers] has 33 items; at most 32 workers are possible"},
    };
    for (Case const& c : cases) {
        auto const result = parse(many(c.ports, c.interfaces, c.workers), "f.toml");
        if (c.fault.empty()) {
            EXPECT_EQ(faults(result), "");
        } else {
            ASSERT_FALSE(result) << c.fault;
            EXPECT_EQ(result.error().size(), 1u);
            EXPECT_THAT(result.error().front().text(), ::testing::EndsWith(c.fault));
            EXPECT_GT(result.error().front().line, 0u);
        }
    }
}

TEST(ParseFile, SaysWhyAFileCannotBeRead) {
    auto const absent = parse_file("/nonexistent/mcastd.toml");
    EXPECT_EQ(faults(absent), "/nonexistent/mcastd.toml: the file cannot be read: No such file or "
                              "directory; name a readable file\n");
    auto const directory = parse_file("/");
    EXPECT_EQ(faults(directory),
              "/: the file cannot be read: Is a directory; name a readable file\n");
    auto const endless = parse_file("/dev/zero");
    EXPECT_EQ(faults(endless),
              "/dev/zero: the file is too long; a configuration has at most 16777216 bytes\n");
}

TEST(ParseFile, ReadsWhatParseReads) {
    auto const path = std::filesystem::path{::testing::TempDir()} / "parse_file_test.toml";
    std::ofstream{path} << k_everything;
    auto const result = parse_file(path.string());
    std::filesystem::remove(path);
    ASSERT_EQ(faults(result), "");
    EXPECT_EQ(*result, *parse(k_everything, "x"));
}

// The examples that the manual shows.
TEST(ParseFile, ExamplesAreRight) {
    std::size_t count = 0;
    for (auto const& file : std::filesystem::directory_iterator(MCAST_EXAMPLES)) {
        EXPECT_EQ(faults(parse_file(file.path().string())), "");
        ++count;
    }
    EXPECT_EQ(count, 4u);
}

TEST(ParseFile, TenLinesMakeARouterOfTwoNics) {
    auto const config = parse_file(MCAST_EXAMPLES "/two-nics.toml");
    ASSERT_EQ(faults(config), "");
    EXPECT_EQ(config->platform.ports.size(), 2u);
    EXPECT_EQ(config->control.interfaces.size(), 2u);
    EXPECT_TRUE(config->control.interfaces[1].igmp_enabled);
    EXPECT_EQ(config->control.routes.size(), 1u);
}

} // namespace
} // namespace mcast::config
