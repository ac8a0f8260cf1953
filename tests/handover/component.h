// A routing component as the group manager sees it: it takes and releases interfaces beside IGMP,
// refuses some streams and expects others elsewhere. Control thread.
#pragma once

#include "streams.h"

#include "mcast/base/time.h"
#include "mcast/mgm/group_manager.h"

#include <array>
#include <optional>

namespace mcast::handover {

class RoutingComponent final : public mgm::ProtocolListener {
public:
    explicit RoutingComponent(mgm::GroupManager& manager);

    mgm::Registration& registration() { return registration_; }
    // When the interface that was taken became ours; cleared by forget().
    std::optional<TimePoint> ready(IfIndex interface) const { return ready_[interface.index()]; }
    void forget(IfIndex interface) { ready_[interface.index()].reset(); }

    void on_rpf(mgm::RpfQuery const& query, mgm::RpfDecision& decision) override;
    void on_entry_created(FlowKey key, mgm::InterfaceRef arrival,
                          std::span<mgm::OutInterface> mine) override;
    void on_interface_ready(mgm::InterfaceRef interface) override;

private:
    mgm::Registration registration_;
    mgm::InterfaceLease back_;
    std::array<std::optional<TimePoint>, k_interfaces> ready_{};
};

} // namespace mcast::handover
