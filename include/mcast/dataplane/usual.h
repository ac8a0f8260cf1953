// The usual packet: what nearly every frame of a stream is, told by one look at its first 34 bytes.
//
// Untagged IPv4 without options, to a routed group, in a frame to a group's MAC, on an interface
// that is up and has no scope boundary. Of such a frame verdict() says what classify() would, in a
// tenth of its instructions; of any other this says nothing, and classify() is to be asked. Pure.
//
// Usual packets of one flow that follow each other are a train: the first is judged, the others
// only have to look like it (Train).
#pragma once

#include "mcast/dataplane/classify.h"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace mcast::dataplane {

class Usual {
public:
    static constexpr std::uint32_t k_bytes = 14 + 20; // Ethernet and IPv4 header

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
        arrival_ = arrival;
    }

    IfIndex arrival() const { return arrival_; }

    // Whether the frame is a usual one; `head` are k_bytes of its `length` at least.
    bool is_usual(std::uint8_t const* head, std::uint32_t length) const {
        // IPv4 by its type, version 4 and five words of header; to a group's MAC, not IGMP.
        return (word<std::uint32_t>(head + 12) & 0xffffff) == 0x450008 && head[23] != 2 &&
               is_whole(head, length, addresses_in(head)) && is_usual_flow(key_in(head));
    }

    // Of usual packets.
    static FlowKey key_in(std::uint8_t const* head) {
        auto const addresses = addresses_in(head);
        return {Ipv4{std::byteswap(static_cast<std::uint32_t>(addresses))},
                Ipv4{std::byteswap(static_cast<std::uint32_t>(addresses >> 32))}};
    }
    static std::uint8_t ttl_in(std::uint8_t const* head) { return head[22]; }
    static std::uint16_t total_length_in(std::uint8_t const* head) {
        return std::byteswap(word<std::uint16_t>(head + 16));
    }
    static Verdict verdict(std::uint8_t const* head, IfIndex arrival) {
        return {.action = Action::forward,
                .dont_fragment = (head[20] & 0x40) != 0,
                .arrival = arrival,
                .key = key_in(head),
                .total_length = total_length_in(head),
                .link_length = k_bytes - k_header,
                .header_length = k_header,
                .ttl = ttl_in(head)};
    }

    // What all packets of a train have as its first has it: all but length, identification,
    // fragment offset and checksum.
    class Train {
    public:
        explicit Train(std::uint8_t const* first)
            : addresses_(addresses_in(first)), type_to_tos_(word<std::uint32_t>(first + 12)),
              ttl_and_protocol_(word<std::uint16_t>(first + 22)) {}

        // Whether the frame with this head goes on with it; if so, it is a usual one, too.
        [[gnu::always_inline]] bool takes(std::uint8_t const* head, std::uint32_t length) const {
            return addresses_in(head) == addresses_ &&
                   word<std::uint32_t>(head + 12) == type_to_tos_ &&
                   word<std::uint16_t>(head + 22) == ttl_and_protocol_ &&
                   is_whole(head, length, addresses_);
        }

    private:
        std::uint64_t addresses_;
        std::uint32_t type_to_tos_;
        std::uint16_t ttl_and_protocol_;
    };

    // Whether a frame with the head `next` may be of the train that `first` begins: whether to ask.
    // Reads k_bytes of both, whatever they hold.
    static bool may_follow(std::uint8_t const* first, std::uint8_t const* next) {
        return addresses_in(first) == addresses_in(next);
    }

private:
    static constexpr std::uint32_t k_header = 20;

    template <class Word>
    static Word word(std::uint8_t const* at) {
        Word value;
        std::memcpy(&value, at, sizeof value);
        return value;
    }
    static std::uint64_t addresses_in(std::uint8_t const* head) {
        return word<std::uint64_t>(head + 26);
    }

    // To a group's MAC, as long as it says, and true.
    [[gnu::always_inline]] static bool is_whole(std::uint8_t const* head, std::uint32_t length,
                                                std::uint64_t addresses) {
        static_assert(std::endian::native == std::endian::little, "the words below");
        // One load each: an array would be written by parts and read as a whole, for which a
        // processor waits.
        return (head[0] & 1) != 0 && total_length_in(head) - k_header <= length - k_bytes &&
               is_true(word<std::uint64_t>(head + 14), addresses, word<std::uint32_t>(head + 22));
    }

    // RFC 1071: the sum of a true header's 16-bit words is 0xffff, that is, a multiple of it, in
    // whatever order of bytes and width of words it was summed with the carry added again. Odd
    // numbers have an inverse, by which multiples of them become the small numbers.
    static bool is_true(std::uint64_t a, std::uint64_t b, std::uint32_t c) {
        constexpr std::uint64_t k_inverse = 0xfffefffefffeffff; // 0xffff * it is 1
        constexpr std::uint64_t k_multiples = ~std::uint64_t{0} / 0xffff;
        static_assert(k_inverse * 0xffff == 1);
        std::uint64_t sum = 0;
        std::uint64_t const carry = __builtin_add_overflow(a, b, &sum) ? 1 : 0;
        std::uint64_t const last = __builtin_add_overflow(sum, c + carry, &sum) ? 1 : 0;
        return (sum + last) * k_inverse <= k_multiples;
    }

    bool is_usual_flow(FlowKey key) const {
        std::uint32_t const source = key.source.value;
        std::uint32_t const group = key.group.value;
        std::uint32_t const top = source >> 24;
        return possible_ &&
               // 224.0.1.0 up to the end of the multicast range
               group - 0xe0000100 < 0x10000000 - 0x100 &&
               // neither martian nor, by the looks of it, our own
               top - 1 < 223 && top != 127 && source >> 16 != 0xa9fe && source != broadcast_ &&
               !table_.may_be_own(Ipv4{source});
    }

    handoff::InterfaceTable const& table_;
    IfIndex arrival_ = k_no_interface;
    std::uint32_t broadcast_ = 0; // 0: none, and never a usual source
    bool possible_ = false;
};

} // namespace mcast::dataplane
