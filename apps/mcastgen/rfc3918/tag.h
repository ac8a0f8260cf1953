// What a frame of a trial carries: 18 bytes, so that a frame of 64 bytes has room for them. And the
// maker of such frames, which patches one frame again and again. Any thread; one maker, one thread.
//
//   offset 0   2  magic 0x3918
//          2   2  trial, so that late frames of an earlier one are told apart
//          4   1  class: 0 multicast, 1 unicast
//          5   1  zero
//          6   6  number within the class, from 0
//         12   6  time of sending, nanoseconds from the start of the trial
#pragma once

#include "plan.h"

#include "mcast/wire/cursor.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace mcast::gen::rfc3918 {

inline constexpr std::size_t k_tag_size = 18;
inline constexpr std::size_t k_fcs_size = 4;
inline constexpr std::uint16_t k_port = 3918;

struct Tag {
    std::uint16_t trial = 0;
    bool unicast = false;
    std::uint64_t number = 0;
    Duration sent{};

    bool operator==(Tag const&) const = default;
};

// Precondition: room for k_tag_size bytes.
void write_tag(Tag const& tag, std::span<std::uint8_t> to);
// Of a UDP payload; nullopt where it is none of ours.
std::optional<Tag> read_tag(wire::Bytes payload);

class FrameMaker {
public:
    // `size` with FCS, 64 or more.
    FrameMaker(Plan const& plan, std::size_t size);

    // Valid until the next call.
    wire::Bytes make(Tag const& tag, Ipv4 destination, Mac const& to);

private:
    std::vector<std::uint8_t> frame_;
};

} // namespace mcast::gen::rfc3918
