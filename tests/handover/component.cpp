#include "component.h"

#include "mcast/platform/clock.h"

namespace mcast::handover {

RoutingComponent::RoutingComponent(mgm::GroupManager& manager)
    : registration_(manager.register_component({mgm::k_dvmrp_protocol, 0}, *this).value()),
      back_(registration_.take({k_back, {}}).value()) {}

void RoutingComponent::on_rpf(mgm::RpfQuery const& query, mgm::RpfDecision& decision) {
    if (Streams::kind(Streams::flow(query.key.group)) == Kind::moved) {
        decision.interface = {k_back, {}};
    }
}

void RoutingComponent::on_entry_created(FlowKey key, mgm::InterfaceRef /*arrival*/,
                                        std::span<mgm::OutInterface> mine) {
    for (mgm::OutInterface& out : mine) {
        out.forward =
            out.ref.index != k_east || Streams::kind(Streams::flow(key.group)) != Kind::vetoed;
    }
}

void RoutingComponent::on_interface_ready(mgm::InterfaceRef interface) {
    if (interface.index.index() < k_interfaces) {
        ready_[interface.index.index()] = platform::now();
    }
}

} // namespace mcast::handover
