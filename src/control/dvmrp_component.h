// DVMRP's seat at the group manager's table, of one domain: a set of interfaces with one engine,
// one table of routes and one component of the manager ("dvmrp/0"). Domains know nothing of each
// other but what the manager tells (RFC 2715).
//
// What goes to and fro:
//   - the engine's routes become routes of the manager, and on_rpf is answered by the engine, which
//     knows first;
//   - (*,*) on each interface that is ready, since a protocol that floods is asked about each flow;
//     the answer is the engine's: routers below that depend on us and have not pruned, and members
//     where we are the designated forwarder. Which members want which source is IGMP's to say, so
//     exclude lists and single sources hold here, too;
//   - what changes afterwards is switched in the entry of that flow alone;
//   - members, by group, and what other components forward, by flow, keep the engine from pruning;
//   - single sources of groups that are not flooded (ssm-flood): where anybody wants one, so that
//   the
//     engine can ask for it before any packet comes;
//   - a sweep goes through the flows, about once a second: packets of a flow that nobody wants are
//     told to the engine, which prunes again, and flows that ended are closed.
//
// A flow that nobody wants is remembered for as long as our prune may last, though its entry goes
// sooner: who joins meanwhile, of whatever component, must cause a graft.
//
// An interface that is released stays in the engine, silent, until all flows were looked at: what
// its members want counts as another component's by then, and no prune goes up in between.
//
// Control thread only.
#pragma once

#include "demux.h"
#include "dvmrp_sender.h"
#include "igmp_component.h"
#include "interfaces.h"

#include "mcast/base/if_set.h"
#include "mcast/control/counters.h"
#include "mcast/dvmrp/engine.h"
#include "mcast/mgm/group_manager.h"
#include "mcast/mgm/route_table.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace mcast::control {

// What a domain works with.
struct DvmrpSurroundings {
    Config const& config;
    Interfaces const& interfaces;
    mgm::GroupManager& manager;
    mgm::RouteTable& routes;
    IgmpComponent const& igmp;
    Adjacency& adjacency;
    Injector& injector;
    Counters& counters;
    handoff::Shared const& shared;
    Duration wall{}; // wall clock less the time of turns
};

class DvmrpComponent final : public mgm::ProtocolListener {
public:
    // Precondition: the configuration has [dvmrp].
    DvmrpComponent(std::uint32_t domain, DvmrpSurroundings with, dvmrp::Seeds seeds);

    // Registers and takes its interfaces.
    void start(TimePoint now);
    // Says to all neighbours that every route is gone; nothing but stop() may follow.
    void farewell();
    // Gives the interfaces and routes back.
    void stop();

    // On a running router; the manager's refusals.
    mgm::Result<> take(IfIndex interface, TimePoint now);
    mgm::Result<> release(IfIndex interface, TimePoint now);

    std::uint32_t domain() const { return domain_; }
    bool holds(IfIndex interface) const { return seats_.contains(interface); }
    IfSet held() const;

    // Questions have no time of their own: it is that of the turn.
    void begin_turn(TimePoint now) { now_ = now; }
    // Precondition: holds(interface).
    void receive(IfIndex interface, DvmrpFrame const& frame, TimePoint now);
    // By command; see dvmrp::Engine. Precondition: holds(interface).
    std::size_t forget(IfIndex interface, dvmrp::Learned what, TimePoint now);
    void clear_counters(IfIndex interface) { engine_.clear_counters(interface); }
    // Who wants what there has changed for IGMP, without news of the manager.
    void refiltered(igmp::Change const& change);
    // Both: at most about `limit`; return how much was done. follow() brings the manager and the
    // engine up to date with each other, expire() runs the engine's timers.
    std::size_t follow(TimePoint now, std::size_t limit);
    std::size_t expire(TimePoint now, std::size_t limit);
    std::optional<TimePoint> next_due() const;
    bool busy() const;
    void set_link(IfIndex interface, bool up, TimePoint now);

    dvmrp::Engine const& engine() const { return engine_; }
    // Whether hosts of the link want the flow.
    bool wanted_by_members(IfIndex interface, FlowKey flow) const;

