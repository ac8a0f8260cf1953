// The blocking client against the real server and against servers that misbehave.
#include "mcast/api/client.h"
#include "mcast/api/server.h"

#include "sockets.h"

#include <functional>
#include <thread>

#include <gtest/gtest.h>
#include <poll.h>

namespace mcast::api {
namespace {

using std::chrono::milliseconds;
using std::string_literals::operator""s;
using testing::Folder;

constexpr milliseconds k_ample{10'000};
constexpr milliseconds k_short{30};

Request const k_request{"show", {"status"}, Json::object()};

// Serves until it is destroyed.
class RunningServer {
public:
    RunningServer(std::string const& path, Handler handler)
        : thread_([path, handler](std::stop_token const& stop) {
              auto server = Server::open({path, "", ""}).value();
              while (!stop.stop_requested()) {
                  pollfd watched{server.descriptor(), POLLIN, 0};
                  ::poll(&watched, 1, 5);
                  server.poll(handler);
              }
          }) {
        while (!testing::RawClient(path).connected()) {
            std::this_thread::yield();
        }
    }

private:
    std::jthread thread_;
};

// Accepts one client and does with its socket what it is told.
class OneShotServer {
public:
    OneShotServer(std::string const& path, std::function<void(int)> act)
        : listener_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
        auto const address = testing::address_of(path);
        EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr const*>(&address), sizeof address),
                  0);
        EXPECT_EQ(::listen(listener_, 1), 0);
        thread_ = std::jthread([this, act = std::move(act)] {
            int const client = ::accept(listener_, nullptr, nullptr);
            act(client);
            ::close(client);
        });
    }
    OneShotServer(OneShotServer const&) = delete;
    OneShotServer& operator=(OneShotServer const&) = delete;
    ~OneShotServer() {
        thread_.join();
        ::close(listener_);
    }

private:
    int listener_;
    std::jthread thread_;
};

void read_until_closed(int socket) {
    char bytes[4096];
    while (::recv(socket, bytes, sizeof bytes, 0) > 0) {
    }
}

TEST(Client, AsksAndGetsAnswers) {
    Folder folder;
    RunningServer const server(folder.file("s"), [](Request const& request) {
        return request.command == "show" ? Reply::ok(request.arguments)
                                         : Reply::refuse(ErrorCode::unknown_command, "what?");
    });
    auto client = Client::connect(folder.file("s"), k_ample);
    ASSERT_TRUE(client) << client.error().sentence;
    for (int i = 0; i < 3; ++i) {
        auto const reply = client->ask(k_request);
        ASSERT_TRUE(reply) << reply.error().sentence;
        EXPECT_EQ(*reply, Reply::ok(Json::array({"status"})));
    }
    auto const refused = client->ask(Request{"dance", {}, Json::object()});
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->failure->code, ErrorCode::unknown_command);
}

TEST(Client, LargeAnswers) {
    Folder folder;
    std::string const large(20 << 20, 'x');
    RunningServer const server(folder.file("s"), [&](Request const&) { return Reply::ok(large); });
    auto client = Client::connect(folder.file("s"), k_ample);
    ASSERT_TRUE(client);
    EXPECT_EQ(client->ask(k_request).value(), Reply::ok(large));
}

TEST(Client, NobodyListens) {
    Folder folder;
    auto const absent = Client::connect(folder.file("none"), k_ample);
    ASSERT_FALSE(absent);
    EXPECT_EQ(absent.error().fault, ClientFault::no_daemon);
    EXPECT_EQ(absent.error().sentence,
              "cannot connect to " + folder.file("none") +
                  ": No such file or directory; is mcastd running? --instance or --socket name "
                  "another one");
    auto const endless = Client::connect(std::string(200, 'x'), k_ample);
    ASSERT_FALSE(endless);
    EXPECT_EQ(endless.error().fault, ClientFault::no_daemon);
}

TEST(Client, SilentServerIsATimeout) {
    Folder folder;
    OneShotServer const server(folder.file("s"), read_until_closed);
    auto client = Client::connect(folder.file("s"), k_short);
    ASSERT_TRUE(client);
    auto const reply = client->ask(k_request);
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().fault, ClientFault::timeout);
    EXPECT_EQ(reply.error().sentence, "the daemon did not answer within 30 ms; is it hung or "
                                      "stopped? (--timeout allows more)");
    client = std::unexpected(ClientError{}); // hangs up, so that the server ends
}

// The timeout holds for the whole answer: bytes that trickle in do not prolong it.
TEST(Client, TricklingServerIsATimeout) {
    Folder folder;
    OneShotServer const server(folder.file("s"), [](int socket) {
        std::string const header = "\0\1\0\0"s;
        ::send(socket, header.data(), header.size(), MSG_NOSIGNAL);
        while (::send(socket, " ", 1, MSG_NOSIGNAL) == 1) {
            ::poll(nullptr, 0, 1);
        }
    });
    auto client = Client::connect(folder.file("s"), k_short);
    ASSERT_TRUE(client);
    auto const reply = client->ask(k_request);
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().fault, ClientFault::timeout);
    client = std::unexpected(ClientError{});
}

TEST(Client, BrokenServers) {
    struct Case {
        std::string bytes;
        std::string_view sentence;
    };
    Case const cases[] = {
        {"", "the daemon hung up before it had answered"},
        {"\0\0\0\x10{\"ver"s, "the daemon hung up before it had answered"},
        {"HTTP/1.1 400 Bad Request\r\n", "what answers there does not speak the protocol of "
                                         "mcastctl"},
        {frame("hello"), "the answer cannot be read: the message is not a JSON object"},
        {frame(R"({"version":9})"),
         "the answer cannot be read: the message speaks version 9 of the protocol, not version 1; "
         "use mcastctl and mcastd of the same release"},
    };
    for (Case const& c : cases) {
        Folder folder;
        OneShotServer const server(folder.file("s"), [&](int socket) {
            char request[4096];
            ::recv(socket, request, sizeof request, 0);
            ::send(socket, c.bytes.data(), c.bytes.size(), MSG_NOSIGNAL);
        });
        auto client = Client::connect(folder.file("s"), k_ample);
        ASSERT_TRUE(client);
        auto const reply = client->ask(k_request);
        ASSERT_FALSE(reply);
        EXPECT_EQ(reply.error().fault, ClientFault::protocol);
        EXPECT_EQ(reply.error().sentence, c.sentence);
    }
}

} // namespace
} // namespace mcast::api
