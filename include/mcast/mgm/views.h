// What can be read from the group manager: copies, valid for as long as the reader likes.
#pragma once

#include "mcast/base/time.h"
#include "mcast/handoff/counters.h"
#include "mcast/handoff/publisher.h"
#include "mcast/mgm/component.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace mcast::mgm {

// What the manager must know of an interface to build entries. Never told: the defaults.
struct InterfaceFacts {
    std::uint8_t ttl_threshold = 1;
    std::vector<Ipv4Prefix> boundaries; // group prefixes that may not cross, both ways

    bool operator==(InterfaceFacts const&) const = default;
};

struct Limits {
    // Negative ones included; when there is no room for another, the oldest negative one goes.
    std::size_t entries = 131072;
    Duration entry_idle = std::chrono::seconds{210};       // positive entry without traffic
    Duration negative_lifetime = std::chrono::seconds{30}; // where no prune alert set another
    Duration stale_hold = std::chrono::seconds{10}; // for IGMP to re-add after its gate opens
};

enum class MissResult : std::uint8_t { created, exists, refused };
struct MissOutcome {
    MissResult result{};
    // created, exists: what the entry says of the flow (none: it forwards). refused: why.
    handoff::Drop drop = handoff::Drop::none;
};

// What became of the report of a packet on the wrong interface: news to the interface's owner;
// raised too lately for the same flow, or too much news waits; nobody asks (any more).
enum class AlertResult : std::uint8_t { queued, suppressed, stale };

struct ForwardingEntry {
    FlowKey key{};
    InterfaceRef arrival{k_no_interface, {}};
    Ipv4 upstream{};
    std::optional<ComponentId> owner; // of the arrival interface
    std::optional<Route> route;       // the one that was used
    IfSet outputs{};
    std::uint8_t highest_threshold = 0;
    handoff::Drop negative = handoff::Drop::none;
    Duration uptime{};   // since it was created
    Duration expiry{};   // until it is deleted, or examined for traffic when it forwards
    Duration lifetime{}; // total of a negative entry; idle time of one that forwards
};

struct EntryStats {
    ForwardingEntry entry;
    handoff::FlowTotals totals;
};

struct EntryPage {
    std::vector<ForwardingEntry> entries;
    bool more = false;
};

// per_group: one record for each group that has any membership. per_source: every (*,G) and (S,G).
// Pairs on several interfaces are one record; (*,*) appears as itself under per_source only.
enum class GroupListing : std::uint8_t { per_group, per_source };

// A snapshot taken when it was opened (MGM-124). No order is promised.
class GroupCursor {
public:
    explicit GroupCursor(std::vector<MembershipKey> keys) : keys_(std::move(keys)) {}
    // At most `max` records that were not handed out yet.
    std::vector<MembershipKey> next(std::size_t max);
    bool done() const { return position_ == keys_.size(); }

private:
    std::vector<MembershipKey> keys_;
    std::size_t position_ = 0;
};

// Section "Ownership" of group_manager.h.
enum class OwnershipState : std::uint8_t { unowned, igmp, owned, shared, taking, releasing };
// "U", "I", "P", "PI", "TX", "RX"
std::string_view name_of(OwnershipState state);

// One completed change of the routing owner.
struct HandOver {
    bool releasing = false;
    TimePoint began{};    // take or release was called
    Duration published{}; // from then until the entries concerned were published
    Duration ready{};     // from then until no worker could see the old state: the gate opens
};

struct OwnershipView {
    InterfaceRef interface{};
    OwnershipState state{};
    std::optional<ComponentId> owner; // routing owner
    std::optional<ComponentId> igmp;
    Epoch epoch{};
    std::optional<Duration> waiting; // how long a transition has lasted
    std::optional<HandOver> last;
    std::uint64_t hand_overs = 0; // completed
    // The transition waits since then for workers alone: the entries concerned are published.
    std::optional<TimePoint> published;
};

struct MembershipView {
    MembershipKey key;
    bool by_owner = false;
    bool by_igmp = false;
    bool stale = false; // IGMP's, not yet re-added after a change of owner
    IfIndex interface = k_no_interface;
    std::optional<ComponentId> owner; // who wants it, if that is not IGMP alone
};

