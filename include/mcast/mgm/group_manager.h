// The multicast group manager: who owns which interface, who wants what, which entry follows.
//
// It is the arbiter of RFC 2715 with the registration, ownership and alert rules of the classic
// group manager interface. It owns no interface and speaks no protocol. Components register and get
// a Registration; with it they take interfaces and get an InterfaceLease for each; with a lease
// they add and remove memberships. Both are move-only and undo themselves when dropped. A packet
// without an entry comes in by miss(); the entry that follows goes out by handoff::Publisher.
//
// Ownership. Each interface has at most one routing owner, and IGMP may share it:
//   U nobody   I IGMP alone   P an owner alone   PI both   TX, RX: an owner comes or goes beside
//   IGMP
// take() and a release return at once. If IGMP is there, its gate closes with that very call: what
// IGMP adds or removes is refused until the gate opens again. IGMP's memberships there become
// stale but keep counting and forwarding. step() then re-examines the entries concerned, starts a
// grace period once they are published, and when no worker can see the old state any more opens the
// gate with a new epoch. IGMP adds what it knows by then; what it has not added again after
// Limits::stale_hold is swept. Alerts are the difference between before and after, so a group that
// is wanted throughout causes no prune and join upstream.
// Releasing an interface ends the entries whose flows its owner received there. Where IGMP is still
// there, each is made anew in the same moment, so that no packet is missed; where nobody is, the
// next packet makes one that refuses the flow.
//
// Alerts. A component is told when "somebody else wants this group" becomes true or false for it:
// that is the counting rule of RFC 2715 section 3.1.1. What IGMP wants on an interface with an
// owner counts for that owner; all of IGMP's other interfaces are one component. A (*,*) membership
// counts for every group. (S,G) memberships concern only the owner of the interface toward S. An
// entry that loses its last output or gains its first tells the owner of its arrival interface.
//
// Entries. Outputs of (S,G) are the interfaces with a matching membership, without the arrival
// interface, without scope boundaries, without those that a component refused when asked. With no
// output, route or owner the entry is negative and names the reason. Those that forward age when
// they carry no traffic, negative ones live for a fixed time.
//
// Wrong interface. Who owns an interface (IGMP, where it is alone) may ask to be told of packets of
// known flows that come in there though they are expected elsewhere: RFC 2715 rule 2. Off until
// asked for, and off again with the lease. The data path drops such a packet in any case; reports
// of it come in by wrong_interface() and become news, at most one per second, flow and interface.
// alerting() is for the data path: whose packets are worth reporting.
//
// What it does not do yet, and says so: memberships and alerts on one link of a point-to-multipoint
// interface (refused by name).
//
// Bounded work. A change that concerns few entries and memberships is carried out within the call;
// what goes beyond some hundreds is left to step(), at most `limit` in each, in the order of the
// changes: no entry sees them in another order, or one of them twice. Until its turn comes an entry
// forwards as before. A change of owner is complete (gate open, interface ready) when all that it
// concerns has followed.
//
// Memory. Registering, taking, releasing, adding and removing a membership fail with no_memory and
// have changed nothing; a lease or registration that is dropped without memory is released later;
// an entry that cannot be made is refused, and the next packet tries again; what is left to step()
// is tried again by the next one. Not covered: calls from inside a question, and set_... of facts,
// where std::bad_alloc is not caught.
//
// Control thread only. Time comes in by step() and miss(). The manager must outlive what it hands
// out, and what it was given must outlive it.
#pragma once

#include "mcast/base/time.h"
#include "mcast/handoff/grace_period.h"
#include "mcast/handoff/publisher.h"
#include "mcast/mgm/component.h"
#include "mcast/mgm/observer.h"
#include "mcast/mgm/route_view.h"
#include "mcast/mgm/views.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace mcast::mgm {

struct Core;

// Ownership of one interface; for IGMP: its presence there. Dropping it releases. A lease whose
// interface is gone, or whose registration is, is inert: its calls fail, dropping it does nothing.
class InterfaceLease {
public:
    InterfaceLease() = default;
    ~InterfaceLease();
    InterfaceLease(InterfaceLease&& other) noexcept;
    InterfaceLease& operator=(InterfaceLease&& other) noexcept;

    // `epoch`: IGMP only, when it re-adds after on_igmp_gate_opened. Adding what is there already
    // and removing what is not are successes without alerts.
    Result<> add(MembershipKey const& key, MembershipFlags flags,
                 std::optional<Epoch> epoch = std::nullopt);
    Result<> remove(MembershipKey const& key, MembershipFlags flags,
                    std::optional<Epoch> epoch = std::nullopt);
    // Inert afterwards.
    Result<> release();
    // on_wrong_interface() for this interface. cannot_complete: one link of a point-to-multipoint
    // interface, or from inside a question.
    Result<> set_wrong_interface_alerts(bool on);

    bool active() const;
    InterfaceRef interface() const { return interface_; }
    // IGMP: whether it may add now, and the epoch of the last opening.
    bool gate_open() const;
    Epoch epoch() const;

private:
    friend class Registration;
    InterfaceLease(Core& core, std::uint64_t client, std::uint64_t id, InterfaceRef interface)
        : core_(&core), client_(client), id_(id), interface_(interface) {}
    Result<> check() const;
    void drop() noexcept;

    Core* core_ = nullptr;
    std::uint64_t client_ = 0;
    std::uint64_t id_ = 0;
    InterfaceRef interface_{};
};

