// The daemon's end of the control socket, and of the monitor socket, which answers only `show` and
// `explain`.
//
// Life: open() creates the socket files, poll() serves, the destructor closes and removes the files
// that are still ours. A file left by a dead daemon is removed; a file at which somebody answers,
// or which is no socket, is left alone and open() refuses.
//
// Nothing here waits. poll() does a bounded amount of work: at most one read and one write of 64
// KiB per client and k_requests_per_poll requests; what is left keeps descriptor() readable, so a
// loop may sleep on it. A client gets no reading while its reply is under way, so that it cannot
// make the server hold more than one request and one reply. With k_max_clients on a socket, a
// further one takes the place of the client that has been silent longest: whoever hangs cannot lock
// others out.
//
// Access: the control socket is 0660 with the group that is named, or 0600 without one; the monitor
// socket is 0666. Control thread only.
#pragma once

#include "mcast/api/messages.h"

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>

namespace mcast::api {

// Answers a request at once. An exception becomes the error `internal`.
using Handler = std::function<Reply(Request const&)>;

inline constexpr std::size_t k_max_clients = 16; // on each of the two sockets
inline constexpr std::size_t k_requests_per_poll = 8;

struct ServerConfig {
    std::string path;
    std::string group;        // system group that may connect; empty: only the owner
    std::string monitor_path; // empty: none
};

struct ServerCounters {
    std::uint64_t accepted = 0;
    std::uint64_t displaced = 0; // clients closed to make room
    std::uint64_t requests = 0;  // answered by the handler
    std::uint64_t refused = 0;   // answered by the server itself: malformed or not allowed
    std::uint64_t oversized = 0; // streams given up: a frame of zero bytes or beyond the limit
};

class Server {
public:
    // The error is a sentence with the remedy.
    static std::expected<Server, std::string> open(ServerConfig const& config);

    Server(Server&&) noexcept;
    Server& operator=(Server&&) noexcept;
    ~Server();

    // How many events were handled; 0 means that there was nothing to do.
    std::size_t poll(Handler const& handler);

    // Readable (poll, epoll) when poll() has work.
    int descriptor() const;
    std::size_t clients() const;
    ServerCounters const& counters() const;

private:
    struct Impl;
    explicit Server(std::unique_ptr<Impl> impl);

    std::unique_ptr<Impl> impl_;
};

} // namespace mcast::api
