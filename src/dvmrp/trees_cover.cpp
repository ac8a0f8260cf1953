// Trees of routes that neighbours know as another: an aggregate, a default route, or whatever
// contains a route that a filter hides. Prunes and grafts for the other hold for all of them.
#include "forwarder.h"
#include "trees.h"

#include <algorithm>
#include <vector>

namespace mcast::dvmrp {

// The route that a neighbour means: the longest that it depends on. Fact 7: a source of 0.0.0.0 is
// the default route, not a host.
Route const* Trees::meant(Ipv4 source, std::optional<Ipv4> mask, Interface const& interface,
                          Neighbor const& from, TimePoint now) const {
    RouteTable const& table = routing_.table();
    if (source.is_unspecified()) {
        return table.find(Ipv4Prefix{});
    }
    Route const* const meant = table.longest(source, [&](Route const& it) {
        bool const is_it = !mask || mask->value == it.prefix.mask() || mask->value == ~0U;
        return is_it && is_reachable(it, spans_) && it.interface != interface.index() &&
               relies_on_us(it, interface, from, now);
    });
    return meant != nullptr ? meant : routing_.usable(source);
}

bool Trees::relies_on_us(Route const& route, Interface const& interface, Neighbor const& from,
                         TimePoint now) const {
    return depends(route, interface.index(), from.address, spans_, now) ||
           is_assumed(route, interface, from, config_, now);
}

std::vector<std::uint32_t> Trees::numbers_under(Ipv4Prefix prefix, Ipv4 group) const {
    std::vector<std::uint32_t> result;
    for (auto at = trees_.lower_bound({group, {prefix.address, 0}});
         at != trees_.end() && at->first.first == group &&
         prefix.contains(at->first.second.address);
         ++at) {
        if (at->first.second.length >= prefix.length) {
            result.push_back(at->second.number);
        }
    }
    return result;
}

// Whether a flow is there that a prune of the route is about.
bool Trees::is_open(Route const& route, Ipv4 group, std::optional<Ipv4> host) const {
    auto const is_it = [&](Tree const& tree) {
        return host ? tree.sources.contains(*host) : !tree.sources.empty();
    };
    auto const at = trees_.find({group, route.prefix});
    if (at != trees_.end() && (is_it(at->second) || (!host && !at->second.is_idle()))) {
        return true;
    }
    auto const numbers =
        routing_.hides() ? numbers_under(route.prefix, group) : std::vector<std::uint32_t>{};
    return std::ranges::any_of(numbers,
                               [&](std::uint32_t number) { return is_it(*by_number_.at(number)); });
}

// A prune or graft for the route was heard, or has ended. What it means to the trees of other
// routes is told at once; but only the source that was named is pruned upstream now, the others
// when a packet of theirs comes (section 3.4.1). Grafts are sent for all.
void Trees::settle_under(Ipv4Prefix prefix, Ipv4 group, std::optional<Ipv4> source, TimePoint now,
                         Output& out) {
    if (!routing_.hides()) {
        if (Tree* const tree = find_tree(prefix, group)) {
            settle(*tree, now, out);
        }
        return;
    }
    Route const* const named = source ? routing_.usable(*source) : nullptr;
    for (std::uint32_t const number : numbers_under(prefix, group)) {
        auto const at = by_number_.find(number);
        if (at == by_number_.end()) {
            continue;
        }
        Tree& tree = *at->second;
        bool const at_once =
            tree.prefix == prefix || (named != nullptr && named->prefix == tree.prefix);
        if (!at_once) {
            tree.was_wanted = tell_all(tree, now, out) && tree.was_wanted;
        }
        settle(tree, now, out);
    }
}

// Of all prunes that this tree is subject to.
std::optional<TimePoint> Trees::first_end_below(Tree const& tree, TimePoint now) const {
    auto first = tree.received.first_end(spans_, now);
    if (!routing_.hides()) {
        return first;
    }
    for (std::uint8_t length = 0; length < tree.prefix.length; ++length) {
        Ipv4Prefix const cut{tree.prefix.address, length};
        auto const at = trees_.find({tree.group, {cut.network(), length}});
        auto const end =
            at != trees_.end() ? at->second.received.first_end(spans_, now) : std::nullopt;
        if (end) {
            first = first ? std::min(*first, *end) : *end;
        }
    }
    return first;
}

} // namespace mcast::dvmrp
