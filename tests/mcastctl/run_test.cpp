// The program itself, against a server in this process: output, and an exit code for each ending.
#include "mcast/api/server.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace mcast::ctl {
namespace {

using api::Json;
using api::Reply;

// A listing of five rows in pages of two.
Reply memberships_after(Json const& options) {
    std::size_t const first =
        options.contains("after") ? std::stoul(options["after"].get<std::string>()) : 0;
    Json rows = Json::array();
    for (std::size_t n = first; n < std::min<std::size_t>(first + 2, 5); ++n) {
        rows.push_back({{"interface", fmt::format("lan{}", n)}});
    }
    return Reply::ok({{"rows", std::move(rows)},
                      {"next", first + 2 < 5 ? Json(std::to_string(first + 2)) : Json()}});
}

// Two events for each question, and three that are lost before the second.
Reply events_after(Json const& options) {
    bool const first = options["after"] == "now";
    Json const event = {{"kind", "taken"}, {"ago_seconds", 1}, {"sentence", "static takes tv"}};
    return Reply::ok({{"rows", Json::array({event, event})},
                      {"next", "more"},
                      {"cursor", "more"},
                      {"missed", first ? 0U : 3U}});
}

Reply change_owner(api::Request const& request) {
    if (request.arguments[2] == "ospf") {
        return Reply::refuse(api::ErrorCode::bad_argument, "there is no protocol 'ospf'");
    }
    return Reply::ok({{"interface", request.arguments[1]},
                      {"protocol", request.arguments[2]},
                      {"change", request.arguments[0]},
                      {"complete", false},
                      {"ownership", {{"interface", request.arguments[1]}, {"state", "TX"}}}});
}

// Answers like a daemon whose interface "tv" is done at once, and "slow" never.
Reply answer(api::Request const& request) {
    if (request.command == "owner") {
        return change_owner(request);
    }
    if (request.command == "clear") {
        return request.arguments.size() < 3
                   ? Reply::ok({{"cleared", "groups"}, {"sentence", "3 groups forgotten on tv"}})
                   : Reply::refuse(api::ErrorCode::not_found, "there is no interface 'x'");
    }
    if (request.command == "explain") {
        return Reply::refuse(api::ErrorCode::not_found, "there is no interface \"x\033\"");
    }
    if (request.arguments.front() == "owners") {
        return Reply::ok(Json::array({{{"interface", "tv"}, {"owner", "static"}},
                                      Json::object(),
                                      {{"interface", "slow"},
                                       {"transition_seconds", 0.5},
                                       {"waits_for", Json::array({2})}}}));
    }
    if (request.arguments.front() == "memberships") {
        return memberships_after(request.options);
    }
    if (request.arguments.front() == "events") {
        return events_after(request.options);
    }
    return Reply::ok(Json::array());
}

class Run : public ::testing::Test {
protected:
    struct Result {
        int code;
        std::string output; // of both streams
    };

    void SetUp() override {
        char pattern[] = "/tmp/mcastctl-test-XXXXXX";
        folder_ = ::mkdtemp(pattern);
        server_.emplace(api::Server::open({folder_ + "/s", "", ""}).value());
    }
    void TearDown() override {
        thread_ = {};
        server_.reset();
        std::filesystem::remove_all(folder_);
    }
    // Without it, connections succeed (the kernel completes them) and no answer comes.
    void serve() {
        thread_ = std::jthread([this](std::stop_token const& stop) {
            while (!stop.stop_requested()) {
                pollfd watched{server_->descriptor(), POLLIN, 0};
                ::poll(&watched, 1, 5);
                server_->poll(answer);
            }
        });
    }
    Result ask(std::string const& words) const {
        auto const command = fmt::format("{} {} 2>&1", MCASTCTL_PROGRAM,
                                         words.find("--socket") == std::string::npos
                                             ? fmt::format("--socket {}/s {}", folder_, words)
                                             : words);
        std::FILE* const pipe = ::popen(command.c_str(), "r");
        std::string output;
        std::array<char, 4096> bytes;
        for (std::size_t got = 0; (got = std::fread(bytes.data(), 1, bytes.size(), pipe)) > 0;) {
            output.append(bytes.data(), got);
        }
        return {WEXITSTATUS(::pclose(pipe)), output};
    }

