#include "explain.h"

#include "mcast/handoff/counters.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace mcast::control {

namespace {

using handoff::Drop;
using mgm::OutputReason;

Because refused(Drop reason, std::string sentence) {
    return {false, std::string(name_of(reason)), std::move(sentence)};
}

std::string needs_ttl(unsigned threshold) {
    return threshold <= 1 ? std::string()
                          : fmt::format("; packets need a TTL above {} here", threshold);
}

// Of an output that is wanted.
Because goes_out(Core const& core, IfIndex interface, unsigned threshold) {
    auto const& tunnel = core.interfaces.config(interface).tunnel;
    if (!core.interfaces.up(interface)) {
        return {false, "link_down", "wanted here, but the interface has no link"};
    }
    if (!tunnel) {
        return {true, "forwarded", "wanted here" + needs_ttl(threshold)};
    }
    if (!core.interfaces.next_hop(interface)) {
        return {false, std::string(name_of(handoff::CopyDrop::no_next_hop)),
                fmt::format("wanted here, but {}, on the way to the other end of the tunnel, does "
                            "not answer ARP on {}",
                            to_string(tunnel->next_hop()), tunnel->over)};
    }
    return {true, "forwarded",
            fmt::format("wanted here, and goes inside packets to {} over {}{}",
                        to_string(tunnel->remote), tunnel->over, needs_ttl(threshold))};
}

// Whoever was refused for want of room has asked, and yet is no member.
std::string over_limits(Core const& core, IfIndex interface) {
    igmp::Counters const* const counters = core.igmp.engine().counters(interface);
    if (counters == nullptr) {
        return {};
    }
    std::string text;
    auto const add = [&](std::uint64_t count, std::string_view limit) {
        if (count != 0) {
            text += fmt::format("{}{} over {}", text.empty() ? "" : ", ", count, limit);
        }
    };
    add(counters->limit_groups, "the limit of groups here");
    add(counters->limit_sources, "the limit of sources of a group");
    add(counters->limit_entries, "the limit of entries in all");
    return text.empty() ? text : "; but hosts were refused: " + text;
}

Because nobody_asked(Core const& core, IfIndex interface) {
    std::string const why =
        core.igmp.engine().knows(interface)
            ? "no host has asked for this group or source here" + over_limits(core, interface)
            : "IGMP does not run here and no static group asks for it";
    return {false, "no_member", why};
}

// Reasons that lie in addresses alone: such packets never reach an entry.
std::optional<Because> bad_addresses(Core const& core, FlowKey flow) {
    if (flow.group.is_link_local_multicast()) {
        return refused(Drop::link_local_group,
                       "224.0.0.0/24 never crosses a router, whatever its TTL");
    }
    Ipv4 const s = flow.source;
    bool const this_network = (s.value >> 24) == 0;
    bool const link_local = (s.value >> 16) == 0xa9fe;
    if (this_network || link_local || s.is_loopback() || s.value >= 0xe0000000) {
        return refused(
            Drop::martian_source,
            fmt::format("{} cannot be the source of anything that is forwarded", to_string(s)));
    }
    if (core.interfaces.is_own_address(s)) {
        return refused(
            Drop::own_source,
            fmt::format("{} is our own address; nobody else may send with it", to_string(s)));
    }
    return std::nullopt;
}

std::optional<Because> bad_arrival(Core const& core, mgm::Explanation const& flow) {
    IfIndex const arrival = flow.arrival.index;
    if (!flow.route || !core.interfaces.has(arrival)) {
        return refused(Drop::no_route,
                       fmt::format("no route leads back to {}: connect its network or configure a "
                                   "static route",
                                   to_string(flow.key.source)));
    }
    std::string_view const name = core.interfaces.name(arrival);
    if (core.interfaces.crosses_boundary(arrival, flow.key.group)) {
        return refused(Drop::boundary_in,
                       fmt::format("a scope boundary on {}, where it should arrive, covers the "
                                   "group",
                                   name));
    }
    if (!core.interfaces.up(arrival)) {
        return refused(Drop::interface_down,
                       fmt::format("{}, where it should arrive, has no link", name));
    }
    return std::nullopt;
}

std::string list_of_outputs(Core const& core, mgm::Explanation const& flow) {
    std::string names;
    for (mgm::OutputVerdict const& output : flow.outputs) {
        if (explain_output(core, flow, output.interface.index).forwarded) {
            names += names.empty() ? "" : ", ";
            names += core.interfaces.name(output.interface.index);
        }
    }
    return names;
}

std::string packets(std::uint64_t count) {
    return fmt::format("{} packet{}", count, count == 1 ? "" : "s");
}

std::string seen(handoff::FlowTotals const& totals, std::string_view arrival) {
    std::string text;
    if (totals.ttl_expired != 0) {
        text += fmt::format("; {} came with TTL 1 and went no further: the sender's TTL is 1, "
                            "raise it",
                            packets(totals.ttl_expired));
    }
    if (totals.wrong_interface != 0) {
        text += fmt::format("; {} arrived on another interface than {} and went no further",
                            packets(totals.wrong_interface), arrival);
    }
    return text;
}

Because by_entry(Core const& core, mgm::Explanation const& flow) {
    std::string_view const arrival = core.interfaces.name(flow.arrival.index);
    handoff::FlowTotals const totals = core.publisher.totals(flow.key);
    if (flow.cached && totals.packets == 0 && totals.ttl_expired != 0) {
        return refused(Drop::ttl_expired,
                       fmt::format("{} came, all with TTL 1, so none may cross a router: the "
                                   "sender's TTL is 1, raise it",
                                   packets(totals.ttl_expired)));
    }
    if (flow.cached && totals.packets == 0 && totals.wrong_interface != 0) {
        return refused(Drop::wrong_interface,
                       fmt::format("{} came, none of them on {}, where the route to the source "
                                   "leads; correct the route or the cabling",
                                   packets(totals.wrong_interface), arrival));
    }
    std::string const outputs = list_of_outputs(core, flow);
    if (outputs.empty()) {
        return refused(Drop::no_output,
                       "members exist, but every output is down" + seen(totals, arrival));
    }
    std::string const how =
        flow.cached ? packets(totals.packets) + " so far"
                    : std::string("no packet of it has been seen yet, this is what would happen");
    return {true, "forwarded",
            fmt::format("arrives on {} and leaves through {} ({}){}", arrival, outputs, how,
                        seen(totals, arrival))};
}

} // namespace

