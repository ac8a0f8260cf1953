#include "unix_socket.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <system_error>
#include <vector>

#include <fmt/format.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

namespace mcast::api {

namespace {

constexpr int k_backlog = 16;

std::string reason() {
    return std::generic_category().message(errno);
}

std::unexpected<std::string> failure(std::string_view what, std::string const& path) {
    return std::unexpected(fmt::format("cannot {} {}: {}", what, path, reason()));
}

std::expected<gid_t, std::string> group_id(std::string const& name) {
    std::vector<char> buffer(65536);
    group entry{};
    group* found = nullptr;
    ::getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
    if (found == nullptr) {
        return std::unexpected(fmt::format("there is no group \"{0}\" for the control socket; "
                                           "create it with: groupadd --system {0}",
                                           name));
    }
    return found->gr_gid;
}

// Whether somebody answers at the socket file. EAGAIN: somebody does, but is busy. When it cannot
// be found out, the file is left alone.
bool somebody_answers(sockaddr_un const& address) {
    Descriptor const probe{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    if (!probe) {
        return true;
    }
    int const result =
        ::connect(probe.value(), reinterpret_cast<sockaddr const*>(&address), sizeof address);
    return result == 0 || errno == EAGAIN;
}

// Makes the path free, or says who has it.
std::optional<std::string> clear_path(std::string const& path, sockaddr_un const& address) {
    struct stat status{};
    if (::lstat(path.c_str(), &status) != 0) {
        return std::nullopt; // absent; anything else shows when binding
    }
    if (!S_ISSOCK(status.st_mode)) {
        return fmt::format("{} is there and is no socket; remove it, or name another path", path);
    }
    if (somebody_answers(address)) {
        return fmt::format("another daemon answers at {}; stop it, or run this one with another "
                           "--instance",
                           path);
    }
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
        return fmt::format("cannot remove the stale socket {}: {}", path, reason());
    }
    return std::nullopt;
}

} // namespace

Descriptor::~Descriptor() {
    if (fd_ >= 0) {
        ::close(fd_);
    }
}

std::expected<sockaddr_un, std::string> socket_address(std::string_view path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path) {
        return std::unexpected(fmt::format("a socket's path has 1 to {} characters, not {}",
                                           sizeof address.sun_path - 1, path.size()));
    }
    std::ranges::copy(path, address.sun_path);
    return address;
}

std::expected<Listener, std::string> Listener::open(std::string const& path, Access const& access) {
    auto const address = socket_address(path);
    if (!address) {
        return std::unexpected(address.error());
    }
    gid_t gid = static_cast<gid_t>(-1); // chown: leave it
    if (!access.group.empty()) {
        auto const found = group_id(access.group);
        if (!found) {
            return std::unexpected(found.error());
        }
        gid = *found;
    }
    std::error_code ignored; // a directory that cannot be made shows when binding
    std::filesystem::create_directory(std::filesystem::path{path}.parent_path(), ignored);
    if (auto const taken = clear_path(path, *address)) {
        return std::unexpected(*taken);
    }
    Listener listener{Descriptor{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)}};
    int const socket = listener.descriptor();
    // The file takes the socket's mode: nobody else gets in before the group is right.
    if (socket < 0 || ::fchmod(socket, 0600) != 0 ||
        ::bind(socket, reinterpret_cast<sockaddr const*>(&*address), sizeof *address) != 0) {
        return failure("create the socket", path);
    }
    listener.path_ = path;
    struct stat status{};
    if (::lstat(path.c_str(), &status) != 0) {
        return failure("look at the socket", path);
    }
    listener.device_ = status.st_dev;
    listener.inode_ = status.st_ino;
    if (::lchown(path.c_str(), static_cast<uid_t>(-1), gid) != 0 ||
        ::chmod(path.c_str(), access.mode) != 0 || ::listen(socket, k_backlog) != 0) {
        return failure("set the owner and mode of", path);
    }
    return listener;
}

Listener& Listener::operator=(Listener&& other) noexcept {
    std::swap(socket_, other.socket_);
    std::swap(path_, other.path_);
    std::swap(device_, other.device_);
    std::swap(inode_, other.inode_);
    return *this;
}

Listener::~Listener() {
    struct stat status{};
    if (socket_ && !path_.empty() && ::lstat(path_.c_str(), &status) == 0 &&
        status.st_dev == device_ && status.st_ino == inode_) {
        ::unlink(path_.c_str());
    }
}

Descriptor Listener::accept() const {
    return Descriptor{::accept4(socket_.value(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
}

} // namespace mcast::api
