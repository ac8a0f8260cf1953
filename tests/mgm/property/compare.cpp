// What is compared, and what the manager has done by itself.
#include "router.h"

#include <algorithm>

namespace mcast::mgm::property {

using handoff::Drop;

namespace {

// Enough for all that can be outstanding here.
constexpr std::size_t k_whole_turn = 64;

std::string show_outputs(Published const& p) {
    std::string text = "from if" + std::to_string(p.arrival.value) + " to";
    p.outputs.for_each([&](IfIndex i) { text += " if" + std::to_string(i.value); });
    return text + " (" + std::string{handoff::name_of(p.negative)} + ", threshold " +
           std::to_string(p.threshold) + ")";
}

Published published(handoff::Entry const& entry) {
    return {entry.arrival, entry.outputs, entry.highest_threshold, entry.negative};
}

} // namespace

void Router::say(std::string const& text) {
    if (trace_ != nullptr) {
        trace_->push_back(std::string(std::size_t{2} * depth_, ' ') + text);
    }
}

void Router::fail(std::string const& text) {
    if (!fault_) {
        fault_ = text;
        say("FAULT: " + text);
    }
}

void Router::begin() {
    for (unsigned f = 0; f < k_flows; ++f) {
        auto const* entry = publisher_.current(flow_key(f));
        versions_[f] = entry == nullptr ? 0 : entry->version;
        before_[f] = entry == nullptr ? Published{} : published(*entry);
        model_.flows[f].allowance = model_.flows[f].uncertain;
    }
}

void Router::compare() {
    leaving_ = {};
    if (failed()) {
        return;
    }
    for (unsigned f = 0; f < k_flows; ++f) {
        compare_flow(f);
    }
    compare_versions();
    auto const owners = manager_.owners();
    for (Port n = 1; n <= k_ports && !failed(); ++n) {
        auto const view = std::ranges::find(owners, ref(n), &OwnershipView::interface);
        compare_link(n, view == owners.end() ? nullptr : &*view);
        compare_wishes(n);
    }
}

void Router::compare_flow(unsigned f) {
    auto const* entry = publisher_.current(flow_key(f));
    Flow const& flow = model_.flows[f];
    if (behind_) { // it may say what was true before; never a loop
        if (entry != nullptr && entry->arrival != k_no_interface &&
            entry->outputs.contains(entry->arrival)) {
            fail(to_string(flow_key(f)) + " goes out where it comes from");
        }
        return;
    }
    if (flow.uncertain != 0) {
        agree_on_nobody(f, entry);
    }
    if (flow.cached != (entry != nullptr)) {
        fail(to_string(flow_key(f)) + (entry == nullptr ? " has no entry" : " has an entry"));
    } else if (entry != nullptr && published(*entry) != flow.published) {
        fail(to_string(flow_key(f)) + " goes " + show_outputs(published(*entry)) +
             " and should go " + show_outputs(flow.published));
    }
}

// Whether an entry was behind when the last one left where it arrives, nobody could see: then it
// says that there is nobody (or follows whoever came since), or the next packet makes one.
void Router::agree_on_nobody(unsigned f, handoff::Entry const* entry) {
    Flow const& flow = model_.flows[f];
    if (entry == nullptr && (behind_ || flow.published.negative == Drop::no_owner)) {
        model_.expire(f);
    } else if (!flow.cached && entry != nullptr && (behind_ || entry->negative == Drop::no_owner)) {
        model_.miss(f, now_);
        model_.flows[f].born = {}; // it is older than that, as may be what its owners agreed to
        for (Port n = 1; n <= k_ports; ++n) {
            model_.flows[f].agreed[n] = entry->outputs.contains(ref(n).index);
        }
        if (auto const owner = model_.who(flow.owner)) { // it has been asked, in whatever turn
            Port const wish = rpf_[*owner][f];
            bool const own = wish != 0 && model_.holds(*owner, wish);
            model_.resolved(f, own ? wish : flow.routed);
        }
    }
}

// What is wanted throughout is never interrupted, and what is refused is never sent: not even for a
// moment is anything published that is neither before nor after.
void Router::compare_versions() {
    for (unsigned f = 0; f < k_flows; ++f) {
        auto const* entry = publisher_.current(flow_key(f));
        if (entry == nullptr || versions_[f] == 0 || entry->version < versions_[f]) {
            continue;
        }
        unsigned const made = entry->version - versions_[f];
        unsigned const changed = published(*entry) == before_[f] ? 0 : 1;
        bool const free = behind_;                            // several changes at once, later
        unsigned const allowance = model_.flows[f].allowance; // each may be undone by the next
        if (!free && made > (allowance == 0 ? changed : allowance + 1)) {
            fail(to_string(flow_key(f)) + " was published " + std::to_string(made) +
                 " times, for a moment as what it should never be");
        }
        versions_[f] = entry->version;
        before_[f] = published(*entry);
    }
}

void Router::compare_link(Port n, OwnershipView const* view) {
    Link const& link = model_.links[n];
    auto const state = view == nullptr ? OwnershipState::unowned : view->state;
    bool const owned = view != nullptr && view->owner.has_value();
    bool const right_owner = owned == link.owner.has_value() &&
                             (!owned || *view->owner == id_of(link.owner.value_or(0)));
    bool const changing = view != nullptr && view->waiting.has_value();
    bool const igmp = view != nullptr && view->igmp.has_value();
    if (state != link.state() || igmp != link.igmp || changing != link.changing || !right_owner) {
        fail(show(ref(n)) + " is in state " + std::string{name_of(state)} + " and should be in " +
             std::string{name_of(link.state())});
    }
    for (Who c = 0; c < k_components; ++c) {
        InterfaceLease const& lease = leases_[c][n];
        if (lease.active() != (model_.holds(c, n) && !dropped_[c][n]) ||
            (c == k_igmp && lease.active() && lease.gate_open() != link.gate_open())) {
            fail("the lease of " + show(c) + " on " + show(ref(n)) + " is not what it should be");
        }
    }
}

void Router::compare_wishes(Port n) {
    auto const& wishes = model_.links[n].wishes;
    auto views = manager_.memberships(ref(n));
    if (behind_) { // what has ended may not be forgotten yet; what is wanted is there
        lingering_ = 0 != std::erase_if(views,
                                        [&](MembershipView const& view) {
                                            return !wishes.contains(view.key);
                                        }) ||
                     lingering_;
    }
    auto const same = [&](MembershipView const& view, auto const& each) {
        Wish const& wish = each.second;
        bool const owner = view.by_owner == (wish.own != 0);
        bool const igmp = view.by_igmp == wish.igmp && view.stale == wish.stale;
        bool const more = (owner || view.by_owner) && (igmp || view.by_igmp);
        lingering_ = lingering_ || (behind_ && more && !(owner && igmp));
        return view.key == each.first && ((owner && igmp) || (behind_ && more));
    };
    if (!std::ranges::equal(views, wishes, same)) {
        fail("the memberships on " + show(ref(n)) + " are not what they should be");
    }
}

// --- the manager's turn

void Router::catch_up() {
    if (!in_turn_ || caught_up_) {
        return;
    }
    caught_up_ = true;
    bool const was_behind = behind_;
    model_.answered = true;
    for (unsigned f = 0; f < k_flows; ++f) {
        catch_up_flow(f);
    }
    for (Port n = 1; n <= k_ports; ++n) {
        catch_up_stale(n);
    }
    for (Port n = 1; n <= k_ports; ++n) {
        catch_up_change(n);
    }
    model_.answered = false;
    behind_ = behind_ && !whole_turn();
    if (was_behind) {
        begin(); // how often each was published meanwhile is not known
    }
    compare();
    begin();
}

// All that there is to do has been done.
bool Router::whole_turn() const {
    return limit_ >= k_whole_turn && !fell_short_;
}

void Router::catch_up_flow(unsigned f) {
    Flow& flow = model_.flows[f];
    auto const* entry = publisher_.current(flow_key(f));
    if (behind_ && whole_turn()) {
        agree_on_nobody(f, entry);
    }
    if (!flow.cached) {
        return;
    }
    if (!behind_) {
        follow_pending(f, entry);
    } else if (whole_turn()) {
        model_.catch_up(f, flow.pending.size());
        flow.uncertain = 0;
    }
    if (entry == nullptr) {
        if (now_ - flow.born < std::chrono::seconds{30}) {
            fail(to_string(flow_key(f)) + " has expired too early");
        }
        say("  " + to_string(flow_key(f)) + " expires");
        model_.expire(f);
    }
}

// As far as what is seen allows.
void Router::follow_pending(unsigned f, handoff::Entry const* entry) {
    Flow& flow = model_.flows[f];
    std::size_t const all = flow.pending.size();
    Model const before = model_;
    for (std::size_t k = all + 1; k-- != 0;) {
        model_ = before;
        model_.unasked = false;
        model_.catch_up(f, k);
        if (model_.unasked && !whole_turn()) {
            continue;
        }
        if (whole_turn() || entry == nullptr || published(*entry) == model_.flows[f].published) {
            model_.flows[f].uncertain += static_cast<unsigned>(k);
            break;
        }
    }
    if (whole_turn()) {
        if (model_.unasked) {
            fail("nobody was asked where " + to_string(flow_key(f)) + " is expected");
        }
        model_.flows[f].uncertain = 0;
    }
}

void Router::catch_up_stale(Port n) {
    Link const& link = model_.links[n];
    if (!link.stale_until || *link.stale_until > now_) {
        return;
    }
    auto const views = manager_.memberships(ref(n));
    auto const wishes = link.wishes;
    for (auto const& [key, wish] : wishes) {
        bool const there = std::ranges::any_of(
            views, [&](MembershipView const& view) { return view.key == key && view.by_igmp; });
        if (wish.stale && (!there || whole_turn())) {
            say("  " + to_string(key) + " on " + show(ref(n)) + " is swept");
            model_.sweep_stale(n, key);
        }
    }
}

void Router::catch_up_change(Port n) {
    Link const& link = model_.links[n];
    auto const owners = manager_.owners();
    auto const view = std::ranges::find(owners, ref(n), &OwnershipView::interface);
    if (!link.changing || view == owners.end() || view->waiting) {
        return;
    }
    if (workers_.ended <= link.tokens) {
        fail("the change on " + show(ref(n)) + " is complete before the workers have seen it");
    }
    for (unsigned f = 0; behind_ && f < k_flows; ++f) {
        model_.catch_up(f, model_.flows[f].pending.size()); // as the manager must have
    }
    for (Flow const& flow : model_.flows) {
        for (Pending const& pending : flow.pending) {
            if (pending.taken == n) {
                fail("the change on " + show(ref(n)) + " is complete before all have followed");
            }
        }
    }
    say("  " + show(ref(n)) + " has changed hands");
    model_.complete(n, now_, manager_.limits().stale_hold);
}

bool Router::really_holds(Who c, Port n) const {
    auto const owners = manager_.owners();
    auto const view = std::ranges::find(owners, ref(n), &OwnershipView::interface);
    return view != owners.end() && (c == k_igmp ? view->igmp.has_value() : view->owner == id_of(c));
}

// --- at rest

bool Router::at_rest() {
    return manager_.queued_news() == 0 && !deferred_ &&
           std::ranges::none_of(model_.links, &Link::changing) &&
           std::ranges::all_of(model_.flows, [](Flow const& flow) { return flow.pending.empty(); });
}

void Router::compare_at_rest() {
    for (Who c = 0; c < k_components && !failed(); ++c) {
        Component const& me = model_.components[c];
        if (me.seat == 0) {
            continue;
        }
        if (!me.local.empty() && !lingering_) {
            fail(show(c) + " never heard of " + to_string(me.local.front().key) + " on " +
                 show(ref(me.local.front().where)));
        }
        if (!me.source.empty() && !lingering_) {
            fail(show(c) + " never heard of " + to_string(me.source.begin()->key));
        }
        for (unsigned what = 0; what <= 2; ++what) {
            bool const believes = me.beliefs[what].told || me.beliefs[0].told;
            if (believes != model_.somebody_else_wants(c, what)) {
                fail(show(c) + " believes the wrong thing of " + to_string(membership_key(what)));
            }
        }
    }
    for (Port n = 1; n <= k_ports && !failed(); ++n) {
        if (!model_.links[n].gate_news.empty()) {
            fail("IGMP never heard of its gate on " + show(ref(n)));
        }
        if (model_.links[n].ready_due) {
            fail("the owner never heard that " + show(ref(n)) + " is ready");
        }
    }
}

} // namespace mcast::mgm::property
