#include "mcast/mgm/component.h"

#include <fmt/format.h>

namespace mcast::mgm {

void ProtocolListener::on_rpf(RpfQuery const&, RpfDecision&) {}
void ProtocolListener::on_entry_created(FlowKey, InterfaceRef, std::span<OutInterface>) {}
void ProtocolListener::on_join(MembershipKey const&, AlertCause) {}
void ProtocolListener::on_prune(MembershipKey const&, InterfaceRef, AlertCause,
                                std::chrono::seconds&) {}
void ProtocolListener::on_local_join(MembershipKey const&, InterfaceRef) {}
void ProtocolListener::on_local_leave(MembershipKey const&, InterfaceRef) {}
void ProtocolListener::on_interface_ready(InterfaceRef) {}
void ProtocolListener::on_wrong_interface(FlowKey, InterfaceRef, std::span<std::uint8_t const>) {}

std::string to_string(ComponentId component) {
    struct Name {
        ProtocolId protocol;
        std::string_view name;
    };
    static constexpr Name k_names[] = {{k_igmp_protocol, "igmp"},
                                       {k_static_protocol, "static"},
                                       {k_connected_protocol, "connected"},
                                       {k_dvmrp_protocol, "dvmrp"},
                                       {k_proxy_protocol, "proxy"}};
    for (Name const& each : k_names) {
        if (each.protocol == component.protocol) {
            return fmt::format("{}/{}", each.name, component.instance);
        }
    }
    return fmt::format("0x{:08x}/{}", component.protocol.value, component.instance);
}

std::string to_string(MembershipKey const& key) {
    auto const part = [](std::optional<Ipv4> address) {
        return address ? mcast::to_string(*address) : std::string{"*"};
    };
    return fmt::format("({}, {})", part(key.source), part(key.group));
}

std::string_view name_of(MgmError code) {
    switch (code) {
    case MgmError::already_exists:
        return "already_exists";
    case MgmError::cannot_complete:
        return "cannot_complete";
    case MgmError::invalid_parameter:
        return "invalid_parameter";
    case MgmError::not_found:
        return "not_found";
    case MgmError::no_memory:
        return "no_memory";
    }
    return "unknown";
}

} // namespace mcast::mgm