    void on_rpf(mgm::RpfQuery const& query, mgm::RpfDecision& decision) override;
    void on_entry_created(FlowKey key, mgm::InterfaceRef arrival,
                          std::span<mgm::OutInterface> mine) override;
    void on_interface_ready(mgm::InterfaceRef interface) override;
    void on_join(mgm::MembershipKey const& key, mgm::AlertCause cause) override;
    void on_prune(mgm::MembershipKey const& key, mgm::InterfaceRef interface, mgm::AlertCause cause,
                  std::chrono::seconds& entry_lifetime) override;
    void on_local_join(mgm::MembershipKey const& key, mgm::InterfaceRef interface) override;
    void on_local_leave(mgm::MembershipKey const& key, mgm::InterfaceRef interface) override;

private:
    struct Seat {
        mgm::InterfaceLease lease;
        std::map<Ipv4, std::set<mgm::MembershipKey>> members{}; // by group, as IGMP told
    };
    struct Flow {
        bool open = false;             // in the engine
        std::uint64_t packets = 0;     // that its entry refused, when last looked at
        std::optional<TimePoint> gone; // since then without an entry
    };
    using Flows = std::map<FlowKey, Flow>;

    void carry_out(dvmrp::Output& output);
    void fill_counts(dvmrp::TraceToSend& message) const;

    // dvmrp_flows.cpp
    void touch(FlowKey key, std::optional<IfIndex> came_in);
    bool wanted_somewhere(FlowKey key) const;
    bool forwards(FlowKey key, IfIndex interface,
                  std::optional<dvmrp::Outputs> const& outputs) const;
    void look_at(mgm::MembershipKey const& key);
    void follow_flow(FlowKey key);
    bool wanted_by_others(mgm::ForwardingEntry const& entry,
                          std::optional<dvmrp::Outputs> const& outputs) const;
    void switch_outputs(mgm::ForwardingEntry const& entry,
                        std::optional<dvmrp::Outputs> const& outputs);
    void note_data(FlowKey key, Flow& flow);
    void note_gone(FlowKey key, Flow& flow);
    void close(Flows::iterator at);
    void forget_old();
    std::size_t sweep(std::size_t limit);
    std::size_t live() const { return flows_.size() - gone_.size(); }

    // dvmrp_channels.cpp
    void note_channel(mgm::MembershipKey const& key);
    void follow_channel(FlowKey key);

    // dvmrp_routes.cpp
    std::size_t tell_routes(std::size_t limit);
    void tell_route(Ipv4Prefix prefix);
    void tell_external(IfIndex i);
    void tell_external();
    void withdraw_routes();
    std::size_t end_leaving();

    std::uint32_t const domain_;
    Config const& config_;
    Interfaces const& interfaces_;
    mgm::GroupManager& manager_;
    mgm::RouteTable& routes_;
    IgmpComponent const& igmp_;
    Counters& counters_;
    handoff::Shared const& shared_;
    Duration const wall_;
    DvmrpSender sender_;
    dvmrp::Engine engine_;
    TimePoint now_{};
    dvmrp::Output output_; // kept for its memory
    dvmrp::Output raised_; // by questions: carried out when the manager may be called again
    mgm::Registration registration_;
    std::map<IfIndex, Seat> seats_; // after the registration: leases go first
    IfSet leaving_;                 // released, and still in the engine

    std::map<Ipv4Prefix, mgm::Route> told_routes_;
    std::set<Ipv4Prefix> changed_routes_;
    Flows flows_;
    std::set<std::pair<TimePoint, FlowKey>> gone_;
    std::set<FlowKey> dirty_;
    std::set<FlowKey> channels_;       // that somebody wants, as the engine was told
    std::set<FlowKey> dirty_channels_; // to be told
    // The sweep: where it is, and when the next begins.
    bool sweeping_ = false;
    bool sweep_all_ = false; // it also lets every flow follow
    std::optional<FlowKey> swept_;
    TimePoint sweep_due_{};
};

} // namespace mcast::control
