#include "connection.h"

#include <array>
#include <cerrno>
#include <exception>
#include <utility>

#include <fmt/format.h>
#include <sys/socket.h>

namespace mcast::api {

namespace {

constexpr std::size_t k_bytes_per_turn = 65536;

bool would_wait() {
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

} // namespace

Connection::Connection(Descriptor socket, bool read_only)
    : socket_(std::move(socket)), read_only_(read_only) {}

bool Connection::receive(ServerCounters& counters) {
    if (wants_turn()) {
        return true;
    }
    std::array<char, k_bytes_per_turn> bytes;
    ssize_t const got = ::recv(socket_.value(), bytes.data(), bytes.size(), 0);
    if (got <= 0) {
        return got < 0 && would_wait();
    }
    input_.feed({bytes.data(), static_cast<std::size_t>(got)});
    if (input_.failed() && !last_words_) {
        ++counters.oversized;
        last_words_ = true;
        queue(Reply::refuse(ErrorCode::too_large,
                            fmt::format("a request has 1 to {} bytes", k_max_request_bytes)));
    }
    return true;
}

bool Connection::send() {
    if (output_.empty()) {
        return true;
    }
    std::size_t const length = std::min(output_.size() - sent_, k_bytes_per_turn);
    ssize_t const done =
        ::send(socket_.value(), output_.data() + sent_, length, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (done < 0) {
        return would_wait();
    }
    sent_ += static_cast<std::size_t>(done);
    if (sent_ == output_.size()) {
        output_ = {}; // gives a large reply's memory back
        sent_ = 0;
        return !last_words_;
    }
    return true;
}

void Connection::answer(Handler const& handler, ServerCounters& counters) {
    if (!request_waits()) {
        return;
    }
    auto const text = input_.next();
    queue(reply_to(*text, handler, counters));
    if (input_.failed() && !last_words_) {
        ++counters.oversized; // the next header is bad: this reply is the last
        last_words_ = true;
    }
}

Reply Connection::reply_to(std::string const& text, Handler const& handler,
                           ServerCounters& counters) {
    auto const request = decode_request(text);
    if (!request) {
        ++counters.refused;
        return {nullptr, request.error()};
    }
    if (read_only_ && request->command != "show" && request->command != "explain") {
        ++counters.refused;
        return Reply::refuse(ErrorCode::not_allowed,
                             "the monitor socket answers only show and explain; use the control "
                             "socket");
    }
    ++counters.requests;
    // A client must not be able to end the daemon, whatever it makes a command trip over.
    try {
        return handler(*request);
    } catch (std::exception const& fault) {
        return Reply::refuse(ErrorCode::internal,
                             fmt::format("the daemon failed at this command: {}", fault.what()));
    }
}

void Connection::queue(Reply const& reply) {
    std::string text = encode(reply);
    if (text.size() > k_max_reply_bytes) {
        text = encode(Reply::refuse(
            ErrorCode::too_large, fmt::format("the answer has {} bytes, more than {}; ask for less",
                                              text.size(), k_max_reply_bytes)));
    }
    output_ = frame(text);
    sent_ = 0;
}

} // namespace mcast::api
