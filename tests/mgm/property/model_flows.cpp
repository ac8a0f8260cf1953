// Flows: what happens to their entries, and what follows from all the rest.
#include "model.h"

#include <algorithm>
#include <utility>

namespace mcast::mgm::property {

using handoff::Drop;

// --- facts

void Model::set_facts(Port n, bool boundary, std::uint8_t threshold) {
    Link& link = links[n];
    if (link.boundary != boundary || link.threshold != threshold) {
        link.boundary = boundary;
        link.threshold = threshold;
        all_catch_up();
    }
}

void Model::set_route(unsigned source, Port n) {
    routes[source] = n;
    for (unsigned f = source; f < k_flows; f += 2) {
        if (flows[f].cached) {
            flows[f].pending.push_back({});
        }
    }
}

void Model::reevaluate(Ipv4 group, Port n) {
    for (unsigned f = 0; f < k_flows; ++f) {
        if (flows[f].cached && flow_key(f).group == group) {
            catch_up(f, flows[f].pending.size());
            flows[f].igmp_asked[n] = false;
            refresh(f);
        }
    }
}

// --- what happens by itself

void Model::complete(Port n, TimePoint now, Duration hold) {
    Link& link = links[n];
    link.changing = false;
    if (std::exchange(link.gate_closed, false)) {
        link.stale_until = now + hold;
        if (!components[k_igmp].silent) {
            link.gate_news.push_back(true);
        }
    }
}

void Model::sweep_stale(Port n, MembershipKey const& key) {
    for (unsigned f = 0; f < k_flows; ++f) {
        flows[f].allowance += key.matches(flow_key(f)) ? 1 : 0;
    }
    remove(k_igmp, n, key);
}

void Model::expire(unsigned flow) {
    flows[flow] = {};
}

void Model::miss(unsigned f, TimePoint now) {
    flows[f] = {};
    flows[f].cached = true;
    flows[f].born = now;
    look_up(f);
    refresh(f);
}

void Model::resolved(unsigned f, Port arrival) {
    flows[f].arrival = arrival;
    flows[f].asked = true;
    if (flows[f].cached && flows[f].pending.empty()) {
        refresh(f);
    }
}

void Model::look_up(unsigned f) {
    Flow& flow = flows[f];
    flow.routed = routes[f % 2];
    flow.owner = flow.routed == 0 ? 0 : accountant(flow.routed);
    unasked = unasked || (answered && flow.owner != 0 && !flow.asked);
    if (!answered || flow.owner == 0) {
        flow.arrival = flow.routed; // until its owner says something else
    }
}

void Model::catch_up(unsigned f, std::size_t changes) {
    Flow& flow = flows[f];
    auto const pending = std::exchange(flow.pending, {});
    for (std::size_t k = 0; k < pending.size(); ++k) {
        if (k < changes) {
            follow(f, pending[k]);
        } else {
            flow.pending.push_back(pending[k]);
        }
    }
    if (changes != 0 && !pending.empty()) {
        refresh(f);
    }
}

void Model::all_catch_up() {
    for (unsigned f = 0; f < k_flows; ++f) {
        if (flows[f].cached) {
            catch_up(f, flows[f].pending.size());
            refresh(f);
        }
    }
}

void Model::follow(unsigned f, Pending const& change) {
    Flow& flow = flows[f];
    ++flow.allowance;
    if (change.taken == 0) {
        look_up(f);
        return;
    }
    if (concerned(flow, change.taken)) {
        flow.agreed[change.taken] = flow.owner_asked[change.taken] = false;
        look_up(f);
    }
}

// Somebody was asked about the interface, or decides where the flow comes from.
bool Model::concerned(Flow const& flow, Port n) const {
    return flow.published.outputs.contains(ref(n).index) || flow.owner_asked[n] ||
           flow.igmp_asked[n] || flow.switched[n] != Switch::none || flow.routed == n ||
           flow.arrival == n;
}

// --- what follows for a flow

void Model::forget_answers(Flow& flow, Port n) {
    flow.agreed[n] = flow.owner_asked[n] = flow.igmp_asked[n] = false;
    if (flow.switched[n] == Switch::off) {
        flow.switched[n] = Switch::none;
    }
}

void Model::refresh(unsigned f) {
    Flow& flow = flows[f];
    flow.published = compute(f);
    bool const asks = flow.published.negative != Drop::no_route &&
                      flow.published.negative != Drop::no_owner &&
                      flow.published.negative != Drop::boundary_in;
    for (Port n = 1; asks && n <= k_ports; ++n) {
        auto const [own, igmp] = wanting(f, n);
        if (n != flow.arrival && (own || igmp) && !blocked(f, n) &&
            flow.switched[n] != Switch::off) {
            flow.owner_asked[n] = flow.owner_asked[n] || links[n].owner;
            flow.igmp_asked[n] = flow.igmp_asked[n] || (!own && links[n].igmp);
        }
    }
}

bool Model::blocked(unsigned f, Port n) const {
    return links[n].boundary && flow_key(f).group == k_groups[1];
}

// By the owner or by a switch; by IGMP.
std::pair<bool, bool> Model::wanting(unsigned f, Port n) const {
    std::pair result{flows[f].switched[n] == Switch::on, false};
    for (auto const& [key, wish] : links[n].wishes) {
        bool const matches = key.matches(flow_key(f));
        result.first |= wish.own != 0 && matches;
        result.second |= wish.igmp && matches;
    }
    return result;
}

Published Model::compute(unsigned f) const {
    Flow const& flow = flows[f];
    Published result;
    result.arrival = flow.arrival == 0 ? k_no_interface : ref(flow.arrival).index;
    bool any_wanted = false;
    bool any_unblocked = false;
    for (Port n = 1; n <= k_ports; ++n) {
        auto const [own, igmp] = wanting(f, n);
        if (n == flow.arrival || !(own || igmp)) {
            continue;
        }
        any_wanted = true;
        any_unblocked |= !blocked(f, n);
        Link const& link = links[n];
        bool const by_owner = link.owner && !flow.agreed[n] && refuses[*link.owner][f][n];
        bool const by_igmp = !own && link.igmp && refuses[k_igmp][f][n];
        if (!blocked(f, n) && flow.switched[n] != Switch::off && !by_owner && !by_igmp) {
            result.outputs.insert(ref(n).index);
            result.threshold = std::max(result.threshold, link.threshold);
        }
    }
    result.negative = flow.routed == 0                                ? Drop::no_route
                      : flow.owner == 0                               ? Drop::no_owner
                      : flow.arrival != 0 && blocked(f, flow.arrival) ? Drop::boundary_in
                      : !result.outputs.empty()                       ? Drop::none
                      : !any_wanted                                   ? Drop::no_member
                      : !any_unblocked                                ? Drop::boundary_out
                                                                      : Drop::vetoed;
    if (result.negative != Drop::none) {
        result.outputs = {};
        result.threshold = 0;
    }
    return result;
}

} // namespace mcast::mgm::property
