// Flows between the engine, which says who wants them, and the manager, which has their entries.
#include "dvmrp_component.h"

#include <algorithm>
#include <utility>

namespace mcast::control {

namespace {

constexpr mgm::MembershipFlags k_switch = mgm::MembershipFlags::forward_state;
// How long a sweep waits for the next one; within the shortest wait for a prune to be repeated.
constexpr Duration k_sweep_pause = std::chrono::seconds{1};
// Flows without an entry are passed over, so many for one that is looked at.
constexpr std::size_t k_passed_over = 16;

} // namespace

bool DvmrpComponent::wanted_by_members(IfIndex interface, FlowKey flow) const {
    if (igmp_.engine().knows(interface)) {
        return igmp_.engine().wanted(interface, flow);
    }
    auto const seat = seats_.find(interface);
    if (seat == seats_.end()) {
        return false;
    }
    auto const at = seat->second.members.find(flow.group);
    return at != seat->second.members.end() &&
           std::ranges::any_of(at->second,
                               [&](mgm::MembershipKey const& key) { return key.matches(flow); });
}

// Before the engine knows of the flow: whether to prune it makes sense at all. Too much is put
// right by the next follow().
bool DvmrpComponent::wanted_somewhere(FlowKey key) const {
    auto const others = [&](mgm::OutputVerdict const& verdict) {
        bool const out = verdict.reason == mgm::OutputReason::forwards ||
                         verdict.reason == mgm::OutputReason::entry_refuses;
        return out && !holds(verdict.interface.index);
    };
    auto const members = [&](auto const& each) { return wanted_by_members(each.first, key); };
    return std::ranges::any_of(manager_.wanted_outputs(key), others) ||
           std::ranges::any_of(seats_, members);
}

// The manager asks about the flow, with a packet or without; so it has an entry.
void DvmrpComponent::touch(FlowKey key, std::optional<IfIndex> came_in) {
    auto const rpf = engine_.rpf(key.source);
    auto const [at, fresh] = flows_.try_emplace(key);
    Flow& flow = at->second;
    if (flow.gone) {
        gone_.erase({*flow.gone, key});
        flow.gone.reset();
        flow.packets = 0;
    }
    if (flow.open && came_in) {
        if (rpf && rpf->interface == *came_in) {
            engine_.data(key, now_, raised_);
        }
    } else if (!flow.open && rpf) {
        if (engine_.flow_count() >= config_.dvmrp->max_flows && !gone_.empty()) {
            close(flows_.find(gone_.begin()->second));
        }
        flow.open =
            engine_.open_flow(key, now_, raised_, wanted_somewhere(key), came_in).has_value();
    }
    dirty_.insert(key);
}

// Where DVMRP knows no way to the source the flow comes from elsewhere: only members get it.
bool DvmrpComponent::forwards(FlowKey key, IfIndex interface,
                              std::optional<dvmrp::Outputs> const& outputs) const {
    if (!outputs) {
        return !engine_.rpf(key.source) && wanted_by_members(interface, key);
    }
    return outputs->dependents.contains(interface) ||
           (outputs->members_served.contains(interface) && wanted_by_members(interface, key));
}

void DvmrpComponent::look_at(mgm::MembershipKey const& key) {
    if (!key.group) {
        sweep_all_ = true;
        sweeping_ = true;
        swept_.reset();
        return;
    }
    auto at = flows_.lower_bound({key.source.value_or(Ipv4{}), *key.group});
    for (; at != flows_.end() && at->first.group == *key.group; ++at) {
        if (key.matches(at->first)) {
            dirty_.insert(at->first);
        } else if (key.source) {
            return;
        }
    }
}

void DvmrpComponent::follow_flow(FlowKey key) {
    auto const at = flows_.find(key);
    if (at == flows_.end()) {
        return;
    }
    auto const entry = manager_.entry(key);
    auto const outputs = engine_.outputs(key, now_);
    if (!entry) {
        // Of a flow without an entry only memberships can say that somebody wants it.
        bool const members = std::ranges::any_of(
            manager_.memberships({std::nullopt, key.group}, {}, 64).memberships,
            [&](mgm::MembershipView const& view) {
                return view.key.group && view.key.matches(key) && !holds(view.interface);
            });
        engine_.set_wanted_elsewhere(key, members, now_, output_);
        carry_out(output_);
        return;
    }
    switch_outputs(*entry, outputs);
    if (auto const now_so = manager_.entry(key)) {
        engine_.set_wanted_elsewhere(key, wanted_by_others(*now_so, outputs), now_, output_);
        carry_out(output_);
    }
}

// What goes out and the engine does not count already: other components' interfaces, and ours
// where only IGMP knows yet, or for single sources.
bool DvmrpComponent::wanted_by_others(mgm::ForwardingEntry const& entry,
                                      std::optional<dvmrp::Outputs> const& outputs) const {
    IfSet const counted = outputs ? outputs->wanted & held() : IfSet{};
    return !(entry.outputs - counted).empty();
}

// What comes is switched on before what goes is switched off: a flow that only moves is never
// without an output.
void DvmrpComponent::switch_outputs(mgm::ForwardingEntry const& entry,
                                    std::optional<dvmrp::Outputs> const& outputs) {
    auto const key = mgm::MembershipKey::of(entry.key);
    std::vector<mgm::InterfaceLease*> off;
    for (auto& [interface, seat] : seats_) {
        bool const is_on = entry.outputs.contains(interface);
        bool const want =
            interface != entry.arrival.index && forwards(entry.key, interface, outputs);
        if (want && !is_on) {
            (void)seat.lease.add(key, k_switch); // the next follow tries again
        } else if (!want && is_on) {
            off.push_back(&seat.lease);
        }
    }
    for (mgm::InterfaceLease* const lease : off) {
        (void)lease->remove(key, k_switch);
    }
}

// --- the sweep

void DvmrpComponent::note_data(FlowKey key, Flow& flow) {
    auto const stats = manager_.entry_stats(key);
    if (!stats) {
        return;
    }
    std::uint64_t const packets = stats->totals.packets + stats->totals.dropped;
    if (std::exchange(flow.packets, packets) < packets) {
        engine_.data(key, now_, output_);
        carry_out(output_);
    }
}

// Of what comes straight from its source nothing was pruned.
void DvmrpComponent::note_gone(FlowKey key, Flow& flow) {
    auto const rpf = engine_.rpf(key.source);
    if (!flow.open || !rpf || rpf->neighbor.is_unspecified()) {
        close(flows_.find(key));
        return;
    }
    flow.gone = now_;
    gone_.emplace(now_, key);
    dirty_.insert(key);
}

void DvmrpComponent::close(Flows::iterator at) {
    if (at->second.open) {
        engine_.close_flow(at->first);
    }
    if (at->second.gone) {
        gone_.erase({*at->second.gone, at->first});
    }
    flows_.erase(at);
}

void DvmrpComponent::forget_old() {
    Duration const longest = config_.dvmrp->max_prune_lifetime;
    while (!gone_.empty() && gone_.begin()->first + longest <= now_) {
        close(flows_.find(gone_.begin()->second));
    }
}

std::size_t DvmrpComponent::sweep(std::size_t limit) {
    if (!sweeping_) {
        if (flows_.empty() || now_ < sweep_due_) {
            return 0;
        }
        sweeping_ = true;
        swept_.reset();
        sweep_due_ = now_ + k_sweep_pause;
        forget_old();
    }
    auto at = swept_ ? flows_.upper_bound(*swept_) : flows_.begin();
    std::size_t done = 0;
    for (std::size_t seen = 0; at != flows_.end() && done < limit && seen < limit * k_passed_over;
         ++seen) {
        FlowKey const key = at->first;
        Flow& flow = at->second;
        ++at;
        swept_ = key;
        if (flow.gone && !sweep_all_) {
            continue;
        }
        ++done;
        if (sweep_all_) {
            follow_flow(key);
        }
        auto const entry = manager_.entry(key);
        if (!entry && !flow.gone) {
            note_gone(key, flow);
        } else if (entry && entry->outputs.empty()) {
            note_data(key, flow);
        }
    }
    if (at == flows_.end()) {
        sweeping_ = false;
        sweep_all_ = false;
    }
    return done;
}

} // namespace mcast::control
