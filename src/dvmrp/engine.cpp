#include "mcast/dvmrp/engine.h"

#include "core.h"
#include "forwarder.h"

namespace mcast::dvmrp {

Engine::Engine(Config const& config, Seeds seeds) : core_(std::make_unique<Core>(config, seeds)) {}

Engine::~Engine() = default;

bool Engine::add_interface(IfIndex interface, InterfaceConfig const& config, Link const& link,
                           TimePoint now, Output& out) {
    if (knows(interface) || check(config)) {
        return false;
    }
    auto const at = core_->interfaces
                        .try_emplace(interface, interface, config, link,
                                     Shared{core_->config, core_->wheel, core_->spans,
                                            core_->neighbors, core_->next_generation})
                        .first;
    core_->start(at->second, now, out);
    return true;
}

void Engine::remove_interface(IfIndex interface, TimePoint now, Output& out) {
    if (Interface* const it = core_->find(interface)) {
        core_->stop(*it, now, out);
        core_->routing.forget(interface);
        core_->trees.forget_members(interface);
        core_->interfaces.erase(interface);
    }
}

void Engine::set_link(IfIndex interface, bool up, TimePoint now, Output& out) {
    Interface* const it = core_->find(interface);
    if (it == nullptr || it->link().up == up) {
        return;
    }
    it->set_up(up);
    if (up) {
        core_->start(*it, now, out);
    } else {
        core_->stop(*it, now, out);
    }
}

void Engine::change_link(IfIndex interface, Link const& link, TimePoint now, Output& out) {
    if (Interface* const it = core_->find(interface)) {
        core_->change_link(*it, link, now, out);
    }
}

bool Engine::reconfigure(IfIndex interface, InterfaceConfig const& config, TimePoint now,
                         Output& out) {
    Interface* const it = core_->find(interface);
    if (it == nullptr || check(config)) {
        return false;
    }
    core_->reconfigure(*it, config, now, out);
    return true;
}

bool Engine::reconfigure(Config const& config, TimePoint now, Output& out) {
    if (check(config)) {
        return false;
    }
    core_->config = config;
    core_->routing.reconfigured(now, out);
    core_->trees.neighbors_changed(now);
    core_->carry_on(now);
    return true;
}

void Engine::set_external(ExternalRoute const& route, TimePoint now, Output& out) {
    core_->routing.set_external(route, now, out);
    core_->carry_on(now);
}

void Engine::remove_external(Ipv4Prefix prefix, TimePoint now, Output& out) {
    core_->routing.remove_external(prefix, now, out);
    core_->carry_on(now);
}

std::size_t Engine::forget(IfIndex interface, Learned what, TimePoint now, Output& out) {
    Interface* const it = core_->find(interface);
    return it != nullptr ? core_->forget(*it, what, now, out) : 0;
}

void Engine::clear_counters(IfIndex interface) {
    if (Interface* const it = core_->find(interface)) {
        it->counters() = {};
    }
}

void Engine::set_querier(IfIndex interface, bool querier) {
    if (Interface* const it = core_->find(interface)) {
        it->set_querier(querier);
    }
}

void Engine::receive(Received const& message, TimePoint now, Output& out) {
    core_->receive(message, now, out);
}

void Engine::trace(Received const& message, std::uint32_t arrival, TimePoint now, Output& out) {
    core_->trace(message, arrival, now, out);
}

std::size_t Engine::expire(TimePoint now, std::size_t limit, Output& out) {
    std::size_t done = 0;
    auto const run = [&](timer::Key key) { done += core_->due(key, now, out); };
    while (done < limit && core_->wheel.expire(now, 1, run) != 0) {
    }
    return done;
}

std::optional<TimePoint> Engine::next_due() const {
    return core_->wheel.next_due();
}

bool Engine::farewell(std::size_t limit, Output& out) {
    return core_->routing.farewell(limit, out);
}

namespace {

Rpf rpf_of(Route const& route) {
    return {route.interface, route.neighbor, route.prefix, route.metric, route.external};
}

LegView view_of(Leg const& leg, bool we_forward) {
    LegView view{.interface = leg.interface, .we_forward = we_forward};
    if (leg.rival) {
        view.rival = leg.rival->neighbor;
        view.rival_metric = leg.rival->metric;
    }
    for (Dependent const& it : leg.dependents) {
        view.dependents.push_back({it.neighbor, it.expires});
    }
    return view;
}

ChannelView view_of(Channel const& channel) {
    ChannelView view{.flow = channel.flow, .members = channel.members};
    for (HeldGraft const& it : channel.grafts) {
        view.grafts.push_back({it.interface, it.neighbor});
    }
    if (channel.asked) {
        view.asked = channel.asked->neighbor;
        if (!channel.answered) {
            view.asks_again = channel.asked->resend_at;
        }
    }
    if (channel.pruned) {
        view.pruned_until = channel.pruned->until;
    }
    return view;
}

} // namespace

std::optional<Rpf> Engine::rpf(Ipv4 source) const {
    Route const* const route = core_->routing.usable(source);
    return route != nullptr ? std::optional{rpf_of(*route)} : std::nullopt;
}

std::optional<Rpf> Engine::route(Ipv4Prefix prefix) const {
    Route const* const route = core_->routing.table().find(prefix);
    bool const usable = route != nullptr && is_usable(*route, core_->spans);
    return usable ? std::optional{rpf_of(*route)} : std::nullopt;
}

std::optional<Outputs> Engine::open_flow(FlowKey flow, TimePoint now, Output& out, bool elsewhere,
                                         std::optional<IfIndex> came_in) {
    return core_->trees.open(flow, elsewhere, came_in, now, out);
}

void Engine::close_flow(FlowKey flow) {
    core_->trees.close(flow);
}

std::optional<Outputs> Engine::outputs(FlowKey flow, TimePoint now) const {
    return core_->trees.outputs(flow, now);
}

void Engine::data(FlowKey flow, TimePoint now, Output& out) {
    core_->trees.data(flow, now, out);
}

void Engine::set_wanted_elsewhere(FlowKey flow, bool wanted, TimePoint now, Output& out) {
    core_->trees.set_elsewhere(flow, wanted, now, out);
}

void Engine::set_member(IfIndex interface, Ipv4 group, bool member, TimePoint now, Output& out) {
    if (knows(interface)) {
        core_->trees.set_member(interface, group, member, now, out);
    }
}

void Engine::set_channel_members(FlowKey flow, IfSet const& interfaces, TimePoint now,
                                 Output& out) {
    core_->trees.set_channel_members(flow, interfaces, now, out);
}

bool Engine::knows(IfIndex interface) const {
    return core_->interfaces.contains(interface);
}

Counters const* Engine::counters(IfIndex interface) const {
    Interface const* const it = core_->find(interface);
    return it != nullptr ? &it->counters() : nullptr;
}

std::vector<NeighborView> Engine::neighbors(IfIndex interface) const {
    std::vector<NeighborView> result;
    Interface const* const it = core_->find(interface);
    if (it == nullptr) {
        return result;
    }
    for (auto const& [address, neighbor] : it->neighbors()) {
        result.push_back({.address = address,
                          .state = neighbor.state,
                          .version = neighbor.version,
                          .capabilities = neighbor.capabilities,
                          .generation = neighbor.generation,
                          .since = neighbor.since,
                          .expires = neighbor.expires});
    }
    return result;
}

std::optional<RouteView> Engine::view(Ipv4Prefix prefix) const {
    Route const* const route = core_->routing.table().find(prefix);
    if (route == nullptr) {
        return std::nullopt;
    }
    RouteView view{.prefix = prefix,
                   .metric = is_reachable(*route, core_->spans) ? route->metric : k_infinity,
                   .interface = route->interface,
                   .neighbor = route->neighbor};
    if (!route->connected && route->metric < k_infinity) {
        view.expires = route->expires;
    }
    if (route->held) {
        view.held_down_until = route->held->until;
    }
    for (Leg const& leg : route->legs) {
        Interface const* const at = core_->find(leg.interface);
        view.legs.push_back(view_of(leg, at != nullptr && we_forward(*route, *at, core_->spans)));
    }
    return view;
}

std::optional<Ipv4Prefix> Engine::next_route(std::optional<Ipv4Prefix> after) const {
    Route const* const route = core_->routing.table().next(after);
    return route != nullptr ? std::optional{route->prefix} : std::nullopt;
}

PrunePage Engine::prunes(std::optional<PrunePlace> const& after, std::size_t limit,
                         TimePoint now) const {
    return core_->trees.view_prunes(after, limit, now);
}

GraftPage Engine::grafts(std::optional<GraftPlace> const& after, std::size_t limit) const {
    return core_->trees.view_grafts(after, limit);
}

std::size_t Engine::route_count() const {
    return core_->routing.table().size();
}

std::size_t Engine::flow_count() const {
    return core_->trees.flows();
}

std::size_t Engine::prune_count() const {
    return core_->trees.prunes();
}

std::size_t Engine::channel_count() const {
    return core_->trees.channels().size();
}

std::optional<ChannelView> Engine::channel(FlowKey flow) const {
    Channel const* const it = core_->trees.channels().find(flow);
    return it != nullptr ? std::optional{view_of(*it)} : std::nullopt;
}

std::optional<FlowKey> Engine::next_channel(std::optional<FlowKey> after) const {
    Channel const* const it = core_->trees.channels().next(after);
    return it != nullptr ? std::optional{it->flow} : std::nullopt;
}

std::uint64_t Engine::not_enabled() const {
    return core_->not_enabled;
}

} // namespace mcast::dvmrp
