// What is shown of the trees: prunes in force, and grafts that wait; and what traces tell of them.
#include "trees.h"

#include <algorithm>

namespace mcast::dvmrp {

namespace {

// Trees that a page looks at; most have no prune, and fewer a graft.
constexpr std::size_t k_trees_per_page = 2048;

} // namespace

// To whom our prune went, while it is in force.
std::optional<Upstream> Trees::pruned_neighbor(Tree const& tree, TimePoint now) const {
    auto const upstream = tree.pruned ? upstream_of(tree) : std::nullopt;
    bool const runs =
        upstream && upstream->neighbor.memory == tree.pruned->memory && now < tree.pruned->until;
    return runs ? upstream : std::nullopt;
}

Trees::Look Trees::look(Route const& route, FlowKey key, IfIndex out, Ipv4 below,
                        TimePoint now) const {
    Tree const* const tree = find_tree(route.prefix, key.group);
    Look look{.wanted = derive(route, tree, key, now).wanted.contains(out)};
    if (tree != nullptr) {
        look.prune_sent = pruned_neighbor(*tree, now).has_value();
        look.prune_heard = tree->received.covers(out, below, key.source, spans_, now);
    }
    return look;
}

// The first `most` behind `after`, in their order. What a neighbour has forgotten is none.
std::vector<PruneView> Trees::prunes_of(Tree const& tree, std::optional<PrunePlace> const& after,
                                        std::size_t most, TimePoint now) const {
    TreeKey const key{tree.group, tree.prefix};
    std::vector<PruneView> result;
    auto const add = [&](PruneView const& view) {
        if (!after || *after < view.place) {
            result.push_back(view);
        }
    };
    if (auto const upstream = pruned_neighbor(tree, now)) {
        add({.place = {.tree = key,
                       .received = false,
                       .interface = upstream->interface.index(),
                       .neighbor = upstream->neighbor.address,
                       .host = {}},
             .lifetime = tree.pruned->lifetime,
             .expires = tree.pruned->until,
             .resend_at = tree.pruned->resend_at});
    }
    tree.received.for_each(spans_, now, [&](ReceivedPrune const& it) {
        add({.place = {.tree = key,
                       .received = true,
                       .interface = it.interface,
                       .neighbor = it.neighbor,
                       .host = it.host.value_or(Ipv4{})},
             .lifetime = it.lifetime,
             .expires = it.until,
             .resend_at = std::nullopt});
    });
    if (result.size() > most) {
        auto const end = result.begin() + static_cast<std::ptrdiff_t>(most);
        std::ranges::nth_element(result, end, {}, &PruneView::place);
        result.erase(end, result.end());
    }
    std::ranges::sort(result, {}, &PruneView::place);
    return result;
}

PrunePage Trees::view_prunes(std::optional<PrunePlace> const& after, std::size_t limit,
                             TimePoint now) const {
    PrunePage page;
    // A tree may have more than a page holds: the one of the last row is looked at once more.
    auto at = after ? trees_.lower_bound({after->tree.group, after->tree.prefix}) : trees_.begin();
    for (std::size_t seen = 0; at != trees_.end(); ++at, ++seen) {
        if (seen == k_trees_per_page) {
            page.next = PrunePlace{.tree = {at->first.first, at->first.second}};
            return page;
        }
        for (PruneView const& it : prunes_of(at->second, after, limit + 1, now)) {
            if (page.rows.size() == limit) {
                page.next = page.rows.back().place;
                return page;
            }
            page.rows.push_back(it);
        }
    }
    return page;
}

GraftPage Trees::view_grafts(std::optional<TreeKey> const& after, std::size_t limit) const {
    GraftPage page;
    auto at = after ? trees_.upper_bound({after->group, after->prefix}) : trees_.begin();
    std::optional<TreeKey> last;
    for (std::size_t seen = 0; at != trees_.end(); ++at, ++seen) {
        if (seen == k_trees_per_page || page.rows.size() == limit) {
            page.next = last;
            return page;
        }
        Tree const& tree = at->second;
        last = TreeKey{tree.group, tree.prefix};
        auto const upstream = tree.grafted ? upstream_of(tree) : std::nullopt;
        if (upstream && upstream->neighbor.memory == tree.grafted->memory) {
            page.rows.push_back({.tree = *last,
                                 .interface = upstream->interface.index(),
                                 .neighbor = upstream->neighbor.address,
                                 .source = tree.grafted->source,
                                 .sent = tree.grafted->sent,
                                 .first_sent = tree.grafted->first_sent,
                                 .resend_at = tree.grafted->resend_at});
        }
    }
    return page;
}

} // namespace mcast::dvmrp
