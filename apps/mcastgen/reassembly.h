// Fragments back to datagrams, as a receiving host would: bounded, oldest out first. One thread.
#pragma once

#include "mcast/wire/ipv4.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace mcast::gen {

class Reassembly {
public:
    static constexpr std::size_t k_max_pending = 64;

    // The IP payload when `payload` was the last piece missing. Not for packets that are whole.
    // Pieces that overlap or repeat do not complete a datagram twice.
    std::optional<std::vector<std::uint8_t>> add(wire::Ipv4Header const& ip, wire::Bytes payload);

    // Datagrams that are not complete, given up ones included.
    std::uint64_t incomplete() const { return given_up_ + pending_.size(); }

private:
    struct Pending {
        Ipv4 source{};
        Ipv4 destination{};
        std::uint16_t id = 0;
        std::uint8_t protocol = 0;
        std::vector<std::uint8_t> bytes;
        std::vector<bool> present;
        std::optional<std::size_t> length; // known with the last fragment

        bool is_of(wire::Ipv4Header const& ip) const {
            return source == ip.source && destination == ip.destination && id == ip.id &&
                   protocol == ip.protocol;
        }
        bool complete() const;
    };

    Pending& pending(wire::Ipv4Header const& ip);

    std::deque<Pending> pending_;
    std::uint64_t given_up_ = 0;
};

} // namespace mcast::gen
