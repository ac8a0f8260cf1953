// The calls. The model makes each change first, so that who is asked during the call can be judged
// by it.
#include "router.h"

#include <algorithm>
#include <utility>

namespace mcast::mgm::property {

namespace {

constexpr auto k_join = MembershipFlags::join_state;
constexpr auto k_forward = MembershipFlags::forward_state;

} // namespace

// --- registration and ownership

void Router::join_in(Who c) {
    say(show(c) + " registers");
    begin();
    Shortage shortage(*this);
    auto const expected = model_.register_component(c);
    auto seat =
        shortage.during([&] { return manager_.register_component(id_of(c), *listeners_[c]); });
    if (seat) {
        seats_[c] = std::move(*seat);
    }
    check(expected, seat, shortage);
}

void Router::quit(Who c) {
    say(show(c) + " deregisters");
    begin();
    Shortage shortage(*this);
    auto const expected = model_.deregister(c);
    auto const answer = shortage.during([&] { return seats_[c].deregister(); });
    check(expected, answer, shortage);
}

void Router::drop_registration(Who c) {
    if (!seats_[c].active()) {
        return;
    }
    say(show(c) + " drops its registration");
    begin();
    quitting_[c] = true; // with it everybody goes who waits to be released
    model_.silence(c);
    run_deferred();
    seats_[c] = {};
    compare();
}

void Router::take(Who c, Port n) {
    say(show(c) + " takes " + show(ref(n)));
    begin();
    Shortage shortage(*this);
    auto const expected = model_.take(c, n, workers_.started);
    auto lease = shortage.during([&] { return seats_[c].take(ref(n)); });
    if (lease) {
        dropped_[c][n] = false;
        leases_[c][n] = std::move(*lease);
    }
    check(expected, lease, shortage);
}

void Router::release(Who c, Port n) {
    say(show(c) + " releases " + show(ref(n)));
    begin();
    bool const by_lease = one_in(2) && leases_[c][n].active();
    Shortage shortage(*this);
    auto const expected = model_.release(c, n, workers_.started);
    auto const answer = shortage.during(
        [&] { return by_lease ? leases_[c][n].release() : seats_[c].release(ref(n)); });
    check(expected, answer, shortage);
}

void Router::drop_lease(Who c, Port n) {
    if (!leases_[c][n].active()) {
        return;
    }
    say(show(c) + " drops its lease of " + show(ref(n)));
    begin();
    Shortage shortage(*this);
    (void)model_.release(c, n, workers_.started);
    shortage.during([&] { leases_[c][n] = {}; });
    if (shortage.fell_short && really_holds(c, n)) {
        undo(shortage); // it is released later
        dropped_[c][n] = true;
        deferred_ = true;
    } else {
        note(shortage);
    }
    compare();
}

void Router::gone(Port n) {
    say(show(ref(n)) + " is gone");
    begin();
    model_.gone(n);
    manager_.interface_gone(ref(n).index);
    compare();
}

// --- memberships

void Router::change_wish(Who c, Port n, MembershipKey const& key, bool add) {
    InterfaceLease& lease = leases_[c][n];
    bool const by_lease = lease.active() && !one_in(4);
    std::optional<Epoch> epoch;
    if (by_lease && c == k_igmp && one_in(3)) {
        epoch = one_in(4) ? Epoch{lease.epoch().value - 1} : lease.epoch();
    }
    say(show(c) + (add ? " adds " : " removes ") + to_string(key) + " on " + show(ref(n)) +
        (epoch ? " with epoch " + std::to_string(epoch->value) : ""));
    begin();
    Shortage shortage(*this);
    bool const right = !epoch || *epoch == lease.epoch();
    auto const expected = model_.may_call(c, n, right);
    if (!expected) {
        add ? model_.add(c, n, key) : model_.remove(c, n, key);
    }
    auto const answer = shortage.during([&] {
        if (by_lease) {
            return add ? lease.add(key, k_join, epoch) : lease.remove(key, k_join, epoch);
        }
        return add ? seats_[c].add(ref(n), key, k_join) : seats_[c].remove(ref(n), key, k_join);
    });
    check(expected, answer, shortage);
}

// As an IGMP does that was told of an opening: everything that is stale, or most of it.
void Router::readd(Port n) {
    auto const wishes = model_.links[n].wishes;
    for (auto const& [key, wish] : wishes) {
        InterfaceLease& lease = leases_[k_igmp][n];
        if (!wish.stale || !lease.active() || one_in(4) || failed()) {
            continue;
        }
        Epoch const epoch = std::max(epochs_[n], Epoch{1});
        say("J adds " + to_string(key) + " on " + show(ref(n)) + " again");
        begin();
        Shortage shortage(*this);
        auto const expected = model_.may_call(k_igmp, n, epoch == lease.epoch());
        if (!expected) {
            model_.add(k_igmp, n, key);
        }
        auto const answer = shortage.during([&] { return lease.add(key, k_join, epoch); });
        check(expected, answer, shortage);
    }
}

void Router::switch_output(Who c, Port n, unsigned flow, bool on) {
    if (c == k_igmp) {
        return; // the real one does not
    }
    MembershipKey const key = MembershipKey::of(flow_key(flow));
    say(show(c) + " switches " + to_string(key) + (on ? " on" : " off") + " on " + show(ref(n)));
    begin();
    Shortage shortage(*this);
    auto const expected = model_.may_call(c, n, true);
    if (!expected) {
        model_.switch_output(n, flow, on);
    }
    auto const answer = shortage.during([&] {
        return on ? seats_[c].add(ref(n), key, k_forward)
                  : seats_[c].remove(ref(n), key, k_forward);
    });
    check(expected, answer, shortage);
}

// --- facts

void Router::set_facts(Port n) {
    bool const boundary = one_in(3);
    auto const threshold = static_cast<std::uint8_t>(1 + below(3));
    say(show(ref(n)) + (boundary ? " gets a boundary" : " has no boundary") + ", threshold " +
        std::to_string(threshold));
    begin();
    model_.set_facts(n, boundary, threshold);
    InterfaceFacts facts{.ttl_threshold = threshold, .boundaries = {}};
    if (boundary) {
        facts.boundaries.push_back({k_groups[1], 32});
    }
    manager_.set_interface(ref(n).index, std::move(facts));
    compare();
}

void Router::set_route() {
    unsigned const source = below(2);
    Port const n = one_in(5) ? 0 : 1 + below(k_ports);
    say("the route to " + to_string(k_sources[source]) + " is by " + show(ref(n)));
    begin();
    routes_.towards[source] = n;
    model_.set_route(source, n);
    manager_.routes_changed({k_sources[source], one_in(2) ? std::uint8_t{16} : std::uint8_t{32}});
    compare();
}

void Router::change_exclude_list(Port n) {
    unsigned const flow = below(k_flows);
    bool& refuses = model_.refuses[k_igmp][flow][n];
    refuses = !refuses;
    say(std::string("IGMP ") + (refuses ? "excludes " : "wants ") + to_string(flow_key(flow)) +
        " on " + show(ref(n)));
    begin();
    model_.reevaluate(flow_key(flow).group, n);
    manager_.reevaluate(flow_key(flow).group, ref(n));
    compare();
}

void Router::miss(unsigned flow) {
    FlowKey const key = flow_key(flow);
    say("miss" + to_string(key));
    begin();
    bool const known = behind_ ? publisher_.current(key) != nullptr : model_.flows[flow].cached;
    Shortage shortage(*this);
    if (!known) {
        model_.miss(flow, now_);
    }
    IfIndex const arrival = ref(1 + below(k_ports)).index;
    auto const outcome = shortage.during([&] { return manager_.miss(key, arrival, {}, now_); });
    if (shortage.fell_short && outcome.result == MissResult::refused) {
        undo(shortage); // the next packet tries again
        compare();
        return;
    }
    note(shortage);
    compare();
    if (behind_) {
        return;
    }
    if (outcome.result != (known ? MissResult::exists : MissResult::created) ||
        outcome.drop != model_.flows[flow].published.negative) {
        fail("the packet is not judged as it should be");
    }
}

} // namespace mcast::mgm::property
