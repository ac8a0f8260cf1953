// "Has IGMP been told?": how often the group manager delivered each kind of alert, and to whom.
#include "show.h"

#include <string_view>

namespace mcast::control {

using api::Json;
using mgm::AlertKind;

namespace {

std::string_view meaning_of(AlertKind kind) {
    switch (kind) {
    case AlertKind::join_by_membership:
        return "somebody else wants a group now";
    case AlertKind::join_by_entry:
        return "a stream received here has its first output elsewhere";
    case AlertKind::prune_by_membership:
        return "nobody else wants a group any more";
    case AlertKind::prune_by_entry:
        return "a stream received here has no output elsewhere any more";
    case AlertKind::local_join:
        return "IGMP has a member on an interface of this owner";
    case AlertKind::local_leave:
        return "IGMP has lost a member on an interface of this owner";
    case AlertKind::gate_closed:
        return "IGMP may not add or remove members: the interface changes hands";
    case AlertKind::gate_opened:
        return "IGMP has to add its members again: the change is over";
    case AlertKind::interface_ready:
        return "an interface that was taken is ready";
    case AlertKind::wrong_interface:
        return "a stream arrived on another interface than it should";
    case AlertKind::rpf_question:
        return "asked where a stream should arrive";
    case AlertKind::creation_question:
        return "asked whether a stream may leave through its interfaces";
    case AlertKind::count_:
        break;
    }
    return "";
}

// What became due and was told to nobody: only packets on the wrong interface can be too many.
std::uint64_t not_told(AlertKind kind, mgm::ManagerCounters const& counters) {
    return kind == AlertKind::wrong_interface
               ? counters.wrong_interface_suppressed + counters.wrong_interface_stale
               : 0;
}

} // namespace

Json show_alerts(Core const& core, TimePoint /*now*/) {
    auto const components = core.manager.alerts();
    Json rows = Json::array();
    for (std::size_t k = 0; k < mgm::k_alert_kinds; ++k) {
        auto const kind = static_cast<AlertKind>(k);
        Json told = Json::object();
        for (mgm::ComponentAlerts const& each : components) {
            told[protocol_name(each.component)] = each.alerts.of(kind);
        }
        rows.push_back({{"alert", name_of(kind)},
                        {"total", core.manager.counters().alerts.of(kind)},
                        {"not_told", not_told(kind, core.manager.counters())},
                        {"components", std::move(told)},
                        {"meaning", meaning_of(kind)}});
    }
    return rows;
}

} // namespace mcast::control
