// What a tree tells its upstream neighbour: prunes, grafts, and both again.
#include "forwarder.h"
#include "trees.h"

#include <algorithm>
#include <utility>

namespace mcast::dvmrp {

std::optional<Upstream> Trees::upstream_of(Tree const& tree) const {
    return upstream_of(routing_.table().find(tree.prefix), tree.group);
}

std::optional<Upstream> Trees::upstream_of(Route const* route, Ipv4 group) const {
    if (route == nullptr || route->connected || !is_usable(*route, spans_)) {
        return std::nullopt;
    }
    Interface* const interface = find(route->interface);
    Neighbor* const neighbor = interface != nullptr ? interface->find(route->neighbor) : nullptr;
    bool const prunes = neighbor != nullptr && neighbor->two_way() &&
                        can_prune(neighbor->version, neighbor->capabilities);
    if (!prunes || interface->is_scoped(group)) {
        return std::nullopt;
    }
    return Upstream{*interface, *neighbor, route->prefix};
}

// What we told another neighbour, or this one before it restarted, is void.
void Trees::settle_upstream(Tree& tree, bool wanted, bool packet, TimePoint now, Output& out) {
    if (is_explicit(tree.group)) {
        return;
    }
    bool const went = std::exchange(tree.was_wanted, wanted) && !wanted;
    auto const upstream = upstream_of(tree);
    Span const memory = upstream ? upstream->neighbor.memory : 0;
    if (tree.pruned && (tree.pruned->memory != memory || tree.pruned->until <= now)) {
        tree.pruned.reset();
    }
    if (tree.grafted && tree.grafted->memory != memory) {
        tree.grafted.reset();
    }
    if (!upstream) {
        return;
    }
    if (wanted && tree.pruned) {
        send_graft(tree, *upstream, now, out);
    } else if ((packet || went) && !wanted && !tree.sources.empty() && !tree.pruned) {
        send_prune(tree, *upstream, now, out);
    }
}

void Trees::send_prune(Tree& tree, Upstream const& upstream, TimePoint now, Output& out) {
    auto const lifetime = prune_lifetime(config_, random_, now, first_end_below(tree, now));
    if (!lifetime) {
        return;
    }
    tree.grafted.reset();
    tree.pruned = SentPrune{.source = tree.sources.begin()->first,
                            .memory = upstream.neighbor.memory,
                            .lifetime = *lifetime,
                            .until = now + *lifetime,
                            .pause = config_.prune_retransmit};
    say_prune(tree, upstream, now, out);
}

// DVMRP-123: only for a neighbour that can read it, which others drop.
std::optional<Ipv4> Trees::mask_for(Tree const& tree, Upstream const& upstream) {
    bool const both = upstream.interface.config().netmask &&
                      has(upstream.neighbor.capabilities, wire::dvmrp::Capability::netmask);
    return both ? std::optional{Ipv4{tree.prefix.mask()}} : std::nullopt;
}

void Trees::say_graft(Tree const& tree, Upstream const& upstream, Output& out) {
    upstream.interface.send(upstream.interface.destination_for(upstream.neighbor.address),
                            wire::dvmrp::Graft{.source = tree.grafted->source,
                                               .group = tree.group,
                                               .mask = mask_for(tree, upstream)},
                            out);
}

void Trees::say_prune(Tree& tree, Upstream const& upstream, TimePoint now, Output& out) {
    using std::chrono::duration_cast;
    auto const left = duration_cast<std::chrono::seconds>(tree.pruned->until - now);
    put_off(*tree.pruned, random_, now);
    if (left.count() > 0) {
        upstream.interface.send(
            upstream.interface.destination_for(upstream.neighbor.address),
            wire::dvmrp::Prune{.source = tree.pruned->source,
                               .group = tree.group,
                               .lifetime = static_cast<std::uint32_t>(left.count()),
                               .mask = mask_for(tree, upstream)},
            out);
    }
}

void Trees::send_graft(Tree& tree, Upstream const& upstream, TimePoint now, Output& out) {
    tree.grafted = first_graft(tree.pruned->source, upstream.neighbor, config_, now);
    tree.pruned.reset();
    say_graft(tree, upstream, out);
}

void Trees::tree_due(std::uint32_t number, TimePoint now, Output& out) {
    auto const at = by_number_.find(number);
    if (at == by_number_.end()) {
        return;
    }
    Tree& tree = *at->second;
    if (tree.pruned && tree.pruned->until <= now) {
        end_prune(tree, now, out);
        return;
    }
    auto const upstream = upstream_of(tree);
    if (upstream && tree.grafted && tree.grafted->memory == upstream->neighbor.memory &&
        tree.grafted->resend_at <= now) {
        put_off(*tree.grafted, config_, now);
        say_graft(tree, *upstream, out);
    }
    settle_under(tree.prefix, tree.group, std::nullopt, now, out);
}

// Nothing is said: the next packet asks anew. Prunes below that ended with ours end too, and their
// interfaces come back.
void Trees::end_prune(Tree& tree, TimePoint now, Output& out) {
    tree.pruned.reset();
    tree.received.remove_ended(spans_, now, prunes_);
    tell_all(tree, now, out);
    arm(tree, now);
    erase_if_idle(tree);
}

} // namespace mcast::dvmrp
