// Who is who, who owns what, who wants what.
#include "model.h"

#include <algorithm>
#include <utility>

namespace mcast::mgm::property {

OwnershipState Link::state() const {
    if (gate_closed) {
        return releasing ? OwnershipState::releasing : OwnershipState::taking;
    }
    return owner ? (igmp ? OwnershipState::shared : OwnershipState::owned)
                 : (igmp ? OwnershipState::igmp : OwnershipState::unowned);
}

// --- who is who

Seat Model::accountant(Port n) const {
    Link const& link = links[n];
    return link.owner ? components[*link.owner].seat : link.igmp ? components[k_igmp].seat : 0;
}

std::optional<Who> Model::who(Seat seat) const {
    for (Who c = 0; c < k_components; ++c) {
        if (seat != 0 && components[c].seat == seat) {
            return c;
        }
    }
    return std::nullopt;
}

bool Model::holds(Who c, Port n) const {
    return components[c].seat != 0 && (c == k_igmp ? links[n].igmp : links[n].owner == c);
}

std::optional<MgmError> Model::register_component(Who c) {
    if (components[c].seat != 0) {
        return MgmError::already_exists;
    }
    components[c] = {};
    components[c].seat = ++last_seat_;
    for (unsigned what = 0; what <= 2; ++what) { // a late comer reads what there is
        Belief& belief = components[c].beliefs[what];
        belief.told = anybody_but(last_seat_, membership_key(what));
        belief.truth = somebody_else_wants(c, what);
    }
    return std::nullopt;
}

std::optional<MgmError> Model::deregister(Who c) {
    if (components[c].seat == 0) {
        return MgmError::invalid_parameter;
    }
    for (Port n = 1; n <= k_ports; ++n) {
        if (holds(c, n)) {
            return MgmError::cannot_complete;
        }
    }
    components[c] = {};
    return std::nullopt;
}

void Model::silence(Who c) {
    components[c].silent = true;
    components[c].local.clear();
    components[c].source.clear();
    if (c == k_igmp) {
        for (Link& link : links) {
            link.gate_news.clear();
        }
    }
}

void Model::drop_registration(Who c) {
    components[c] = {};
}

// One of several releases: between them the entries say what is true then.
void Model::release_by_itself(Who c, Port n, std::uint64_t tokens) {
    for (Flow& flow : flows) {
        ++flow.allowance;
    }
    (void)release(c, n, tokens);
}

// --- ownership

std::optional<MgmError> Model::take(Who c, Port n, std::uint64_t tokens) {
    if (components[c].seat == 0) {
        return MgmError::invalid_parameter;
    }
    Link& link = links[n];
    if (c == k_igmp) {
        if (link.igmp) {
            return MgmError::already_exists;
        }
        link.igmp = true;
    } else {
        if (link.owner || link.gate_closed) {
            return MgmError::already_exists;
        }
        link.owner = c;
        begin_change(link, false, tokens);
    }
    if (accountant(n) == components[c].seat) { // not IGMP beside an owner
        for (Flow& flow : flows) {
            if (flow.cached) {
                flow.pending.push_back({n});
            }
        }
    }
    return std::nullopt;
}

void Model::begin_change(Link& link, bool releasing, std::uint64_t tokens) {
    if (link.igmp && !link.gate_closed && !components[k_igmp].silent) {
        link.gate_news.push_back(false);
    }
    link.changing = true;
    link.releasing = releasing;
    link.gate_closed = link.igmp;
    link.ready_due = !releasing;
    link.tokens = tokens;
    link.stale_until.reset();
    for (auto& [key, wish] : link.wishes) {
        wish.stale = wish.igmp;
    }
}

void Model::forget_if_empty(Link& link) {
    if (!link.owner && !link.igmp) {
        link.changing = link.releasing = link.gate_closed = link.ready_due = false;
        link.stale_until.reset();
    }
}

void Model::owner_leaves(Link& link, Port n) {
    Component& leaver = components[*link.owner];
    std::erase_if(leaver.local, [&](LocalNews const& news) { return news.where == n; });
    link.owner.reset();
}

std::optional<MgmError> Model::release(Who c, Port n, std::uint64_t tokens) {
    if (components[c].seat == 0 || !holds(c, n)) {
        return MgmError::invalid_parameter;
    }
    Link& link = links[n];
    Seat const seat = components[c].seat;
    if (c == k_igmp) {
        link.igmp = link.gate_closed = false;
        link.stale_until.reset();
        link.gate_news.clear();
    } else {
        owner_leaves(link, n);
        begin_change(link, true, tokens);
    }
    forget_if_empty(link);
    all_catch_up();
    for (unsigned f = 0; f < k_flows; ++f) {
        Flow& flow = flows[f];
        if (!flow.cached) {
            continue;
        }
        bool const inherits = flow.arrival == n && flow.owner == seat;
        bool const decided = c != k_igmp || !link.owner; // else the owner stays
        if (decided) {
            forget_answers(flow, n);
            flow.switched[n] = Switch::none;
        }
        flow.igmp_asked[n] = false;
        if (inherits || (decided && flow.routed == n)) {
            look_up(f);
        }
        if (inherits && flow.owner == 0) {
            unsigned const uncertain = flow.uncertain;
            flow = {}; // the next packet makes one that says so
            flow.uncertain = uncertain;
        }
    }
    end_wishes(n, c != k_igmp, c == k_igmp);
    return std::nullopt;
}

void Model::gone(Port n) {
    Link& link = links[n];
    if (link.owner) {
        owner_leaves(link, n);
    }
    link.igmp = false;
    link.gate_news.clear();
    forget_if_empty(link);
    all_catch_up();
    link.boundary = false;
    link.threshold = 1;
    for (Flow& flow : flows) {
        if (flow.cached && (flow.arrival == n || flow.routed == n)) {
            flow = {};
        }
        forget_answers(flow, n);
        flow.switched[n] = Switch::none;
    }
    end_wishes(n, true, true);
}

// --- memberships

std::optional<MgmError> Model::may_call(Who c, Port n, bool right_epoch) const {
    Link const& link = links[n];
    if (components[c].seat == 0) {
        return MgmError::invalid_parameter;
    }
    if (!link.owner && !link.igmp) {
        return MgmError::not_found;
    }
    if (!holds(c, n)) {
        return MgmError::invalid_parameter;
    }
    if (c == k_igmp && (link.gate_closed || !right_epoch)) {
        return MgmError::cannot_complete;
    }
    return std::nullopt;
}

bool Model::anybody_but(Seat seat, MembershipKey const& key) const {
    for (Port n = 1; n <= k_ports; ++n) {
        auto const found = links[n].wishes.find(key);
        if (found == links[n].wishes.end()) {
            continue;
        }
        Wish const& wish = found->second;
        bool const own = wish.own != 0 && wish.own != seat;
        bool const igmp = wish.igmp && wish.account != seat && components[k_igmp].seat != seat;
        if (own || igmp) {
            return true;
        }
    }
    return false;
}

bool Model::somebody_else_wants(Who c, unsigned what) const {
    Seat const seat = components[c].seat;
    return anybody_but(seat, MembershipKey::any()) || anybody_but(seat, membership_key(what));
}

template <class F>
void Model::around(MembershipKey const& key, F&& change) {
    Seat toward = 0;
    if (key.source) {
        Port const n = routes[*key.source == k_sources[0] ? 0 : 1];
        toward = n == 0 ? 0 : accountant(n);
    }
    bool const before = anybody_but(toward, key);
    change();
    bool const after = anybody_but(toward, key);
    if (auto const owner = who(toward); key.source && owner && before != after) {
        if (!components[*owner].silent) {
            components[*owner].source.insert({after, key});
        }
    }
    for (Who c = 0; c < k_components; ++c) {
        for (unsigned what = 0; components[c].seat != 0 && what <= 2; ++what) {
            Belief& belief = components[c].beliefs[what];
            bool const truth = somebody_else_wants(c, what);
            belief.rises += !belief.truth && truth ? 1 : 0;
            belief.falls += belief.truth && !truth ? 1 : 0;
            belief.truth = truth;
        }
    }
}

void Model::add(Who c, Port n, MembershipKey const& key) {
    Link& link = links[n];
    Wish const before = link.wishes.contains(key) ? link.wishes[key] : Wish{};
    around(key, [&] {
        Wish& wish = link.wishes[key];
        if (c == k_igmp) {
            wish.igmp = true;
            wish.stale = false;
            wish.account = accountant(n);
        } else {
            wish.own = components[c].seat;
        }
    });
    if (c == k_igmp && link.owner && (!before.igmp || before.stale)) {
        components[*link.owner].local.push_back({true, key, n});
    }
    if (c == k_igmp ? before.igmp : before.own != 0) {
        return;
    }
    for (unsigned f = 0; f < k_flows; ++f) {
        Flow& flow = flows[f];
        if (flow.cached && key.matches(flow_key(f))) {
            catch_up(f, flow.pending.size());
            forget_answers(flow, n);
            flow.agreed[n] = flow.owner_asked[n] = c != k_igmp;
            refresh(f);
        }
    }
}

void Model::remove(Who c, Port n, MembershipKey const& key) {
    Link& link = links[n];
    auto const found = link.wishes.find(key);
    if (found == link.wishes.end() ||
        !(c == k_igmp ? found->second.igmp : found->second.own != 0)) {
        return;
    }
    if (c == k_igmp && link.owner && !found->second.stale && !components[*link.owner].silent) {
        components[*link.owner].local.push_back({false, key, n});
    }
    around(key, [&] {
        Wish& wish = found->second;
        if (c == k_igmp) {
            wish.igmp = wish.stale = false;
            wish.account = 0;
        } else {
            wish.own = 0;
        }
        if (wish.own == 0 && !wish.igmp) {
            link.wishes.erase(found);
        }
    });
    wish_ended(n, key);
}

// Precondition: whoever wanted it has left already.
void Model::end_wishes(Port n, bool own, bool igmp) {
    Link& link = links[n];
    auto const all = link.wishes;
    for (auto const& [key, was] : all) {
        if (igmp && was.igmp && link.owner && !was.stale) {
            components[*link.owner].local.push_back({false, key, n});
        }
        MembershipKey const ended = key;
        around(ended, [&] {
            Wish& wish = link.wishes[ended];
            wish.own = own ? 0 : wish.own;
            wish.igmp = wish.igmp && !igmp;
            wish.stale = wish.stale && wish.igmp;
            if (wish.own == 0 && !wish.igmp) {
                link.wishes.erase(ended);
            }
        });
    }
    for (auto const& [key, was] : all) {
        if ((own && was.own != 0) || (igmp && was.igmp)) {
            wish_ended(n, key);
        }
    }
    for (unsigned f = 0; f < k_flows; ++f) {
        if (flows[f].cached) {
            refresh(f);
        }
    }
}

bool Model::wanted(unsigned flow, Port n) const {
    return std::ranges::any_of(
        links[n].wishes, [&](auto const& each) { return each.first.matches(flow_key(flow)); });
}

void Model::wish_ended(Port n, MembershipKey const& key) {
    for (unsigned f = 0; f < k_flows; ++f) {
        Flow& flow = flows[f];
        if (!flow.cached || !key.matches(flow_key(f))) {
            continue;
        }
        catch_up(f, flow.pending.size());
        if (!wanted(f, n)) {
            forget_answers(flow, n);
            flow.switched[n] = Switch::none;
        }
        refresh(f);
    }
}

void Model::switch_output(Port n, unsigned f, bool on) {
    Flow& flow = flows[f];
    if (!flow.cached) {
        return;
    }
    catch_up(f, flow.pending.size());
    flow.switched[n] = on ? Switch::on : Switch::off;
    flow.agreed[n] = flow.agreed[n] || on;
    flow.owner_asked[n] = flow.owner_asked[n] || on;
    refresh(f);
}

} // namespace mcast::mgm::property
