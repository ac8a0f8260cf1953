// What the group manager ought to be, written down as plainly as possible: who owns what, who wants
// what, what follows for each flow, and who has still to hear of what. No walks, no tickets, no
// grace periods: what the manager may do later is a list of things that may be outstanding.
#pragma once

#include "names.h"

#include "mcast/base/time.h"
#include "mcast/handoff/entry.h"
#include "mcast/mgm/component.h"
#include "mcast/mgm/views.h"

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace mcast::mgm::property {

// Names one registration; 0: nobody.
using Seat = unsigned;

struct Wish {
    Seat own = 0; // of the routing owner
    bool igmp = false;
    bool stale = false; // IGMP's, not added again since the owner changed
    Seat account = 0;   // for whom IGMP's counts
};

struct Link {
    std::optional<Who> owner;
    bool igmp = false;
    bool changing = false; // an owner comes or goes
    bool releasing = false;
    bool gate_closed = false;
    bool ready_due = false;   // the owner has to hear that its taking is complete
    std::uint64_t tokens = 0; // grace periods that had begun when the change began
    std::optional<TimePoint> stale_until;
    std::map<MembershipKey, Wish> wishes;
    std::deque<bool> gate_news; // what IGMP has to hear, true: opened
    bool boundary = false;      // for the second group
    std::uint8_t threshold = 1;

    OwnershipState state() const;
    bool gate_open() const { return igmp && !gate_closed; }
};

enum class Switch : std::uint8_t { none, on, off };

// A change that the flow's entry follows in a later turn.
struct Pending {
    Port taken = 0; // 0: the route to its source has changed
};

// What the data path is told of a flow.
struct Published {
    IfIndex arrival = k_no_interface;
    IfSet outputs;
    std::uint8_t threshold = 0;
    handoff::Drop negative = handoff::Drop::none;
    bool operator==(Published const&) const = default;
};

struct Flow {
    bool cached = false;
    Port routed = 0;  // toward the source, when it was last looked up; 0: no route
    Port arrival = 0; // as the owner of `routed` said
    Seat owner = 0;   // of `routed`, then
    PerPort<bool> owner_asked{};
    PerPort<bool> igmp_asked{};
    PerPort<bool> agreed{}; // the owner has said itself that it wants the flow there
    PerPort<Switch> switched{};
    std::vector<Pending> pending;
    Published published;
    TimePoint born{};
    bool asked = false;     // in this turn, where it is expected
    unsigned uncertain = 0; // changes that it may not have followed yet, though nothing shows it
    unsigned allowance = 0; // versions that may be published besides the one for the net change
};

struct LocalNews {
    bool join = false;
    MembershipKey key;
    Port where = 0;
    bool operator==(LocalNews const&) const = default;
};
struct SourceNews {
    bool join = false;
    MembershipKey key;
    auto operator<=>(SourceNews const&) const = default;
};

// What a component was told of a group (or of everything). Each alert has its reason: there are no
// more joins than times at which somebody began to want it, and no more prunes than ends of that.
struct Belief {
    bool told = false;
    bool truth = false; // somebody else wants it
    unsigned rises = 0; // not yet used up by alerts
    unsigned falls = 0;
};

struct Component {
    Seat seat = 0;
    bool silent = false; // on its way out: hears nothing any more
    std::deque<LocalNews> local;
    std::multiset<SourceNews> source;
    std::array<Belief, 3> beliefs{}; // (*,*), then each group
};

class Model {
public:
    // --- ownership; each says what the call must answer and changes the model accordingly.
    std::optional<MgmError> register_component(Who c);
    std::optional<MgmError> deregister(Who c);
    std::optional<MgmError> take(Who c, Port n, std::uint64_t tokens);
    std::optional<MgmError> release(Who c, Port n, std::uint64_t tokens);
    void silence(Who c);
    void drop_registration(Who c); // what it had is released already
    void release_by_itself(Who c, Port n, std::uint64_t tokens);
    void gone(Port n);
    bool holds(Who c, Port n) const;

    // --- memberships
    std::optional<MgmError> may_call(Who c, Port n, bool right_epoch) const;
    void add(Who c, Port n, MembershipKey const& key);
    void remove(Who c, Port n, MembershipKey const& key);
    void switch_output(Port n, unsigned flow, bool on);

    // --- facts
    void set_facts(Port n, bool boundary, std::uint8_t threshold);
    void set_route(unsigned source, Port n); // 0: none
    void reevaluate(Ipv4 group, Port n);

    // --- what happens by itself; the caller has seen that it happened
    void complete(Port n, TimePoint now, Duration hold);
    void sweep_stale(Port n, MembershipKey const& key);
    void expire(unsigned flow);
    void miss(unsigned flow, TimePoint now);
    // The owner of the interface toward the source has answered where it expects the flow.
    void resolved(unsigned flow, Port arrival);
    // Lets the flow follow the first `changes` of what is pending.
    void catch_up(unsigned flow, std::size_t changes);

    Published compute(unsigned flow) const;
    // Somebody else wants the group (0: everything, 1 and 2: that group).
    bool somebody_else_wants(Who c, unsigned what) const;
    Seat accountant(Port n) const;
    std::optional<Who> who(Seat seat) const;

    std::array<Component, k_components> components{};
    PerPort<Link> links{};
    std::array<Flow, k_flows> flows{};
    std::array<Port, 2> routes{1, 2};
    // While the model learns what the manager's turn has done: questions were answered by then.
    bool answered = false;
    bool unasked = false; // and one was not, so that cannot have been done
    // What each component says when it is asked about a flow on an interface.
    std::array<std::array<PerPort<bool>, k_flows>, k_components> refuses{};

private:
    void begin_change(Link& link, bool releasing, std::uint64_t tokens);
    // Runs a change of one wish, and notes who has to hear of it.
    template <class F>
    void around(MembershipKey const& key, F&& change);
    bool anybody_but(Seat seat, MembershipKey const& key) const;
    void wish_ended(Port n, MembershipKey const& key);
    void end_wishes(Port n, bool own, bool igmp);
    void owner_leaves(Link& link, Port n);
    void forget_if_empty(Link& link);
    bool wanted(unsigned flow, Port n) const;
    void look_up(unsigned flow);
    void all_catch_up();
    void follow(unsigned flow, Pending const& change);
    void refresh(unsigned flow);
    bool blocked(unsigned flow, Port n) const;
    std::pair<bool, bool> wanting(unsigned flow, Port n) const;
    bool concerned(Flow const& flow, Port n) const;
    void forget_answers(Flow& flow, Port n);

    Seat last_seat_ = 0;
};

} // namespace mcast::mgm::property
