// An example for those who add a routing protocol: the smallest one that floods and prunes.
//
// It sees nothing but the public headers of the group manager, and shows the duties of a component:
// register, take interfaces, wait until they are ready, say what is wanted, answer the two
// questions, act on news, hand over, stop. It is no protocol that anybody speaks: its neighbours
// are configured, and its messages are values that it hands to a function and is handed.
//
// Its rule. A flow goes to each interface where a router is that has not pruned it, or where hosts
// want it (IGMP tells by local joins and leaves). Where nobody is left to get it, it is pruned
// upstream, and grafted when somebody comes. It is a wildcard receiver, as every protocol is that
// floods: (*,*) on each interface makes the manager ask it about each new flow, and then it refuses
// where the flow is not wanted (RFC 2715 section 4.1).
//
// One object is one component; one thread, the group manager's.
#pragma once

#include "mcast/base/flow.h"
#include "mcast/base/if_set.h"
#include "mcast/base/ipv4.h"
#include "mcast/mgm/component.h"
#include "mcast/mgm/group_manager.h"

#include <chrono>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace example {

// The multicast type under vendor 0; the number is not in use elsewhere.
inline constexpr mcast::mgm::ProtocolId k_flood_and_prune{0x40000F1B};

enum class Kind : std::uint8_t { prune, graft };
struct Message {
    Kind kind{};
    mcast::FlowKey flow{};
    mcast::IfIndex interface{}; // where it goes or came from
    bool operator==(Message const&) const = default;
};

struct Link {
    mcast::IfIndex interface{};
    bool router = false; // one is there that wants every flow until it prunes it
};

class FloodAndPrune final : public mcast::mgm::ProtocolListener {
public:
    using Send = std::function<void(Message const&)>;
    // The manager must outlive it.
    FloodAndPrune(mcast::mgm::GroupManager& manager, std::vector<Link> links, Send send);

    // The first thing that failed, as a sentence; empty: it runs, and is ready when the manager's
    // turns have told so for each interface.
    std::string start();
    bool ready(mcast::IfIndex interface) const { return ready_.contains(interface); }
    // A neighbour's message.
    void receive(Message const& message);
    // Gives one interface back, for another component to take. The manager takes along what this
    // one wanted there; IGMP, if it is there, carries on.
    void hand_over(mcast::IfIndex interface);
    // Gives everything back; nothing is heard any more.
    void stop();

    // --- questions: answered at once, without calling the manager
    void on_rpf(mcast::mgm::RpfQuery const& query, mcast::mgm::RpfDecision& decision) override;
    void on_entry_created(mcast::FlowKey flow, mcast::mgm::InterfaceRef arrival,
                          std::span<mcast::mgm::OutInterface> mine) override;
    // --- news: may be answered by calls
    void on_interface_ready(mcast::mgm::InterfaceRef interface) override;
    void on_local_join(mcast::mgm::MembershipKey const& key,
                       mcast::mgm::InterfaceRef interface) override;
    void on_local_leave(mcast::mgm::MembershipKey const& key,
                        mcast::mgm::InterfaceRef interface) override;
    void on_join(mcast::mgm::MembershipKey const& key, mcast::mgm::AlertCause cause) override;
    void on_prune(mcast::mgm::MembershipKey const& key, mcast::mgm::InterfaceRef interface,
                  mcast::mgm::AlertCause cause, std::chrono::seconds& entry_lifetime) override;

private:
    struct Flow {
        mcast::IfIndex arrival{};
        mcast::IfSet pruned_by;       // where the router does not want it
        bool pruned_upstream = false; // we have told our own neighbour so
    };

    bool wanted(mcast::FlowKey flow, mcast::IfIndex interface) const;
    // The interface is switched in the flow's entry as its neighbours want it by now.
    void follow(mcast::FlowKey flow, mcast::IfIndex interface);
    // Prunes or grafts upstream if that is news to our neighbour there.
    void tell_upstream(mcast::FlowKey flow);
    void members_changed(mcast::mgm::MembershipKey const& key, mcast::IfIndex interface);

    mcast::mgm::GroupManager& manager_;
    std::vector<Link> links_;
    Send send_;
    std::map<mcast::IfIndex, std::set<mcast::mgm::MembershipKey>> members_; // as IGMP told
    std::map<mcast::FlowKey, Flow> flows_;
    std::set<mcast::IfIndex> ready_;
    mcast::mgm::Registration seat_;
    std::map<mcast::IfIndex, mcast::mgm::InterfaceLease> leases_; // go before the seat
};

} // namespace example
