// Whether a message may be heard at all on an interface: rules R4 to R14 of the receive pipeline,
// one named counter for each refusal. Pure.
#pragma once

#include "mcast/igmp/counters.h"
#include "mcast/igmp/engine.h"
#include "mcast/wire/igmp.h"

#include <expected>

namespace mcast::igmp {

using Counter = std::uint64_t Counters::*;

struct Ground {
    InterfaceConfig const& config;
    Link const& link;
    bool enabled = false;    // link up and an address
    bool own_source = false; // the source is an address of ours, on any interface
    bool host = false;       // we are a host here: a switch that asks from 0.0.0.0 gets its answer
};

// The message, or the counter that says why not.
std::expected<wire::Igmp, Counter> accept(Received const& received, Ground const& ground);

// The counter of the class `message` that an accepted one belongs to.
Counter kind_of(wire::Igmp const& message);

// Whether an address can be a single host's on this link.
bool is_host_address(Ipv4 address, Ipv4Prefix const& link);

} // namespace mcast::igmp
