// Unix stream sockets as owned descriptors, and socket files with the right owner.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>

namespace mcast::api {

// Closes what it holds.
class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int fd) : fd_(fd) {}
    Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~Descriptor();

    int value() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }

private:
    int fd_ = -1;
};

// The address of a path; the error is a sentence: the path is empty or too long.
std::expected<sockaddr_un, std::string> socket_address(std::string_view path);

struct Access {
    mode_t mode = 0600;
    std::string group; // owner of the file by name; empty: the process's own
};

// A listening, non-blocking socket and its file, which is removed at the end if it is still the
// same.
class Listener {
public:
    // See server.h for what happens to a file that is there already.
    static std::expected<Listener, std::string> open(std::string const& path, Access const& access);

    Listener(Listener&&) noexcept = default;
    Listener& operator=(Listener&& other) noexcept;
    ~Listener();

    int descriptor() const { return socket_.value(); }
    // The next waiting connection, non-blocking; an invalid descriptor when there is none.
    Descriptor accept() const;

private:
    explicit Listener(Descriptor socket) : socket_(std::move(socket)) {}

    Descriptor socket_;
    std::string path_; // empty until the file is ours
    dev_t device_ = 0;
    ino_t inode_ = 0;
};

} // namespace mcast::api
