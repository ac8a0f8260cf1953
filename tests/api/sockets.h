// Plain sockets for tests that misbehave as no real client would, and a folder for socket files.
#pragma once

#include "mcast/api/codec.h"
#include "mcast/api/messages.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace mcast::api::testing {

class Folder {
public:
    Folder() {
        char pattern[] = "/tmp/mcast-api-XXXXXX";
        path_ = ::mkdtemp(pattern);
    }
    Folder(Folder const&) = delete;
    Folder& operator=(Folder const&) = delete;
    ~Folder() { std::filesystem::remove_all(path_); }

    std::string file(std::string_view name) const { return path_ + "/" + std::string{name}; }

private:
    std::string path_;
};

inline sockaddr_un address_of(std::string const& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    return address;
}

// A client that sends and receives bytes as it is told, and never waits.
class RawClient {
public:
    explicit RawClient(std::string const& path)
        : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
        auto const address = address_of(path);
        connected_ =
            ::connect(socket_, reinterpret_cast<sockaddr const*>(&address), sizeof address) == 0;
    }
    RawClient(RawClient const&) = delete;
    RawClient& operator=(RawClient const&) = delete;
    RawClient(RawClient&& other) noexcept
        : socket_(std::exchange(other.socket_, -1)), connected_(other.connected_),
          hung_up_(other.hung_up_), decoder_(std::move(other.decoder_)) {}
    ~RawClient() { close(); }

    bool connected() const { return connected_; }
    // How many bytes the kernel took.
    std::size_t send(std::string_view bytes) {
        ssize_t const done =
            ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        return done < 0 ? 0 : static_cast<std::size_t>(done);
    }
    void ask(std::string_view command) {
        send(frame(encode(Request{std::string{command}, {}, Json::object()})));
    }
    // A reply that has arrived as a whole.
    std::optional<Reply> reply() {
        receive();
        auto const text = decoder_.next();
        return text ? std::optional{decode_reply(*text).value()} : std::nullopt;
    }
    bool hung_up() {
        receive();
        return hung_up_;
    }
    void stop_sending() { ::shutdown(socket_, SHUT_WR); }
    void close() {
        if (socket_ >= 0) {
            ::close(std::exchange(socket_, -1));
        }
    }

private:
    void receive() {
        char bytes[65536];
        ssize_t got = 0;
        while ((got = ::recv(socket_, bytes, sizeof bytes, MSG_DONTWAIT)) > 0) {
            decoder_.feed({bytes, static_cast<std::size_t>(got)});
        }
        hung_up_ = hung_up_ || got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
    }

    int socket_;
    bool connected_ = false;
    bool hung_up_ = false;
    FrameDecoder decoder_{k_max_reply_bytes};
};

} // namespace mcast::api::testing
