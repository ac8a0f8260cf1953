#include "static_component.h"

#include "mcast/base/log.h"

#include <utility>

namespace mcast::control {

void fill_routes(Config const& config, Interfaces const& interfaces, mgm::RouteTable& routes) {
    interfaces.for_each([&](IfIndex i) {
        Ipv4Prefix const address = interfaces.config(i).address;
        if (!address.address.is_unspecified()) {
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
    auto const key = group.source ? mgm::MembershipKey::of(FlowKey{*group.source, group.group})
                                  : mgm::MembershipKey::of(group.group);
    if (lease == leases_.end()) {
        counters_.add(Deed::memberships_refused);
        log::line(log::Level::error, "static",
                  "{} on {} refused: the interface does not list the protocol static",
                  to_string(key), group.interface);
        return;
    }
    auto const added = lease->second.add(key, mgm::MembershipFlags::join_state);
    if (!added) {
        counters_.add(Deed::memberships_refused);
        log::line(log::Level::error, "static", "{} on {} refused: {}", to_string(key),
                  group.interface, added.error().reason);
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
