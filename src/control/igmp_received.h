// A punted IGMP message as the protocol's machines take it. A view of the frame.
#pragma once

#include "demux.h"

#include "mcast/igmp/engine.h"

namespace mcast::control {

inline igmp::Received received(IfIndex interface, IgmpFrame const& frame) {
    return {.interface = interface,
            .source = frame.ip.source,
            .destination = frame.ip.destination,
            .ttl = frame.ip.ttl,
            .router_alert = wire::has_router_alert(frame.ip.options),
            .source_mac = frame.source_mac,
            .payload = frame.payload};
}

} // namespace mcast::control
