// The packet that benches forward: one frame of a flow, with a true header checksum.
#pragma once

#include "mcast/base/flow.h"
#include "mcast/wire/checksum.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace mcast::bench {

inline constexpr FlowKey k_flow{Ipv4::of(10, 0, 0, 5), Ipv4::of(239, 1, 2, 3)};
inline constexpr std::size_t k_ethernet = 14;
inline constexpr std::size_t k_header = 20;

inline void write_be32(std::uint8_t* at, std::uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) {
        *at++ = static_cast<std::uint8_t>(value >> shift);
    }
}

// `frame`: an Ethernet frame of any flow. TTL 64 again, this flow, a true checksum.
inline void set_flow(std::span<std::uint8_t> frame, FlowKey flow) {
    std::span<std::uint8_t> const header = frame.subspan(k_ethernet, k_header);
    frame[3] = flow.group.value >> 16 & 0x7f;
    frame[4] = static_cast<std::uint8_t>(flow.group.value >> 8);
    frame[5] = static_cast<std::uint8_t>(flow.group.value);
    header[8] = 64;
    write_be32(&header[12], flow.source.value);
    write_be32(&header[16], flow.group.value);
    header[10] = header[11] = 0;
    std::uint16_t const sum = wire::internet_checksum(header);
    header[10] = static_cast<std::uint8_t>(sum >> 8);
    header[11] = static_cast<std::uint8_t>(sum);
}

// UDP, without its checksum; `bytes` with Ethernet header, at least 60.
inline std::vector<std::uint8_t> frame_of(std::size_t bytes, FlowKey flow = k_flow) {
    std::vector<std::uint8_t> frame(std::max<std::size_t>(bytes, 60));
    std::size_t const total = frame.size() - k_ethernet;
    frame[0] = 0x01;
    frame[2] = 0x5e;
    frame[6] = 0x02;
    frame[11] = 0x99;
    frame[12] = 0x08;
    frame[14] = 0x45;
    frame[16] = static_cast<std::uint8_t>(total >> 8);
    frame[17] = static_cast<std::uint8_t>(total);
    frame[23] = 17;
    set_flow(frame, flow);
    return frame;
}

} // namespace mcast::bench
