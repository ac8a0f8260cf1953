#include "mcast/api/server.h"

#include "connection.h"
#include "unix_socket.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <list>
#include <optional>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <sys/epoll.h>

namespace mcast::api {

namespace {

constexpr std::size_t k_events_per_poll = 2 * k_max_clients + 2;
constexpr std::size_t k_accepts_per_poll = 4;

struct Socket {
    Listener listener;
    bool read_only = false;
};

} // namespace

struct Server::Impl {
    Descriptor epoll;
    std::list<Socket> sockets;
    // By silence: the client that was heard least recently comes first.
    std::list<Connection> connections;
    ServerCounters counters;

    std::optional<std::string> add_socket(std::string const& path, Access const& access,
                                          bool read_only);
    bool watch(int operation, int descriptor, std::uint32_t events) const;
    void accept_from(Socket const& socket);
    void make_room(bool read_only);
    bool serve(std::list<Connection>::iterator connection, Handler const& handler,
               std::size_t& requests_left);
    Socket const* socket_of(int descriptor) const;
};

bool Server::Impl::watch(int operation, int descriptor, std::uint32_t events) const {
    epoll_event event{};
    event.events = events;
    event.data.fd = descriptor;
    return ::epoll_ctl(epoll.value(), operation, descriptor, &event) == 0;
}

std::optional<std::string> Server::Impl::add_socket(std::string const& path, Access const& access,
                                                    bool read_only) {
    auto listener = Listener::open(path, access);
    if (!listener) {
        return listener.error();
    }
    if (!watch(EPOLL_CTL_ADD, listener->descriptor(), EPOLLIN)) {
        return fmt::format("cannot watch {}: {}", path, std::generic_category().message(errno));
    }
    sockets.push_back({std::move(*listener), read_only});
    return std::nullopt;
}

Socket const* Server::Impl::socket_of(int descriptor) const {
    auto const found = std::ranges::find(
        sockets, descriptor, [](Socket const& socket) { return socket.listener.descriptor(); });
    return found == sockets.end() ? nullptr : &*found;
}

void Server::Impl::make_room(bool read_only) {
    auto const same_socket = [read_only](Connection const& connection) {
        return connection.read_only() == read_only;
    };
    if (std::ranges::count_if(connections, same_socket) >= std::ptrdiff_t{k_max_clients}) {
        connections.erase(std::ranges::find_if(connections, same_socket));
        ++counters.displaced;
    }
}

void Server::Impl::accept_from(Socket const& socket) {
    for (std::size_t i = 0; i < k_accepts_per_poll; ++i) {
        Descriptor client = socket.listener.accept();
        if (!client) {
            return;
        }
        make_room(socket.read_only);
        if (watch(EPOLL_CTL_ADD, client.value(), EPOLLIN)) {
            connections.emplace_back(std::move(client), socket.read_only);
            ++counters.accepted;
        }
    }
}

// False when the connection is over.
bool Server::Impl::serve(std::list<Connection>::iterator connection, Handler const& handler,
                         std::size_t& requests_left) {
    if (!connection->send() || !connection->receive(counters)) {
        return false;
    }
    if (connection->request_waits() && requests_left > 0) {
        --requests_left;
        connection->answer(handler, counters);
        if (!connection->send()) {
            return false;
        }
    }
    connections.splice(connections.end(), connections, connection);
    return watch(EPOLL_CTL_MOD, connection->descriptor(),
                 connection->wants_turn() ? EPOLLOUT : EPOLLIN);
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::Server(Server&&) noexcept = default;
Server& Server::operator=(Server&&) noexcept = default;
Server::~Server() = default;

std::expected<Server, std::string> Server::open(ServerConfig const& config) {
    auto impl = std::make_unique<Impl>();
    impl->epoll = Descriptor{::epoll_create1(EPOLL_CLOEXEC)};
    if (!impl->epoll) {
        return std::unexpected(fmt::format("cannot create an epoll descriptor: {}",
                                           std::generic_category().message(errno)));
    }
    mode_t const mode = config.group.empty() ? 0600 : 0660;
    if (auto fault = impl->add_socket(config.path, {mode, config.group}, false)) {
        return std::unexpected(*fault);
    }
    if (!config.monitor_path.empty()) {
        if (auto fault = impl->add_socket(config.monitor_path, {0666, {}}, true)) {
            return std::unexpected(*fault);
        }
    }
    return Server{std::move(impl)};
}

std::size_t Server::poll(Handler const& handler) {
    std::array<epoll_event, k_events_per_poll> events;
    int const count =
        ::epoll_wait(impl_->epoll.value(), events.data(), static_cast<int>(events.size()), 0);
    std::size_t requests_left = k_requests_per_poll;
    std::size_t handled = 0;
    for (int i = 0; i < count; ++i, ++handled) {
        int const descriptor = events[static_cast<std::size_t>(i)].data.fd;
        auto const connection =
            std::ranges::find(impl_->connections, descriptor, &Connection::descriptor);
        if (connection != impl_->connections.end() &&
            !impl_->serve(connection, handler, requests_left)) {
            impl_->connections.erase(connection);
        }
    }
    // New clients come last: the descriptor of one displaced may be reused, and must not get the
    // events of its predecessor.
    for (int i = 0; i < count; ++i) {
        if (auto const* const socket =
                impl_->socket_of(events[static_cast<std::size_t>(i)].data.fd)) {
            impl_->accept_from(*socket);
        }
    }
    return handled;
}

int Server::descriptor() const {
    return impl_->epoll.value();
}

std::size_t Server::clients() const {
    return impl_->connections.size();
}

ServerCounters const& Server::counters() const {
    return impl_->counters;
}

} // namespace mcast::api
