#include "options.h"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mcast::ctl {
namespace {

using std::chrono::milliseconds;

std::expected<Options, Ending> parsed(std::vector<char const*> words) {
    words.insert(words.begin(), "mcastctl");
    return parse_options(static_cast<int>(words.size()), words.data());
}

TEST(Options, Defaults) {
    auto const options = parsed({"show", "entries"});
    ASSERT_TRUE(options) << options.error().error;
    EXPECT_EQ(options->socket, "/run/mcastd/ctl.sock");
    EXPECT_EQ(options->format, Format::table);
    EXPECT_EQ(options->timeout, milliseconds{5000});
    EXPECT_EQ(options->watch, std::nullopt);
    EXPECT_EQ(options->request, (api::Request{"show", {"entries"}, api::Json::object()}));
}

TEST(Options, BeforeAndBehindTheCommand) {
    for (auto const& words :
         {std::vector{"--instance", "lab", "-o", "json", "--watch=0.5", "--timeout", "1", "show",
                      "drops"},
          std::vector{"show", "drops", "--instance=lab", "-ojson", "--watch=0.5", "--timeout=1"}}) {
        auto const options = parsed(words);
        ASSERT_TRUE(options) << options.error().error;
        EXPECT_EQ(options->socket, "/run/lab/ctl.sock");
        EXPECT_EQ(options->format, Format::json);
        EXPECT_EQ(options->watch, milliseconds{500});
        EXPECT_EQ(options->timeout, milliseconds{1000});
        EXPECT_EQ(options->request.arguments, std::vector<std::string>{"drops"});
    }
}

TEST(Options, WatchTakesNoWordThatFollows) {
    auto const options =
        parsed({"--watch", "show", "entries", "--socket", "/tmp/x", "-o", "jsonl"});
    ASSERT_TRUE(options) << options.error().error;
    EXPECT_EQ(options->watch, milliseconds{2000});
    EXPECT_EQ(options->socket, "/tmp/x");
    EXPECT_EQ(options->format, Format::jsonl);
}

TEST(Options, Topology) {
    auto const plain = parsed({"topology"});
    ASSERT_TRUE(plain) << plain.error().error;
    EXPECT_EQ(plain->task, Task::topology);
    EXPECT_EQ(plain->drawing, Drawing::dot);
    EXPECT_EQ(parsed({"topology", "--dot"})->drawing, Drawing::dot);
    EXPECT_EQ(parsed({"topology", "--svg", "--instance", "lab"})->drawing, Drawing::svg);
    EXPECT_EQ(parsed({"topology", "--svg", "--instance", "lab"})->instance, "lab");
    EXPECT_EQ(parsed({"topology", "--svg", "--dot"}).error().code, k_exit_usage);
    EXPECT_EQ(parsed({"topology", "--watch"}).error().code, k_exit_usage);
}

TEST(Options, Explain) {
    auto const options = parsed({"explain", "10.1.1.1", "239.1.1.1"});
    ASSERT_TRUE(options) << options.error().error;
    EXPECT_EQ(options->request,
              (api::Request{"explain", {"10.1.1.1", "239.1.1.1"}, api::Json::object()}));
    auto const one = parsed({"explain", "10.1.1.1", "239.1.1.1", "in", "lan", "-o", "json"});
    ASSERT_TRUE(one) << one.error().error;
    EXPECT_EQ(one->request.arguments,
              (std::vector<std::string>{"10.1.1.1", "239.1.1.1", "in", "lan"}));
}

TEST(Options, ListingsTakeWords) {
    auto const where = parsed({"show", "memberships", "lan", "239.1.1.1", "-o", "json"});
    ASSERT_TRUE(where) << where.error().error;
    EXPECT_EQ(where->task, Task::list);
    EXPECT_EQ(where->request.arguments,
              (std::vector<std::string>{"memberships", "lan", "239.1.1.1"}));
    auto const all = parsed({"show", "memberships"});
    ASSERT_TRUE(all);
    EXPECT_EQ(all->request.arguments, std::vector<std::string>{"memberships"});
    EXPECT_EQ(parsed({"show", "entries"})->task, Task::list);
    EXPECT_EQ(parsed({"show", "owners"})->task, Task::ask);
    EXPECT_EQ(parsed({"show", "events", "owner", "refused"})->request.arguments,
              (std::vector<std::string>{"events", "owner", "refused"}));
}

TEST(Options, Igmp) {
    for (char const* const page :
         {"interfaces", "groups", "sources", "hosts", "joins", "statistics"}) {
        auto const options = parsed({"show", "igmp", page, "lan", "-o", "json", "--watch=1"});
        ASSERT_TRUE(options) << options.error().error;
        EXPECT_EQ(options->task, Task::list);
        EXPECT_EQ(options->watch, milliseconds{1000});
        EXPECT_EQ(options->request,
                  (api::Request{"show", {"igmp", page, "lan"}, api::Json::object()}));
    }
    EXPECT_EQ(parsed({"show", "igmp", "groups", "lan", "239.1.1.1"})->request.arguments,
              (std::vector<std::string>{"igmp", "groups", "lan", "239.1.1.1"}));
}

TEST(Options, ClearIgmp) {
    for (char const* const what : {"groups", "interfaces", "querier", "statistics"}) {
        auto const options = parsed({"clear", "igmp", what, "lan"});
        ASSERT_TRUE(options) << options.error().error;
        EXPECT_EQ(options->task, Task::order);
        EXPECT_EQ(options->request,
                  (api::Request{"clear", {"igmp", what, "lan"}, api::Json::object()}));
    }
    EXPECT_EQ(parsed({"clear", "igmp", "groups"})->request.arguments,
              (std::vector<std::string>{"igmp", "groups"}));
}

TEST(Options, Owner) {
    auto const options = parsed({"owner", "take", "lan", "static"});
    ASSERT_TRUE(options) << options.error().error;
    EXPECT_EQ(options->task, Task::change_owner);
    EXPECT_EQ(options->request,
              (api::Request{"owner", {"take", "lan", "static"}, api::Json::object()}));
    EXPECT_EQ(options->wait, std::nullopt);
    auto const waits = parsed({"owner", "release", "lan", "igmp", "--wait", "--timeout", "1"});
    ASSERT_TRUE(waits) << waits.error().error;
    EXPECT_EQ(waits->request.arguments.front(), "release");
    EXPECT_EQ(waits->wait, milliseconds{10000});
    EXPECT_EQ(parsed({"owner", "take", "--wait=0.5", "lan", "igmp"})->wait, milliseconds{500});
}

TEST(Options, Watch) {
    auto const options = parsed({"watch"});
    ASSERT_TRUE(options) << options.error().error;
    EXPECT_EQ(options->task, Task::follow);
    EXPECT_EQ(options->request.arguments, std::vector<std::string>{"events"});
    EXPECT_EQ(options->count, std::nullopt);
    auto const some = parsed({"watch", "owner", "refused", "--count", "3", "-o", "json"});
    ASSERT_TRUE(some) << some.error().error;
    EXPECT_EQ(some->request.arguments, (std::vector<std::string>{"events", "owner", "refused"}));
    EXPECT_EQ(some->count, 3u);
}

TEST(Options, WrongUsageIs64AndSaysWhy) {
    struct Case {
        std::vector<char const*> words;
        std::string_view why;
    };
    Case const cases[] = {
        {{}, "A subcommand is required"},
        {{"show"}, "A subcommand is required"},
        {{"show", "weather"}, "\"weather\" is no command or option here"},
        {{"dance"}, "\"dance\" is no command or option here"},
        {{"show", "entries", "--colour"}, "\"--colour\" is no command or option here"},
        {{"explain", "10.1.1.1"}, "GROUP is required"},
        {{"explain", "10.1.1", "239.1.1.1"}, "\"10.1.1\" is no IPv4 address"},
        {{"explain", "10.1.1.1", "239.1.1.1", "on", "lan"}, "in INTERFACE"},
        {{"explain", "10.1.1.1", "239.1.1.1", "in"}, "in INTERFACE"},
        {{"show", "entries", "-o", "xml"}, "\"xml\" is none of table, json, jsonl"},
        {{"show", "entries", "--timeout", "0"}, "--timeout"},
        {{"show", "entries", "--watch=0"}, "--watch"},
        {{"show", "memberships", "a", "b", "c"}, "WHERE: At Most 2 required"},
        {{"show", "igmp"}, "A subcommand is required"},
        {{"show", "igmp", "weather"}, "\"weather\" is no command or option here"},
        {{"show", "igmp", "groups", "a", "b", "c"}, "WHERE: At Most 2 required"},
        {{"show", "igmp", "interfaces", "a", "b"}, "INTERFACE: At Most 1 required"},
        {{"clear"}, "A subcommand is required"},
        {{"clear", "igmp"}, "A subcommand is required"},
        {{"clear", "igmp", "weather"}, "\"weather\" is no command or option here"},
        {{"clear", "igmp", "groups", "a", "b", "c"}, "WHERE: At Most 2 required"},
        {{"clear", "igmp", "groups", "--watch"}, "--watch is for show and explain"},
        {{"owner"}, "A subcommand is required"},
        {{"owner", "steal", "lan", "static"}, "\"steal\" is no command or option here"},
        {{"owner", "take", "lan"}, "PROTOCOL is required"},
        {{"owner", "take", "lan", "static", "--wait=0"}, "--wait"},
        {{"owner", "take", "lan", "static", "--watch"}, "--watch is for show and explain"},
        {{"watch", "--watch"}, "--watch is for show and explain"},
        {{"watch", "--count", "0"}, "--count"},
        {{"show", "entries", "--instance", "../x"}, "an instance is a name, not a path"},
    };
    for (Case const& c : cases) {
        auto const options = parsed(c.words);
        ASSERT_FALSE(options) << c.why;
        EXPECT_EQ(options.error().code, 64) << c.why;
        EXPECT_EQ(options.error().output, "");
        EXPECT_THAT(options.error().error, ::testing::StartsWith("mcastctl: "));
        EXPECT_THAT(options.error().error, ::testing::HasSubstr(std::string{c.why}));
    }
}

TEST(Options, CommandsOfLaterVersionsAreRefusedByName) {
    struct Case {
        std::vector<char const*> words;
        std::string_view name;
    };
    Case const cases[] = {
        {{"capture", "start", "--force"}, "capture start"},
        {{"reload"}, "reload"},
        {{"reload", "--dry-run"}, "reload"},
        {{"clear", "counters"}, "clear counters"},
        {{"--instance", "lab", "reload"}, "reload"},
        {{"clear", "events", "-o", "json"}, "clear events"},
        {{"show", "routes", "-o", "json"}, "show routes"},
        {{"show", "neighbors"}, "show neighbors"},
    };
    for (Case const& c : cases) {
        auto const options = parsed(c.words);
        ASSERT_FALSE(options) << c.name;
        EXPECT_EQ(options.error().code, 1) << c.name;
        EXPECT_EQ(options.error().output, "");
        EXPECT_EQ(options.error().error,
                  "mcastctl: " + std::string{c.name} + " is not available in this version\n");
    }
    auto const help = parsed({"--help"}).error().output;
    EXPECT_THAT(help, ::testing::Not(::testing::HasSubstr("reload")));
}

TEST(Options, IgmpQuery) {
    auto const options = parsed({"igmp", "query", "lan", "239.1.1.1"});
    ASSERT_TRUE(options) << options.error().error;
    EXPECT_EQ(options->task, Task::order);
    EXPECT_EQ(options->request,
              (api::Request{"igmp", {"query", "lan", "239.1.1.1"}, api::Json::object()}));
    EXPECT_EQ(parsed({"igmp", "query", "lan"})->request.arguments,
              (std::vector<std::string>{"query", "lan"}));
    EXPECT_FALSE(parsed({"igmp", "query"}));
}

TEST(Options, HelpEverywhere) {
    for (auto const& words :
         {std::vector{"--help"}, std::vector{"show", "--help"}, std::vector{"explain", "-h"},
          std::vector{"owner", "take", "--help"}, std::vector{"watch", "--help"},
          std::vector{"show", "igmp", "--help"}, std::vector{"show", "igmp", "sources", "--help"},
          std::vector{"clear", "--help"}, std::vector{"clear", "igmp", "groups", "--help"},
          std::vector{"igmp", "--help"}, std::vector{"igmp", "query", "--help"},
          std::vector{"show", "entries", "--help"}, std::vector{"show", "status", "--help"}}) {
        auto const options = parsed(words);
        ASSERT_FALSE(options);
        EXPECT_EQ(options.error().code, 0);
        EXPECT_EQ(options.error().error, "");
        EXPECT_THAT(options.error().output, ::testing::HasSubstr("Example"));
    }
    EXPECT_EQ(parsed({"--version"}).error().output, "mcastctl " MCAST_VERSION "\n");
}

} // namespace
} // namespace mcast::ctl