// A component's seat. Dropping it releases what it still owns, deregisters, and logs if it had to.
class Registration {
public:
    Registration() = default;
    ~Registration();
    Registration(Registration&& other) noexcept;
    Registration& operator=(Registration&& other) noexcept;

    Result<InterfaceLease> take(InterfaceRef interface);
    // cannot_complete while interfaces are owned. Afterwards every call fails with
    // invalid_parameter and no callback reaches the listener.
    Result<> deregister();

    // By name instead of by lease, for callers that hold no lease (a remote client).
    Result<> release(InterfaceRef interface);
    Result<> add(InterfaceRef interface, MembershipKey const& key, MembershipFlags flags);
    Result<> remove(InterfaceRef interface, MembershipKey const& key, MembershipFlags flags);

    // Owner of the entry's arrival interface only.
    Result<> set_upstream_neighbor(FlowKey key, Ipv4 upstream);
    Result<GroupCursor> groups(GroupListing listing) const;
    bool active() const;

private:
    friend class GroupManager;
    Registration(Core& core, std::uint64_t client) : core_(&core), client_(client) {}
    Result<> check() const;
    void drop() noexcept;

    Core* core_ = nullptr;
    std::uint64_t client_ = 0;
};

class GroupManager {
public:
    GroupManager(RouteView const& routes, handoff::Publisher& publisher,
                 handoff::GracePeriod& grace, Limits limits = {});
    ~GroupManager();
    GroupManager(GroupManager const&) = delete;
    GroupManager& operator=(GroupManager const&) = delete;

    // k_igmp_protocol needs an IgmpListener. The listener must outlive its registration.
    Result<Registration> register_component(ComponentId id, ProtocolListener& listener);

    // Reports what happens from here on; nullptr: to nobody. It must outlive the manager, or be
    // taken away before it goes.
    void set_observer(Observer* observer);

    // Facts for building entries; entries follow at once.
    void set_interface(IfIndex index, InterfaceFacts facts);
    // As if everybody released it; their leases become inert. No gate news (MGM-128).
    void interface_gone(IfIndex index);
    // Default 232.0.0.0/8: there an unwanted flow is called ssm_unrequested.
    void set_ssm_ranges(std::vector<Ipv4Prefix> ranges);
    // Entries with sources in the prefix are re-examined by the next steps.
    void routes_changed(Ipv4Prefix prefix);
    // IGMP's exclude lists of the group on this interface changed: entries of the group ask IGMP
    // again, at once.
    void reevaluate(Ipv4 group, InterfaceRef interface);
    // The interface's owner answers otherwise now about flows that leave there: entries for which
    // it was asked ask it again, at once or, when they are many, by the next steps.
    void reevaluate(InterfaceRef interface);

    // A packet without an entry. created or exists: the packet may be sent back to the data path,
    // which finds the entry (positive or negative). refused: drop it under the name given.
    MissOutcome miss(FlowKey key, IfIndex arrived_on, std::span<std::uint8_t const> ip_packet,
                     TimePoint now);

    // The data path dropped a packet of a flow on an interface of alerting(), because the flow is
    // expected elsewhere. `ip_packet`: from the IPv4 header, as much as there is.
    AlertResult wrong_interface(FlowKey key, IfIndex arrived_on,
                                std::span<std::uint8_t const> ip_packet, TimePoint now);
    // The interfaces in wrong-interface alert mode.
    IfSet const& alerting() const;

    // Delivers news, re-examines entries, polls grace periods, sweeps, expires, reclaims; at most
    // `limit` of each. Returns how much was done.
    std::size_t step(TimePoint now, std::size_t limit = 256);
    // When step() is worth calling next; a time not after the last one's `now` means at once.
    std::optional<TimePoint> next_due() const;
    // News that waits for a step to deliver it, oldest first.
    std::size_t queued_news() const;

    // Reads; allowed at any time, from callbacks too. Times are as of the last step or miss.
    Result<ComponentId> owner_of(InterfaceRef interface) const;
    Result<ForwardingEntry> entry(FlowKey key) const;
    Result<EntryStats> entry_stats(FlowKey key) const;
    // The entries after this key (from the first without one), by group, then source.
    EntryPage page(std::optional<FlowKey> after, std::size_t max) const;
    std::size_t entries() const;
    GroupCursor groups(GroupListing listing) const;
    std::vector<OwnershipView> owners() const;
    // On all interfaces together.
    std::size_t membership_count() const;
    // All of one interface at once; as slow as there are memberships.
    std::vector<MembershipView> memberships(InterfaceRef interface) const;
    // At most `max` of those after `after` (from the first without one), whatever came and went
    // since: a membership that was there all the time is on exactly one page.
    MembershipPage memberships(MembershipFilter const& filter, std::optional<MembershipPlace> after,
                               std::size_t max) const;
    std::vector<ComponentId> components() const;
    // What each registered component was told and asked, in the order of registration.
    std::vector<ComponentAlerts> alerts() const;
    Explanation explain(FlowKey key, IfIndex arrived_on = k_no_interface) const;
    // The part of that about interfaces where the cached entry is wanted or was switched off;
    // empty without an entry.
    std::vector<OutputVerdict> wanted_outputs(FlowKey key) const;
    ManagerCounters const& counters() const;
    Limits const& limits() const;

private:
    std::unique_ptr<Core> core_;
};

} // namespace mcast::mgm