    std::string folder_;

private:
    std::optional<api::Server> server_;
    std::jthread thread_;
};

TEST_F(Run, PrintsInEachFormat) {
    serve();
    auto const table = ask("show memberships");
    EXPECT_EQ(table.code, 0);
    EXPECT_EQ(table.output, "INTERFACE  SOURCE  GROUP  OWNER  IGMP  STALE\n"
                            "lan0       *       *      -      -     -\n"
                            "lan1       *       *      -      -     -\n"
                            "lan2       *       *      -      -     -\n"
                            "lan3       *       *      -      -     -\n"
                            "lan4       *       *      -      -     -\n");
    EXPECT_EQ(ask("show memberships -o jsonl").output,
              "{\"interface\":\"lan0\"}\n{\"interface\":\"lan1\"}\n{\"interface\":\"lan2\"}\n"
              "{\"interface\":\"lan3\"}\n{\"interface\":\"lan4\"}\n");
    EXPECT_EQ(Json::parse(ask("-o json show owners").output).size(), 3u);
    EXPECT_EQ(Json::parse(ask("-o json show memberships").output).size(), 5u);
    EXPECT_EQ(ask("show entries").output, "no entries\n");
    EXPECT_EQ(ask("show entries -o jsonl").output, "");
}

TEST_F(Run, RefusedIs1WithTheSentence) {
    serve();
    auto const result = ask("explain 10.1.1.1 239.1.1.1 in x");
    EXPECT_EQ(result.code, 1);
    EXPECT_EQ(result.output, "mcastctl: there is no interface \"x?\"\n");
}

TEST_F(Run, ClearSaysWhatWasForgotten) {
    serve();
    auto const done = ask("clear igmp groups");
    EXPECT_EQ(done.code, 0);
    EXPECT_EQ(done.output, "3 groups forgotten on tv\n");
    EXPECT_EQ(Json::parse(ask("clear igmp groups -o json").output)["cleared"], "groups");
    auto const refused = ask("clear igmp groups x");
    EXPECT_EQ(refused.code, 1);
    EXPECT_EQ(refused.output, "mcastctl: there is no interface 'x'\n");
}

TEST_F(Run, OwnerSaysWhatHasBegunOrWaits) {
    serve();
    auto const begun = ask("owner take slow static");
    EXPECT_EQ(begun.code, 0);
    EXPECT_THAT(begun.output, ::testing::StartsWith("static takes slow: begun"));
    auto const done = ask("owner take tv static --wait -o jsonl");
    EXPECT_EQ(done.code, 0);
    EXPECT_EQ(Json::parse(done.output)["complete"], true) << done.output;
    EXPECT_EQ(Json::parse(done.output)["ownership"]["owner"], "static");
    auto const late = ask("owner take slow static --wait=0.1");
    EXPECT_EQ(late.code, 3);
    EXPECT_EQ(late.output, "mcastctl: slow is still changing hands after 0.1 s; held up by worker "
                           "2, which has not moved since; see: show owners\n");
    auto const refused = ask("owner take tv ospf --wait");
    EXPECT_EQ(refused.code, 1);
    EXPECT_EQ(refused.output, "mcastctl: there is no protocol 'ospf'\n");
    EXPECT_EQ(ask("owner take tv static --socket /nonexistent/s").code, 2);
}

TEST_F(Run, WatchPrintsEventsAndWhatWasMissed) {
    serve();
    auto const json = ask("watch --count 3 -o json");
    EXPECT_EQ(json.code, 0);
    std::istringstream lines(json.output);
    std::vector<Json> events;
    for (std::string line; std::getline(lines, line);) {
        events.push_back(Json::parse(line));
    }
    ASSERT_EQ(events.size(), 4u) << json.output;
    EXPECT_EQ(events[0]["sentence"], "static takes tv");
    EXPECT_THAT(events[0]["time"].get<std::string>(), ::testing::MatchesRegex("....-..-..T.*Z"));
    EXPECT_EQ(events[2], (Json{{"kind", "missed"}, {"missed", 3}}));
    auto const text = ask("watch --count 1").output;
    EXPECT_THAT(text, ::testing::HasSubstr("  taken            static takes tv\n"));
}

// Until the user ends it, which is no failure.
TEST_F(Run, CtrlCEndsWatchWith0) {
    serve();
    auto const command = fmt::format("timeout --preserve-status -s INT 0.3 {} --socket {}/s watch "
                                     "owner > /dev/null",
                                     MCASTCTL_PROGRAM, folder_);
    EXPECT_EQ(WEXITSTATUS(std::system(command.c_str())), 0);
}

TEST_F(Run, NoDaemonIs2) {
    auto const result = ask("show status --socket /nonexistent/s");
    EXPECT_EQ(result.code, 2);
    EXPECT_THAT(result.output, ::testing::HasSubstr("is mcastd running?"));
    EXPECT_EQ(ask("show status --watch=60 --socket /nonexistent/s").code, 2);
}

TEST_F(Run, TimeoutIs3) {
    auto const result = ask("show status --timeout 0.05");
    EXPECT_EQ(result.code, 3);
    EXPECT_THAT(result.output, ::testing::HasSubstr("did not answer within 50 ms"));
}

TEST_F(Run, CommandsOfLaterVersionsAre1WithoutADaemonToo) {
    for (char const* const words : {"capture lan0", "reload", "clear counters"}) {
        auto const result = ask(std::string{words} + " --socket /nonexistent/s");
        EXPECT_EQ(result.code, 1) << words;
        EXPECT_THAT(result.output, ::testing::HasSubstr("is not available in this version"));
    }
}

TEST_F(Run, WrongUsageIs64) {
    EXPECT_EQ(ask("show weather").code, 64);
}

} // namespace
} // namespace mcast::ctl
