// The real group manager beside the model, driven by random calls. After each call both must agree.
#pragma once

#include "../failing_allocator.h"
#include "model.h"
#include "names.h"

#include "mcast/base/random.h"
#include "mcast/handoff/grace_period.h"
#include "mcast/handoff/publisher.h"
#include "mcast/handoff/table.h"
#include "mcast/mgm/group_manager.h"

#include <memory>
#include <string>
#include <vector>

namespace mcast::mgm::property {

class Router;

// Whether an allocation is to fail in the call that comes, and whether one did.
class Shortage {
public:
    explicit Shortage(Router& router);
    template <class F>
    auto during(F&& call) {
        Watch const watch(*this);
        return call();
    }
    bool fell_short = false;
    std::optional<Model> before; // where one is to fail

private:
    struct Watch {
        explicit Watch(Shortage& of);
        ~Watch();
        Shortage& shortage;
        bool armed; // the call around this one, if there is one
    };
    Router& router_;
    int after_ = -1;
};

// While the manager asks or tells: the listeners are not short of memory.
class Pause {
public:
    explicit Pause(Router& router);

private:
    test::MemoryOfOurOwn memory_;
};

// Notes what it hears, and now and then calls back.
class Listener final : public IgmpListener {
public:
    Listener(Router& router, Who who) : router_(router), who_(who) {}
    void on_rpf(RpfQuery const& query, RpfDecision& decision) override;
    void on_entry_created(FlowKey key, InterfaceRef arrival, std::span<OutInterface> mine) override;
    void on_join(MembershipKey const& key, AlertCause cause) override;
    void on_prune(MembershipKey const& key, InterfaceRef interface, AlertCause cause,
                  std::chrono::seconds& lifetime) override;
    void on_local_join(MembershipKey const& key, InterfaceRef interface) override;
    void on_local_leave(MembershipKey const& key, InterfaceRef interface) override;
    void on_interface_ready(InterfaceRef interface) override;
    void on_igmp_gate_closed(InterfaceRef interface) override;
    void on_igmp_gate_opened(InterfaceRef interface, Epoch epoch) override;

private:
    void local(bool join, MembershipKey const& key, InterfaceRef interface);
    void alert(bool join, MembershipKey const& key);
    void gate(bool opened, InterfaceRef interface);

    Router& router_;
    Who who_;
};

// Workers that stand still until they are told to go on.
class Workers final : public handoff::GracePeriod {
public:
    handoff::GraceToken start() override { return {++started}; }
    bool passed(handoff::GraceToken token) override { return token.value <= ended; }
    void go_on() { ended = started; }
    std::uint64_t started = 0;
    std::uint64_t ended = 0;
};

struct Routes final : RouteView {
    std::optional<Route> lookup(Ipv4 source) const override;
    std::array<Port, 2> towards{1, 2};
};

class Router {
public:
    // `trace`: written to when it is there.
    Router(std::uint64_t seed, std::vector<std::string>* trace);
    ~Router();

    // One random call, or one turn of the manager.
    void act();
    // Until nothing is outstanding; then everybody knows what is true.
    void settle();
    // Everybody leaves; nothing is left.
    void leave();
    // The first disagreement.
    std::optional<std::string> const& fault() const { return fault_; }
    // Calls and turns in which memory ran out.
    unsigned shortages() const { return shortages_; }

private:
    friend class Listener;
    friend class Shortage;
    friend class Pause;

    // router.cpp
    void begin_with_owners();
    void step();
    void run_deferred();
    void answer_news();   // now and then by a call
    void question(Who c); // now and then by a call, which is refused

    // calls.cpp
    void join_in(Who c);
    void quit(Who c);
    void take(Who c, Port n);
    void release(Who c, Port n);
    void drop_lease(Who c, Port n);
    void drop_registration(Who c);
    void change_wish(Who c, Port n, MembershipKey const& key, bool add);
    void switch_output(Who c, Port n, unsigned flow, bool on);
    void readd(Port n);
    void set_facts(Port n);
    void set_route();
    void change_exclude_list(Port n);
    void gone(Port n);
    void miss(unsigned flow);

