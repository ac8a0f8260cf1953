// The routing protocol "static": configured routes and permanent groups, on the interfaces that
// list it. Its answers to the manager's questions are the defaults: the route is right, and what it
// asked for is forwarded, but for a source that a permanent group excludes; refused flows live as
// long as configured. Also fills the route table: connected networks belong to no protocol.
#pragma once

#include "interfaces.h"

#include "mcast/control/counters.h"
#include "mcast/mgm/group_manager.h"
#include "mcast/mgm/route_table.h"

#include <map>
#include <set>
#include <utility>

namespace mcast::control {

// Connected networks and configured routes.
void fill_routes(Config const& config, Interfaces const& interfaces, mgm::RouteTable& routes);

class StaticComponent final : public mgm::ProtocolListener {
public:
    StaticComponent(Config const& config, Interfaces const& interfaces, mgm::GroupManager& manager,
                    Counters& counters)
        : config_(config), interfaces_(interfaces), manager_(manager), counters_(counters) {}

    void start();
    void stop();

    // On a running router: takes the interface and adds the groups that are configured there, or
    // leaves it. The manager's refusals.
    mgm::Result<> take(IfIndex interface);
    mgm::Result<> release(IfIndex interface);
    bool holds(IfIndex interface) const { return leases_.contains(interface); }

    void on_entry_created(FlowKey key, mgm::InterfaceRef arrival,
                          std::span<mgm::OutInterface> mine) override;
    // Nobody upstream remembers a prune here, so a refused flow may ask again soon.
    void on_prune(mgm::MembershipKey const& key, mgm::InterfaceRef interface, mgm::AlertCause cause,
                  std::chrono::seconds& entry_lifetime) override;

private:
    void add(GroupConfig const& group);
    void add(GroupConfig const& config, mgm::InterfaceLease& lease, Ipv4 group);

    Config const& config_;
    Interfaces const& interfaces_;
    mgm::GroupManager& manager_;
    Counters& counters_;
    mgm::Registration registration_;
    std::set<std::pair<IfIndex, FlowKey>> excluded_;
    std::map<IfIndex, mgm::InterfaceLease> leases_; // after the registration: leases go first
};

} // namespace mcast::control
