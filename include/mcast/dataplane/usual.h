// The usual packet: what nearly every frame of a stream is, told by one look at its first 34 bytes.
//
// Untagged IPv4 without options, to a routed group, in a frame to a group's MAC, on an interface
// that is up and has no scope boundary. For such a frame judge() says what classify() would, in a
// fifth of its instructions; of any other it says nothing, and classify() is to be asked. Pure.
#pragma once

#include "mcast/dataplane/classify.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace mcast::dataplane {

class Usual {
public:
    static constexpr std::size_t k_bytes = 14 + 20; // Ethernet and IPv4 header

    // For the frames that came in on this port, while this table is current.
    Usual(PortId port, handoff::InterfaceTable const& table) : table_(table) {
        IfIndex const arrival = table.lookup(port, 0);
        if (arrival == k_no_interface || !table.up.contains(arrival)) {
            return;
        }
        handoff::Interface const& interface = table.interfaces[arrival.index()];
        Ipv4Prefix const& subnet = interface.address;
        possible_ = interface.boundaries.empty();
        broadcast_ = subnet.length != 0 && subnet.length <= 30 ? subnet.broadcast().value : 0;
        verdict_.action = Action::forward;
        verdict_.arrival = arrival;
        verdict_.link_length = 14;
        verdict_.header_length = 20;
    }

    IfIndex arrival() const { return verdict_.arrival; }

    // `head`: k_bytes at least of a frame of `length`. True: a usual one, and `verdict` says so.
    bool judge(std::uint8_t const* head, std::size_t length, Verdict& verdict) const {
        static_assert(std::endian::native == std::endian::little, "the words below");
        // One load each: an array would be written by parts and read as a whole, for which a
        // processor waits.
        auto const word = [head](std::size_t at) {
            std::uint32_t value = 0;
            std::memcpy(&value, head + 14 + 4 * at, sizeof value);
            return value;
        };
        std::array<std::uint32_t, 5> const header{word(0), word(1), word(2), word(3), word(4)};
        std::uint16_t type = 0;
        std::memcpy(&type, head + 12, sizeof type);
        std::uint32_t const source = std::byteswap(header[3]);
        std::uint32_t const group = std::byteswap(header[4]);
        std::uint32_t const total = std::byteswap(header[0]) & 0xffff;
        std::uint32_t const protocol = header[2] >> 8 & 0xff;
        std::uint32_t const top = source >> 24;
        bool const usual = possible_ & (type == 0x0008) & ((head[0] & 1) != 0) &
                           ((header[0] & 0xff) == 0x45) & (total >= 20) & (14 + total <= length) &
                           (protocol != 2) &
                           // 224.0.1.0 up to the end of the multicast range
                           (group - 0xe0000100 < 0x10000000 - 0x100) &
                           // neither martian nor, by the looks of it, our own
                           (top - 1 < 223) & (top != 127) & (source >> 16 != 0xa9fe) &
                           (source != broadcast_) & !table_.may_be_own(Ipv4{source});
        std::uint64_t sum =
            std::uint64_t{header[0]} + header[1] + header[2] + header[3] + header[4];
        sum = (sum & 0xffff) + (sum >> 16 & 0xffff) + (sum >> 32);
        sum = (sum & 0xffff) + (sum >> 16);
        if (!usual || sum != 0xffff) {
            return false;
        }
        verdict = verdict_;
        verdict.key = {Ipv4{source}, Ipv4{group}};
        verdict.total_length = static_cast<std::uint16_t>(total);
        verdict.ttl = static_cast<std::uint8_t>(header[2]);
        verdict.dont_fragment = (header[1] >> 16 & 0x40) != 0;
        return true;
    }

private:
    handoff::InterfaceTable const& table_;
    Verdict verdict_{};
    std::uint32_t broadcast_ = 0; // 0: none, and never a usual source
    bool possible_ = false;
};

} // namespace mcast::dataplane
