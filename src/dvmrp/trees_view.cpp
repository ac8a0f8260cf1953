// What is shown of the trees: prunes in force, and grafts that wait; and what traces tell of them.
#include "trees.h"

#include <algorithm>

namespace mcast::dvmrp {

namespace {

// Trees, and channels, that a page looks at; most have no prune, and fewer a graft.
constexpr std::size_t k_looked_at = 2048;
constexpr std::uint8_t k_host_length = 32;

TreeKey tree_of_one(FlowKey flow) {
    return {flow.group, {flow.source, k_host_length}};
}

FlowKey flow_of(TreeKey const& channel) {
    return {channel.prefix.address, channel.group};
}

GraftView view_of(GraftPlace const& place, Upstream const& upstream, SentGraft const& graft) {
    return {.place = place,
            .interface = upstream.interface.index(),
            .neighbor = upstream.neighbor.address,
            .source = graft.source,
            .sent = graft.sent,
            .first_sent = graft.first_sent,
            .resend_at = graft.resend_at};
}

bool heard_by(std::optional<Upstream> const& upstream, SentPrune const& prune, TimePoint now) {
    return upstream && upstream->neighbor.memory == prune.memory && now < prune.until;
}

} // namespace

// To whom our prune went, while it is in force.
std::optional<Upstream> Trees::pruned_neighbor(Tree const& tree, TimePoint now) const {
    auto const upstream = tree.pruned ? upstream_of(tree) : std::nullopt;
    return upstream && heard_by(upstream, *tree.pruned, now) ? upstream : std::nullopt;
}

Trees::Look Trees::look(Route const& route, FlowKey key, IfIndex out, Ipv4 below,
                        TimePoint now) const {
    Tree const* const tree = find_tree(route.prefix, key.group);
    Look look{.wanted = derive(route, tree, key, now).wanted.contains(out)};
    if (tree != nullptr) {
        look.prune_sent = pruned_neighbor(*tree, now).has_value();
        look.prune_heard = tree->received.covers(out, below, key.source, spans_, now);
    }
    if (Channel const* const channel = channels_.find(key); channel != nullptr && channel->pruned) {
        look.prune_sent = heard_by(upstream_of(&route, key.group), *channel->pruned, now);
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
    if (after && after->channel) {
        view_channel_prunes(after, limit, now, page);
        return page;
    }
    // A tree may have more than a page holds: the one of the last row is looked at once more.
    auto at = after ? trees_.lower_bound({after->tree.group, after->tree.prefix}) : trees_.begin();
    for (std::size_t seen = 0; at != trees_.end(); ++at, ++seen) {
        if (seen == k_looked_at) {
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
    view_channel_prunes(std::nullopt, limit, now, page);
    return page;
}

void Trees::view_channel_prunes(std::optional<PrunePlace> const& after, std::size_t limit,
                                TimePoint now, PrunePage& page) const {
    PrunePlace last = after.value_or(PrunePlace{.channel = true});
    for (std::size_t seen = 0;; ++seen) {
        Channel const* const channel = channels_.next(flow_of(last.tree));
        if (channel == nullptr) {
            return;
        }
        if (seen == k_looked_at || page.rows.size() == limit) {
            page.next = last;
            return;
        }
        last = PrunePlace{.channel = true, .tree = tree_of_one(channel->flow)};
        auto const upstream = channel->pruned ? upstream_of_channel(*channel) : std::nullopt;
        if (upstream && heard_by(upstream, *channel->pruned, now)) {
            last.interface = upstream->interface.index();
            last.neighbor = upstream->neighbor.address;
            page.rows.push_back({.place = last,
                                 .lifetime = channel->pruned->lifetime,
                                 .expires = channel->pruned->until,
                                 .resend_at = channel->pruned->resend_at});
        }
    }
}

GraftPage Trees::view_grafts(std::optional<GraftPlace> const& after, std::size_t limit) const {
    GraftPage page;
    if (after && after->channel) {
        view_channel_grafts(after, limit, page);
        return page;
    }
    auto at = after ? trees_.upper_bound({after->tree.group, after->tree.prefix}) : trees_.begin();
    GraftPlace last;
    for (std::size_t seen = 0; at != trees_.end(); ++at, ++seen) {
        if (seen == k_looked_at || page.rows.size() == limit) {
            page.next = last;
            return page;
        }
        Tree const& tree = at->second;
        last.tree = {tree.group, tree.prefix};
        auto const upstream = tree.grafted ? upstream_of(tree) : std::nullopt;
        if (upstream && upstream->neighbor.memory == tree.grafted->memory) {
            page.rows.push_back(view_of(last, *upstream, *tree.grafted));
        }
    }
    view_channel_grafts(std::nullopt, limit, page);
    return page;
}

void Trees::view_channel_grafts(std::optional<GraftPlace> const& after, std::size_t limit,
                                GraftPage& page) const {
    GraftPlace last = after.value_or(GraftPlace{.channel = true});
    for (std::size_t seen = 0;; ++seen) {
        Channel const* const channel = channels_.next(flow_of(last.tree));
        if (channel == nullptr) {
            return;
        }
        if (seen == k_looked_at || page.rows.size() == limit) {
            page.next = last;
            return;
        }
        last.tree = tree_of_one(channel->flow);
        bool const waits = channel->asked && !channel->answered;
        auto const upstream = waits ? upstream_of_channel(*channel) : std::nullopt;
        if (upstream && upstream->neighbor.memory == channel->asked->memory) {
            page.rows.push_back(view_of(last, *upstream, *channel->asked));
        }
    }
}

std::optional<Upstream> Trees::upstream_of_channel(Channel const& channel) const {
    return upstream_of(routing_.usable(channel.flow.source), channel.flow.group);
}

} // namespace mcast::dvmrp
