// How cached entries follow what happens around them.
#include "entry_builder.h"

#include <vector>

namespace mcast::mgm {

// A new membership asks anew: it is a new reason, and whoever refused before may now agree. Only
// the owner that adds it itself has answered by that.
void EntryBuilder::membership_added(MembershipKey const& key, IfIndex index, bool by_igmp) {
    store_.for_matching(key, [&](StoredEntry& entry) {
        forget_answers(entry, index);
        if (!by_igmp) {
            entry.owner_asked.insert(index);
        }
        refresh(entry);
    });
}

void EntryBuilder::membership_removed(MembershipKey const& key, IfIndex index) {
    store_.for_matching(key, [&](StoredEntry& entry) {
        Wanting const wanting = membership_.wanting(entry.key);
        if (!(wanting.own | wanting.igmp).contains(index)) {
            forget_answers(entry, index);
            entry.switched_on.erase(index);
        }
        refresh(entry);
    });
}

void EntryBuilder::switch_output(FlowKey key, IfIndex index, bool by_igmp, bool on) {
    StoredEntry* entry = store_.find(key);
    if (entry == nullptr) {
        return; // nothing is remembered for an entry to come (MGM-63)
    }
    (on ? entry->switched_on : entry->switched_off).insert(index);
    (on ? entry->switched_off : entry->switched_on).erase(index);
    if (on) {
        (by_igmp ? entry->igmp_asked : entry->owner_asked).insert(index);
        (by_igmp ? entry->igmp_vetoed : entry->owner_vetoed).erase(index);
    }
    refresh(*entry);
}

void EntryBuilder::reask_igmp(Ipv4 group, IfIndex index) {
    store_.for_matching(MembershipKey::of(group), [&](StoredEntry& entry) {
        entry.igmp_asked.erase(index);
        entry.igmp_vetoed.erase(index);
        refresh(entry);
    });
}

void EntryBuilder::refresh_all() {
    for (auto& [key, entry] : store_.all()) {
        refresh(entry);
    }
}

void EntryBuilder::interface_taken(IfIndex index) {
    for (auto& [key, entry] : store_.all()) {
        bool const concerned = entry.outputs.contains(index) || entry.owner_asked.contains(index) ||
                               entry.igmp_asked.contains(index) || entry.routed.index == index ||
                               entry.arrival.index == index;
        if (concerned) {
            entry.owner_asked.erase(index);
            entry.owner_vetoed.erase(index);
            mark(key);
        }
    }
}

void EntryBuilder::interface_released(IfIndex index, ClientSerial owner) {
    std::vector<FlowKey> ended;
    for (auto& [key, entry] : store_.all()) {
        if (entry.arrival.index == index && entry.owner == owner) {
            ended.push_back(key);
            continue;
        }
        if (entry.routed.index == index) {
            mark(key); // its owner moved the arrival elsewhere; somebody else decides now
        }
        bool const concerned = entry.outputs.contains(index) || entry.owner_asked.contains(index) ||
                               entry.igmp_asked.contains(index) ||
                               entry.switched_on.contains(index) ||
                               entry.switched_off.contains(index);
        if (concerned) {
            forget_answers(entry, index);
            entry.switched_on.erase(index);
            refresh(entry);
        }
    }
    for (FlowKey key : ended) {
        store_.withdraw(key);
    }
}

void EntryBuilder::interface_gone(IfIndex index) {
    std::vector<FlowKey> ended;
    for (auto& [key, entry] : store_.all()) {
        if (entry.arrival.index == index || entry.routed.index == index) {
            ended.push_back(key);
        } else {
            forget_answers(entry, index);
            entry.switched_on.erase(index);
            refresh(entry);
        }
    }
    for (FlowKey key : ended) {
        store_.withdraw(key);
    }
}

void EntryBuilder::routes_changed(Ipv4Prefix prefix) {
    for (auto const& [key, entry] : store_.all()) {
        if (prefix.contains(key.source)) {
            mark(key);
        }
    }
}

void EntryBuilder::forget_answers(StoredEntry& entry, IfIndex index) {
    for (IfSet* answers : {&entry.owner_asked, &entry.owner_vetoed, &entry.igmp_asked,
                           &entry.igmp_vetoed, &entry.switched_off}) {
        answers->erase(index);
    }
}

void EntryBuilder::mark(FlowKey key) {
    if (is_dirty_.insert(key).second) {
        dirty_.push_back(key);
    }
}

std::size_t EntryBuilder::work(std::size_t limit) {
    std::size_t done = 0;
    for (; done < limit && !dirty_.empty(); ++done) {
        FlowKey const key = dirty_.front();
        dirty_.pop_front();
        is_dirty_.erase(key);
        if (StoredEntry* entry = store_.find(key)) {
            Before const before{false, entry->outputs, entry->owner, entry->negative};
            resolve(*entry, k_no_interface, {});
            refresh(*entry, before);
        }
    }
    return done;
}

} // namespace mcast::mgm
