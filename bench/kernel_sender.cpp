// Packets for the kernel to route: out of an interface as fast as it takes them.
//
//   kernel_sender INTERFACE    answers lines on standard input: `send N GROUP` sends N frames to
//   the
//                              group, and says `took NS`, nanoseconds by the wall's clock
//
// On a veth pair the kernel does all that a packet causes on the core that sent it, before the call
// returns or soon after, so the time is the whole cost. Wants a network namespace of its own.
#include "packet.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <exception>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>

#include <fmt/format.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

using namespace mcast;
using namespace mcast::bench;

constexpr std::size_t k_frame_bytes = 64;
constexpr std::size_t k_batch = 32;

[[noreturn]] void fail(std::string const& what) {
    throw std::runtime_error(what + ": " + std::strerror(errno));
}

class Sender {
public:
    explicit Sender(std::string const& interface) : socket_(socket(AF_PACKET, SOCK_RAW, 0)) {
        if (socket_ < 0) {
            fail("AF_PACKET socket");
        }
        int const yes = 1;
        if (setsockopt(socket_, SOL_PACKET, PACKET_QDISC_BYPASS, &yes, sizeof yes) != 0) {
            fail("PACKET_QDISC_BYPASS");
        }
        sockaddr_ll where{};
        where.sll_family = AF_PACKET;
        where.sll_ifindex = static_cast<int>(if_nametoindex(interface.c_str()));
        if (where.sll_ifindex == 0 ||
            bind(socket_, reinterpret_cast<sockaddr const*>(&where), sizeof where) != 0) {
            fail("interface " + interface);
        }
    }
    ~Sender() { close(socket_); }
    Sender(Sender const&) = delete;
    Sender& operator=(Sender const&) = delete;

    void send(std::size_t count, Ipv4 group) const {
        auto frame = frame_of(k_frame_bytes, {k_flow.source, group});
        iovec bytes{frame.data(), frame.size()};
        std::array<mmsghdr, k_batch> batch{};
        for (mmsghdr& each : batch) {
            each.msg_hdr.msg_iov = &bytes;
            each.msg_hdr.msg_iovlen = 1;
        }
        while (count != 0) {
            auto const most = static_cast<unsigned>(std::min(count, batch.size()));
            int const sent = sendmmsg(socket_, batch.data(), most, 0);
            if (sent < 0 && errno != ENOBUFS && errno != EAGAIN) {
                fail("sendmmsg");
            }
            count -= static_cast<std::size_t>(std::max(sent, 0));
        }
    }

private:
    int socket_;
};

void serve(Sender const& sender) {
    std::cout << "ready" << std::endl;
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream words(line);
        std::string what;
        std::size_t count = 0;
        std::string group;
        words >> what >> count >> group;
        auto const to = Ipv4::parse(group);
        if (what != "send" || !to || !to->is_multicast()) {
            throw std::runtime_error("send N GROUP");
        }
        auto const before = std::chrono::steady_clock::now();
        sender.send(count, *to);
        auto const took = std::chrono::steady_clock::now() - before;
        std::cout << "took " << std::chrono::nanoseconds(took).count() << std::endl;
    }
}

} // namespace

int main(int argc, char** argv) {
    try {
        if (argc != 2) {
            throw std::runtime_error("usage: kernel_sender INTERFACE");
        }
        serve(Sender{argv[1]});
    } catch (std::exception const& error) {
        fmt::print(stderr, "kernel_sender: {}\n", error.what());
        return 1;
    }
    return 0;
}
