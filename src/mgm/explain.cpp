// What the manager shows of itself: entries, groups, and why an interface is or is not an output.
#include "core.h"

#include <algorithm>

namespace mcast::mgm {

using handoff::Drop;

namespace {

// What decided about one interface. `s` belongs to `entry`.
OutputReason reason_for(IfIndex i, StoredEntry const& entry, Selection const& s) {
    if (entry.arrival.index == i) {
        return OutputReason::arrival;
    }
    if (entry.switched_off.contains(i)) {
        return OutputReason::switched_off;
    }
    if (!s.wanted.contains(i)) {
        return OutputReason::no_member;
    }
    if (s.blocked.contains(i)) {
        return OutputReason::boundary;
    }
    if (entry.owner_vetoed.contains(i)) {
        return OutputReason::owner_refuses;
    }
    if (s.refused.contains(i)) {
        return OutputReason::igmp_refuses;
    }
    return entry.negative == Drop::none ? OutputReason::forwards : OutputReason::entry_refuses;
}

// Whose doing it is: who refuses, or else who wants it.
std::optional<ComponentId> party(Core const& core, InterfaceRecord const* record,
                                 OutputReason reason, bool igmp_only) {
    if (record == nullptr || reason == OutputReason::no_member) {
        return std::nullopt;
    }
    bool const igmp =
        reason == OutputReason::igmp_refuses ||
        (igmp_only && reason != OutputReason::owner_refuses && reason != OutputReason::arrival) ||
        !record->owner.taken();
    return core.clients.id_of(igmp ? record->igmp.client : record->owner.client);
}

} // namespace

Explanation Core::explain(FlowKey key, IfIndex arrived_on) const {
    StoredEntry const* cached = store.find(key);
    StoredEntry predicted;
    if (cached == nullptr) {
        builder.predict(predicted, key);
    }
    StoredEntry const& entry = cached != nullptr ? *cached : predicted;
    Selection const s = builder.select(entry);

    Explanation e;
    e.key = key;
    e.cached = cached != nullptr;
    e.route = entry.route;
    e.arrival = entry.arrival;
    e.owner = clients.id_of(entry.owner);
    e.wrong_interface = arrived_on != k_no_interface && entry.arrival.index != k_no_interface &&
                        arrived_on != entry.arrival.index;
    e.negative = entry.negative;

    IfSet shown = facts.known() | s.wanted;
    for (auto const& [ref, record] : ownership.all()) {
        shown.insert(ref.index);
    }
    e.outputs = verdicts(entry, s, shown);
    return e;
}

std::vector<OutputVerdict> Core::verdicts(StoredEntry const& entry, Selection const& selection,
                                          IfSet const& interfaces) const {
    std::vector<OutputVerdict> all;
    interfaces.for_each([&](IfIndex i) {
        InterfaceRef const ref{i, {}};
        OutputReason const reason = reason_for(i, entry, selection);
        bool const igmp_only = selection.igmp_only.contains(i);
        all.push_back({ref, reason, party(*this, ownership.find(ref), reason, igmp_only),
                       facts.threshold(i), igmp_only && membership.all_stale(entry.key, i)});
    });
    return all;
}

ForwardingEntry Core::view(StoredEntry const& entry) const {
    ForwardingEntry v;
    v.key = entry.key;
    v.arrival = entry.arrival;
    v.upstream = entry.upstream;
    v.owner = clients.id_of(entry.owner);
    v.route = entry.route;
    v.outputs = entry.outputs;
    v.highest_threshold = entry.highest_threshold;
    v.negative = entry.negative;
    v.uptime = now - entry.born;
    v.expiry = entry.timer.due().value_or(now) - now;
    v.lifetime = entry.lifetime;
    return v;
}

GroupCursor Core::groups(GroupListing listing) const {
    std::vector<MembershipKey> keys;
    InterestStore const& interests = membership.interests();
    for (std::size_t slot = 0; slot < interests.slots(); ++slot) {
        if (interests.at(slot) == nullptr) {
            continue;
        }
        MembershipKey const& key = interests.at(slot)->key;
        if (listing == GroupListing::per_source) {
            keys.push_back(key);
        } else if (key.group) {
            keys.push_back(MembershipKey::of(*key.group));
        }
    }
    std::ranges::sort(keys);
    auto const repeated = std::ranges::unique(keys);
    keys.erase(repeated.begin(), repeated.end());
    return GroupCursor{std::move(keys)};
}

} // namespace mcast::mgm