// All that are absent: every membership. With a group: (*,*) too, which wants it as well.
struct MembershipFilter {
    std::optional<IfIndex> interface;
    std::optional<Ipv4> group;
};

// Where a page of memberships ended. Their order means nothing and does not change: what is wanted
// throughout has one slot throughout.
struct MembershipPlace {
    std::size_t slot = 0;
    IfIndex interface{};

    constexpr auto operator<=>(MembershipPlace const&) const = default;
};

// A page may have fewer than was asked for, even none, and not be the last: how many memberships
// are looked at for it is bounded, too.
struct MembershipPage {
    std::vector<MembershipView> memberships;
    std::optional<MembershipPlace> next; // go on after it; absent: that was all
};

// Why an interface is, or is not, an output of a flow.
enum class OutputReason : std::uint8_t {
    forwards,
    arrival,       // the flow comes from there
    no_member,     // nobody wants it there
    boundary,      // a scope boundary there covers the group
    owner_refuses, // the routing owner refused this flow there
    igmp_refuses,  // every member there excludes the source
    switched_off,  // taken out of this one entry (a prune, say) without ending the membership
    entry_refuses, // wanted there, but the flow as a whole is refused (see `negative`)
};
std::string_view name_of(OutputReason reason);

struct OutputVerdict {
    InterfaceRef interface{};
    OutputReason reason{};
    std::optional<ComponentId> by; // who wants it, or who refuses
    std::uint8_t threshold = 1;    // TTL on arrival must be above it
    bool stale = false;            // wanted by a membership that IGMP has not re-added yet
};

// What happens to a flow and why, per interface that is known. Asks nobody: without a cached entry
// it says what the memberships and boundaries give, before any component could refuse.
struct Explanation {
    FlowKey key{};
    bool cached = false;
    std::optional<Route> route;
    InterfaceRef arrival{k_no_interface, {}}; // where it is expected
    std::optional<ComponentId> owner;         // of that interface
    bool wrong_interface = false;             // the asked arrival interface is another one
    handoff::Drop negative = handoff::Drop::none;
    std::vector<OutputVerdict> outputs;
};

// What a component can be told or asked, as it is counted: by component and in all.
enum class AlertKind : std::uint8_t {
    join_by_membership,
    join_by_entry,
    prune_by_membership,
    prune_by_entry,
    local_join,
    local_leave,
    gate_closed,
    gate_opened,
    interface_ready,
    wrong_interface,
    rpf_question,
    creation_question,
    count_
};
inline constexpr std::size_t k_alert_kinds = static_cast<std::size_t>(AlertKind::count_);
std::string_view name_of(AlertKind kind);

// How often each was delivered: the component's function was called.
class AlertCounts {
public:
    void add(AlertKind kind) { ++counts_[static_cast<std::size_t>(kind)]; }
    std::uint64_t of(AlertKind kind) const { return counts_[static_cast<std::size_t>(kind)]; }

private:
    std::array<std::uint64_t, k_alert_kinds> counts_{};
};

struct ComponentAlerts {
    ComponentId component{};
    AlertCounts alerts; // since it registered
};

struct ManagerCounters {
    std::uint64_t misses = 0;
    std::uint64_t entries_created = 0;
    std::uint64_t entries_expired = 0;
    std::uint64_t entry_limit_refused = 0; // all entries forward: no room for another
    std::uint64_t negatives_evicted = 0;   // to make room for a new flow
    std::uint64_t reentrant_refused = 0;   // mutating calls from a question or a gate call
    std::uint64_t gate_refused = 0;        // IGMP called while its gate was closed
    std::uint64_t stale_epoch_refused = 0; // IGMP re-added with an old epoch
    std::uint64_t rpf_refused = 0;         // RPF answers naming a foreign interface
    std::uint64_t stale_swept = 0;         // memberships not re-added in time
    std::uint64_t news_delivered = 0;
    std::uint64_t wrong_interface_suppressed = 0; // by rate, or too much news waited
    std::uint64_t wrong_interface_stale = 0;      // nobody asks (any more), or the flow moved there
    std::uint64_t out_of_memory = 0; // refused with no_memory, or put off to the next turn
    AlertCounts alerts;              // of all components, those that are gone too
};

} // namespace mcast::mgm
