// DVMRP version 3 as a machine: values in, values out. draft-ietf-idmr-dvmrp-v3-11.
//
// The engine answers two questions. Where do packets of a source come in: rpf(). Which interfaces
// want a flow: outputs(). Objects: an Engine owns interfaces, with the neighbours that are heard on
// them; one table of routes toward sources, where each route has its upstream neighbour and, for
// every interface, who else offers it and who depends on us for it; and trees, one for each source
// network and group of which flows are open, with the prunes that dependents sent and our own prune
// or graft toward the upstream neighbour. All due times stand in one timer wheel of the engine.
//
// The tree is derived, never kept: after every event that touches it the engine works out anew who
// wants each flow, and what follows for the upstream neighbour (nobody: prune; somebody again:
// graft). So there is one place where a flow is cut, and one where it is taken up again.
//
// Life cycle: add_interface() probes at once when the link is up and has an address; receive()
// takes one message; expire() runs what is due; each fills an Output that the caller carries out
// afterwards. In one turn all waiting messages come before expire(). Work that grows with the
// number of routes (a neighbour is lost, a table is sent) is cut into pieces, which count
// in expire() with what they cost: a flap of all routes makes many turns, never a long one. What is
// not yet worked off is nevertheless not believed: routes of a lost neighbour end with it at once.
//
// How a seat at the group manager uses it: route() and RouteChanged keep the manager's route table;
// on_rpf is rpf(); on_entry_created is open_flow(), which says who wants the flow and may prune; a
// FlowChanged is answered by outputs(); on_local_join and on_local_leave are set_member();
// alerts about what other components want are set_wanted_elsewhere(); packets that still come for
// an entry without outputs are data().
//
// Not here: clock, sockets, the group manager, whose memberships those are, the TTL of data, the
// metric of unicast routes. Refused by not existing: versions 1 and 2.
//
// One thread.
#pragma once

#include "mcast/base/flow.h"
#include "mcast/base/ids.h"
#include "mcast/base/if_set.h"
#include "mcast/base/ipv4.h"
#include "mcast/base/time.h"
#include "mcast/dvmrp/config.h"
#include "mcast/dvmrp/counters.h"
#include "mcast/dvmrp/output.h"
#include "mcast/dvmrp/view.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace mcast::dvmrp {

// One DVMRP message as it arrived. IPv4 header, total length and fragments have been judged before
// (rules V1 and V2); everything else is judged here.
struct Received {
    IfIndex interface{};
    Ipv4 source{};
    Ipv4 destination{};
    std::uint8_t ttl = 0;
    std::span<std::uint8_t const> payload{}; // exactly the IP payload
};

// What the engine needs to know of an interface besides its configuration.
struct Link {
    Ipv4Prefix address{};                    // 0.0.0.0: none
    std::vector<Ipv4Prefix> other_subnets{}; // secondary ones: neighbours may speak from them
    // The other end of a tunnel, and the only neighbour that may be there; 0.0.0.0: no tunnel. Its
    // subnet is nobody's source, so no route of ours; and it is a point-to-point link.
    Ipv4 remote{};
    bool up = true;
    // Groups that may not cross this interface (RFC 2365).
    std::vector<Ipv4Prefix> boundaries{};
};

// What must differ from one run to the next.
struct Seeds {
    std::uint64_t random = 0;     // of lifetimes and delays
    std::uint32_t generation = 1; // wall clock in seconds at the start: the first generation ID
};

// A route to sources that others know: a subnet that does not run DVMRP, or a static route. Ours to
// tell of, if the configuration says so (DEC-16).
struct ExternalRoute {
    Redistribution::From from{};
    Ipv4Prefix prefix{}; // no host bits
    IfIndex interface{}; // where its packets come in; one of ours or not
    Ipv4 neighbor{};     // 0.0.0.0: on that link

    bool operator==(ExternalRoute const&) const = default;
};

struct Rpf {
    IfIndex interface{};
    Ipv4 neighbor{}; // upstream; 0.0.0.0: the source is on the link
    Ipv4Prefix prefix{};
    std::uint8_t metric = 0;
    // Not learned by DVMRP, but told to us by set_external().
    bool external = false;

    bool operator==(Rpf const&) const = default;
};

// Of one flow. `wanted` is what to forward to, and `dependents` the part of it where routers below
// want the flow, members or not; `members_served` are the interfaces where members get the flow
// from us (we are the designated forwarder there, and no boundary is in the way): elsewhere another
// router serves them, and ours must not.
struct Outputs {
    std::optional<IfIndex> arrival{};
    IfSet wanted{};
    IfSet dependents{};
    IfSet members_served{};

    bool operator==(Outputs const&) const = default;
};

// What forget() is about.
enum class Learned : std::uint8_t {
    neighbors, // who they are, and with it all they said
    routes,    // what they said of routes, and prunes too, since they repeat both together
    prunes,    // theirs, and ours toward them
};

class Core;

class Engine {
public:
    // Precondition: check(config) finds nothing.
    Engine(Config const& config, Seeds seeds);
    ~Engine();
    Engine(Engine const&) = delete;
    Engine& operator=(Engine const&) = delete;

    // False, and nothing done, when the interface is known already or check(config) has a fault.
    bool add_interface(IfIndex interface, InterfaceConfig const& config, Link const& link,
                       TimePoint now, Output& out);
    // The others do nothing for an interface that is not known.
    void remove_interface(IfIndex interface, TimePoint now, Output& out);
    void set_link(IfIndex interface, bool up, TimePoint now, Output& out);

