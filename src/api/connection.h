// One client of the server: its socket, what it has sent so far, and what it has still to take.
#pragma once

#include "mcast/api/server.h"

#include "mcast/api/codec.h"
#include "unix_socket.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace mcast::api {

class Connection {
public:
    Connection(Descriptor socket, bool read_only);

    int descriptor() const { return socket_.value(); }
    bool read_only() const { return read_only_; }

    // The three steps of one turn. Each gives false when the conversation is over.
    bool receive(ServerCounters& counters);
    bool send();
    // Answers a request if there is one and nothing is left to send.
    void answer(Handler const& handler, ServerCounters& counters);

    // A whole request waits for its answer.
    bool request_waits() const { return output_.empty() && input_.ready(); }
    // Whether to wait for room to write rather than for bytes to read. A request that waits counts:
    // there is always room then, and so the loop comes back to it.
    bool wants_turn() const { return !output_.empty() || input_.ready(); }

private:
    Reply reply_to(std::string const& text, Handler const& handler, ServerCounters& counters);
    void queue(Reply const& reply);

    Descriptor socket_;
    bool read_only_;
    bool last_words_ = false; // close when all is sent
    FrameDecoder input_{k_max_request_bytes};
    std::string output_;
    std::size_t sent_ = 0;
};

} // namespace mcast::api
