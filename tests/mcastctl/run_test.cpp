// The program itself, against a server in this process: output, and an exit code for each ending.
#include "mcast/api/server.h"

#include <array>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>

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

// Answers like a daemon without any state.
Reply answer(api::Request const& request) {
    if (request.command == "explain") {
        return Reply::refuse(api::ErrorCode::not_found, "there is no interface \"x\033\"");
    }
    if (request.arguments.front() == "owners") {
        return Reply::ok(Json::array({{{"interface", "tv"}, {"owner", "static"}}, Json::object()}));
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
    auto const table = ask("show owners");
    EXPECT_EQ(table.code, 0);
    EXPECT_EQ(table.output, "INTERFACE  OWNER   IGMP  STATE  CHANGING-FOR\n"
                            "tv         static  -     -      -\n"
                            "-          -       -     -      -\n");
    EXPECT_EQ(ask("show owners -o jsonl").output,
              "{\"interface\":\"tv\",\"owner\":\"static\"}\n{}\n");
    EXPECT_EQ(Json::parse(ask("-o json show owners").output).size(), 2u);
    EXPECT_EQ(ask("show entries").output, "no entries\n");
    EXPECT_EQ(ask("show entries -o jsonl").output, "");
}

TEST_F(Run, RefusedIs1WithTheSentence) {
    serve();
    auto const result = ask("explain 10.1.1.1 239.1.1.1 in x");
    EXPECT_EQ(result.code, 1);
    EXPECT_EQ(result.output, "mcastctl: there is no interface \"x?\"\n");
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
    for (char const* const words : {"owner take lan0", "reload", "show igmp"}) {
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
