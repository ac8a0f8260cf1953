// The proxy's seat at the group manager's table (RFC 4605): a host on one upstream interface, which
// asks there for what everybody else here wants, and the owner of the downstream interfaces beside
// IGMP.
//
// What is wanted. Of a downstream interface, what IGMP's engine knows, exclude lists included; of
// other components, what the manager's alerts say, any source where no source is named. News only
// says of which group to look again; the next follow() merges and tells the host. Interest in
// everything ((*,*)) has no words in IGMP and is left out.
//
// Forwarding. The manager makes the entries; the proxy gives it
//   - the route: what no other route covers comes from upstream;
//   - a membership (*,*) upstream, so that downstream sources are sent there, wanted or not;
//   - its answers: upstream only what comes from downstream; downstream only where this router is
//     the querier, unless it is the sole forwarder (section 3 of the RFC).
// When the role of querier changes, the entries concerned ask again.
//
// Hands. Upstream is owned without IGMP: no query ever leaves there. An interface that another
// protocol owns is refused by the manager. A downstream interface that is released counts for some
// seconds more: by then its members are IGMP's own, and count as those of another component.
#pragma once

#include "demux.h"
#include "igmp_component.h"
#include "injector.h"
#include "interfaces.h"

#include "mcast/control/counters.h"
#include "mcast/igmp/host.h"
#include "mcast/mgm/group_manager.h"
#include "mcast/mgm/route_table.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

namespace mcast::control {

class ProxyComponent final : public mgm::ProtocolListener {
public:
    ProxyComponent(Config const& config, Interfaces const& interfaces, mgm::GroupManager& manager,
                   mgm::RouteTable& routes, IgmpComponent& igmp, Injector& injector,
                   Counters& counters, std::uint64_t seed);

    // Registers and takes its interfaces; nothing without [proxy].
    void start(TimePoint now);
    // Says upstream that nothing is wanted any more; stop() does when nobody did.
    void farewell();
    // Gives the interfaces back.
    void stop();

    // On a running router. The manager's refusals, and its own: an interface that [proxy] does not
    // name, and IGMP upstream.
    mgm::Result<> take(IfIndex interface, TimePoint now);
    mgm::Result<> release(IfIndex interface, TimePoint now);

    // Whether it is a host there: what arrives is for receive(), and IGMP may not come.
    bool hears(IfIndex interface) const { return host_ && interface == upstream_; }
    Fate receive(IgmpFrame const& frame, TimePoint now);
    // An exclude list has changed.
    void refiltered(igmp::Change const& change);
    // Both: at most `limit`; return how much was done. follow() brings the host up to date with
    // what is wanted, expire() runs its timers.
    std::size_t follow(TimePoint now, std::size_t limit);
    std::size_t expire(TimePoint now, std::size_t limit);
    std::optional<TimePoint> next_due() const;
    bool busy() const { return !dirty_.empty() || scan_; }
    void set_link(IfIndex interface, bool up, TimePoint now);

    IfIndex upstream() const { return upstream_; }
    // nullptr: upstream is not ours (any more).
    igmp::Host const* host() const { return host_.get(); }
    std::vector<IfIndex> const& downstream() const { return configured_; }
    bool holds(IfIndex interface) const { return downstream_.contains(interface); }
    // Whether what is wanted there is sent there: we are the querier, or the sole forwarder.
    bool forwards(IfIndex interface) const;

    void on_entry_created(FlowKey key, mgm::InterfaceRef arrival,
                          std::span<mgm::OutInterface> mine) override;
    void on_join(mgm::MembershipKey const& key, mgm::AlertCause cause) override;
    void on_prune(mgm::MembershipKey const& key, mgm::InterfaceRef interface, mgm::AlertCause cause,
                  std::chrono::seconds& entry_lifetime) override;
    void on_local_join(mgm::MembershipKey const& key, mgm::InterfaceRef interface) override;
    void on_local_leave(mgm::MembershipKey const& key, mgm::InterfaceRef interface) override;

private:
    struct Seat {
        mgm::InterfaceLease lease;
        bool forwards = false; // what the entries were told
    };
    // What other components want of a group.
    struct Others {
        bool any = false;
        std::set<Ipv4> sources;
    };
    // A page of memberships at a time, to learn what others wanted before we could hear of it.
    struct Scan {
        std::optional<mgm::MembershipPlace> after;
    };

    mgm::Result<> take_upstream(TimePoint now);
    mgm::Result<> take_downstream(IfIndex interface);
    void leave_upstream();
    void reconsider_all();
    void note(mgm::MembershipKey const& key, bool wanted);
    void scan_page();
    bool is_told_of(mgm::MembershipKey const& key) const;
    std::size_t follow_roles();
    void end_lingering(TimePoint now);
    igmp::Wish merged(Ipv4 group) const;
    void carry_out(igmp::HostOutput const& output);
    void send(igmp::ReportToSend const& report);

    Config const& config_;
    Interfaces const& interfaces_;
    mgm::GroupManager& manager_;
    mgm::RouteTable& routes_;
    IgmpComponent& igmp_;
    Injector& injector_;
    Counters& counters_;
    std::uint64_t seed_;
    IfIndex upstream_ = k_no_interface;
    std::vector<IfIndex> configured_; // downstream
    mgm::Registration registration_;
    mgm::InterfaceLease upstream_lease_; // after the registration: leases go first
    std::map<IfIndex, Seat> downstream_;
    std::map<IfIndex, TimePoint> lingering_; // released, and counted until then
    std::unique_ptr<igmp::Host> host_;
    igmp::HostOutput output_; // kept for its memory
    std::map<Ipv4, Others> others_;
    std::set<Ipv4> dirty_; // groups to look at again
    std::optional<Scan> scan_;
};

} // namespace mcast::control
