#include "forwarder.h"
#include "trees.h"

#include <algorithm>

namespace mcast::dvmrp {

namespace {

constexpr Ipv4 k_host_mask{0xffffffff};
constexpr std::uint8_t k_host_length = 32;

bool is_host_prune(wire::dvmrp::Prune const& prune, Route const& route) {
    return prune.mask == k_host_mask && route.prefix.length != k_host_length;
}

std::optional<Ipv4> host_of(wire::dvmrp::Prune const& prune, Route const& route) {
    return is_host_prune(prune, route) ? std::optional{prune.source} : std::nullopt;
}

} // namespace

// Section 3.5.3, steps 3 to 5.
std::optional<Counter> Trees::judge(wire::dvmrp::Prune const& prune, Route const* route,
                                    Interface const& interface, Neighbor const& from,
                                    TimePoint now) {
    if (route == nullptr) {
        return &Counters::prune_no_route;
    }
    if (prune.mask && !is_host_prune(prune, *route) && prune.mask->value != route->prefix.mask()) {
        return &Counters::prune_bad_mask;
    }
    if (!is_open(*route, prune.group, host_of(prune, *route))) {
        return &Counters::prune_no_flow;
    }
    if (interface.is_scoped(prune.group)) {
        return &Counters::prune_scoped;
    }
    if (route->interface == interface.index() || !relies_on_us(*route, interface, from, now)) {
        return &Counters::prune_not_dependent;
    }
    return std::nullopt;
}

void Trees::hear(Interface& interface, Neighbor const& from, wire::dvmrp::Prune const& prune,
                 TimePoint now, Output& out) {
    if (is_explicit(prune.group)) {
        hear_channel(interface, from, prune, now, out);
        return;
    }
    Counters& counters = interface.counters();
    Route const* const route = meant(prune.source, prune.mask, interface, from, now);
    if (auto const refusal = judge(prune, route, interface, from, now)) {
        ++(counters.*refusal.value());
        return;
    }
    bool const half_mask = prune.trailing_bytes > 0 && !prune.mask;
    counters.mask_not_read += half_mask ? 1 : 0;
    if (prunes_.size() >= config_.max_prunes) {
        ++counters.limit_prunes;
        interface.note_limit(LimitReached::Which::prunes, now, out);
        return;
    }
    // S12: one of them leaves room for the others.
    if (prunes_.of(from.memory) >= config_.max_prunes_of_neighbor) {
        ++counters.limit_prunes_of_neighbor;
        interface.note_limit(LimitReached::Which::prunes_of_neighbor, now, out);
        return;
    }
    Duration lifetime = std::chrono::seconds{prune.lifetime};
    if (lifetime > config_.longest_prune_heard) {
        ++counters.prune_lifetime_cut;
        lifetime = config_.longest_prune_heard;
    }
    ++counters.prunes;
    Tree& tree = tree_of(route->prefix, prune.group);
    tree.received.set({.interface = interface.index(),
                       .neighbor = from.address,
                       .memory = from.memory,
                       .host = host_of(prune, *route),
                       .lifetime = lifetime,
                       .until = now + lifetime},
                      prunes_);
    arm(tree, now);
    settle_under(route->prefix, prune.group, prune.source, now, out);
}

// Section 3.6.2: always answered, even when nothing follows (section 2.7).
void Trees::hear(Interface& interface, Neighbor const& from, wire::dvmrp::Graft const& graft,
                 TimePoint now, Output& out) {
    if (is_explicit(graft.group)) {
        hear_channel(interface, from, graft, now, out);
        return;
    }
    ++interface.counters().grafts;
    bool const reads_masks = has(from.capabilities, wire::dvmrp::Capability::netmask);
    wire::dvmrp::GraftAck const ack{.source = graft.source,
                                    .group = graft.group,
                                    .mask = reads_masks ? graft.mask : std::nullopt};
    interface.send(interface.destination_for(from.address), ack, out);
    Route const* const route = meant(graft.source, graft.mask, interface, from, now);
    Tree* const tree = route != nullptr ? find_tree(route->prefix, graft.group) : nullptr;
    if (tree != nullptr) {
        tree->received.remove(interface.index(), from.address, prunes_);
        settle_under(route->prefix, graft.group, graft.source, now, out);
    }
}

void Trees::hear(Interface& interface, Neighbor const& from, wire::dvmrp::GraftAck const& ack) {
    if (is_explicit(ack.group)) {
        bool const awaited = channels_.hear_ack({ack.source, ack.group}, from);
        ++(awaited ? interface.counters().graft_acks : interface.counters().graft_ack_unexpected);
        return;
    }
    Route const* const route = ack.source.is_unspecified() ? routing_.table().find(Ipv4Prefix{})
                                                           : routing_.usable(ack.source);
    Tree* const tree = route != nullptr ? find_tree(route->prefix, ack.group) : nullptr;
    bool const awaited = tree != nullptr && tree->grafted && tree->grafted->memory == from.memory &&
                         tree->grafted->source == ack.source;
    if (!awaited) {
        ++interface.counters().graft_ack_unexpected;
        return;
    }
    ++interface.counters().graft_acks;
    tree->grafted.reset();
    erase_if_idle(*tree);
}

} // namespace mcast::dvmrp
