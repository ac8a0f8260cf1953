// The server on real sockets, in one thread: clients act, then poll() is called, then clients look.
#include "mcast/api/server.h"

#include "sockets.h"

#include <fstream>
#include <stdexcept>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>

namespace mcast::api {
namespace {

using std::string_literals::operator""s;
using std::string_view_literals::operator""sv;
using testing::Folder;
using testing::RawClient;

Reply echo(Request const& request) {
    return Reply::ok(request.command);
}

struct World {
    Folder folder;
    std::string path = folder.file("ctl.sock");
    std::string monitor_path = folder.file("monitor.sock");
    Server server = Server::open({path, "", monitor_path}).value();
    Handler handler = echo;

    // Turns until nothing is left to do; bounded, so that a busy loop shows as a failure.
    void settle() {
        int turns = 0;
        while (server.poll(handler) > 0) {
            ASSERT_LT(++turns, 10'000) << "the server finds work for ever";
        }
    }
    bool readable() const {
        pollfd watched{server.descriptor(), POLLIN, 0};
        return ::poll(&watched, 1, 0) == 1;
    }
};

TEST(Server, AnswersRequestsInOrder) {
    World world;
    RawClient client(world.path);
    ASSERT_TRUE(client.connected());
    EXPECT_TRUE(world.readable());
    for (int i = 0; i < 20; ++i) { // more than one poll's worth, in one go
        client.ask("c" + std::to_string(i));
    }
    world.settle();
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(client.reply(), Reply::ok("c" + std::to_string(i)));
    }
    EXPECT_EQ(world.server.counters().requests, 20u);
    EXPECT_FALSE(world.readable());
    EXPECT_EQ(world.server.poll(world.handler), 0u);
}

TEST(Server, WorkOfOnePollIsBounded) {
    World world;
    std::vector<RawClient> clients;
    for (std::size_t i = 0; i < k_max_clients; ++i) {
        clients.emplace_back(world.path);
    }
    world.settle();
    for (RawClient& client : clients) {
        client.ask("x");
        client.ask("y");
    }
    world.server.poll(world.handler);
    EXPECT_EQ(world.server.counters().requests, k_requests_per_poll);
    EXPECT_TRUE(world.readable()) << "the rest must wake the loop";
    world.settle();
    EXPECT_EQ(world.server.counters().requests, 2 * k_max_clients);
}

TEST(Server, AnswersAfterTheClientHasStoppedSending) {
    World world;
    RawClient client(world.path);
    client.ask("x");
    client.ask("y");
    client.stop_sending();
    world.settle();
    EXPECT_EQ(client.reply(), Reply::ok("x"));
    EXPECT_EQ(client.reply(), Reply::ok("y"));
    EXPECT_TRUE(client.hung_up());
    EXPECT_EQ(world.server.clients(), 0u);
}

TEST(Server, GarbageIsRefusedAndTheConversationGoesOn) {
    World world;
    RawClient client(world.path);
    client.send(frame("{]"));
    client.ask("x");
    world.settle();
    auto const refused = client.reply();
    ASSERT_TRUE(refused && refused->failure);
    EXPECT_EQ(refused->failure->code, ErrorCode::bad_request);
    EXPECT_EQ(client.reply(), Reply::ok("x"));
    EXPECT_EQ(world.server.counters().refused, 1u);
}

TEST(Server, OversizedAndEmptyFramesEndTheConversation) {
    for (std::string_view const header :
         {"\0\0\0\0"sv, "\xff\xff\xff\xff"sv, "\0\x10\0\x01"sv, "GET / HTTP/1.1\r\n"sv}) {
        World world;
        RawClient client(world.path);
        client.send(header);
        world.settle();
        auto const refused = client.reply();
        ASSERT_TRUE(refused && refused->failure);
        EXPECT_EQ(refused->failure->code, ErrorCode::too_large);
        EXPECT_TRUE(client.hung_up());
        EXPECT_EQ(world.server.clients(), 0u);
        EXPECT_EQ(world.server.counters().oversized, 1u);
    }
}

TEST(Server, BadHeaderBehindAGoodRequestEndsTheConversationAfterItsAnswer) {
    World world;
    RawClient client(world.path);
    client.send(frame(encode(Request{"x", {}, Json::object()})) + "\xff\xff\xff\xff");
    world.settle();
    EXPECT_EQ(client.reply(), Reply::ok("x"));
    EXPECT_TRUE(client.hung_up());
    EXPECT_EQ(world.server.counters().oversized, 1u);
}

TEST(Server, TruncatedRequestIsForgotten) {
    World world;
    RawClient client(world.path);
    client.send("\0\0\0\x20half of it"s);
    world.settle();
    EXPECT_EQ(world.server.clients(), 1u);
    EXPECT_EQ(client.reply(), std::nullopt);
    client.close();
    world.settle();
    EXPECT_EQ(world.server.clients(), 0u);
    EXPECT_EQ(world.server.counters().requests, 0u);
}

TEST(Server, SlowRequestByteByByte) {
    World world;
    RawClient client(world.path);
    std::string const bytes = frame(encode(Request{"slow", {}, Json::object()}));
    for (char const byte : bytes) {
        client.send({&byte, 1});
        world.settle();
    }
    EXPECT_EQ(client.reply(), Reply::ok("slow"));
}

// A client that asks and never reads: one reply is held for it, and no more is read from it.
TEST(Server, ReaderThatDoesNotReadHoldsOneReply) {
    World world;
    std::size_t answered = 0;
    world.handler = [&](Request const&) {
        ++answered;
        return Reply::ok(std::string(4 << 20, 'x'));
    };
    RawClient lazy(world.path);
    for (int i = 0; i < 50; ++i) {
        lazy.ask("x");
    }
    world.settle();
    EXPECT_EQ(answered, 1u);
    EXPECT_FALSE(world.readable()) << "a client that cannot be written to is no work";
    RawClient other(world.path);
    other.ask("y");
    world.settle();
    EXPECT_EQ(answered, 2u) << "others are served meanwhile";
    lazy.close();
    world.settle();
    EXPECT_EQ(world.server.clients(), 1u);
}

TEST(Server, LargeReplyArrivesWhole) {
    World world;
    std::string const large(8 << 20, 'x');
    world.handler = [&](Request const&) { return Reply::ok(large); };
    RawClient client(world.path);
    client.ask("x");
    std::optional<Reply> reply;
    for (int turn = 0; turn < 10'000 && !reply; ++turn) {
        world.server.poll(world.handler);
        reply = client.reply();
    }
    EXPECT_EQ(reply, Reply::ok(large));
}

TEST(Server, ReplyBeyondTheLimitIsRefusedByName) {
    World world;
    world.handler = [&](Request const&) { return Reply::ok(std::string(k_max_reply_bytes, 'x')); };
    RawClient client(world.path);
    client.ask("x");
    world.settle();
    auto const reply = client.reply();
    ASSERT_TRUE(reply && reply->failure);
    EXPECT_EQ(reply->failure->code, ErrorCode::too_large);
}

TEST(Server, ExceptionOfTheHandlerIsAnError) {
    World world;
    world.handler = [](Request const&) -> Reply { throw std::runtime_error("oops"); };
    RawClient client(world.path);
    client.ask("x");
    world.settle();
    EXPECT_EQ(client.reply(),
              Reply::refuse(ErrorCode::internal, "the daemon failed at this command: oops"));
}

TEST(Server, FurtherClientTakesThePlaceOfTheMostSilent) {
    World world;
    std::vector<RawClient> clients;
    for (std::size_t i = 0; i < k_max_clients; ++i) {
        clients.emplace_back(world.path);
        world.settle();
    }
    EXPECT_EQ(world.server.clients(), k_max_clients);
    EXPECT_EQ(world.server.counters().displaced, 0u);
    clients[0].ask("x"); // so the second is the most silent now
    world.settle();
    RawClient late(world.path);
    late.ask("late");
    world.settle();
    EXPECT_EQ(late.reply(), Reply::ok("late"));
    EXPECT_EQ(world.server.clients(), k_max_clients);
    EXPECT_EQ(world.server.counters().displaced, 1u);
    EXPECT_FALSE(clients[0].hung_up());
    EXPECT_TRUE(clients[1].hung_up());
    EXPECT_FALSE(clients[2].hung_up());
}

TEST(Server, MonitorClientsDisplaceOnlyEachOther) {
    World world;
    RawClient operator_client(world.path);
    world.settle();
    std::vector<RawClient> monitors;
    for (std::size_t i = 0; i < k_max_clients + 3; ++i) {
        monitors.emplace_back(world.monitor_path);
        world.settle();
    }
    EXPECT_EQ(world.server.clients(), k_max_clients + 1);
    EXPECT_FALSE(operator_client.hung_up());
}

TEST(Server, MonitorSocketOnlyShowsAndExplains) {
    World world;
    RawClient client(world.monitor_path);
    client.ask("show");
    client.ask("explain");
    client.ask("owner");
    world.settle();
    EXPECT_EQ(client.reply(), Reply::ok("show"));
    EXPECT_EQ(client.reply(), Reply::ok("explain"));
    auto const refused = client.reply();
    ASSERT_TRUE(refused && refused->failure);
    EXPECT_EQ(refused->failure->code, ErrorCode::not_allowed);
    EXPECT_EQ(world.server.counters().refused, 1u);
}

mode_t mode_of(std::string const& path) {
    struct stat status{};
    return ::lstat(path.c_str(), &status) == 0 ? status.st_mode & 07777 : 0;
}

TEST(SocketFile, ModesAndRemoval) {
    Folder folder;
    std::string const path = folder.file("sub/ctl.sock"); // the folder is made
    {
        auto const server = Server::open({path, "", folder.file("m.sock")});
        ASSERT_TRUE(server) << server.error();
        EXPECT_EQ(mode_of(path), 0600u);
        EXPECT_EQ(mode_of(folder.file("m.sock")), 0666u);
    }
    EXPECT_FALSE(std::filesystem::exists(path));
    EXPECT_FALSE(std::filesystem::exists(folder.file("m.sock")));
}

TEST(SocketFile, GroupByName) {
    Folder folder;
    std::string const path = folder.file("ctl.sock");
    auto const absent = Server::open({path, "no-such-group", ""});
    ASSERT_FALSE(absent);
    EXPECT_EQ(absent.error(), "there is no group \"no-such-group\" for the control socket; create "
                              "it with: groupadd --system no-such-group");
    if (::geteuid() != 0) {
        GTEST_SKIP() << "giving a socket to a group needs root";
    }
    auto const server = Server::open({path, "daemon", ""});
    ASSERT_TRUE(server) << server.error();
    struct stat status{};
    ASSERT_EQ(::lstat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777u, 0660u);
    EXPECT_EQ(status.st_gid, 1u) << "Debian's group daemon";
}

TEST(SocketFile, StaleOneIsReplacedLiveOneIsNot) {
    Folder folder;
    std::string const path = folder.file("ctl.sock");
    {
        int const dead = ::socket(AF_UNIX, SOCK_STREAM, 0);
        auto const address = testing::address_of(path);
        ASSERT_EQ(::bind(dead, reinterpret_cast<sockaddr const*>(&address), sizeof address), 0);
        ::close(dead); // leaves the file
    }
    auto const server = Server::open({path, "", ""});
    ASSERT_TRUE(server) << server.error();
    auto const second = Server::open({path, "", ""});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error(), "another daemon answers at " + path +
                                  "; stop it, or run this one with another --instance");
    EXPECT_TRUE(RawClient(path).connected()) << "the refused one must not remove the file";
}

TEST(SocketFile, WhatIsNoSocketStays) {
    Folder folder;
    std::string const path = folder.file("precious");
    std::ofstream{path} << "data";
    auto const server = Server::open({path, "", ""});
    ASSERT_FALSE(server);
    EXPECT_EQ(server.error(), path + " is there and is no socket; remove it, or name another path");
    EXPECT_EQ(std::filesystem::file_size(path), 4u);
}

TEST(SocketFile, BadPaths) {
    EXPECT_EQ(Server::open({"", "", ""}).error(), "a socket's path has 1 to 107 characters, not 0");
    EXPECT_EQ(Server::open({std::string(108, '/'), "", ""}).error(),
              "a socket's path has 1 to 107 characters, not 108");
    EXPECT_EQ(Server::open({"/proc/nowhere/ctl.sock", "", ""}).error(),
              "cannot create the socket /proc/nowhere/ctl.sock: No such file or directory");
}

TEST(SocketFile, OneThatAnotherHasReplacedIsNotRemoved) {
    Folder folder;
    std::string const path = folder.file("ctl.sock");
    {
        auto const server = Server::open({path, "", ""});
        std::filesystem::remove(path);
        std::ofstream{path} << "not ours";
    }
    EXPECT_TRUE(std::filesystem::exists(path));
}

} // namespace
} // namespace mcast::api
