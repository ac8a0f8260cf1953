// What entries must know of interfaces and groups: thresholds, scope boundaries, SSM ranges.
#pragma once

#include "mcast/base/ids.h"
#include "mcast/base/if_set.h"
#include "mcast/mgm/views.h"

#include <cstdint>
#include <map>
#include <vector>

namespace mcast::mgm {

class Facts {
public:
    // False when nothing changed.
    bool set(IfIndex index, InterfaceFacts facts);
    void forget(IfIndex index);
    IfSet const& known() const { return known_; }

    std::uint8_t threshold(IfIndex index) const;
    std::uint8_t highest_threshold(IfSet const& outputs) const;
    // Interfaces with a boundary that covers the group. RFC 2365 section 6.1: a boundary for any
    // scope is a boundary for the local scope, 239.255.0.0/16, too.
    IfSet blocked(Ipv4 group) const;

    void set_ssm_ranges(std::vector<Ipv4Prefix> ranges) { ssm_ranges_ = std::move(ranges); }
    bool is_ssm(Ipv4 group) const;

private:
    std::map<IfIndex, InterfaceFacts> facts_; // those that differ from the defaults
    IfSet known_;
    std::vector<Ipv4Prefix> ssm_ranges_{{Ipv4::of(232, 0, 0, 0), 8}};
};

} // namespace mcast::mgm
