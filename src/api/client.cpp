#include "mcast/api/client.h"

#include "unix_socket.h"

#include <array>
#include <cerrno>
#include <cstdint>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <poll.h>
#include <sys/timerfd.h>
#include <unistd.h>

namespace mcast::api {

namespace {

std::string reason() {
    return std::generic_category().message(errno);
}

std::unexpected<ClientError> late(std::chrono::milliseconds timeout) {
    return std::unexpected(
        ClientError{ClientFault::timeout,
                    fmt::format("the daemon did not answer within {} ms; is it hung or stopped? "
                                "(--timeout allows more)",
                                timeout.count())});
}

std::unexpected<ClientError> broken(std::string sentence) {
    return std::unexpected(ClientError{ClientFault::protocol, std::move(sentence)});
}

// Waits on a socket until an instant that the kernel keeps: no clock is read here.
class Deadline {
public:
    explicit Deadline(std::chrono::milliseconds timeout)
        : timer_(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC)) {
        auto const ms = std::max<std::int64_t>(timeout.count(), 1); // 0 would disarm it
        itimerspec when{};
        when.it_value.tv_sec = static_cast<time_t>(ms / 1000);
        when.it_value.tv_nsec = static_cast<long>(ms % 1000 * 1'000'000);
        ::timerfd_settime(timer_.value(), 0, &when, nullptr);
    }

    // False when time is up first.
    bool wait(int socket, short events) const {
        std::array<pollfd, 2> watched{{{socket, events, 0}, {timer_.value(), POLLIN, 0}}};
        while (::poll(watched.data(), watched.size(), -1) < 0 && errno == EINTR) {
        }
        return watched[0].revents != 0;
    }

private:
    Descriptor timer_;
};

std::unexpected<ClientError> cannot_connect(std::string const& path) {
    std::string_view const advice =
        errno == EACCES ? "you may not: become root, or a member of the group of the socket"
        : errno == ENOENT || errno == ECONNREFUSED
            ? "is mcastd running? --instance or --socket name another one"
            : "--socket names another one";
    return std::unexpected(
        ClientError{ClientFault::no_daemon,
                    fmt::format("cannot connect to {}: {}; {}", path, reason(), advice)});
}

} // namespace

std::expected<Client, ClientError> Client::connect(std::string const& path,
                                                   std::chrono::milliseconds timeout) {
    auto const address = socket_address(path);
    if (!address) {
        return std::unexpected(ClientError{ClientFault::no_daemon, address.error()});
    }
    Client client{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), timeout};
    // Connecting waits only while the daemon's backlog is full; the send timeout bounds that.
    timeval limit{};
    limit.tv_sec = static_cast<time_t>(timeout.count() / 1000);
    limit.tv_usec =
        static_cast<suseconds_t>(std::max<std::int64_t>(timeout.count() % 1000, 1) * 1000);
    ::setsockopt(client.socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (::connect(client.socket_, reinterpret_cast<sockaddr const*>(&*address), sizeof *address) !=
        0) {
        if (errno == EAGAIN) {
            return late(timeout);
        }
        return cannot_connect(path);
    }
    return client;
}

Client::Client(int socket, std::chrono::milliseconds timeout)
    : socket_(socket), timeout_(timeout) {}

Client::Client(Client&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), timeout_(other.timeout_),
      decoder_(std::move(other.decoder_)) {}

Client& Client::operator=(Client&& other) noexcept {
    std::swap(socket_, other.socket_);
    timeout_ = other.timeout_;
    std::swap(decoder_, other.decoder_);
    return *this;
}

Client::~Client() {
    if (socket_ >= 0) {
        ::close(socket_);
    }
}

std::expected<Reply, ClientError> Client::ask(Request const& request) {
    Deadline const deadline(timeout_);
    std::string const bytes = frame(encode(request));
    for (std::size_t sent = 0; sent < bytes.size();) {
        if (!deadline.wait(socket_, POLLOUT)) {
            return late(timeout_);
        }
        ssize_t const done =
            ::send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (done < 0 && errno != EAGAIN) {
            return broken(fmt::format("the daemon hung up: {}", reason()));
        }
        sent += done < 0 ? 0 : static_cast<std::size_t>(done);
    }
    std::array<char, 65536> chunk;
    while (!decoder_.ready()) {
        if (!deadline.wait(socket_, POLLIN)) {
            return late(timeout_);
        }
        ssize_t const got = ::recv(socket_, chunk.data(), chunk.size(), MSG_DONTWAIT);
        if (got < 0 && errno == EAGAIN) {
            continue;
        }
        if (got <= 0) {
            return broken("the daemon hung up before it had answered");
        }
        decoder_.feed({chunk.data(), static_cast<std::size_t>(got)});
        if (decoder_.failed()) {
            return broken("what answers there does not speak the protocol of mcastctl");
        }
    }
    auto reply = decode_reply(*decoder_.next());
    if (!reply) {
        return broken(fmt::format("the answer cannot be read: {}", reply.error().sentence));
    }
    return std::move(*reply);
}

} // namespace mcast::api