    // compare.cpp
    // The call has answered; it must have answered as expected, and everything is compared. Without
    // memory it may have refused, and then nothing has changed; or it has left something to the
    // turn.
    template <class T>
    void check(std::optional<MgmError> expected, Result<T> const& answer,
               Shortage const& shortage) {
        if (!answer && answer.error().code == MgmError::no_memory && shortage.fell_short) {
            undo(shortage);
            compare();
            return;
        }
        note(shortage);
        if (answer.has_value() == expected.has_value() ||
            (expected && answer.error().code != *expected)) {
            fail("the call answers " +
                 std::string{answer ? "success" : name_of(answer.error().code)} +
                 " and should answer " + std::string{expected ? name_of(*expected) : "success"});
        }
        compare();
    }
    void note(Shortage const& shortage); // memory may have run out in the middle
    void undo(Shortage const& shortage); // it has, and nothing is to have changed
    void begin();
    void compare();
    void compare_flow(unsigned flow);
    void agree_on_nobody(unsigned flow, handoff::Entry const* entry);
    void compare_versions();
    bool really_holds(Who c, Port n) const;
    void compare_link(Port n, OwnershipView const* view);
    void compare_wishes(Port n);
    // In the manager's turn, before news is delivered: what has happened by itself?
    void catch_up();
    bool whole_turn() const;
    void catch_up_flow(unsigned flow);
    void follow_pending(unsigned flow, handoff::Entry const* entry);
    void catch_up_stale(Port n);
    void catch_up_change(Port n);
    bool at_rest();
    void compare_at_rest();

    void say(std::string const& text);
    void fail(std::string const& text);
    bool one_in(unsigned n) { return random_.below(n) == 0; }
    unsigned below(unsigned n) { return static_cast<unsigned>(random_.below(n)); }
    bool failed() const { return fault_.has_value(); }

    Random random_;
    std::vector<std::string>* trace_;
    std::optional<std::string> fault_;

    Routes routes_;
    Workers workers_;
    handoff::Table table_{16, workers_};
    handoff::Publisher publisher_{table_, workers_, 1};
    TimePoint now_{std::chrono::hours{1}};
    GroupManager manager_{routes_, publisher_, workers_, Limits{.entries = 16}};
    std::vector<std::unique_ptr<Listener>> listeners_;
    std::array<Registration, k_components> seats_;
    std::array<PerPort<InterfaceLease>, k_components> leases_;

    Model model_;
    std::array<std::array<Port, k_flows>, k_components> rpf_{}; // 0: by the route
    PerPort<Epoch> epochs_{};                                   // of the last opening that was told
    std::array<Published, k_flows> before_{};
    std::array<std::uint32_t, k_flows> versions_{}; // 0: not cached
    // Dropped while a question was asked; the next turn releases them.
    std::array<PerPort<bool>, k_components> dropped_{};
    std::array<bool, k_components> quitting_{};
    std::array<PerPort<bool>, k_components> leaving_{}; // released in this call, one after another
    bool deferred_ = false;
    bool forgetful_ = false;  // memory runs out now and then
    bool behind_ = false;     // it has, and entries may not have followed yet
    bool armed_ = false;      // an allocation fails in this call, or has
    bool fell_short_ = false; // in this turn
    bool lingering_ = false;  // what somebody who left had wanted has ended later: so does its news
    unsigned shortages_ = 0;
    bool quiet_ = false; // nobody calls back any more
    bool in_turn_ = false;
    bool caught_up_ = false; // in this turn
    unsigned depth_ = 0;     // of calls from inside news
    std::size_t limit_ = 0;  // of this turn
};

} // namespace mcast::mgm::property
