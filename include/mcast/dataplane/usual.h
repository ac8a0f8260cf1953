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
    bool judge(std::uint8_t const* head, std::size_t length, Verdict& verdict) {
        static_assert(std::endian::native == std::endian::little, "the words below");
        // One load each: an array would be written by parts and read as a whole, for which a
        // processor waits.
        auto const addresses = word<std::uint64_t>(head + 26);
        std::uint32_t const first = word<std::uint32_t>(head + 14);
        std::uint32_t const second = word<std::uint32_t>(head + 18);
        std::uint32_t const third = word<std::uint32_t>(head + 22);
        std::uint32_t const total = std::byteswap(first) & 0xffff;
        std::uint64_t sum =
            std::uint64_t{first} + second + third + (addresses & 0xffffffff) + (addresses >> 32);
        sum = (sum & 0xffff) + (sum >> 16 & 0xffff) + (sum >> 32);
        sum = (sum & 0xffff) + (sum >> 16);
        // IPv4 by its type, version 4 and five words of header; to a group's MAC, not IGMP; as long
        // as it says; true.
        bool const usual = ((word<std::uint32_t>(head + 12) & 0xffffff) == 0x450008) &
                           ((head[0] & 1) != 0) & (head[23] != 2) & (total >= k_header) &
                           (total <= length - k_ethernet) & (sum == 0xffff);
        if (!usual || ((addresses != addresses_ || !known_) && !is_usual_flow(addresses))) {
            return false;
        }
        verdict = verdict_;
        verdict.total_length = static_cast<std::uint16_t>(total);
        verdict.ttl = static_cast<std::uint8_t>(third);
        verdict.dont_fragment = (second >> 16 & 0x40) != 0;
        return true;
    }

private:
    static constexpr std::size_t k_ethernet = 14;
    static constexpr std::uint32_t k_header = 20;

    template <class Word>
    static Word word(std::uint8_t const* at) {
        Word value;
        std::memcpy(&value, at, sizeof value);
        return value;
    }

    // Looked at once for packets of one flow that follow each other.
    bool is_usual_flow(std::uint64_t addresses) {
        std::uint32_t const source = std::byteswap(static_cast<std::uint32_t>(addresses));
        std::uint32_t const group = std::byteswap(static_cast<std::uint32_t>(addresses >> 32));
        std::uint32_t const top = source >> 24;
        bool const usual = possible_ &
                           // 224.0.1.0 up to the end of the multicast range
                           (group - 0xe0000100 < 0x10000000 - 0x100) &
                           // neither martian nor, by the looks of it, our own
                           (top - 1 < 223) & (top != 127) & (source >> 16 != 0xa9fe) &
                           (source != broadcast_) & !table_.may_be_own(Ipv4{source});
        if (usual) {
            addresses_ = addresses;
            known_ = true;
            verdict_.key = {Ipv4{source}, Ipv4{group}};
        }
        return usual;
    }

    handoff::InterfaceTable const& table_;
    std::uint64_t addresses_ = 0; // of the last usual flow
    bool known_ = false;          // there was one
    Verdict verdict_{};
    std::uint32_t broadcast_ = 0; // 0: none, and never a usual source
    bool possible_ = false;
};

} // namespace mcast::dataplane
