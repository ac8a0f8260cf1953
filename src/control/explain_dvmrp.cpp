// Why DVMRP sends a stream out of an interface, or not.
#include "explain.h"

#include <algorithm>
#include <optional>
#include <string>

#include <fmt/format.h>

namespace mcast::control {

namespace {

dvmrp::LegView const* leg_of(dvmrp::RouteView const& route, IfIndex interface) {
    auto const at = std::ranges::find(route.legs, interface, &dvmrp::LegView::interface);
    return at != route.legs.end() ? &*at : nullptr;
}

std::string members(DvmrpComponent const& domain, IfIndex interface, FlowKey flow) {
    return domain.wanted_by_members(interface, flow) ? "hosts here want it"
                                                     : "no host here has asked for it";
}

bool is_asked_for(Config const& config, Ipv4 group) {
    return std::ranges::any_of(config.dvmrp->explicit_groups,
                               [&](Ipv4Prefix range) { return range.contains(group); });
}

} // namespace

std::optional<std::string> explain_dvmrp_output(Core const& core, FlowKey flow, IfIndex interface) {
    DvmrpComponent const* const domain = core.dvmrp.component(interface);
    if (domain == nullptr) {
        return std::nullopt;
    }
    std::string const hosts = members(*domain, interface, flow);
    auto const rpf = domain->engine().rpf(flow.source);
    auto const route = rpf ? domain->engine().view(rpf->prefix) : std::nullopt;
    if (!route) {
        return fmt::format("DVMRP knows no way to {}, and {}", to_string(flow.source), hosts);
    }
    dvmrp::LegView const* const leg = leg_of(*route, interface);
    if (leg != nullptr && !leg->we_forward) {
        return fmt::format("{} has the better way to {} (metric {}), so it forwards here; {}",
                           to_string(leg->rival), to_string(rpf->prefix), leg->rival_metric, hosts);
    }
    std::size_t const dependents = leg != nullptr ? leg->dependents.size() : 0;
    if (dependents != 0 && is_asked_for(core.config, flow.group)) {
        return fmt::format("no router here that depends on us ({}) has grafted this source, and "
                           "its group is not flooded (ssm-flood); {}",
                           dependents, hosts);
    }
    return dependents == 0
               ? fmt::format("no router here depends on us for {}, and {}", to_string(rpf->prefix),
                             hosts)
               : fmt::format("the routers here that depend on us ({}) have pruned it or mean "
                             "another one of the link, and {}",
                             dependents, hosts);
}

std::optional<std::string> explain_dvmrp_flow(Core const& core, mgm::Explanation const& flow) {
    DvmrpComponent const* const domain = core.interfaces.has(flow.arrival.index)
                                             ? core.dvmrp.component(flow.arrival.index)
                                             : nullptr;
    auto const rpf = domain != nullptr ? domain->engine().rpf(flow.key.source) : std::nullopt;
    if (!rpf || rpf->neighbor.is_unspecified()) {
        return std::nullopt;
    }
    return fmt::format("nobody below wants it, so DVMRP has {} upstream prune it",
                       to_string(rpf->neighbor));
}

} // namespace mcast::control
