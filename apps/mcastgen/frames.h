// The frames of a scenario's flows and conversations. Any thread; no state.
#pragma once

#include "scenario.h"

#include "mcast/wire/igmp.h"

#include <cstdint>
#include <vector>

namespace mcast::gen {

// The locally administered MAC that a scenario's host uses: 02:00 and its address.
Mac mac_of(Ipv4 host);

// One stamped datagram, padded to the shortest Ethernet frame. `sent` goes into the stamp.
std::vector<std::uint8_t> flow_frame(Flow const& flow, std::uint64_t sequence, Duration sent);

wire::Igmp igmp_message(Conversation const& spoken);
std::vector<std::uint8_t> igmp_frame(Conversation const& spoken);

} // namespace mcast::gen
