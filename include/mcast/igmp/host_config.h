// Configuration of the host side of IGMP on one interface: what a proxy is upstream. Plain values;
// filled by config/. Defaults: RFC 9776 section 8, RFC 2236 section 8.
#pragma once

#include "mcast/base/ipv4.h"
#include "mcast/base/time.h"

#include <cstdint>
#include <vector>

namespace mcast::igmp {

struct HostConfig {
    std::uint8_t version = 3;    // 1, 2 or 3: the highest that we speak
    std::uint8_t robustness = 2; // 1..7: how often a change is reported
    // The longest wait before a change is reported again: 0.1 s..25.5 s. Version 3; versions 1 and
    // 2 wait up to 10 s.
    Duration unsolicited_report_interval = std::chrono::seconds{1};
    // False where only source-specific groups are wanted: older queriers do not change our version.
    bool compatibility = true;
    bool require_router_alert = false; // of queries (RFC 9776 section 9.1)
    bool strict_destination = false;   // general queries must be sent to 224.0.0.1

    bool operator==(HostConfig const&) const = default;
};

} // namespace mcast::igmp
