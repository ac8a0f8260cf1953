// [dvmrp] and [interface.dvmrp]: what is read, and each kind of mistake.
#include "mcast/config/config.h"

#include "minimal.h"

#include <gtest/gtest.h>

namespace mcast::config {
namespace {

using namespace std::chrono_literals;
using testing::errors_of;
using testing::k_minimal;
using testing::replaced;

// Lines 1 to 10; what follows the interface begins in line 11.
std::string with(std::string_view rest, std::string_view protocols = "\"igmp\", \"dvmrp\"") {
    std::string const text = replaced(k_minimal, "\"igmp\", \"static\"", std::string{protocols});
    return replaced(text, "# end\n", "") + std::string{rest};
}

TEST(DvmrpConfig, TheNameIsEnough) {
    auto const config = parse(with(""), "f");
    ASSERT_TRUE(config) << config.error().front().text();
    EXPECT_TRUE(config->control.interfaces[0].dvmrp_enabled);
    EXPECT_TRUE(config->control.interfaces[0].igmp_enabled);
    EXPECT_EQ(config->control.dvmrp, dvmrp::Config{});
    EXPECT_EQ(config->control.interfaces[0].dvmrp, dvmrp::InterfaceConfig{});
    EXPECT_EQ(parse(k_minimal, "f")->control.dvmrp, std::nullopt);
}

TEST(DvmrpConfig, IsRead) {
    auto const config = parse(with(R"([interface.dvmrp]
domain = 3
metric = 2
probe-interval = "2s"
neighbor-timeout = "7s"
force-leaf = true
accept-neighbors = ["192.0.2.9/32"]
accept-routes = [{ action = "deny", prefix = "10.0.0.0/8", exact = true }]
default-route = 3
default-only = true
[dvmrp]
report-interval = "10s"
max-routes = 100
aggregates = [{ prefix = "10.0.0.0/8", metric = 4, with-parts = true }, { prefix = "11.0.0.0/8" }]
)"),
                              "f");
    ASSERT_TRUE(config) << config.error().front().text();
    control::InterfaceConfig const& interface = config->control.interfaces[0];
    EXPECT_EQ(interface.dvmrp_domain, 3U);
    dvmrp::InterfaceConfig link;
    link.metric = 2;
    link.probe_interval = 2s;
    link.neighbor_timeout = 7s;
    link.force_leaf = true;
    link.accept_neighbors = {{Ipv4::of(192, 0, 2, 9), 32}};
    link.accept_routes = {{{Ipv4::of(10, 0, 0, 0), 8}, true, false}};
    link.default_route = 3;
    link.default_only = true;
    EXPECT_EQ(interface.dvmrp, link);
    dvmrp::Config global;
    global.report_interval = 10s;
    global.max_routes = 100;
    global.aggregates = {{{Ipv4::of(10, 0, 0, 0), 8}, 4, true},
                         {{Ipv4::of(11, 0, 0, 0), 8}, 0, false}};
    EXPECT_EQ(config->control.dvmrp, global);
    auto const again = parse(print(*config), "again");
    ASSERT_TRUE(again) << again.error().front().text();
    EXPECT_EQ(*again, *config);
}

// The groups are those of ssm-ranges, whichever table comes first.
TEST(DvmrpConfig, SsmFlood) {
    std::string const ranges = "[igmp]\nssm-ranges = [\"232.0.0.0/8\", \"239.232.0.0/16\"]\n";
    std::vector<Ipv4Prefix> const both = {{Ipv4::of(232, 0, 0, 0), 8},
                                          {Ipv4::of(239, 232, 0, 0), 16}};
    auto const groups = [](std::string const& rest) {
        auto const config = parse(with(rest), "f");
        EXPECT_TRUE(config) << config.error().front().text();
        return config->control.dvmrp->explicit_groups;
    };
    EXPECT_EQ(groups(ranges), both);
    EXPECT_EQ(groups("[dvmrp]\nssm-flood = \"deny\"\n" + ranges), both);
    EXPECT_TRUE(groups("[dvmrp]\nssm-flood = \"allow\"\n" + ranges).empty());
    auto const config = parse(with("[dvmrp]\nssm-flood = \"allow\"\n"), "f");
    EXPECT_EQ(parse(print(*config), "again"), *config);
}

TEST(DvmrpConfig, Mistakes) {
    struct Row {
        std::string text;
        std::string says;
    };
    Row const rows[] = {
        {with("[interface.dvmrp]\nmetric = 32\n"), "metric must be 1 to 31"},
        {with("[dvmrp]\nssm-flood = \"no\"\n"), "ssm-flood in [dvmrp] is \"no\""},
        {with("[interface.dvmrp]\nmetrik = 3\n"), "did you mean \"metric\"?"},
        {with("[interface.dvmrp]\nprobe-interval = \"20s\"\n"),
         "neighbor-timeout must be above 3 probe intervals"},
        {with("[interface.dvmrp]\naccept-neighbors = [\"239.1.1.1/32\"]\n"),
         "which is no prefix of routers"},
        {with("[interface.dvmrp]\naccept-routes = [{ prefix = \"10.0.0.0/8\" }]\n"),
         "rule 1 of accept-routes in [interface.dvmrp] of [[interface]] \"wan\" has no action"},
        {with("[interface.dvmrp]\naccept-routes = [{ action = \"deny\", prefix = \"10.1.0.0/8\" "
              "}]\n"),
         "write \"10.0.0.0/8\""},
        {with("[dvmrp]\nroute-expiry = \"100s\"\n"), "route-expiry must be above 2 report"},
        {with("[dvmrp]\nredistribute = [{ from = \"rip\" }]\n"),
         "from in item 1 of redistribute in [dvmrp]"},
        {with("[interface.dvmrp]\ndefault-route = 32\n"), "default-route in"},
        {with("[interface.dvmrp]\ndefault-only = true\n"), "default-only in"},
        {with("[dvmrp]\naggregates = [{ metric = 1 }]\n"),
         "item 1 of aggregates in [dvmrp] has no prefix"},
        {with("[dvmrp]\naggregates = [{ prefix = \"10.1.0.0/8\" }]\n"), "write \"10.0.0.0/8\""},
        {with("[dvmrp]\naggregates = [{ prefix = \"10.0.0.0/8\", metric = 32 }]\n"),
         "metric in item 1 of aggregates in [dvmrp]"},
        {with("[dvmrp]\naggregates = [{ prefix = \"8.0.0.0/7\" }]\n"), "aggregates in [dvmrp]"},
        {with("[dvmrp]\nroutes = 1\n"), "unknown key \"routes\" in [dvmrp]"},
        {with("", "\"static\", \"dvmrp\""), "only one can own it"},
        {with("", "\"dvmrp\", \"dvmrp\""), "is named twice"},
    };
    for (Row const& row : rows) {
        std::string const errors = errors_of(row.text);
        EXPECT_NE(errors.find(row.says), std::string::npos) << row.text << '\n' << errors;
        EXPECT_EQ(errors.substr(0, 3), "f:1") << errors;
    }
}

} // namespace
} // namespace mcast::config
