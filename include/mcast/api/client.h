// The client's end of the control socket: connect, ask, answer. Blocks, but never longer than the
// timeout, which holds for connecting and for each ask() as a whole. One thread.
#pragma once

#include "mcast/api/codec.h"
#include "mcast/api/messages.h"

#include <chrono>
#include <cstdint>
#include <expected>
#include <string>

namespace mcast::api {

enum class ClientFault : std::uint8_t {
    no_daemon, // nobody listens, or we may not connect
    timeout,
    protocol, // the other end hung up or does not speak our language
};

struct ClientError {
    ClientFault fault{};
    std::string sentence;
};

class Client {
public:
    static std::expected<Client, ClientError> connect(std::string const& path,
                                                      std::chrono::milliseconds timeout);

    Client(Client&& other) noexcept;
    Client& operator=(Client&& other) noexcept;
    ~Client();

    // After an error the conversation is over: connect again.
    std::expected<Reply, ClientError> ask(Request const& request);

private:
    Client(int socket, std::chrono::milliseconds timeout);

    int socket_ = -1;
    std::chrono::milliseconds timeout_{};
    FrameDecoder decoder_{k_max_reply_bytes};
};

} // namespace mcast::api
