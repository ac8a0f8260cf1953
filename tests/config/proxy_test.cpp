// [proxy]: what is read, and each kind of mistake.
#include "mcast/config/config.h"

#include "minimal.h"

#include <gtest/gtest.h>

namespace mcast::config {
namespace {

using testing::errors_of;
using testing::k_minimal;
using testing::replaced;

// Lines 1 to 16; [proxy] follows from line 17.
std::string with(std::string_view proxy, std::string_view wan = "",
                 std::string_view lan = "\"igmp\"") {
    std::string text = replaced(k_minimal, "\"igmp\", \"static\"", wan);
    text += "[[interface]]\nname = \"lan\"\nport = \"wan\"\nvlan = 2\naddress = \"10.1.0.1/24\"\n";
    text = replaced(text, "# end\n", "");
    return text + "protocols = [" + std::string{lan} + "]\n" + std::string{proxy};
}

TEST(ProxyConfig, IsRead) {
    auto const config = parse(with(R"([proxy]
upstream = "wan"
downstream = ["lan"]
sole-forwarder = true
version = 2
robustness = 3
unsolicited-report-interval = "500ms"
compatibility = false
require-router-alert = true
strict-destination = true
)"),
                              "f");
    ASSERT_TRUE(config) << config.error().front().text();
    control::ProxyConfig const wanted{
        .upstream = "wan",
        .downstream = {"lan"},
        .sole_forwarder = true,
        .host = {.version = 2,
                 .robustness = 3,
                 .unsolicited_report_interval = std::chrono::milliseconds{500},
                 .compatibility = false,
                 .require_router_alert = true,
                 .strict_destination = true}};
    EXPECT_EQ(config->control.proxy, wanted);
    EXPECT_EQ(parse(k_minimal, "f")->control.proxy, std::nullopt);
}

TEST(ProxyConfig, DefaultsAreThoseOfTheProtocol) {
    auto const config = parse(with("[proxy]\nupstream = \"wan\"\ndownstream = [\"lan\"]\n"), "f");
    ASSERT_TRUE(config);
    EXPECT_EQ(config->control.proxy->host, igmp::HostConfig{});
    EXPECT_FALSE(config->control.proxy->sole_forwarder);
}

TEST(ProxyConfig, Mistakes) {
    struct Case {
        std::string text;
        std::string errors;
    };
    std::string const good = "[proxy]\nupstream = \"wan\"\ndownstream = [\"lan\"]\n";
    auto const spoiled = [&](std::string_view from, std::string_view to) {
        return replaced(good, from, to);
    };
    Case const cases[] = {
        {with(good), ""},
        {with("[proxy]\n"), "f:17:1: [proxy] has no upstream; add a line such as: upstream = "
                            "\"wan\"\n"
                            "f:17:1: [proxy] has no downstream; add a line such as: downstream = "
                            "[\"lan\"]\n"},
        {with(spoiled("[\"lan\"]", "[]")),
         "f:19:14: downstream in [proxy] is empty; name the interfaces of the hosts, such as: "
         "downstream = [\"lan\"]\n"},
        {with(spoiled("\"wan\"", "\"wam\"")),
         "f:18:12: upstream in [proxy] is \"wam\", which is no interface; interfaces are: \"wan\" "
         "and \"lan\"\n"},
        {with(spoiled("\"lan\"", "\"lan\", \"tv\"")),
         "f:19:22: an item of downstream in [proxy] is \"tv\", which is no interface; interfaces "
         "are: \"wan\" and \"lan\"\n"},
        {with(spoiled("\"lan\"", "\"lan\", \"wan\"")),
         "f:19:22: \"wan\" is upstream and downstream, which is a loop; name another interface on "
         "one of the two sides\n"},
        {with(spoiled("\"lan\"", "\"lan\", \"lan\"")),
         "f:19:22: \"lan\" is in downstream of [proxy] already; name it once\n"},
        {with(good, "\"igmp\""),
         "f:18:12: upstream in [proxy] is \"wan\", where IGMP queries; there a proxy is a host; "
         "write protocols = [] in interface \"wan\"\n"},
        {with(good, "\"static\""),
         "f:18:12: interface \"wan\" of [proxy] runs the static protocol, and only one can own it; "
         "remove \"static\" from the protocols of interface \"wan\"\n"},
        {with(good, "", "\"igmp\", \"static\""),
         "f:19:15: interface \"lan\" of [proxy] runs the static protocol, and only one can own it; "
         "remove \"static\" from the protocols of interface \"lan\"\n"},
        {with(good, "", ""), "f:19:15: downstream interface \"lan\" of [proxy] does not run IGMP; "
                             "add \"igmp\" to the protocols of interface \"lan\"\n"},
        {with(good + "version = 4\n"),
         "f:20:11: version in [proxy] is 4; it must be from 1 to 3\n"},
        {with(good + "robustness = 0\n"),
         "f:20:14: robustness in [proxy] is 0; it must be from 1 to 7\n"},
        {with(good + "sole-forwarded = true\n"),
         "f:20:1: unknown key \"sole-forwarded\" in [proxy]; did you mean \"sole-forwarder\"?\n"},
        {with(good, "\"proxy\""), "f:10:14: \"proxy\" is no protocol of [[interface]] \"wan\"; a "
                                  "proxy has a table of its own: [proxy], with upstream and "
                                  "downstream\n"},
    };
    for (Case const& c : cases) {
        EXPECT_EQ(errors_of(c.text), c.errors) << "--- of the text:\n" << c.text;
    }
}

} // namespace
} // namespace mcast::config
