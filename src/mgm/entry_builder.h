// From routes, memberships, boundaries and answers to entries: asks, computes, publishes, alerts.
// Control thread.
#pragma once

#include "alerts.h"
#include "clients.h"
#include "entry_store.h"
#include "facts.h"
#include "membership.h"
#include "ownership.h"
#include "reporter.h"
#include "walk.h"

#include "mcast/mgm/component.h"
#include "mcast/mgm/views.h"

#include <cstddef>
#include <cstdint>
#include <list>
#include <span>

namespace mcast::mgm {

// The interfaces of one entry on their way to being outputs.
struct Selection {
    IfSet wanted;     // by membership or switched on; not the arrival interface
    IfSet igmp_only;  // of `wanted`, those that IGMP alone wants
    IfSet blocked;    // by a scope boundary that covers the group
    IfSet candidates; // wanted, not blocked, not switched off
    IfSet refused;    // of the candidates
};

class EntryBuilder {
public:
    // To look at an entry costs one, to ask about it and publish it costs so much.
    static constexpr std::size_t k_refresh_cost = 16;
    // What follows at once in a turn.
    static constexpr std::size_t k_at_once = 512 * k_refresh_cost;

    EntryBuilder(RouteView const& routes, Clients& clients, Ownership const& ownership,
                 Membership const& membership, Facts const& facts, Alerts& alerts,
                 EntryStore& store, Limits const& limits, ManagerCounters& counters,
                 Reporter const& reporter, TimePoint const& now)
        : routes_(routes), clients_(clients), ownership_(ownership), membership_(membership),
          facts_(facts), alerts_(alerts), store_(store), limits_(limits), counters_(counters),
          reporter_(reporter), now_(now) {}

    MissOutcome miss(FlowKey key, IfIndex arrived_on, std::span<std::uint8_t const> packet);

    // Below: entries follow at once if they are few, and the rest in the next turns, by work().
    // None of these can fail; without memory for the walk, entries are asked anew about everything.
    // After make_room (which may throw std::bad_alloc) so many are sure to have it.
    void make_room(std::size_t changes);
    // A membership that was not there before.
    void membership_added(MembershipKey const& key, IfIndex index, bool by_igmp);
    void membership_removed(MembershipKey const& key, IfIndex index);
    void switch_output(FlowKey key, IfIndex index, bool by_igmp, bool on);
    void reask_igmp(Ipv4 group, IfIndex index);
    void reask_owner(IfIndex index);
    // After a change that can touch every entry (thresholds, boundaries, SSM ranges).
    void refresh_all();

    // A new owner: what the interface's components said before is void, and they are asked again,
    // by work() only: whoever takes has its lease by then.
    void interface_taken(IfIndex index);
    // An owner has left, or IGMP where it was alone. The flows that it received there are examined
    // anew if somebody else is there, else they lose their entries.
    void interface_released(IfIndex index, ClientSerial owner);
    // IGMP has left, the owner stays: what the owner said still holds.
    void igmp_left_owner(IfIndex index, ClientSerial igmp);
    void interface_gone(IfIndex index);
    // By work() only.
    void routes_changed(Ipv4Prefix prefix);

    // Lets about `limit` entries follow, or looks at many more that are not concerned. Returns how
    // many were looked at.
    std::size_t work(std::size_t limit);
    bool idle() const { return walks_.empty() && !lost_; }
    // Entries follow at once to a certain number a turn, however many calls there are.
    void begin_turn();
    // Whether entries have followed all that had happened when ticket() gave `until`.
    std::uint64_t ticket() const { return last_ticket_; }
    bool done(std::uint64_t until) const {
        return !lost_ && (walks_.empty() || walks_.front().ticket > until);
    }

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

    void refused(std::string_view counter, FlowKey key, ClientSerial who, InterfaceRef where) const;
    // False when the store is full of entries that forward.
    bool make_space();
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
    static void forget_answers(StoredEntry& entry, IfIndex index);

    // entry_changes.cpp
    // What a change meant for one entry.
    enum class Followed : std::uint8_t { unconcerned, refreshed, withdrawn };
    static bool concerned(StoredEntry const& entry, IfIndex index);
    Followed follow_or_undo(StoredEntry& entry, Walk const& walk);
    Followed follow(StoredEntry& entry, Walk const& walk);
    Followed follow_release(StoredEntry& entry, Walk const& walk);
    Followed succeed(StoredEntry& entry);
    Followed follow_going(StoredEntry& entry, IfIndex index);
    void examine_anew(StoredEntry& entry);
    // Lets the entry follow all walks up to the ticket that have not come to it. False: withdrawn.
    Followed catch_up(StoredEntry& entry, std::uint64_t until);
    void begin(Walk walk);
    void begin_now(Walk const& walk);
    std::size_t advance(Walk& walk, std::size_t budget);

    RouteView const& routes_;
    Clients& clients_;
    Ownership const& ownership_;
    Membership const& membership_;
    Facts const& facts_;
    Alerts& alerts_;
    EntryStore& store_;
    Limits const& limits_;
    ManagerCounters& counters_;
    Reporter const& reporter_;
    TimePoint const& now_;
    std::list<Walk> walks_; // in the order of tickets
    std::list<Walk> spare_; // for those to come
    std::uint64_t last_ticket_ = 0;
    std::size_t allowance_ = k_at_once; // of this turn
    bool lost_ = false; // a walk for which there was no memory: everything is examined anew
};

} // namespace mcast::mgm
