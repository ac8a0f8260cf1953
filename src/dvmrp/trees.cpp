#include "trees.h"

#include "forwarder.h"
#include "keys.h"

#include <algorithm>
#include <utility>

namespace mcast::dvmrp {

namespace {

bool is_forwarded(Ipv4 group) {
    return group.is_multicast() && !group.is_link_local_multicast();
}

} // namespace

Interface* Trees::find(IfIndex interface) const {
    auto const at = interfaces_.find(interface);
    return at != interfaces_.end() ? &at->second : nullptr;
}

Trees::Tree* Trees::find_tree(Ipv4Prefix prefix, Ipv4 group) {
    auto const at = trees_.find({group, prefix});
    return at != trees_.end() ? &at->second : nullptr;
}

Trees::Tree const* Trees::find_tree(Ipv4Prefix prefix, Ipv4 group) const {
    auto const at = trees_.find({group, prefix});
    return at != trees_.end() ? &at->second : nullptr;
}

Trees::Tree& Trees::tree_of(Ipv4Prefix prefix, Ipv4 group) {
    auto const [at, is_new] = trees_.try_emplace({group, prefix});
    Tree& tree = at->second;
    if (is_new) {
        tree.prefix = prefix;
        tree.group = group;
        tree.number = ++last_number_;
        by_number_.emplace(tree.number, &tree);
        by_prefix_.emplace(prefix, tree.number);
    }
    return tree;
}

void Trees::erase_if_idle(Tree& tree) {
    if (tree.is_idle()) {
        by_number_.erase(tree.number);
        by_prefix_.erase({tree.prefix, tree.number});
        trees_.erase({tree.group, tree.prefix});
    }
}

bool Trees::is_member(IfIndex interface, Ipv4 group) const {
    auto const at = members_.find(interface);
    return at != members_.end() && at->second.contains(group);
}

bool Trees::dependents_want(Route const& route, Interface const& interface, Tree const* tree,
                            FlowKey key, TimePoint now) const {
    auto const has_pruned = [&](Ipv4 neighbor) {
        return tree != nullptr &&
               tree->received.covers(interface.index(), neighbor, key.source, spans_, now);
    };
    bool const asks = is_explicit(key.group);
    auto const has_asked = [&](Ipv4 neighbor) {
        return !asks || channels_.holds(key, interface.index(), neighbor);
    };
    Leg const* const leg = route.find(interface.index());
    bool const said =
        leg != nullptr && std::ranges::any_of(leg->dependents, [&](auto const& it) {
            return depends(it, spans_, now) && !has_pruned(it.neighbor) && has_asked(it.neighbor);
        });
    return said || (interface.config().flood_unknown &&
                    std::ranges::any_of(interface.neighbors(), [&](auto const& it) {
                        return is_assumed(route, interface, it.second, config_, now) &&
                               !has_pruned(it.first) && has_asked(it.first);
                    }));
}

// Section 7.1 of the behaviours' reference, step 4: who gets the flow from us.
Outputs Trees::derive(Route const& route, Tree const* tree, FlowKey key, TimePoint now) const {
    Outputs result{.arrival = route.interface};
    Interface const* const arrival = find(route.interface);
    bool const closed = arrival != nullptr ? arrival->is_scoped(key.group) : !route.external;
    if (closed) {
        return result;
    }
    for (auto const& [index, interface] : interfaces_) {
        // In hold-down we say "unreachable" everywhere, so whoever says on a link that it depends
        // on somebody does not mean us; and who else is there may be upstream of our new upstream
        // neighbour. Only hosts that have nobody but us are served.
        bool const silent = route.held && interface.two_way() > 0;
        if (index == route.interface || !interface.enabled() || interface.is_scoped(key.group) ||
            silent) {
            continue;
        }
        // What is told as another route has the other's forwarder, unless somebody offers it.
        Route const* const told = routing_.told_as(route, interface);
        bool const is_other = told != nullptr && told != &route;
        Route const& as = is_other ? *told : route;
        if (!we_forward(as, interface, spans_) || (is_other && has_rival(route, index, spans_)) ||
            another_serves(as, interface, config_, spans_, now)) {
            continue;
        }
        Tree const* const of = is_other ? find_tree(as.prefix, key.group) : tree;
        result.members_served.insert(index);
        bool const barred = route.no_transit && interface.config().no_transit;
        if (!barred && dependents_want(as, interface, of, key, now)) {
            result.dependents.insert(index);
            result.wanted.insert(index);
        } else if (is_served(index, key)) {
            result.wanted.insert(index);
        }
    }
    return result;
}

std::optional<Outputs> Trees::open(FlowKey key, bool elsewhere, std::optional<IfIndex> came_in,
                                   TimePoint now, Output& out) {
    auto const known = flows_.find(place_of(key));
    if (known != flows_.end()) {
        return outputs(key, now);
    }
    Route const* const route = is_forwarded(key.group) ? routing_.usable(key.source) : nullptr;
    if (route == nullptr) {
        return std::nullopt;
    }
    if (flows_.size() >= config_.max_flows) {
        if (Interface* const arrival = find(route->interface)) {
            arrival->note_limit(LimitReached::Which::flows, now, out);
        }
        return std::nullopt;
    }
    Flow& flow = flows_[place_of(key)];
    Tree& tree = tree_of(route->prefix, key.group);
    flow.tree = &tree;
    flow.elsewhere = elsewhere;
    flow.told = derive(*route, &tree, key, now);
    tree.sources.emplace(key.source, &flow);
    count_wanted(flow);
    Outputs const result = flow.told;
    // A copy that another router sent here may be faster than the one from upstream. A prune for it
    // would meet an upstream neighbour that has no such flow yet, be ignored there, and be in our
    // way when the right packet comes.
    bool const packet = came_in.value_or(route->interface) == route->interface;
    if (is_explicit(key.group)) {
        settle_channel(key, packet, now, out);
        return result;
    }
    settle_upstream(tree, tree.wanted > 0, packet, now, out);
    arm(tree, now);
    return result;
}

void Trees::close(FlowKey key) {
    auto const at = flows_.find(place_of(key));
    if (at != flows_.end()) {
        leave(key, at->second);
        flows_.erase(at);
    }
}

std::optional<Outputs> Trees::outputs(FlowKey key, TimePoint now) const {
    auto const at = flows_.find(place_of(key));
    Route const* const route = routing_.usable(key.source);
    if (at == flows_.end() || route == nullptr) {
        return std::nullopt;
    }
    // The flow may not have moved to a new route's tree yet: nobody has pruned there.
    Tree const* const tree = at->second.tree;
    bool const at_home = tree != nullptr && tree->prefix == route->prefix;
    return derive(*route, at_home ? tree : nullptr, key, now);
}

void Trees::data(FlowKey key, TimePoint now, Output& out) {
    auto const at = flows_.find(place_of(key));
    Tree* const tree = at != flows_.end() ? at->second.tree : nullptr;
    if (is_explicit(key.group) && tree != nullptr) {
        settle_channel(key, /*packet=*/true, now, out);
        return;
    }
    if (tree == nullptr || tree->wanted > 0) {
        return;
    }
    settle_upstream(*tree, false, /*packet=*/true, now, out);
    auto const upstream = upstream_of(*tree);
    if (upstream && tree->pruned && tree->pruned->resend_at <= now) {
        // Others of a LAN may want it, unless nobody else is there.
        if (upstream->is_alone()) {
            say_prune(*tree, *upstream, now, out);
        }
    }
    arm(*tree, now);
}

void Trees::set_elsewhere(FlowKey key, bool wanted, TimePoint now, Output& out) {
    auto const at = flows_.find(place_of(key));
    if (at == flows_.end() || at->second.elsewhere == wanted) {
        return;
    }
    at->second.elsewhere = wanted;
    if (at->second.tree != nullptr && count_wanted(at->second)) {
        settle(*at->second.tree, now, out);
    }
    if (is_explicit(key.group)) {
        settle_channel(key, /*packet=*/false, now, out);
    }
}

void Trees::set_member(IfIndex interface, Ipv4 group, bool member, TimePoint now, Output& out) {
    auto& groups = members_[interface];
    bool const changed = member ? groups.insert(group).second : groups.erase(group) > 0;
    if (!changed) {
        return;
    }
    std::vector<std::uint32_t> numbers;
    for (auto at = trees_.lower_bound({group, Ipv4Prefix{}});
         at != trees_.end() && at->first.first == group; ++at) {
        numbers.push_back(at->second.number);
    }
    for (std::uint32_t const number : numbers) {
        auto const at = by_number_.find(number);
        if (at != by_number_.end()) {
            settle(*at->second, now, out);
        }
    }
}

bool Trees::count_wanted(Flow& flow) {
    bool const wanted = flow.elsewhere || !flow.told.wanted.empty();
    if (wanted == flow.wanted) {
        return false;
    }
    flow.wanted = wanted;
    if (flow.tree != nullptr) {
        wanted ? ++flow.tree->wanted : --flow.tree->wanted;
    }
    return true;
}

void Trees::tell(FlowKey key, Flow& flow, std::optional<Outputs> const& outputs, Output& out) {
    Outputs const now_so = outputs.value_or(Outputs{});
    if (now_so != flow.told) {
        flow.told = now_so;
        out.flows.push_back({key});
    }
    count_wanted(flow);
}

void Trees::leave(FlowKey key, Flow& flow) {
    if (flow.tree == nullptr) {
        return;
    }
    Tree& tree = *flow.tree;
    tree.wanted -= flow.wanted ? 1 : 0;
    tree.sources.erase(key.source);
    flow.tree = nullptr;
    flow.wanted = false;
    erase_if_idle(tree);
}

// The route that the flow takes may be another now, and with it the tree.
void Trees::rehome(FlowKey key, Flow& flow, TimePoint now, Output& out) {
    Route const* const route = routing_.usable(key.source);
    if (route == nullptr) {
        leave(key, flow);
        tell(key, flow, std::nullopt, out);
        return;
    }
    if (flow.tree == nullptr || flow.tree->prefix != route->prefix) {
        leave(key, flow);
        flow.tree = &tree_of(route->prefix, key.group);
        flow.tree->sources.emplace(key.source, &flow);
    }
    tell(key, flow, derive(*route, flow.tree, key, now), out);
}

// Tells of the flows that changed; true when somebody wants any.
bool Trees::tell_all(Tree& tree, TimePoint now, Output& out) {
    Route const* const route = routing_.table().find(tree.prefix);
    if (route == nullptr || !is_usable(*route, spans_)) {
        return false;
    }
    Outputs const common = derive(*route, &tree, {tree.prefix.address, tree.group}, now);
    bool const by_host = tree.received.any_of_hosts() || is_explicit(tree.group);
    for (auto const& [source, flow] : tree.sources) {
        FlowKey const key{source, tree.group};
        tell(key, *flow, by_host ? derive(*route, &tree, key, now) : common, out);
    }
    // A tree without flows has its prune still, and whoever comes now must not wait for its end.
    return tree.sources.empty() ? !common.wanted.empty() : tree.wanted > 0;
}

void Trees::settle(Tree& tree, TimePoint now, Output& out) {
    tree.received.remove_ended(spans_, now, prunes_);
    bool const wanted = tell_all(tree, now, out);
    settle_upstream(tree, wanted, /*packet=*/false, now, out);
    arm(tree, now);
    erase_if_idle(tree);
}

void Trees::arm(timer::Handle& handle, TimePoint due, timer::Key key) {
    if (!handle.rearm(due)) {
        handle = wheel_.arm(due, key);
    }
}

void Trees::arm(Tree& tree, TimePoint now) {
    std::optional<TimePoint> due = tree.received.first_end(spans_, now);
    auto const consider = [&](TimePoint at) { due = due ? std::min(*due, at) : at; };
    if (tree.pruned) {
        consider(tree.pruned->until);
    }
    if (tree.grafted) {
        consider(tree.grafted->resend_at);
    }
    if (due) {
        arm(tree.timer, *due, key_of(Due::tree, tree.number));
    } else {
        tree.timer.cancel();
    }
}

} // namespace mcast::dvmrp
