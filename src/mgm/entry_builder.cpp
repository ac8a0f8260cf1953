#include "entry_builder.h"

#include "mcast/base/log.h"

#include <map>
#include <new>
#include <vector>

namespace mcast::mgm {

using handoff::Drop;

MissOutcome EntryBuilder::miss(FlowKey key, IfIndex arrived_on,
                               std::span<std::uint8_t const> packet) {
    if (StoredEntry const* known = store_.find(key)) {
        return {MissResult::exists, known->negative};
    }
    if (!key.group.is_multicast()) {
        return {MissResult::refused, Drop::reserved_group};
    }
    if (key.group.is_link_local_multicast()) {
        return {MissResult::refused, Drop::link_local_group};
    }
    if (!make_space()) {
        ++counters_.entry_limit_refused;
        refused("entry_limit_refused", key, k_nobody, {arrived_on, {}});
        return {MissResult::refused, Drop::entry_limit};
    }
    try {
        StoredEntry& entry = store_.create(key);
        entry.seen = last_ticket_; // it is made of what is true now
        resolve(entry, arrived_on, packet);
        if (refresh(entry, Before{true, {}, k_nobody, Drop::none})) {
            ++counters_.entries_created;
            return {MissResult::created, entry.negative};
        }
        ++counters_.entry_limit_refused;
        refused("entry_limit_refused", key, k_nobody, {arrived_on, {}});
    } catch (std::bad_alloc const&) {
        ++counters_.out_of_memory; // the next packet of the flow tries again
        refused("out_of_memory", key, k_nobody, {arrived_on, {}});
    }
    store_.withdraw(key);
    return {MissResult::refused, Drop::entry_limit};
}

void EntryBuilder::refused(std::string_view counter, FlowKey key, ClientSerial who,
                           InterfaceRef where) const {
    reporter_.report({.kind = EventKind::refused,
                      .component = clients_.id_of(who),
                      .interface = where,
                      .key = MembershipKey::of(key),
                      .reason = counter});
}

// Whoever sends from many made-up sources fills the store with refusals, which cost nothing to ask
// for again; a flow that comes now is worth more than the oldest of them.
bool EntryBuilder::make_space() {
    if (!store_.full()) {
        return true;
    }
    auto const oldest = store_.oldest_negative();
    if (!oldest) {
        return false;
    }
    store_.withdraw(*oldest, "evicted");
    ++counters_.negatives_evicted;
    return true;
}

bool EntryBuilder::has_room() const {
    return !store_.full() || store_.oldest_negative();
}

void EntryBuilder::follow_route(StoredEntry& entry) const {
    entry.route = routes_.lookup(entry.key.source);
    if (entry.route && entry.route->interface.index() >= k_max_interfaces) {
        entry.route.reset();
    }
    entry.routed = entry.route ? alerts_.toward(*entry.route) : InterfaceRef{k_no_interface, {}};
    entry.arrival = entry.routed;
    entry.upstream = entry.route ? entry.route->upstream : Ipv4{};
    entry.owner = ownership_.accountant(entry.routed);
}

void EntryBuilder::resolve(StoredEntry& entry, IfIndex arrived_on,
                           std::span<std::uint8_t const> packet) {
    follow_route(entry);
    if (entry.owner != k_nobody) {
        ask_owner_of_arrival(entry, arrived_on, packet);
    }
}

void EntryBuilder::predict(StoredEntry& entry, FlowKey key) const {
    entry.key = key;
    follow_route(entry);
    Selection const selection = select(entry);
    entry.negative = judge(entry, selection);
    entry.outputs =
        entry.negative == Drop::none ? selection.candidates - selection.refused : IfSet{};
    if (!has_room()) {
        entry.negative = Drop::entry_limit;
        entry.outputs = {};
    }
}

void EntryBuilder::ask_owner_of_arrival(StoredEntry& entry, IfIndex arrived_on,
                                        std::span<std::uint8_t const> packet) {
    RpfQuery const query{entry.key, entry.routed, *entry.route, arrived_on, packet};
    RpfDecision decision{entry.routed, entry.upstream};
    clients_.call_guarded(
        entry.owner, AlertKind::rpf_question,
        [&](ProtocolListener& owner, IgmpListener*) { owner.on_rpf(query, decision); });
    entry.upstream = decision.upstream;
    if (decision.interface == entry.routed) {
        return;
    }
    // RFC 2715 rule 1: any interface of its own, and no other.
    if (!ownership_.holds(entry.owner, decision.interface)) {
        ++counters_.rpf_refused;
        refused("rpf_refused", entry.key, entry.owner, decision.interface);
        log::line(log::Level::warning, "mgm",
                  "{} names interface {} for {}, which it does not own; keeping interface {}",
                  to_string(clients_.id_of(entry.owner).value_or(ComponentId{})),
                  decision.interface.index.value, to_string(entry.key), entry.routed.index.value);
        return;
    }
    entry.arrival = decision.interface;
}

Selection EntryBuilder::select(StoredEntry const& entry) const {
    Wanting const wanting = membership_.wanting(entry.key);
    IfSet arrival;
    if (entry.arrival.index.index() < k_max_interfaces) {
        arrival.insert(entry.arrival.index);
    }
    Selection s;
    s.wanted = (wanting.own | wanting.igmp | entry.switched_on) - arrival;
    s.igmp_only = s.wanted & (wanting.igmp - wanting.own - entry.switched_on);
    s.blocked = facts_.blocked(entry.key.group);
    s.candidates = s.wanted - s.blocked - entry.switched_off;
    s.refused = s.candidates & (entry.owner_vetoed | (s.igmp_only & entry.igmp_vetoed));
    return s;
}

Drop EntryBuilder::judge(StoredEntry const& entry, Selection const& s) const {
    if (!entry.route) {
        return Drop::no_route;
    }
    if (entry.owner == k_nobody) {
        return Drop::no_owner;
    }
    if (s.blocked.contains(entry.arrival.index)) {
        return Drop::boundary_in;
    }
    if (!(s.candidates - s.refused).empty()) {
        return Drop::none;
    }
    if (s.wanted.empty()) {
        return facts_.is_ssm(entry.key.group) ? Drop::ssm_unrequested : Drop::no_member;
    }
    return (s.wanted - s.blocked).empty() ? Drop::boundary_out : Drop::vetoed;
}

Selection EntryBuilder::compute(StoredEntry& entry) {
    Selection s = select(entry);
    bool const reachable =
        entry.route && entry.owner != k_nobody && !s.blocked.contains(entry.arrival.index);
    if (reachable) {
        ask_about_outputs(entry, s);
        s = select(entry);
    }
    entry.negative = judge(entry, s);
    entry.outputs = entry.negative == Drop::none ? s.candidates - s.refused : IfSet{};
    entry.highest_threshold = facts_.highest_threshold(entry.outputs);
    return s;
}

// Each component once, about those of its outputs that it was not asked about before.
void EntryBuilder::ask_about_outputs(StoredEntry& entry, Selection const& s) {
    std::map<ClientSerial, IfSet> owners;
    std::map<ClientSerial, IfSet> igmps;
    s.candidates.for_each([&](IfIndex i) {
        InterfaceRecord const* record = ownership_.find({i, {}});
        if (record == nullptr) {
            return;
        }
        if (record->owner.taken() && !entry.owner_asked.contains(i)) {
            owners[record->owner.client].insert(i);
        }
        if (record->igmp.taken() && s.igmp_only.contains(i) && !entry.igmp_asked.contains(i)) {
            igmps[record->igmp.client].insert(i);
        }
    });
    for (auto const& [client, outputs] : owners) {
        ask_client(client, entry, outputs, false);
    }
    for (auto const& [client, outputs] : igmps) {
        ask_client(client, entry, outputs, true);
    }
}

void EntryBuilder::ask_client(ClientSerial client, StoredEntry& entry, IfSet const& outputs,
                              bool as_igmp) {
    std::vector<OutInterface> mine;
    outputs.for_each([&](IfIndex i) {
        InterfaceRecord const* record = ownership_.find({i, {}});
        mine.push_back({{i, {}}, record != nullptr && record->igmp.taken(), true});
    });
    auto const asked = mine; // its answer is `forward` alone, whatever it writes elsewhere
    clients_.call_guarded(client, AlertKind::creation_question,
                          [&](ProtocolListener& component, IgmpListener*) {
                              component.on_entry_created(entry.key, entry.arrival, mine);
                          });
    IfSet& vetoed = as_igmp ? entry.igmp_vetoed : entry.owner_vetoed;
    for (std::size_t n = 0; n < asked.size(); ++n) {
        if (!mine[n].forward) {
            vetoed.insert(asked[n].ref.index);
        }
    }
    IfSet& done = as_igmp ? entry.igmp_asked : entry.owner_asked;
    done = done | outputs;
}

bool EntryBuilder::refresh(StoredEntry& entry, Before const& before) {
    alerts_.make_room_for_entry();
    Selection const selection = compute(entry);
    if (!store_.publish(entry)) {
        return false;
    }
    tell_and_age(entry, before, selection);
    return true;
}

void EntryBuilder::refresh(StoredEntry& entry) {
    // A key that is in the table already always finds room.
    refresh(entry, Before{false, entry.outputs, entry.owner, entry.negative});
}

bool EntryBuilder::foreign(IfSet const& outputs, ClientSerial owner) const {
    bool found = false;
    outputs.for_each([&](IfIndex i) { found |= ownership_.accountant({i, {}}) != owner; });
    return found;
}

// Rules 4 and 5 of RFC 2715, and the rule that both owners hear of it when an entry moves. What may
// need memory comes before the first of them is told.
void EntryBuilder::tell_and_age(StoredEntry& entry, Before const& before,
                                Selection const& selection) {
    bool const was_on = !before.outputs.empty();
    bool const is_on = !entry.outputs.empty();
    bool const moved = !before.fresh && before.owner != entry.owner;
    if (!before.fresh && !moved && was_on == is_on) {
        return;
    }
    bool const owned = entry.owner != k_nobody;
    IfSet const lost = was_on ? before.outputs : selection.candidates;
    bool const join = is_on && owned && !before.fresh && foreign(entry.outputs, entry.owner);
    bool const prune = !is_on && owned && entry.negative != Drop::boundary_in &&
                       (lost.empty() || foreign(lost, entry.owner));
    Duration const lifetime = is_on   ? limits_.entry_idle
                              : prune ? Duration{k_prune_lifetime}
                                      : limits_.negative_lifetime;
    store_.begin_life(entry, lifetime, now_);
    if (moved && was_on && before.owner != k_nobody) {
        alerts_.entry_prune(before.owner, entry.key, entry.arrival, 0);
    }
    if (join) {
        alerts_.entry_join(entry.owner, entry.key);
    }
    if (prune) {
        alerts_.entry_prune(entry.owner, entry.key, entry.arrival, entry.serial);
    }
}

} // namespace mcast::mgm
