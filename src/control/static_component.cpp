#include "static_component.h"

#include "mcast/base/log.h"

#include <utility>

namespace mcast::control {

void fill_routes(Config const& config, Interfaces const& interfaces, mgm::RouteTable& routes) {
    interfaces.for_each([&](IfIndex i) {
        Ipv4Prefix const address = interfaces.config(i).address;
        bool const known =
            interfaces.up(i) || !interfaces.config(i).dvmrp_enabled; // see follow_link
        if (!address.address.is_unspecified() && known && !interfaces.is_tunnel(i)) {
            routes.add({{address.network(), address.length}, i, {}, mgm::k_connected_protocol});
        }
    });
    for (RouteConfig const& route : config.routes) {
        if (auto const interface = interfaces.find(route.interface)) {
            routes.add({route.prefix, *interface, route.upstream, mgm::k_static_protocol});
        }
    }
}

void StaticComponent::start() {
    auto registration = manager_.register_component({mgm::k_static_protocol, 0}, *this);
    if (!registration) {
        log::line(log::Level::error, "static", "not registered: {}", registration.error().reason);
        return;
    }
    registration_ = std::move(*registration);
    interfaces_.for_each([&](IfIndex i) {
        if (!interfaces_.config(i).static_protocol) {
            return;
        }
        auto lease = registration_.take({i, {}});
        if (lease) {
            leases_[i] = std::move(*lease);
        } else {
            log::line(log::Level::error, "static", "{}: {}", interfaces_.name(i),
                      lease.error().reason);
        }
    });
    for (GroupConfig const& group : config_.groups) {
        add(group);
    }
}

mgm::Result<> StaticComponent::take(IfIndex interface) {
    auto lease = registration_.take({interface, {}});
    if (!lease) {
        return std::unexpected(lease.error());
    }
    leases_[interface] = std::move(*lease);
    for (GroupConfig const& group : config_.groups) {
        if (group.interface == interfaces_.name(interface)) {
            add(group);
        }
    }
    return {};
}

mgm::Result<> StaticComponent::release(IfIndex interface) {
    auto released = registration_.release({interface, {}});
    if (released) {
        leases_.erase(interface); // inert by now
    }
    return released;
}

void StaticComponent::add(GroupConfig const& group) {
    auto const interface = interfaces_.find(group.interface);
    auto const lease = interface ? leases_.find(*interface) : leases_.end();
    if (lease == leases_.end()) {
        counters_.add(Deed::memberships_refused);
        log::line(log::Level::error, "static",
                  "{} on {} refused: the interface does not list the protocol static",
                  to_string(group.group), group.interface);
        return;
    }
    for (std::uint32_t n = 0; n < group.count; ++n) {
        add(group, lease->second, group.nth(n));
    }
}

void StaticComponent::add(GroupConfig const& config, mgm::InterfaceLease& lease, Ipv4 group) {
    bool const one_source = config.source && !config.exclude;
    auto const key = one_source ? mgm::MembershipKey::of(FlowKey{*config.source, group})
                                : mgm::MembershipKey::of(group);
    if (config.exclude) {
        excluded_.emplace(lease.interface().index, FlowKey{*config.source, group});
    }
    auto const added = lease.add(key, mgm::MembershipFlags::join_state);
    if (!added) {
        counters_.add(Deed::memberships_refused);
        log::line(log::Level::error, "static", "{} on {} refused: {}", to_string(key),
                  config.interface, added.error().reason);
    }
}

void StaticComponent::on_entry_created(FlowKey key, mgm::InterfaceRef /*arrival*/,
                                       std::span<mgm::OutInterface> mine) {
    for (mgm::OutInterface& out : mine) {
        out.forward = !excluded_.contains({out.ref.index, key});
    }
}

void StaticComponent::on_prune(mgm::MembershipKey const& /*key*/, mgm::InterfaceRef /*interface*/,
                               mgm::AlertCause cause, std::chrono::seconds& entry_lifetime) {
    if (cause == mgm::AlertCause::entry) {
        entry_lifetime = std::chrono::ceil<std::chrono::seconds>(config_.limits.negative_lifetime);
    }
}

void StaticComponent::stop() {
    leases_.clear();
    registration_ = {};
}

} // namespace mcast::control