mgm::OutputVerdict const* verdict_of(mgm::Explanation const& flow, IfIndex interface) {
    auto const found = std::ranges::find_if(flow.outputs, [&](mgm::OutputVerdict const& output) {
        return output.interface.index == interface;
    });
    return found == flow.outputs.end() ? nullptr : &*found;
}

Because explain_output(Core const& core, mgm::Explanation const& flow, IfIndex interface) {
    mgm::OutputVerdict const* const output = verdict_of(flow, interface);
    if (output == nullptr) {
        return nobody_asked(core, interface);
    }
    switch (output->reason) {
    case OutputReason::forwards:
        return goes_out(core, interface, output->threshold);
    case OutputReason::arrival:
        return {false, "arrival", "it comes from here, and is never sent back"};
    case OutputReason::no_member:
        return nobody_asked(core, interface);
    case OutputReason::boundary:
        return {false, "boundary", "a scope boundary here covers the group"};
    case OutputReason::owner_refuses:
        return {false, "vetoed",
                explain_dvmrp_output(core, flow.key, interface)
                    .value_or("wanted here, but the protocol that owns the interface refuses it")};
    case OutputReason::igmp_refuses:
        return {false, "vetoed", "every member here excludes this source"};
    case OutputReason::switched_off:
        return {false, "switched_off",
                explain_dvmrp_output(core, flow.key, interface)
                    .value_or("wanted here, but a protocol has taken it out of this entry")};
    case OutputReason::entry_refuses:
        return {false, std::string(name_of(flow.negative)),
                "wanted here, but the stream as a whole is refused"};
    }
    return nobody_asked(core, interface);
}

Because explain_flow(Core const& core, mgm::Explanation const& flow, IfIndex arrived_on) {
    if (auto because = bad_addresses(core, flow.key)) {
        return *because;
    }
    if (auto because = bad_arrival(core, flow)) {
        return *because;
    }
    if (flow.wrong_interface) {
        return refused(Drop::wrong_interface,
                       fmt::format("what arrives on {} goes no further: the route to the source "
                                   "leads through {}; correct the route or the cabling",
                                   core.interfaces.name(arrived_on),
                                   core.interfaces.name(flow.arrival.index)));
    }
    if (flow.negative != Drop::none) {
        auto const pruned =
            flow.negative == Drop::vetoed ? explain_dvmrp_flow(core, flow) : std::nullopt;
        return refused(flow.negative,
                       pruned.value_or(std::string(handoff::explain(flow.negative))));
    }
    return by_entry(core, flow);
}

} // namespace mcast::control
