// Whether a message may be heard at all on an interface: rules V3 to V10 of the receive pipeline,
// one named counter for each refusal. What depends on the state of a neighbour comes behind. Pure.
#pragma once

#include "mcast/dvmrp/config.h"
#include "mcast/dvmrp/counters.h"
#include "mcast/dvmrp/engine.h"
#include "mcast/wire/dvmrp.h"

#include <expected>

namespace mcast::dvmrp {

using Counter = std::uint64_t Counters::*;

struct Ground {
    InterfaceConfig const& config;
    Link const& link;
    bool enabled = false;
    bool own_source = false; // the source is an address of ours, on any interface
};

// The message, or the counter that says why not.
std::expected<wire::dvmrp::Message, Counter> accept(Received const& received, Ground const& ground);

bool is_on_link(Ipv4 address, Link const& link);
// Neither end of a subnet, nor anything else that no host has.
bool is_host_address(Ipv4 address, Link const& link);
// As a neighbour.
bool is_permitted(Ipv4 address, InterfaceConfig const& config);

} // namespace mcast::dvmrp
