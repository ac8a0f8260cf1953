#include "flood_and_prune.h"

#include <algorithm>
#include <utility>

namespace example {

using mcast::FlowKey;
using mcast::IfIndex;
using mcast::mgm::AlertCause;
using mcast::mgm::InterfaceRef;
using mcast::mgm::MembershipFlags;
using mcast::mgm::MembershipKey;

namespace {

// How long an upstream neighbour stops sending after a prune.
constexpr std::chrono::seconds k_prune_lifetime{120};

} // namespace

FloodAndPrune::FloodAndPrune(mcast::mgm::GroupManager& manager, std::vector<Link> links, Send send)
    : manager_(manager), links_(std::move(links)), send_(std::move(send)) {}

// --- a component's life

// Registering comes first, then the interfaces. take() returns at once; until on_interface_ready
// some worker may still see the entries of whoever was there before.
std::string FloodAndPrune::start() {
    auto seat = manager_.register_component({k_flood_and_prune, 0}, *this);
    if (!seat) {
        return seat.error().reason;
    }
    seat_ = std::move(*seat);
    for (Link const& link : links_) {
        InterfaceRef interface; // clang 19 loses the zero of {link.interface, {}} when it optimises
        interface.index = link.interface;
        auto lease = seat_.take(interface);
        if (!lease) {
            stop();
            return lease.error().reason;
        }
        leases_[link.interface] = std::move(*lease);
    }
    return {};
}

// Only now: what is wanted before that would be carried out in the middle of the change.
void FloodAndPrune::on_interface_ready(InterfaceRef interface) {
    ready_.insert(interface.index);
    // The one membership of a protocol that floods. It cannot fail for a reason of ours: the lease
    // stands, or this would not have been told. Without memory there is no flooding here.
    (void)leases_[interface.index].add(MembershipKey::any(), MembershipFlags::join_state);
}

void FloodAndPrune::hand_over(IfIndex interface) {
    leases_.erase(interface); // dropping a lease releases
    members_.erase(interface);
    ready_.erase(interface);
    std::erase_if(links_, [&](Link const& link) { return link.interface == interface; });
    std::erase_if(flows_, [&](auto const& each) { return each.second.arrival == interface; });
}

// Every interface before the seat: deregister() refuses while something is owned.
void FloodAndPrune::stop() {
    leases_.clear();
    (void)seat_.deregister();
    members_.clear();
    flows_.clear();
    ready_.clear();
}

// --- questions

// The route is good enough for us. A protocol with routes of its own would name the interface that
// they lead to, any of its own, and the neighbour there.
void FloodAndPrune::on_rpf(mcast::mgm::RpfQuery const& query, mcast::mgm::RpfDecision& decision) {
    flows_[query.key].arrival = decision.interface.index;
}

// Asked about our own interfaces that are candidates, because we want everything there. Silence
// means forward.
void FloodAndPrune::on_entry_created(FlowKey flow, InterfaceRef /*arrival*/,
                                     std::span<mcast::mgm::OutInterface> mine) {
    for (mcast::mgm::OutInterface& out : mine) {
        out.forward = wanted(flow, out.ref.index);
    }
}

// --- who wants what

bool FloodAndPrune::wanted(FlowKey flow, IfIndex interface) const {
    auto const link = std::ranges::find(links_, interface, &Link::interface);
    auto const known = flows_.find(flow);
    bool const pruned = known != flows_.end() && known->second.pruned_by.contains(interface);
    if (link != links_.end() && link->router && !pruned) {
        return true;
    }
    auto const members = members_.find(interface);
    return members != members_.end() &&
           std::ranges::any_of(members->second,
                               [&](MembershipKey const& key) { return key.matches(flow); });
}

// Switching leaves no membership behind: it is about this one entry, and forgotten with it. The
// next packet then asks by on_entry_created.
void FloodAndPrune::follow(FlowKey flow, IfIndex interface) {
    auto const lease = leases_.find(interface);
    if (lease == leases_.end()) {
        return;
    }
    auto const key = MembershipKey::of(flow);
    (void)(wanted(flow, interface) ? lease->second.add(key, MembershipFlags::forward_state)
                                   : lease->second.remove(key, MembershipFlags::forward_state));
    tell_upstream(flow);
}

// Reading the manager is always allowed. It knows the outputs of all components, so what others
// want counts by itself.
void FloodAndPrune::tell_upstream(FlowKey flow) {
    auto const entry = manager_.entry(flow);
    auto const known = flows_.find(flow);
    if (!entry || known == flows_.end()) {
        return;
    }
    bool const nobody = entry->outputs.empty();
    if (std::exchange(known->second.pruned_upstream, nobody) != nobody) {
        send_({nobody ? Kind::prune : Kind::graft, flow, known->second.arrival});
    }
}

// A neighbour below prunes what it does not want, or grafts what it wants again.
void FloodAndPrune::receive(Message const& message) {
    if (auto const known = flows_.find(message.flow); known != flows_.end()) {
        mcast::IfSet& pruned = known->second.pruned_by;
        message.kind == Kind::prune ? pruned.insert(message.interface)
                                    : pruned.erase(message.interface);
        follow(message.flow, message.interface);
    }
}

// --- news

// IGMP speaks for the hosts of a link. Its membership counts for us, and is an output that we were
// asked about before this came; so it may have to be switched on.
void FloodAndPrune::on_local_join(MembershipKey const& key, InterfaceRef interface) {
    members_[interface.index].insert(key);
    members_changed(key, interface.index);
}

void FloodAndPrune::on_local_leave(MembershipKey const& key, InterfaceRef interface) {
    members_[interface.index].erase(key);
    members_changed(key, interface.index);
}

void FloodAndPrune::members_changed(MembershipKey const& key, IfIndex interface) {
    for (auto const& [flow, state] : flows_) {
        if (key.matches(flow)) {
            follow(flow, interface);
        }
    }
}

// Others want something for which we stand upstream. The cached entries say whether that changes
// anything; without one the next packet comes by itself, since nothing was pruned.
void FloodAndPrune::on_join(MembershipKey const& key, AlertCause /*cause*/) {
    for (auto const& [flow, state] : flows_) {
        if (key.matches(flow)) {
            tell_upstream(flow);
        }
    }
}

// For `entry` we also say for how long the entry refuses the flow: as long as the neighbour stops.
void FloodAndPrune::on_prune(MembershipKey const& key, InterfaceRef /*interface*/, AlertCause cause,
                             std::chrono::seconds& entry_lifetime) {
    if (cause == AlertCause::entry) {
        entry_lifetime = k_prune_lifetime;
    }
    on_join(key, cause); // the entries tell which of the two it is
}

} // namespace example
