// One registered protocol as the manager hears and asks it: hands on to its C callbacks.
#pragma once

#include "mcast/mgm/component.h"
#include "mcast/mgm/mgm_c.h"

#include <chrono>
#include <cstdint>
#include <span>

namespace mcast::mgm::c {

class Door;

class Listener final : public IgmpListener {
public:
    Listener(Door& door, HANDLE self, ROUTING_PROTOCOL_CONFIG const& callbacks)
        : door_(door), self_(self), callbacks_(callbacks) {}

    bool wants_wrong_interface() const { return callbacks_.pfnWrongIfCallback != nullptr; }

    void on_rpf(RpfQuery const& query, RpfDecision& decision) override;
    void on_entry_created(FlowKey key, InterfaceRef arrival, std::span<OutInterface> mine) override;
    void on_join(MembershipKey const& key, AlertCause cause) override;
    void on_prune(MembershipKey const& key, InterfaceRef interface, AlertCause cause,
                  std::chrono::seconds& entry_lifetime) override;
    void on_local_join(MembershipKey const& key, InterfaceRef interface) override;
    void on_local_leave(MembershipKey const& key, InterfaceRef interface) override;
    void on_interface_ready(InterfaceRef interface) override;
    void on_wrong_interface(FlowKey key, InterfaceRef arrived_on,
                            std::span<std::uint8_t const> packet) override;
    void on_igmp_gate_closed(InterfaceRef interface) override;
    void on_igmp_gate_opened(InterfaceRef interface, Epoch epoch) override;

private:
    Door& door_;
    HANDLE self_;
    ROUTING_PROTOCOL_CONFIG callbacks_;
};

} // namespace mcast::mgm::c
