// How cached entries follow what happens around them.
#include "entry_builder.h"

#include <algorithm>
#include <new>

namespace mcast::mgm {

namespace {

Walk walk_of(Walk::Change change, IfIndex index) {
    Walk walk;
    walk.change = change;
    walk.index = index;
    return walk;
}

} // namespace

// A new membership asks anew: it is a new reason, and whoever refused before may now agree. Only
// the owner that adds it itself has answered by that.
void EntryBuilder::membership_added(MembershipKey const& key, IfIndex index, bool by_igmp) {
    Walk walk = walk_of(Walk::Change::added, index);
    walk.over = key;
    walk.by_igmp = by_igmp;
    begin_now(walk);
}

void EntryBuilder::membership_removed(MembershipKey const& key, IfIndex index) {
    Walk walk = walk_of(Walk::Change::removed, index);
    walk.over = key;
    begin_now(walk);
}

void EntryBuilder::reask_igmp(Ipv4 group, IfIndex index) {
    Walk walk = walk_of(Walk::Change::reask_igmp, index);
    walk.over = MembershipKey::of(group);
    begin_now(walk);
}

void EntryBuilder::reask_owner(IfIndex index) {
    begin_now(walk_of(Walk::Change::reask_owner, index));
}

void EntryBuilder::refresh_all() {
    begin_now(walk_of(Walk::Change::facts, k_no_interface));
}

void EntryBuilder::interface_taken(IfIndex index) {
    begin(walk_of(Walk::Change::taken, index));
}

void EntryBuilder::interface_released(IfIndex index, ClientSerial owner) {
    Walk walk = walk_of(Walk::Change::released, index);
    walk.client = owner;
    begin_now(walk);
}

void EntryBuilder::igmp_left_owner(IfIndex index, ClientSerial igmp) {
    Walk walk = walk_of(Walk::Change::igmp_left, index);
    walk.client = igmp;
    begin_now(walk);
}

void EntryBuilder::interface_gone(IfIndex index) {
    begin_now(walk_of(Walk::Change::gone, index));
}

void EntryBuilder::routes_changed(Ipv4Prefix prefix) {
    Walk walk = walk_of(Walk::Change::rerouted, k_no_interface);
    walk.over = prefix;
    begin(walk);
}

void EntryBuilder::make_room(std::size_t changes) {
    while (spare_.size() < changes) {
        spare_.emplace_back();
    }
}

// Nothing is remembered for an entry to come (MGM-63).
void EntryBuilder::switch_output(FlowKey key, IfIndex index, bool by_igmp, bool on) {
    Walk walk = walk_of(on ? Walk::Change::on : Walk::Change::off, index);
    walk.over = MembershipKey::of(key);
    walk.by_igmp = by_igmp;
    begin_now(walk);
}

void EntryBuilder::begin(Walk walk) {
    walk.ticket = ++last_ticket_;
    try {
        make_room(1);
        spare_.front() = walk;
        walks_.splice(walks_.end(), spare_, spare_.begin());
    } catch (std::bad_alloc const&) {
        ++counters_.out_of_memory;
        lost_ = true;
    }
}

void EntryBuilder::begin_now(Walk const& walk) {
    begin(walk);
    if (!walks_.empty() && walks_.back().ticket == last_ticket_) {
        std::size_t const used = advance(walks_.back(), allowance_);
        allowance_ -= std::min(used, allowance_);
    }
}

void EntryBuilder::begin_turn() {
    allowance_ = k_at_once;
}

// Returns how much of the budget was used. The walk is gone when it has come to its end.
std::size_t EntryBuilder::advance(Walk& walk, std::size_t budget) {
    std::size_t used = 0;
    bool finished = false;
    try {
        finished = store_.visit(walk, [&](StoredEntry& entry) {
            if (used >= budget) {
                return false;
            }
            ++used;
            if (catch_up(entry, walk.ticket) != Followed::unconcerned) {
                used += k_refresh_cost;
            }
            return true;
        });
    } catch (std::bad_alloc const&) {
        ++counters_.out_of_memory; // the entry at which it happened is next in line
        return budget;
    }
    if (finished) {
        std::erase_if(walks_, [&](Walk const& each) { return &each == &walk; });
    }
    return used;
}

std::size_t EntryBuilder::work(std::size_t limit) {
    if (lost_) {
        walks_.push_back(walk_of(Walk::Change::anything, k_no_interface));
        walks_.back().ticket = ++last_ticket_;
        lost_ = false;
    }
    std::size_t const budget = limit * k_refresh_cost;
    std::size_t used = 0;
    while (used < budget && !walks_.empty()) {
        used += advance(walks_.front(), budget - used) + 1;
    }
    return used;
}

EntryBuilder::Followed EntryBuilder::catch_up(StoredEntry& entry, std::uint64_t until) {
    auto result = Followed::unconcerned;
    for (Walk const& walk : walks_) {
        if (walk.ticket > until) {
            break;
        }
        if (walk.ticket <= entry.seen || !walk.covers(entry.key)) {
            continue;
        }
        auto const followed = follow_or_undo(entry, walk);
        if (followed == Followed::withdrawn) {
            return followed;
        }
        entry.seen = walk.ticket;
        result = followed == Followed::refreshed ? followed : result;
    }
    return result;
}

// Without memory the entry will be followed up later, and must know then what it was before.
EntryBuilder::Followed EntryBuilder::follow_or_undo(StoredEntry& entry, Walk const& walk) {
    EntryState const before = entry;
    try {
        return follow(entry, walk);
    } catch (std::bad_alloc const&) {
        static_cast<EntryState&>(entry) = before;
        throw;
    }
}

EntryBuilder::Followed EntryBuilder::follow(StoredEntry& entry, Walk const& walk) {
    IfIndex const index = walk.index;
    switch (walk.change) {
    case Walk::Change::added:
        forget_answers(entry, index);
        if (!walk.by_igmp) {
            entry.owner_asked.insert(index);
        }
        break;
    case Walk::Change::removed: {
        Wanting const wanting = membership_.wanting(entry.key);
        if (!(wanting.own | wanting.igmp).contains(index)) {
            forget_answers(entry, index);
            entry.switched_on.erase(index);
        }
        break;
    }
    case Walk::Change::reask_igmp:
        entry.igmp_asked.erase(index);
        entry.igmp_vetoed.erase(index);
        break;
    case Walk::Change::reask_owner:
        if (!entry.owner_asked.contains(index)) {
            return Followed::unconcerned; // is asked when it comes to it
        }
        entry.owner_asked.erase(index);
        entry.owner_vetoed.erase(index);
        break;
    case Walk::Change::on:
        entry.switched_on.insert(index);
        entry.switched_off.erase(index);
        (walk.by_igmp ? entry.igmp_asked : entry.owner_asked).insert(index);
        (walk.by_igmp ? entry.igmp_vetoed : entry.owner_vetoed).erase(index);
        break;
    case Walk::Change::off:
        entry.switched_off.insert(index);
        entry.switched_on.erase(index);
        break;
    case Walk::Change::facts:
        break;
    case Walk::Change::taken:
        if (!concerned(entry, index) && entry.routed.index != index &&
            entry.arrival.index != index) {
            return Followed::unconcerned;
        }
        entry.owner_asked.erase(index);
        entry.owner_vetoed.erase(index);
        examine_anew(entry);
        return Followed::refreshed;
    case Walk::Change::released:
        return follow_release(entry, walk);
    case Walk::Change::igmp_left: {
        bool const output = concerned(entry, index);
        entry.igmp_asked.erase(index);
        entry.igmp_vetoed.erase(index);
        if (entry.arrival.index == index && entry.owner == walk.client) {
            return succeed(entry); // IGMP named this interface, and it is no longer its own
        }
        if (!output) {
            return Followed::unconcerned;
        }
        break;
    }
    case Walk::Change::gone:
        return follow_going(entry, index);
    case Walk::Change::anything:
        for (IfSet* answers :
             {&entry.owner_asked, &entry.owner_vetoed, &entry.igmp_asked, &entry.igmp_vetoed}) {
            *answers = {};
        }
        [[fallthrough]];
    case Walk::Change::rerouted:
        examine_anew(entry);
        return Followed::refreshed;
    }
    refresh(entry);
    return Followed::refreshed;
}

EntryBuilder::Followed EntryBuilder::follow_release(StoredEntry& entry, Walk const& walk) {
    IfIndex const index = walk.index;
    if (entry.arrival.index == index && entry.owner == walk.client) {
        forget_answers(entry, index);
        entry.switched_on.erase(index);
        return succeed(entry);
    }
    bool const routed = entry.routed.index == index; // its owner moved the arrival elsewhere
    bool const output = concerned(entry, index);
    if (output) {
        forget_answers(entry, index);
        entry.switched_on.erase(index);
    }
    if (routed) {
        examine_anew(entry); // somebody else decides now
    } else if (output) {
        refresh(entry);
    }
    return routed || output ? Followed::refreshed : Followed::unconcerned;
}

// Where its flow arrives the owner has left. Whoever is there now inherits the flow: the entry is
// made as by a packet that comes now, and put in the place of the old one, so that workers never
// miss it. With nobody there it goes, and the next packet makes one that says so.
EntryBuilder::Followed EntryBuilder::succeed(StoredEntry& entry) {
    follow_route(entry);
    if (entry.owner == k_nobody) {
        store_.withdraw(entry.key);
        return Followed::withdrawn;
    }
    ask_owner_of_arrival(entry, k_no_interface, {});
    refresh(entry, Before{true, {}, k_nobody, handoff::Drop::none});
    return Followed::refreshed;
}

EntryBuilder::Followed EntryBuilder::follow_going(StoredEntry& entry, IfIndex index) {
    if (entry.arrival.index == index || entry.routed.index == index) {
        store_.withdraw(entry.key);
        return Followed::withdrawn;
    }
    if (!concerned(entry, index)) {
        return Followed::unconcerned;
    }
    forget_answers(entry, index);
    entry.switched_on.erase(index);
    refresh(entry);
    return Followed::refreshed;
}

// Whoever decides about the interface has been asked about this entry, or ought to be.
bool EntryBuilder::concerned(StoredEntry const& entry, IfIndex index) {
    return entry.outputs.contains(index) || entry.owner_asked.contains(index) ||
           entry.igmp_asked.contains(index) || entry.switched_on.contains(index) ||
           entry.switched_off.contains(index);
}

// With the RPF question.
void EntryBuilder::examine_anew(StoredEntry& entry) {
    Before const before{false, entry.outputs, entry.owner, entry.negative};
    resolve(entry, k_no_interface, {});
    refresh(entry, before);
}

void EntryBuilder::forget_answers(StoredEntry& entry, IfIndex index) {
    for (IfSet* answers : {&entry.owner_asked, &entry.owner_vetoed, &entry.igmp_asked,
                           &entry.igmp_vetoed, &entry.switched_off}) {
        answers->erase(index);
    }
}

} // namespace mcast::mgm
