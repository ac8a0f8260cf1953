// What a received frame is and what the rules say of it: header bytes to verdict. Pure; any thread.
//
// Rules F1..F8 of the edge rules for IPv4 multicast, in their order; each frame that is refused has
// exactly one reason. TTL (F10) is judged after the lookup, in forward.h, so that an entry can
// count and explain it.
//
//   frame     Ethernet, one 802.1Q tag at most (two: not IPv4), known and live interface
//   ARP       to control when the frame is for us
//   F1        IPv4 header whole and true; what lies behind its total length is padding
//   F2        IGMP goes to control and never further; type 0x13 is DVMRP's, and dropped where DVMRP
//             does not run, and 0x11, a query, has a queue of its own
//   F3, F4    224.0.0.0/24 stays on its link; unicast to our addresses goes to control
//   F5..F7    martian and own sources, foreign unicast MAC, source routes
//   F8        scope boundary on the arrival interface
//
// A packet inside another, for the end of a tunnel, is judged twice: first what carries it, then,
// when the worker has taken it out, itself, as come in by the tunnel. Nothing comes out of it
// again.
#pragma once

#include "mcast/base/flow.h"
#include "mcast/base/ids.h"
#include "mcast/handoff/counters.h"
#include "mcast/handoff/interface_table.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace mcast::dataplane {

// As much of a frame's beginning as classify() looks at: Ethernet, tag, longest IPv4 header, and
// the type of an IGMP message.
inline constexpr std::size_t k_head_bytes = 14 + 4 + 60 + 1;

struct FrameView {
    std::span<std::uint8_t const> head; // the frame, or its first k_head_bytes at least
    std::size_t length = 0;             // of the whole frame
};

enum class Action : std::uint8_t {
    forward,
    punt,
    drop,
    decapsulate, // `arrival` is the tunnel; lengths and key are the outer packet's
};

struct Verdict {
    Action action = Action::drop;
    handoff::Drop drop = handoff::Drop::none;
    handoff::PuntClass punt = handoff::PuntClass::host;
    bool dont_fragment = false;
    IfIndex arrival = k_no_interface; // counted on the port when there is none
    FlowKey key{};
    std::uint16_t total_length = 0; // IPv4; 0 when the frame is not IPv4
    std::uint8_t link_length = 0;   // Ethernet header and tag
    std::uint8_t header_length = 0; // IPv4 header with options
    std::uint8_t ttl = 0;
};

Verdict classify(FrameView frame, PortId port, handoff::InterfaceTable const& table);
// The same in place: `verdict` is a new one.
void classify(FrameView frame, PortId port, handoff::InterfaceTable const& table, Verdict& verdict);

// For a frame without tag whose arrival interface is known already.
Verdict classify_on(FrameView frame, IfIndex arrival, handoff::InterfaceTable const& table);

} // namespace mcast::dataplane
