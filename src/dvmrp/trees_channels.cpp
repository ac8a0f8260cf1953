// Channels: who wants one, and how what neighbours, members and routes do reaches it.
#include "trees.h"

#include <algorithm>

namespace mcast::dvmrp {

bool Trees::is_explicit(Ipv4 group) const {
    return std::ranges::any_of(config_.explicit_groups,
                               [&](Ipv4Prefix range) { return range.contains(group); });
}

// Whether hosts there want it from us.
bool Trees::is_served(IfIndex interface, FlowKey key) const {
    if (is_member(interface, key.group)) {
        return true;
    }
    Channel const* const channel = is_explicit(key.group) ? channels_.find(key) : nullptr;
    return channel != nullptr && channel->members.contains(interface);
}

// Below us, or by another component.
bool Trees::wants_channel(FlowKey key, TimePoint now) const {
    Route const* const route = routing_.usable(key.source);
    if (route == nullptr) {
        return false;
    }
    auto const flow = flows_.find(place_of(key));
    if ((flow != flows_.end() && flow->second.elsewhere) ||
        !derive(*route, find_tree(route->prefix, key.group), key, now).wanted.empty()) {
        return true;
    }
    bool any = false;
    if (Channel const* const channel = channels_.find(key)) {
        channel->members.for_each(
            [&](IfIndex i) { any = any || (i != route->interface && !interfaces_.contains(i)); });
    }
    return any;
}

// The flow itself goes to others now.
void Trees::tell_channel(FlowKey key, TimePoint now, Output& out) {
    auto const at = flows_.find(place_of(key));
    Route const* const route = routing_.usable(key.source);
    bool const at_home = at != flows_.end() && route != nullptr && at->second.tree != nullptr &&
                         at->second.tree->prefix == route->prefix;
    if (at_home) { // else the sweep takes it there
        tell(key, at->second, derive(*route, at->second.tree, key, now), out);
    }
}

void Trees::settle_channel(FlowKey key, bool packet, TimePoint now, Output& out) {
    tell_channel(key, now, out);
    bool const wanted = wants_channel(key, now);
    Channel* const channel = wanted || packet ? channels_.obtain(key) : channels_.find(key);
    if (channel != nullptr) { // else no room, or nobody has said anything
        auto const upstream = upstream_of(routing_.usable(key.source), key.group);
        channels_.settle(*channel, wanted, packet, upstream, now, out);
    }
}

void Trees::channel_due(std::uint32_t number, TimePoint now, Output& out) {
    Channel* const channel = channels_.find(number);
    if (channel != nullptr) {
        FlowKey const key = channel->flow;
        auto const upstream = upstream_of(routing_.usable(key.source), key.group);
        channels_.due(*channel, wants_channel(key, now), upstream, now, out);
    }
}

void Trees::set_channel_members(FlowKey key, IfSet const& interfaces, TimePoint now, Output& out) {
    if (!is_explicit(key.group)) {
        return;
    }
    Channel* const channel = interfaces.empty() ? channels_.find(key) : channels_.obtain(key);
    if (channel == nullptr || channel->members == interfaces) {
        return;
    }
    channel->members = interfaces;
    settle_channel(key, /*packet=*/false, now, out);
}

void Trees::hear_channel(Interface& interface, Neighbor const& from,
                         wire::dvmrp::Prune const& prune, TimePoint now, Output& out) {
    FlowKey const key{prune.source, prune.group};
    Channel* const channel = channels_.find(key);
    if (channel == nullptr || !channels_.drop(*channel, interface.index(), from.address)) {
        ++interface.counters().prune_not_grafted;
        return;
    }
    ++interface.counters().prunes;
    settle_channel(key, /*packet=*/false, now, out);
}

// What cannot be kept is not acknowledged: the sender asks again, and again when there is room.
void Trees::hear_channel(Interface& interface, Neighbor const& from,
                         wire::dvmrp::Graft const& graft, TimePoint now, Output& out) {
    FlowKey const key{graft.source, graft.group};
    auto const limit = channels_.hold(
        key, {.interface = interface.index(), .neighbor = from.address, .memory = from.memory});
    if (limit) {
        ++interface.counters().limit_grafts;
        interface.note_limit(*limit, now, out);
        return;
    }
    ++interface.counters().grafts;
    bool const reads_masks = has(from.capabilities, wire::dvmrp::Capability::netmask);
    interface.send(interface.destination_for(from.address),
                   wire::dvmrp::GraftAck{.source = graft.source,
                                         .group = graft.group,
                                         .mask = reads_masks ? graft.mask : std::nullopt},
                   out);
    settle_channel(key, /*packet=*/false, now, out);
}

// Of the prefix that is swept; false when there is no further one.
bool Trees::sweep_channel(TimePoint now, Output& out) {
    Channel const* const channel = channels_.next_within(*sweeping_, channel_swept_);
    if (channel == nullptr) {
        return false;
    }
    channel_swept_ = channel->flow;
    settle_channel(*channel_swept_, /*packet=*/false, now, out);
    return true;
}

bool Trees::sweep_any_channel(TimePoint now, Output& out) {
    Channel const* const channel = channels_.next(channels_swept_);
    if (channel == nullptr) {
        return false;
    }
    channels_swept_ = channel->flow;
    settle_channel(*channels_swept_, /*packet=*/false, now, out);
    return true;
}

} // namespace mcast::dvmrp
