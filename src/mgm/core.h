// The parts of the group manager and the verbs that touch more than one of them. Control thread.
//
// interest.cpp has the verbs of memberships, transfer.cpp those of ownership and the turn,
// explain.cpp those that only read.
#pragma once

#include "alerts.h"
#include "clients.h"
#include "entry_builder.h"
#include "entry_store.h"
#include "facts.h"
#include "membership.h"
#include "news.h"
#include "ownership.h"

#include "mcast/handoff/grace_period.h"
#include "mcast/handoff/publisher.h"
#include "mcast/mgm/group_manager.h"

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace mcast::mgm {

std::unexpected<Failure> failure(MgmError code, std::string reason);

struct Core {
    Core(RouteView const& route_view, handoff::Publisher& publisher_in,
         handoff::GracePeriod& grace_in, Limits limits_in);

    // --- interest.cpp
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
    // The same for destructors, which cannot be refused: from inside a question they are carried
    // out by the next step.
    void drop_lease(ClientSerial client, InterfaceRef ref, std::uint64_t lease);
    void drop_registration(ClientSerial client);
    void interface_gone(IfIndex index);
    std::size_t step(TimePoint at, std::size_t limit);
    std::optional<TimePoint> next_due() const;

    // --- explain.cpp
    Explanation explain(FlowKey key, IfIndex arrived_on) const;
    ForwardingEntry view(StoredEntry const& entry) const;
    GroupCursor groups(GroupListing listing) const;

    // Refuses and counts mutating calls from inside a question or a gate call.
    Result<> not_from_question();
    // The lease (if any) still stands for that client's seat.
    bool seated(ClientSerial client, InterfaceRef ref, std::optional<std::uint64_t> lease) const;

    handoff::Publisher& publisher;
    handoff::GracePeriod& grace;
    Limits limits;
    TimePoint now{};
    ManagerCounters counters;
    Clients clients;
    News news;
    Ownership ownership;
    Membership membership;
    Facts facts;
    Alerts alerts;
    EntryStore store;
    EntryBuilder builder;

private:
    // interest.cpp
    Result<> check(Call const& call);
    void add_join(Call const& call, bool by_igmp);
    void remove_join(Call const& call, bool by_igmp);

    // transfer.cpp
    void hold_memberships(InterfaceRef ref);
    void owner_left(ClientSerial client, InterfaceRef ref, bool gate_closed);
    void igmp_left(ClientSerial client, InterfaceRef ref);
    void move_accounts_of(ClientSerial client);
    std::size_t complete_changes();
    std::size_t sweep(std::size_t limit);

    std::map<IfIndex, TimePoint> sweeps_; // when what is stale there is dropped
    std::vector<std::function<void()>> deferred_;
    bool stepping_ = false;
};

} // namespace mcast::mgm
