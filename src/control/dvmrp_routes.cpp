// The engine's routes among those of the manager.
#include "dvmrp_component.h"

#include <utility>

namespace mcast::control {

std::size_t DvmrpComponent::tell_routes(std::size_t limit) {
    std::size_t done = 0;
    for (; done < limit && !changed_routes_.empty(); ++done) {
        tell_route(changed_routes_.extract(changed_routes_.begin()).value());
    }
    return done;
}

// Connected networks are there already. A route that differs only in its metric is no news.
void DvmrpComponent::tell_route(Ipv4Prefix prefix) {
    auto const found = engine_.route(prefix);
    bool const learned =
        found && !found->external && !found->neighbor.is_unspecified() && holds(found->interface);
    auto const told = told_routes_.find(prefix);
    if (!learned) {
        if (told == told_routes_.end()) {
            return;
        }
        routes_.remove(prefix, mgm::k_dvmrp_protocol, domain_);
        told_routes_.erase(told);
    } else {
        mgm::Route const route{prefix, found->interface, found->neighbor, mgm::k_dvmrp_protocol,
                               domain_};
        if (told != told_routes_.end() && told->second == route) {
            return;
        }
        routes_.add(route);
        told_routes_[prefix] = route;
    }
    manager_.routes_changed(prefix);
}

// Of subnets that are not ours to tell anyway. While a link is down, another way may be found.
void DvmrpComponent::tell_external(IfIndex i) {
    InterfaceConfig const& config = interfaces_.config(i);
    bool const ours = holds(i) || leaving_.contains(i);
    Ipv4Prefix const subnet{config.address.network(), config.address.length};
    if (config.address.address.is_unspecified() || config.tunnel) {
        return;
    }
    if (interfaces_.up(i) && !ours) {
        engine_.set_external({dvmrp::Redistribution::From::connected, subnet, i, {}}, now_,
                             output_);
    } else {
        engine_.remove_external(subnet, now_, output_);
    }
}

void DvmrpComponent::tell_external() {
    interfaces_.for_each([&](IfIndex i) { tell_external(i); });
    for (RouteConfig const& route : config_.routes) {
        if (auto const interface = interfaces_.find(route.interface)) {
            engine_.set_external(
                {dvmrp::Redistribution::From::statics, route.prefix, *interface, route.upstream},
                now_, output_);
        }
    }
    carry_out(output_);
}

void DvmrpComponent::withdraw_routes() {
    for (auto const& [prefix, route] : told_routes_) {
        routes_.remove(prefix, mgm::k_dvmrp_protocol, domain_);
        manager_.routes_changed(prefix);
    }
    told_routes_.clear();
    changed_routes_.clear();
}

// Every flow was looked at since: what others want of it is known.
std::size_t DvmrpComponent::end_leaving() {
    if (sweep_all_ || leaving_.empty()) {
        return 0;
    }
    IfSet const left = std::exchange(leaving_, {});
    left.for_each([&](IfIndex i) {
        engine_.remove_interface(i, now_, output_);
        tell_external(i);
    });
    carry_out(output_);
    return 1;
}

} // namespace mcast::control
