// The groups of which this router is a member itself, as a host is: permanent groups ([[group]]
// with `join`) that are asked for on their link, so that switches and other routers there send
// them. Forwarding is the static component's; here are only the reports.
//
// A host lives while the static protocol holds the interface. It hears what arrives on the link,
// and what our own querier asks there: other routers of the link live by the answers. Its reports
// are not heard by our own querier, which has the permanent group anyway. Control thread only.
#pragma once

#include "demux.h"
#include "igmp_component.h"
#include "injector.h"
#include "interfaces.h"
#include "static_component.h"

#include "mcast/base/if_set.h"
#include "mcast/control/counters.h"
#include "mcast/igmp/host.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>

namespace mcast::control {

class Joins {
public:
    Joins(Config const& config, Interfaces const& interfaces, StaticComponent const& owner,
          IgmpComponent& igmp, Injector& injector, Counters& counters, std::uint64_t seed);

    void start(TimePoint now);
    // Leaves all groups.
    void farewell();

    bool hears(IfIndex interface) const { return hosts_.contains(interface); }
    void receive(IfIndex interface, IgmpFrame const& frame, TimePoint now);
    // Both return how much was done. follow() begins and ends with the static protocol, and hears
    // what we asked ourselves; expire() runs timers, at most `limit`.
    std::size_t follow(TimePoint now);
    std::size_t expire(TimePoint now, std::size_t limit);
    std::optional<TimePoint> next_due() const;
    void set_link(IfIndex interface, bool up, TimePoint now);

    // nullptr: nothing is joined there.
    igmp::Host const* host(IfIndex interface) const;

private:
    std::map<Ipv4, igmp::Wish> wishes(IfIndex interface) const;
    void begin(IfIndex interface, TimePoint now);
    void carry_out(IfIndex interface);

    Config const& config_;
    Interfaces const& interfaces_;
    StaticComponent const& owner_;
    IgmpComponent& igmp_;
    Injector& injector_;
    Counters& counters_;
    std::uint64_t seed_;
    IfSet configured_;
    std::map<IfIndex, std::unique_ptr<igmp::Host>> hosts_;
    igmp::HostOutput output_; // kept for its memory
};

} // namespace mcast::control
