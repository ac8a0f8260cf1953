#include "keys.h"
#include "trees.h"

namespace mcast::dvmrp {

namespace {

constexpr std::size_t k_flow_piece = 256;
constexpr std::size_t k_tree_piece = 64;

} // namespace

void Trees::look_again(std::set<Ipv4Prefix>& touched, TimePoint now) {
    for (Ipv4Prefix const prefix : touched) {
        auto const at = flows_.lower_bound({prefix.address, Ipv4{}});
        bool const has_flows = at != flows_.end() && prefix.contains(at->first.first);
        auto const tree = by_prefix_.lower_bound({prefix, 0});
        bool const has_channels = channels_.next_within(prefix, std::nullopt) != nullptr;
        if (has_flows || has_channels || (tree != by_prefix_.end() && tree->first == prefix)) {
            touched_.insert(prefix);
        }
    }
    touched.clear();
    if (!touched_.empty() && !flow_sweep_timer_.armed()) {
        arm(flow_sweep_timer_, now, key_of(Due::flow_sweep));
    }
}

// False when there is no further flow of the prefix.
bool Trees::sweep_flow(std::set<std::uint32_t>& trees, TimePoint now, Output& out) {
    auto const at =
        swept_ ? flows_.upper_bound(*swept_) : flows_.lower_bound({sweeping_->address, Ipv4{}});
    if (at == flows_.end() || !sweeping_->contains(at->first.first)) {
        return false;
    }
    swept_ = at->first;
    FlowKey const key{at->first.first, at->first.second};
    rehome(key, at->second, now, out);
    if (at->second.tree != nullptr) {
        trees.insert(at->second.tree->number);
    }
    return true;
}

std::size_t Trees::flow_sweep_due(TimePoint now, Output& out) {
    std::set<std::uint32_t> trees;
    std::size_t done = 0;
    for (; done < k_flow_piece; ++done) {
        if (!sweeping_) {
            if (touched_.empty()) {
                break;
            }
            sweeping_ = *touched_.begin();
            touched_.erase(touched_.begin());
            swept_.reset();
            channel_swept_.reset();
            tree_swept_.reset();
        }
        if (!tree_swept_ && (sweep_flow(trees, now, out) || sweep_channel(now, out))) {
            continue;
        }
        // Then the trees themselves: one whose flows have ended may have its prune still, and who
        // depends on us now waits for a graft.
        auto const next = by_prefix_.upper_bound({*sweeping_, tree_swept_.value_or(0)});
        if (next == by_prefix_.end() || next->first != *sweeping_) {
            sweeping_.reset();
            continue;
        }
        tree_swept_ = next->second;
        trees.insert(next->second);
    }
    for (std::uint32_t const number : trees) {
        auto const at = by_number_.find(number);
        if (at != by_number_.end()) {
            settle(*at->second, now, out);
        }
    }
    if (sweeping_ || !touched_.empty()) {
        arm(flow_sweep_timer_, now, key_of(Due::flow_sweep));
    }
    return done + trees.size();
}

void Trees::neighbors_changed(TimePoint now) {
    if (tree_sweep_timer_.armed()) {
        tree_sweep_again_ = true;
        return;
    }
    trees_swept_.reset();
    channels_swept_.reset();
    arm(tree_sweep_timer_, now, key_of(Due::tree_sweep));
}

std::size_t Trees::tree_sweep_due(TimePoint now, Output& out) {
    for (std::size_t i = 0; i < k_tree_piece; ++i) {
        auto const at = trees_swept_ ? trees_.upper_bound(*trees_swept_) : trees_.begin();
        if (at == trees_.end()) {
            if (sweep_any_channel(now, out)) {
                continue;
            }
            trees_swept_.reset();
            channels_swept_.reset();
            if (tree_sweep_again_) {
                tree_sweep_again_ = false;
                arm(tree_sweep_timer_, now, key_of(Due::tree_sweep));
            }
            return i;
        }
        trees_swept_ = at->first;
        settle(at->second, now, out);
    }
    arm(tree_sweep_timer_, now, key_of(Due::tree_sweep));
    return k_tree_piece;
}

} // namespace mcast::dvmrp
