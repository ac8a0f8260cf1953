// A punted frame to the value that it carries, or to the one counter under which it is refused. It
// does not trust the queue on which the frame came: a worker sorts frames, it does not judge them.
// Values; views of the frame they were decoded from.
#pragma once

#include "interfaces.h"

#include "mcast/base/flow.h"
#include "mcast/control/counters.h"
#include "mcast/wire/datagram.h"

#include <expected>
#include <optional>
#include <variant>

namespace mcast::control {

// For the querier: header good, not a fragment, TTL 1, not DVMRP. The rest it judges itself.
struct IgmpFrame {
    Mac source_mac{};
    wire::Ipv4Header ip{};
    wire::Bytes payload{};
};

// For DVMRP: header good, not a fragment, type 0x13 or one of multicast traceroute. The rest it
// judges itself.
struct DvmrpFrame {
    Mac source_mac{};
    wire::Ipv4Header ip{};
    wire::Bytes payload{};
};

struct ArpFrame {
    wire::ArpPacket packet{};
};

// An echo request for one of our addresses.
struct EchoFrame {
    Mac source_mac{};
    wire::Ipv4Header ip{};
    wire::IcmpEcho echo{};
};

using HostFrame = std::variant<IgmpFrame, DvmrpFrame, ArpFrame, EchoFrame>;

// `interfaces` knows our addresses; `runs`: what does on the arrival interface.
struct Runs {
    bool igmp = false;
    bool dvmrp = false;
};
std::expected<HostFrame, Fate> demux(wire::Bytes frame, Interfaces const& interfaces, Runs runs);

// An unknown flow that a worker parked.
struct ParkedFrame {
    FlowKey flow{};
    wire::Bytes packet{}; // from the IPv4 header to its total length
};
std::expected<ParkedFrame, Fate> demux_miss(wire::Bytes frame);
// The same of a frame's head: what follows the IPv4 header may be cut short.
std::optional<ParkedFrame> demux_head(wire::Bytes head);

} // namespace mcast::control
