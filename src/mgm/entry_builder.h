// From routes, memberships, boundaries and answers to entries: asks, computes, publishes, alerts.
// Control thread.
#pragma once

#include "alerts.h"
#include "clients.h"
#include "entry_store.h"
#include "facts.h"
#include "membership.h"
#include "ownership.h"

#include "mcast/mgm/component.h"
#include "mcast/mgm/views.h"

#include <cstddef>
#include <deque>
#include <span>
#include <unordered_set>

namespace mcast::mgm {

// The interfaces of one entry on their way to being outputs.
struct Selection {
    IfSet wanted;    // by membership or switched on; not the arrival interface
    IfSet igmp_only; // of `wanted`, those that IGMP alone wants
    IfSet stale;
    IfSet blocked;    // by a scope boundary that covers the group
    IfSet candidates; // wanted, not blocked, not switched off
    IfSet refused;    // of the candidates
};

class EntryBuilder {
public:
    EntryBuilder(RouteView const& routes, Clients& clients, Ownership const& ownership,
                 Membership const& membership, Facts const& facts, Alerts& alerts,
                 EntryStore& store, Limits const& limits, ManagerCounters& counters,
                 TimePoint const& now)
        : routes_(routes), clients_(clients), ownership_(ownership), membership_(membership),
          facts_(facts), alerts_(alerts), store_(store), limits_(limits), counters_(counters),
          now_(now) {}

    MissOutcome miss(FlowKey key, IfIndex arrived_on, std::span<std::uint8_t const> packet);

    // A membership that was not there before; matching entries follow.
    void membership_added(MembershipKey const& key, IfIndex index, bool by_igmp);
    void membership_removed(MembershipKey const& key, IfIndex index);
    void switch_output(FlowKey key, IfIndex index, bool by_igmp, bool on);
    void reask_igmp(Ipv4 group, IfIndex index);
    // After a change that can touch every entry (thresholds, boundaries, SSM ranges).
    void refresh_all();

    // A new owner: what the interface's components said before is void; the entries that have to
    // do with it are examined again by work().
    void interface_taken(IfIndex index);
    // An owner has left: the flows that it received there lose their entries.
    void interface_released(IfIndex index, ClientSerial owner);
    void interface_gone(IfIndex index);
    void routes_changed(Ipv4Prefix prefix);

    // Re-examines at most `limit` entries, RPF question included. Returns how many.
    std::size_t work(std::size_t limit);
    bool idle() const { return dirty_.empty(); }

    Selection select(StoredEntry const& entry) const;
    // An entry as it would be made now, as far as that is known without asking anybody.
    void predict(StoredEntry& entry, FlowKey key) const;
    // What the entry says of its flow, given route, owner and outputs.
    handoff::Drop judge(StoredEntry const& entry, Selection const& selection) const;

private:
    struct Before {
        bool fresh = false;
        IfSet outputs;
        ClientSerial owner = k_nobody;
        handoff::Drop negative = handoff::Drop::none;
    };

    // False when the store is full of entries that forward.
    bool make_room();
    bool has_room() const;
    void follow_route(StoredEntry& entry) const;
    void resolve(StoredEntry& entry, IfIndex arrived_on, std::span<std::uint8_t const> packet);
    void ask_owner_of_arrival(StoredEntry& entry, IfIndex arrived_on,
                              std::span<std::uint8_t const> packet);
    Selection compute(StoredEntry& entry);
    void ask_about_outputs(StoredEntry& entry, Selection const& selection);
    void ask_client(ClientSerial client, StoredEntry& entry, IfSet const& outputs, bool as_igmp);
    bool refresh(StoredEntry& entry, Before const& before);
    void refresh(StoredEntry& entry);
    void tell_and_age(StoredEntry& entry, Before const& before, Selection const& selection);
    bool foreign(IfSet const& outputs, ClientSerial owner) const;
    void forget_answers(StoredEntry& entry, IfIndex index);
    void mark(FlowKey key);

    RouteView const& routes_;
    Clients& clients_;
    Ownership const& ownership_;
    Membership const& membership_;
    Facts const& facts_;
    Alerts& alerts_;
    EntryStore& store_;
    Limits const& limits_;
    ManagerCounters& counters_;
    TimePoint const& now_;
    std::deque<FlowKey> dirty_;
    std::unordered_set<FlowKey> is_dirty_;
};

} // namespace mcast::mgm
