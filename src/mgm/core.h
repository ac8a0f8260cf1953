// The parts of the group manager and the verbs that touch more than one of them. Control thread.
//
// membership_calls.cpp has the verbs of memberships, transfer.cpp those of ownership, turn.cpp what
// is left for the manager's turn, wrong_interface.cpp the alerts of that name, explain.cpp what
// only reads.
//
// Memory. A verb first asks for all the memory that it may need, then changes something; so it
// either fails with no_memory and nothing has happened, or cannot fail. What follows later, in the
// turn, is tried again in the next one. group_manager.h says what is not covered.
#pragma once

#include "alerts.h"
#include "clients.h"
#include "entry_builder.h"
#include "entry_store.h"
#include "facts.h"
#include "membership.h"
#include "news.h"
#include "ownership.h"
#include "recent_alerts.h"
#include "reporter.h"

#include "mcast/handoff/grace_period.h"
#include "mcast/handoff/publisher.h"
#include "mcast/mgm/group_manager.h"

#include <array>
#include <cstddef>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace mcast::mgm {

std::unexpected<Failure> failure(MgmError code, std::string reason);

struct Core {
    Core(RouteView const& route_view, handoff::Publisher& publisher_in,
         handoff::GracePeriod& grace_in, Limits limits_in);

    // --- membership_calls.cpp
    // One membership call: on whose behalf, where, what.
    struct Call {
        ClientSerial client = k_nobody;
        std::optional<std::uint64_t> lease; // absent: by registration alone
        InterfaceRef interface{};
        MembershipKey key{};
        MembershipFlags flags{};
        std::optional<Epoch> epoch;
    };
    Result<> add(Call const& call);
    Result<> remove(Call const& call);

    // --- transfer.cpp
    Result<std::uint64_t> take(ClientSerial client, InterfaceRef ref);
    Result<> release(ClientSerial client, InterfaceRef ref, std::optional<std::uint64_t> lease);
    Result<> deregister(ClientSerial client);
    // The same for destructors, which cannot be refused: what cannot be done from inside a
    // question, or without memory, is done by the next step.
    void drop_lease(ClientSerial client, InterfaceRef ref, std::uint64_t lease);
    void drop_registration(ClientSerial client);
    void interface_gone(IfIndex index);

    // --- wrong_interface.cpp
    Result<> set_wrong_interface_alerts(ClientSerial client, InterfaceRef ref, std::uint64_t lease,
                                        bool on);
    AlertResult wrong_interface(FlowKey key, IfIndex arrived_on,
                                std::span<std::uint8_t const> packet);

    // --- turn.cpp
    std::size_t step(TimePoint at, std::size_t limit);
    std::optional<TimePoint> next_due() const;

    // --- explain.cpp
    Explanation explain(FlowKey key, IfIndex arrived_on) const;
    // Of these interfaces. `selection` belongs to `entry`.
    std::vector<OutputVerdict> verdicts(StoredEntry const& entry, Selection const& selection,
                                        IfSet const& interfaces) const;
    ForwardingEntry view(StoredEntry const& entry) const;
    GroupCursor groups(GroupListing listing) const;

    std::unexpected<Failure> out_of_memory();
    // Reports what was counted under this name.
    void refused(std::string_view counter, std::optional<ComponentId> who = std::nullopt,
                 InterfaceRef where = {k_no_interface, {}}, MembershipKey const& key = {}) const;
    // Refuses and counts mutating calls from inside a question or a gate call.
    Result<> not_from_question();
    // The lease (if any) still stands for that client's seat.
    bool seated(ClientSerial client, InterfaceRef ref, std::optional<std::uint64_t> lease) const;

    handoff::Publisher& publisher;
    handoff::GracePeriod& grace;
    Limits limits;
    TimePoint now{};
    Reporter reporter{now};
    ManagerCounters counters;
    Clients clients;
    News news;
    Ownership ownership;
    Membership membership;
    Facts facts;
    Alerts alerts;
    EntryStore store;
    EntryBuilder builder;
    RecentAlerts recent_alerts;
    IfSet alerting; // where somebody hears of packets on the wrong interface

private:
    // membership_calls.cpp
    Result<> check(Call const& call);
    void add_checked(Call const& call);
    void remove_checked(Call const& call);
    void add_join(Call const& call, bool by_igmp);
    void remove_join(Call const& call, bool by_igmp);

    // transfer.cpp
    void report_gate_closed(InterfaceRef ref) const;
    void owner_changes(InterfaceRef ref);
    void owner_left(ClientSerial client, InterfaceRef ref, bool gate_closed);
    void igmp_left(ClientSerial client, InterfaceRef ref);

    // wrong_interface.cpp
    void hearer_changes(InterfaceRef ref);

    void release_abandoned();
    // Does a part of the turn's work now; what memory does not suffice for is left to the turn.
    template <class F>
    void at_once(F&& work) {
        try {
            work();
        } catch (std::bad_alloc const&) {
            ++counters.out_of_memory;
        }
    }

    // turn.cpp
    std::size_t complete_changes();
    void complete(InterfaceRef ref, InterfaceRecord& record);
    // What was wanted on the interface by who has left it, at most `limit` memberships.
    std::size_t sweep_own(IfIndex index, std::size_t limit);
    std::size_t sweep_igmp(IfIndex index, std::size_t limit);
    std::size_t sweep_stale(IfIndex index, std::size_t limit);
    std::size_t sweep(std::size_t limit);
    std::size_t deliver(std::size_t limit);
    void report_news(NewsItem const& item) const;

    IfSet stale_; // where something may be stale
    std::array<TimePoint, k_max_interfaces> stale_until_{};
    bool stepping_ = false;
};

} // namespace mcast::mgm
