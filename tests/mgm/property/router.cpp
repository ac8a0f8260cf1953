// Who is there in the beginning, what happens next, the manager's turns, and the end.
#include "router.h"

#include <algorithm>
#include <utility>

namespace mcast::mgm::property {

std::optional<Route> Routes::lookup(Ipv4 source) const {
    unsigned const s = source == k_sources[0] ? 0 : 1;
    if (towards[s] == 0) {
        return std::nullopt;
    }
    return Route{{k_sources[s], 16}, ref(towards[s]).index, {}, k_connected_protocol};
}

Router::Router(std::uint64_t seed, std::vector<std::string>* trace) : random_(seed), trace_(trace) {
    for (Who c = 0; c < k_components; ++c) {
        listeners_.push_back(std::make_unique<Listener>(*this, c));
        for (unsigned f = 0; f < k_flows; ++f) {
            rpf_[c][f] = one_in(6) ? 1 + below(k_ports) : 0;
            for (Port n = 1; n <= k_ports; ++n) {
                model_.refuses[c][f][n] = one_in(5);
            }
        }
    }
    begin_with_owners();
    forgetful_ = one_in(3);
}

Shortage::Shortage(Router& router) : router_(router) {
    if (router.forgetful_ && !router.quiet_ && router.one_in(3)) {
        after_ = static_cast<int>(router.below(12));
        before = router.model_;
    }
}

Shortage::Watch::Watch(Shortage& of)
    : shortage(of), armed(std::exchange(of.router_.armed_, of.after_ >= 0)) {
    test::until_failure = of.after_;
}

Shortage::Watch::~Watch() {
    shortage.fell_short = shortage.after_ >= 0 && test::until_failure < 0;
    test::until_failure = -1;
    shortage.router_.armed_ = armed;
}

Pause::Pause(Router& router) {
    if (router.armed_ && memory_.rest() < 0) {
        router.behind_ = router.fell_short_ = true;
    }
}

void Router::note(Shortage const& shortage) {
    if (shortage.fell_short) {
        say("  memory ran out in the middle");
        ++shortages_;
        behind_ = true;
    }
}

void Router::undo(Shortage const& shortage) {
    say("  refused for want of memory");
    ++shortages_;
    model_ = *shortage.before;
}

// The components go before the model that they talk to.
Router::~Router() {
    quiet_ = true;
    leases_ = {};
    seats_ = {};
}

void Router::begin_with_owners() {
    for (Who c = 0; c < k_components; ++c) {
        if (!one_in(8)) {
            join_in(c);
        }
    }
    for (Port n = 1; n <= k_ports; ++n) {
        if (!one_in(3)) {
            take(below(k_igmp), n);
        }
        if (!one_in(3)) {
            take(k_igmp, n);
        }
    }
}

void Router::answer_news() {
    if (!quiet_ && depth_ == 0 && !failed() && one_in(6)) {
        ++depth_;
        act();
        --depth_;
    }
}

void Router::act() {
    Who const c = below(k_components);
    Port const n = 1 + below(k_ports);
    unsigned const flow = below(k_flows);
    MembershipKey const key = membership_key(below(k_keys));
    if (quitting_[c]) {
        return;
    }
    switch (below(40)) {
    case 0:
        return join_in(c);
    case 1:
        return quit(c);
    case 2:
        return one_in(4) ? drop_registration(c) : drop_lease(c, n);
    case 3:
    case 4:
    case 5:
        return take(c, n);
    case 6:
    case 7:
        return release(c, n);
    case 8:
        return one_in(3) ? gone(n) : set_route();
    case 9:
        return set_facts(n);
    case 10:
        return change_exclude_list(n);
    case 11:
    case 12:
    case 13:
        return switch_output(c, n, flow, one_in(2));
    case 14:
    case 15:
    case 16:
    case 17:
        return miss(flow);
    case 18:
    case 19:
        return readd(n);
    case 20:
    case 21:
    case 22:
    case 23:
        return change_wish(c, n, key, false);
    case 24:
    case 25:
    case 26:
    case 27:
    case 28:
    case 29:
    case 30:
        return change_wish(c, n, key, true);
    default:
        return depth_ == 0 ? step() : change_wish(k_igmp, n, key, true);
    }
}

// --- turns

void Router::run_deferred() {
    deferred_ = false;
    for (Port n = 1; n <= k_ports; ++n) {
        for (Who c = 0; c < k_components; ++c) { // IGMP last
            bool const dropped = std::exchange(dropped_[c][n], false);
            if ((dropped || quitting_[c]) && model_.holds(c, n)) {
                leaving_[c][n] = true;
                model_.release_by_itself(c, n, workers_.started);
            }
        }
    }
    for (Who c = 0; c < k_components; ++c) {
        if (std::exchange(quitting_[c], false)) {
            model_.drop_registration(c);
        }
    }
}

void Router::step() {
    static constexpr std::array<std::size_t, 8> k_limits{1, 2, 3, 64, 256, 256, 256, 256};
    static constexpr std::array k_waits{0, 0, 1, 10, 1000, 5000, 10000, 40000};
    if (!quiet_) {
        limit_ = k_limits[below(k_limits.size())];
        now_ += std::chrono::milliseconds{k_waits[below(k_waits.size())]};
    }
    bool const go_on = quiet_ || one_in(2);
    if (!quiet_) {
        say("step, limit " + std::to_string(limit_) + (go_on ? ", workers go on" : ""));
    }
    if (go_on) {
        workers_.go_on();
    }
    begin();
    bool const may_fail = !deferred_; // one of several releases that fails: memory_test.cpp
    run_deferred();
    for (Flow& flow : model_.flows) {
        flow.asked = false;
    }
    in_turn_ = true;
    caught_up_ = false;
    Shortage shortage(*this);
    fell_short_ = false;
    if (may_fail) {
        shortage.during([&] { manager_.step(now_, limit_); });
        note(shortage);
        fell_short_ = shortage.fell_short;
    } else {
        manager_.step(now_, limit_);
    }
    catch_up();
    in_turn_ = false;
    compare();
}

// Mutating calls are refused; what is dropped is released later.
void Router::question(Who c) {
    if (quiet_ || failed() || !one_in(12)) {
        return;
    }
    Port const n = 1 + below(k_ports);
    if (leases_[c][n].active() && one_in(2)) {
        say("  in the question " + show(c) + " drops its lease of " + show(ref(n)));
        leases_[c][n] = {};
        dropped_[c][n] = true;
        deferred_ = true;
        return;
    }
    if (leases_[c][n].active() &&
        leases_[c][n].add(MembershipKey::any(), MembershipFlags::join_state)) {
        fail("a call from inside a question goes through");
    }
    if (auto const taken = seats_[c].take(ref(n));
        taken || (seats_[c].active() && taken.error().code != MgmError::cannot_complete)) {
        fail("taking from inside a question goes through");
    }
}

// --- the end

void Router::settle() {
    quiet_ = true;
    limit_ = 256;
    for (int turn = 0; turn < 40 && !failed(); ++turn) {
        now_ += std::chrono::seconds{turn < 20 ? 0 : 1};
        step();
        if (turn > 35 && at_rest()) {
            compare_at_rest();
            return;
        }
    }
    fail("the manager does not come to rest");
}

void Router::leave() {
    for (Who c = 0; c < k_components; ++c) {
        for (Port n = 1; n <= k_ports; ++n) {
            drop_lease(c, n);
        }
        quit(c);
    }
    for (int turn = 0; turn < 3 && !failed(); ++turn) {
        now_ += std::chrono::minutes{20};
        step();
    }
    workers_.go_on();
    manager_.step(now_);
    if (manager_.entries() != 0 || publisher_.versions_alive() != 0 ||
        !manager_.groups(GroupListing::per_source).done() || !manager_.owners().empty()) {
        fail("something is left when all have left");
    }
}

} // namespace mcast::mgm::property
