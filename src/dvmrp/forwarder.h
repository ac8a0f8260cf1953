// Who forwards a route's sources onto a link, and who there depends on us: section 5.3 of the
// behaviours' reference. Derived from what was said, never kept. Pure.
#pragma once

#include "interface.h"
#include "route_table.h"

#include <cstdint>
#include <optional>

namespace mcast::dvmrp {

// Reachable, and by a neighbour that is still ours: what forwarding may rely on.
bool is_usable(Route const& route, Spans const& spans);
// The same, or an aggregate of such: what may be told.
bool is_reachable(Route const& route, Spans const& spans);
// Whether another router offers the route on this link.
bool has_rival(Route const& route, IfIndex interface, Spans const& spans);

// What a report on this interface says of the route, if it is not its upstream one.
std::uint8_t plain_metric(Route const& route, Interface const& interface, Spans const& spans);

// Precondition: `interface` is not the route's upstream one.
bool we_forward(Route const& route, Interface const& interface, Spans const& spans);

bool depends(Dependent const& dependent, Spans const& spans, TimePoint now);
bool depends(Route const& route, IfIndex interface, Ipv4 neighbor, Spans const& spans,
             TimePoint now);

// Whether a router from which we have no offer forwards the route onto this link: whoever depends
// on us is farther from the source than we are, so a dependent that says that it is not means
// another one. The packets that we would send it came from itself, and would go round. Believed
// only while there may be such a router: a neighbour that is not or only just ours, or one of which
// we have not heard yet, because we have just begun. Else the value means nothing: peers need not
// be exact.
bool another_serves(Route const& route, Interface const& interface, Config const& config,
                    Spans const& spans, TimePoint now);

// Until when neighbours that said nothing of a route are taken for its dependents, where that is
// configured: two reports after both appeared.
TimePoint assumed_until(TimePoint from, Config const& config);
// DEC-21. Precondition: `interface` is not the route's upstream one.
bool is_assumed(Route const& route, Interface const& interface, Neighbor const& neighbor,
                Config const& config, TimePoint now);
// True when it is a new word.
bool deny(Route& route, Interface const& interface, Neighbor const& neighbor);

// Each true when it changed anything. Metrics as they were said.
bool offer(Route& route, IfIndex interface, Neighbor const& neighbor, std::uint8_t metric,
           Spans const& spans);
bool withdraw_offer(Route& route, IfIndex interface, Ipv4 neighbor);
bool add_dependent(Route& route, IfIndex interface, Neighbor const& neighbor, std::uint8_t metric,
                   TimePoint expires);
bool remove_dependent(Route& route, IfIndex interface, Ipv4 neighbor);

} // namespace mcast::dvmrp
