#include "show.h"
#include "sums.h"

namespace mcast::control {

using api::Json;

namespace {

Json igmp_json(Core const& core, IfIndex i, TimePoint now) {
    auto const view = core.igmp.engine().view(i);
    if (!view) {
        return nullptr;
    }
    bool const known = !view->querier_address.is_unspecified();
    return {{"version", view->version},
            {"role", view->querier ? "querier" : "non-querier"},
            {"querier", known ? Json(to_string(view->querier_address)) : Json()},
            {"next_query_seconds",
             view->next_general_query ? Json(seconds(*view->next_general_query - now)) : Json()},
            {"groups", view->groups}};
}

Json tunnel_json(Core const& core, IfIndex i) {
    auto const& tunnel = core.interfaces.config(i).tunnel;
    if (!tunnel) {
        return nullptr;
    }
    auto const mac = core.interfaces.next_hop(i);
    return {
        {"over", tunnel->over},
        {"local", to_string(core.interfaces.address(i))},
        {"remote", to_string(tunnel->remote)},
        {"gateway", tunnel->gateway.is_unspecified() ? Json() : Json(to_string(tunnel->gateway))},
        {"ttl", tunnel->ttl},
        {"control", tunnel->control_beside ? "beside" : "inside"},
        {"next_hop_mac", mac ? Json(to_string(*mac)) : Json()}};
}

Json interface_json(Core const& core, IfIndex i, TimePoint now) {
    InterfaceConfig const& config = core.interfaces.config(i);
    Sums const sums = sums_of_interface(core.shared, i);
    Json boundaries = Json::array();
    for (Ipv4Prefix const& boundary : config.boundaries) {
        boundaries.push_back(to_string(boundary));
    }
    auto const owner = core.manager.owner_of({i, {}});
    return {{"name", config.name},
            {"port", core.interfaces.port_name(core.interfaces.port(i))},
            {"vlan", core.interfaces.config(core.interfaces.below(i)).vlan},
            {"address", to_string(config.address)},
            {"tunnel", tunnel_json(core, i)},
            {"mtu", core.interfaces.mtu(i)},
            {"up", core.interfaces.up(i)},
            {"ttl_threshold", config.ttl_threshold},
            {"boundaries", std::move(boundaries)},
            {"protocols", protocols_json(config)},
            {"owner", owner ? Json(protocol_name(*owner)) : Json()},
            {"igmp", igmp_json(core, i, now)},
            {"received", sums.received},
            {"forwarded", sums.forwarded},
            {"sent", sums.frames_sent + sums.injected},
            {"wrong_interface_alerts",
             {{"on", core.manager.alerting().contains(i)},
              {"raised", sums.alerts},
              {"policed", sums.alerts_policed},
              {"full", sums.alerts_full}}}};
}

} // namespace

Json show_interfaces(Core const& core, TimePoint now) {
    Json interfaces = Json::array();
    core.interfaces.for_each(
        [&](IfIndex i) { interfaces.push_back(interface_json(core, i, now)); });
    return interfaces;
}

} // namespace mcast::control
