#include "router.h"

#include <algorithm>

namespace mcast::mgm::property {

namespace {

unsigned index_of(FlowKey key) {
    for (unsigned f = 0; f < k_flows; ++f) {
        if (flow_key(f) == key) {
            return f;
        }
    }
    return 0;
}

Port port_of(InterfaceRef interface) {
    return interface.index.value;
}

} // namespace

// --- questions

void Listener::on_rpf(RpfQuery const& query, RpfDecision& decision) {
    Pause const pause(router_);
    unsigned const flow = index_of(query.key);
    Port const n = port_of(query.interface);
    Model& model = router_.model_;
    router_.say("  " + show(who_) + " rpf" + to_string(query.key) + " " + show(query.interface));
    if (model.routes[flow % 2] != n) {
        router_.fail("asked about " + show(query.interface) + ", which is not toward the source");
    }
    if (router_.leaving_[who_][n]) {
        return; // its answer does not last
    }
    if (model.components[who_].seat == 0 || model.components[who_].silent ||
        model.accountant(n) != model.components[who_].seat) {
        router_.fail(show(who_) + " is asked about an interface that is not its own");
    }
    Port const wish = router_.rpf_[who_][flow];
    if (wish != 0) {
        decision.interface = ref(wish);
    }
    model.resolved(flow, wish != 0 && model.holds(who_, wish) ? wish : n);
    router_.question(who_);
}

void Listener::on_entry_created(FlowKey key, InterfaceRef /*arrival*/,
                                std::span<OutInterface> mine) {
    Pause const pause(router_);
    unsigned const flow = index_of(key);
    std::string list;
    for (OutInterface& out : mine) {
        Port const n = port_of(out.ref);
        list += " " + show(out.ref);
        bool const mine_now = router_.model_.holds(who_, n) || router_.leaving_[who_][n];
        if (!mine_now || router_.model_.components[who_].silent) {
            router_.fail(show(who_) + " is asked about " + show(out.ref) + ", not its own");
        }
        out.forward = !router_.model_.refuses[who_][flow][n];
    }
    router_.say("  " + show(who_) + " created" + to_string(key) + ":" + list);
    router_.question(who_);
}

// --- news

void Listener::on_join(MembershipKey const& key, AlertCause cause) {
    Pause const pause(router_);
    router_.catch_up();
    router_.say("  " + show(who_) + " join" + to_string(key) +
                (cause == AlertCause::entry ? " entry" : ""));
    if (cause == AlertCause::membership) {
        alert(true, key);
    }
    router_.answer_news();
}

void Listener::on_prune(MembershipKey const& key, InterfaceRef, AlertCause cause,
                        std::chrono::seconds& /*lifetime*/) {
    Pause const pause(router_);
    router_.catch_up();
    router_.say("  " + show(who_) + " prune" + to_string(key) +
                (cause == AlertCause::entry ? " entry" : ""));
    if (cause == AlertCause::membership) {
        alert(false, key);
    }
    router_.answer_news();
}

void Listener::alert(bool join, MembershipKey const& key) {
    Component& me = router_.model_.components[who_];
    if (me.seat == 0 || me.silent) {
        router_.fail("news for " + show(who_) + ", which has left");
        return;
    }
    if (key.source) {
        auto const found = me.source.find({join, key});
        if (found == me.source.end() && !join && router_.lingering_) {
            return; // it ended when somebody else was to hear of it
        }
        if (found == me.source.end()) {
            router_.fail(show(who_) + " hears of " + to_string(key) + " without reason");
            return;
        }
        me.source.erase(found);
        return;
    }
    unsigned const what = !key.group ? 0 : *key.group == k_groups[0] ? 1 : 2;
    Belief& belief = me.beliefs[what];
    bool const knew = belief.told || (join && me.beliefs[0].told);
    if (!join && !knew && router_.lingering_) {
        return; // it came after that had ended, and before it was forgotten
    }
    if (knew == join) {
        router_.fail(show(who_) + " is told the same of " + to_string(key) + " twice");
    }
    unsigned& reasons = join ? belief.rises : belief.falls;
    if (reasons == 0) {
        router_.fail(show(who_) + " hears of a change of " + to_string(key) + " that never was");
    } else {
        --reasons;
    }
    belief.told = join;
    if (!join && what == 0) { // one for every group: those still wanted are told again
        for (unsigned group : {1U, 2U}) {
            me.beliefs[group].told = false;
            me.beliefs[group].rises += 1;
        }
    }
}

void Listener::on_local_join(MembershipKey const& key, InterfaceRef interface) {
    Pause const pause(router_);
    local(true, key, interface);
}

void Listener::on_local_leave(MembershipKey const& key, InterfaceRef interface) {
    Pause const pause(router_);
    local(false, key, interface);
}

void Listener::local(bool join, MembershipKey const& key, InterfaceRef interface) {
    router_.catch_up();
    router_.say("  " + show(who_) + (join ? " local_join" : " local_leave") + to_string(key) + " " +
                show(interface));
    auto& expected = router_.model_.components[who_].local;
    LocalNews const news{join, key, port_of(interface)};
    auto const found = std::ranges::find(expected, news);
    if (found == expected.end() && !join && router_.lingering_) {
        router_.answer_news();
        return;
    }
    if (found == expected.end()) {
        router_.fail(show(who_) + " hears of a local change that is not (or no longer) its own");
        return;
    }
    bool const first = std::none_of(expected.begin(), found, [&](LocalNews const& earlier) {
        return earlier.key == key && earlier.where == news.where;
    });
    if (!first) {
        router_.fail(show(who_) + " hears local changes out of order");
    }
    expected.erase(found);
    router_.answer_news();
}

void Listener::on_interface_ready(InterfaceRef interface) {
    Pause const pause(router_);
    router_.catch_up();
    router_.say("  " + show(who_) + " ready " + show(interface));
    Link& link = router_.model_.links[port_of(interface)];
    if (link.owner != who_ || link.changing || !link.ready_due) {
        router_.fail(show(who_) + " hears that an interface is ready which is not");
    }
    link.ready_due = false;
    router_.answer_news();
}

void Listener::on_igmp_gate_closed(InterfaceRef interface) {
    Pause const pause(router_);
    gate(false, interface);
}

void Listener::on_igmp_gate_opened(InterfaceRef interface, Epoch epoch) {
    Pause const pause(router_);
    gate(true, interface);
    Epoch& last = router_.epochs_[port_of(interface)];
    if (epoch <= last) {
        router_.fail("an epoch that does not rise");
    }
    last = epoch;
}

void Listener::gate(bool opened, InterfaceRef interface) {
    router_.catch_up();
    router_.say("  J gate " + std::string(opened ? "opened " : "closed ") + show(interface));
    auto& expected = router_.model_.links[port_of(interface)].gate_news;
    if (who_ != k_igmp || expected.empty() || expected.front() != opened) {
        router_.fail("gate news out of order on " + show(interface));
        return;
    }
    expected.pop_front();
    router_.question(who_); // MGM-40
}

} // namespace mcast::mgm::property
