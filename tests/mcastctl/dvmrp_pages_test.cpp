// `show dvmrp ...` as tables, and the command line that asks for them.
#include "options.h"
#include "views.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace mcast::ctl {
namespace {

std::string show(std::string const& page, char const* rows) {
    return view({"show", {"dvmrp", page}, {}}, Json::parse(rows), false);
}

std::expected<Options, Ending> parsed(std::vector<char const*> words) {
    words.insert(words.begin(), "mcastctl");
    return parse_options(static_cast<int>(words.size()), words.data());
}

TEST(DvmrpPages, Prunes) {
    EXPECT_EQ(
        show("prunes", R"([
        {"prefix":"10.9.0.0/24","group":"239.1.1.1","domain":0,"interface":"wan",
         "neighbor":"10.0.0.9","direction":"sent","host":null,"lifetime_seconds":300.0,
         "expires_seconds":280.4,"repeats_seconds":2.5},
        {"prefix":"10.9.0.0/24","group":"239.1.1.1","domain":0,"interface":"lan",
         "neighbor":"10.0.1.9","direction":"received","host":"10.9.0.5",
         "lifetime_seconds":7200.0,"expires_seconds":7180.0,"repeats_seconds":null}])"),
        R"(PREFIX       GROUP      HOST      DIRECTION  INTERFACE  NEIGHBOR  LIFETIME  EXPIRES  REPEATS
10.9.0.0/24  239.1.1.1  -         sent       wan        10.0.0.9      5m0s    4m40s     2.5s
10.9.0.0/24  239.1.1.1  10.9.0.5  received   lan        10.0.1.9      2h0m    1h59m        -
)");
    EXPECT_EQ(show("prunes", "[]"), "no prunes\n");
}

TEST(DvmrpPages, Grafts) {
    EXPECT_EQ(show("grafts", R"([
        {"prefix":"10.9.0.0/24","group":"239.1.1.1","domain":0,"interface":"wan",
         "neighbor":"10.0.0.9","source":"10.9.0.5","sent":2,"waiting_seconds":6.0,
         "repeats_seconds":9.0}])"),
              R"(PREFIX       GROUP      SOURCE    INTERFACE  NEIGHBOR  SENT  WAITING  REPEATS
10.9.0.0/24  239.1.1.1  10.9.0.5  wan        10.0.0.9     2     6.0s     9.0s
)");
}

TEST(DvmrpPages, Asked) {
    for (char const* const page :
         {"interfaces", "neighbors", "routes", "prunes", "grafts", "statistics"}) {
        auto const options = parsed({"show", "dvmrp", page, "lan", "-o", "json"});
        ASSERT_TRUE(options) << options.error().error;
        EXPECT_EQ(options->task, Task::list);
        EXPECT_EQ(options->request,
                  (api::Request{"show", {"dvmrp", page, "lan"}, api::Json::object()}));
    }
    auto const unknown = parsed({"show", "dvmrp", "weather"});
    ASSERT_FALSE(unknown);
    EXPECT_NE(unknown.error().error.find("\"weather\" is no command"), std::string::npos);
}

TEST(DvmrpPages, Cleared) {
    for (char const* const what : {"neighbors", "routes", "prunes", "statistics"}) {
        auto const options = parsed({"clear", "dvmrp", what, "lan"});
        ASSERT_TRUE(options) << options.error().error;
        EXPECT_EQ(options->task, Task::order);
        EXPECT_EQ(options->request,
                  (api::Request{"clear", {"dvmrp", what, "lan"}, api::Json::object()}));
    }
    EXPECT_FALSE(parsed({"clear", "dvmrp"}));
    EXPECT_FALSE(parsed({"clear", "dvmrp", "routes", "lan", "wan"}));
    auto const unknown = parsed({"clear", "dvmrp", "weather"});
    ASSERT_FALSE(unknown);
    EXPECT_NE(unknown.error().error.find("\"weather\" is no command"), std::string::npos);
    EXPECT_EQ(view({"clear", {"dvmrp", "routes"}, {}}, {{"sentence", "done"}}, false), "done\n");
}

} // namespace
} // namespace mcast::ctl