    // What changed of an interface. A new address is a new beginning: all neighbours are lost, and
    // a new generation of ours begins. Boundaries and secondary subnets change in place.
    void change_link(IfIndex interface, Link const& link, TimePoint now, Output& out);

    // A new configuration in place: neighbours stay if the new one permits them, and hear what is
    // said otherwise now. What neighbours said before and new limits or metrics judge otherwise,
    // follows with their next reports. False, and nothing done, when it is not known or check() has
    // a fault.
    bool reconfigure(IfIndex interface, InterfaceConfig const& config, TimePoint now, Output& out);
    bool reconfigure(Config const& config, TimePoint now, Output& out);

    // All external routes are told, whether configuration redistributes them or not; so a new
    // configuration finds them. One for each prefix; the last counts. An own subnet goes before.
    void set_external(ExternalRoute const& route, TimePoint now, Output& out);
    void remove_external(Ipv4Prefix prefix, TimePoint now, Output& out);

    // Forgets what was learned from neighbours of the interface. A new generation of ours begins
    // there, so that they say it again: routes that come back unchanged leave hold-down at once.
    // Returns how many neighbours that concerned.
    std::size_t forget(IfIndex interface, Learned what, TimePoint now, Output& out);
    void clear_counters(IfIndex interface);

    // Whether we are the querier of IGMP there: answers about neighbours tell of it, no more.
    void set_querier(IfIndex interface, bool querier);

    void receive(Received const& message, TimePoint now, Output& out);
    // The same of multicast traceroute (IGMP types 0x1F and 0x1E). `arrival`: the middle 32 bits of
    // an NTP time stamp.
    void trace(Received const& message, std::uint32_t arrival, TimePoint now, Output& out);

    // Runs what is due at `now` until about `limit` timers have run and routes, flows and trees
    // have been looked at; returns how many.
    std::size_t expire(TimePoint now, std::size_t limit, Output& out);
    std::optional<TimePoint> next_due() const;

    // Tells all neighbours that every route is gone (section 3.4.9), about `limit` messages a call;
    // true when all is said. Nothing else is to be called afterwards.
    bool farewell(std::size_t limit, Output& out);

    // Where packets of the source come in: the longest prefix that can be reached.
    std::optional<Rpf> rpf(Ipv4 source) const;
    // The same of one prefix exactly.
    std::optional<Rpf> route(Ipv4Prefix prefix) const;

    // An entry for the flow was made, for a packet that came in at `came_in` (absent: where it is
    // expected). Sends a prune when nobody wants it, nor anybody `elsewhere` (as
    // set_wanted_elsewhere() would say); but not for a packet that came in anywhere else, which is
    // to be discarded (section 3.3.2): data() prunes, when one comes in as it should. nullopt: no
    // route to the source, or a group that is never forwarded, or no room for a further flow (an
    // event says so); the flow is not open then.
    std::optional<Outputs> open_flow(FlowKey flow, TimePoint now, Output& out,
                                     bool elsewhere = false, std::optional<IfIndex> came_in = {});
    // The entry is gone. Prunes of the tree stay as long as they last.
    void close_flow(FlowKey flow);
    // Of an open flow; nullopt: it is not open, or its route is gone.
    std::optional<Outputs> outputs(FlowKey flow, TimePoint now) const;
    // A packet of an open flow came in where it is expected, and nobody wanted it: the prune is
    // sent, or sent again.
    void data(FlowKey flow, TimePoint now, Output& out);
    // Another component forwards the flow further, or no longer: it is then not pruned.
    void set_wanted_elsewhere(FlowKey flow, bool wanted, TimePoint now, Output& out);
    // Hosts of the link want the group, or none does any more.
    void set_member(IfIndex interface, Ipv4 group, bool member, TimePoint now, Output& out);
    // Where hosts want this source of a group that is not flooded (Config::explicit_groups), on any
    // interface, ours or not; all of them, each time. Sends a graft when it was nowhere, a prune
    // when it is nowhere any more. Nothing for other groups.
    void set_channel_members(FlowKey flow, IfSet const& interfaces, TimePoint now, Output& out);

    bool knows(IfIndex interface) const;
    // nullptr when the interface is not known. Since it was added, or they were cleared.
    Counters const* counters(IfIndex interface) const;
    std::vector<NeighborView> neighbors(IfIndex interface) const;
    std::optional<RouteView> view(Ipv4Prefix prefix) const;
    // In the order in which they are reported: by mask, then by network. A walk that bears changes.
    std::optional<Ipv4Prefix> next_route(std::optional<Ipv4Prefix> after) const;
    // Prunes in force and pending grafts behind `after`: `limit` rows at most, and of a bounded
    // number of trees, so that a page may have few rows or none and yet not be the last.
    PrunePage prunes(std::optional<PrunePlace> const& after, std::size_t limit,
                     TimePoint now) const;
    GraftPage grafts(std::optional<GraftPlace> const& after, std::size_t limit) const;
    std::size_t route_count() const;
    std::size_t flow_count() const;
    std::size_t prune_count() const; // received ones in force
    // Flows of groups that are not flooded, of which anybody has said something.
    std::size_t channel_count() const;
    std::optional<ChannelView> channel(FlowKey flow) const;
    // In the order of sources. A walk that bears changes.
    std::optional<FlowKey> next_channel(std::optional<FlowKey> after) const;
    // Messages for interfaces that do not run DVMRP.
    std::uint64_t not_enabled() const;

private:
    std::unique_ptr<Core> core_;
};

} // namespace mcast::dvmrp
