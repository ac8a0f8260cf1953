#include "tracer.h"

#include "forwarder.h"

#include <algorithm>

namespace mcast::dvmrp {

namespace {

using wire::Mtrace;
using wire::TraceBlock;
using wire::TraceCode;

constexpr Ipv4 k_all_multicast_routers = Ipv4::of(224, 0, 0, 2);
// The asker may be behind other routers (DEC-1).
constexpr std::uint8_t k_response_ttl = 64;
// An Ethernet's packet holds as many, behind 20 bytes of IP and 24 of the trace.
constexpr std::size_t k_most_blocks = 45;
// Queries that are told from repeated ones, and for how long.
constexpr std::size_t k_remembered = 64;
constexpr Duration k_repeat_span = std::chrono::seconds{10};

constexpr bool is_fatal(TraceCode code) {
    return (static_cast<unsigned>(code) & 0x80) != 0;
}

Counter counter_of(wire::MtraceError error) {
    switch (error) {
    case wire::MtraceError::too_short:
        return &Counters::too_short;
    case wire::MtraceError::bad_checksum:
        return &Counters::bad_checksum;
    case wire::MtraceError::not_mtrace:
    case wire::MtraceError::bad_length:
    case wire::MtraceError::count_:
        break;
    }
    return &Counters::malformed;
}

bool is_unicast(Ipv4 address) {
    return !address.is_unspecified() && !address.is_loopback() && (address.value >> 28) < 0xe;
}

// A trace of no group follows the way to the source alone.
bool names_a_path(Mtrace const& trace) {
    bool const group = trace.group.is_unspecified() ||
                       (trace.group.is_multicast() && !trace.group.is_link_local_multicast());
    return group && is_unicast(trace.source) && is_unicast(trace.destination) &&
           is_unicast(trace.response_address);
}

} // namespace

bool Tracer::permits(Ipv4 address) const {
    return std::ranges::any_of(config_.answer_traces_to,
                               [&](Ipv4Prefix prefix) { return prefix.contains(address); });
}

// S18. Whom the list names may ask from anywhere, and nobody may have answers sent to a stranger:
// without a list both are on the link.
std::optional<Counter> Tracer::judge_asker(Question const& question) const {
    Ipv4 const asker = question.received.source;
    Ipv4 const answer_to = question.trace.response_address;
    Link const& link = question.interface.link();
    bool const listed = !config_.answer_traces_to.empty();
    if (!config_.answer_traces) {
        return &Counters::trace_not_answered;
    }
    if (question.trace.is_query()) {
        bool const good = listed ? permits(asker) && permits(answer_to)
                                 : is_on_link(asker, link) && is_on_link(answer_to, link);
        return good ? std::nullopt : std::optional<Counter>{&Counters::trace_not_answered};
    }
    // Routers pass requests on to the next one of their link.
    Neighbor const* const neighbor = question.interface.find(asker);
    if (neighbor == nullptr) {
        return &Counters::unknown_neighbor;
    }
    if (!neighbor->two_way()) {
        return neighbor->state == NeighborState::ignored ? &Counters::ignored_neighbor
                                                         : &Counters::one_way_neighbor;
    }
    bool const good = !listed || permits(answer_to);
    return good ? std::nullopt : std::optional<Counter>{&Counters::trace_not_answered};
}

std::optional<Counter> Tracer::judge(Question const& question) const {
    Mtrace const& trace = question.trace;
    Received const& received = question.received;
    bool const to_us = received.destination == question.interface.address();
    // Whoever looks for the last router asks all of a link, or those that hear the group.
    bool const to_all = received.destination == k_all_multicast_routers ||
                        (received.destination == trace.group && trace.is_query());
    if (!to_us && !to_all) {
        return &Counters::bad_destination;
    }
    if (!question.interface.enabled()) {
        return &Counters::not_enabled;
    }
    if (!is_host_address(received.source, question.interface.link())) {
        return &Counters::bad_source;
    }
    if (trace.response) {
        return &Counters::unasked;
    }
    if (!names_a_path(trace)) {
        return &Counters::trace_bad_address;
    }
    if (trace.blocks.size() >= trace.hops) {
        return &Counters::malformed; // it should have been answered before
    }
    return judge_asker(question);
}

// Section 6.1 of the draft: who asks several ways at once, or again, wants one answer.
bool Tracer::is_repeated(Question const& question) {
    while (!answered_.empty() && answered_.front().at + k_repeat_span <= question.now) {
        answered_.pop_front();
    }
    Ipv4 const asker = question.received.source;
    std::uint32_t const id = question.trace.query_id;
    if (std::ranges::any_of(answered_, [&](Answered const& it) {
            return it.asker == asker && it.query_id == id;
        })) {
        return true;
    }
    if (answered_.size() == k_remembered) {
        answered_.pop_front();
    }
    answered_.push_back({asker, id, question.now});
    return false;
}

Tracer::Exit Tracer::exit_of(Question const& question, Route const* route) const {
    auto const forwards = [&](Interface const& interface) {
        return route != nullptr && route->interface != interface.index() &&
               we_forward(*route, interface, spans_);
    };
    if (!question.trace.is_query()) {
        return {&question.interface, forwards(question.interface)};
    }
    auto const at = std::ranges::find_if(interfaces_, [&](auto const& it) {
        return it.second.enabled() && is_on_link(question.trace.destination, it.second.link());
    });
    if (at == interfaces_.end()) {
        return {};
    }
    Interface& interface = at->second;
    // Without a way to the source nobody serves the receiver: that is what there is to tell.
    return {&interface, route == nullptr || forwards(interface)};
}

TraceCode Tracer::code_of(Question const& question, Route const& route, Exit exit) const {
    Mtrace const& trace = question.trace;
    if (trace.is_query() && !exit.serves) {
        return TraceCode::wrong_last_hop;
    }
    IfIndex const leaves = exit.interface->index();
    if (leaves == route.interface) {
        return TraceCode::rpf_interface;
    }
    if (!exit.serves) {
        return TraceCode::wrong_interface;
    }
    if (trace.group.is_unspecified()) {
        return TraceCode::no_error;
    }
    auto const comes = interfaces_.find(route.interface);
    bool const scoped = exit.interface->is_scoped(trace.group) ||
                        (comes != interfaces_.end() && comes->second.is_scoped(trace.group));
    if (scoped) {
        return TraceCode::scoped;
    }
    auto const look = trees_.look(route, {trace.source, trace.group}, leaves,
                                  question.received.source, question.now);
    return look.prune_sent    ? TraceCode::prune_sent
           : look.prune_heard ? TraceCode::pruned
           : look.wanted      ? TraceCode::no_error
                              : TraceCode::not_forwarding;
}

TraceBlock Tracer::block_of(Question const& question, Route const* route, Exit exit) const {
    TraceBlock block{.arrival = question.arrival};
    if (exit.interface != nullptr) {
        block.outgoing = exit.interface->address();
        block.needed_ttl = exit.interface->config().threshold;
    }
    if (route == nullptr) {
        block.routing_protocol = 0;
        block.code = TraceCode::no_route;
        return block;
    }
    if (auto const at = interfaces_.find(route->interface); at != interfaces_.end()) {
        block.incoming = at->second.address();
    }
    block.previous_hop = route->neighbor;
    block.mask_length = route->prefix.length;
    block.code = code_of(question, *route, exit);
    return block;
}

void Tracer::hear(Interface& interface, Received const& received, std::uint32_t arrival,
                  TimePoint now, Output& out) {
    Counters& counters = interface.counters();
    auto trace = wire::decode_mtrace(received.payload);
    if (!trace) {
        ++(counters.*counter_of(trace.error()));
        return;
    }
    Question question{.interface = interface,
                      .received = received,
                      .trace = std::move(*trace),
                      .arrival = arrival,
                      .now = now,
                      .to_all = received.destination.is_multicast()};
    if (auto const refusal = judge(question)) {
        ++(counters.*refusal.value());
        return;
    }
    bool const is_query = question.trace.is_query();
    Route const* const route = routing_.usable(question.trace.source);
    Exit const exit = exit_of(question, route);
    if (question.to_all && !exit.serves) {
        ++counters.trace_not_last_hop;
        return;
    }
    if (!interface.admit_trace(now)) {
        ++counters.trace_not_answered;
        return;
    }
    if (is_query && is_repeated(question)) {
        ++counters.trace_twice;
        return;
    }
    ++(is_query ? counters.trace_queries : counters.trace_requests);
    answer(question, route, exit, out);
}

void Tracer::answer(Question& question, Route const* route, Exit exit, Output& out) const {
    Mtrace& trace = question.trace;
    TraceBlock const block = block_of(question, route, exit);
    if (trace.blocks.size() == k_most_blocks) {
        // The asker has what there is so far, and ours is the first of the rest.
        trace.blocks.back().code = TraceCode::no_space;
        respond(question, std::nullopt, out);
        trace.hops = static_cast<std::uint8_t>(trace.hops - k_most_blocks);
        trace.blocks.clear();
    }
    trace.blocks.push_back(block);
    TraceToSend::Counts counts{.outgoing = exit.interface != nullptr ? exit.interface->index()
                                                                     : k_no_interface};
    if (route == nullptr) {
        respond(question, counts, out);
        return;
    }
    if (!trace.group.is_unspecified()) {
        counts.flow = FlowKey{trace.source, trace.group};
    }
    auto const upstream = interfaces_.find(route->interface);
    bool const ours = upstream != interfaces_.end();
    counts.incoming = ours ? route->interface : k_no_interface;
    bool const ends = !ours || route->neighbor.is_unspecified() || is_fatal(block.code) ||
                      trace.blocks.size() == trace.hops;
    if (ends) {
        respond(question, counts, out);
    } else {
        pass_on(question, *route, upstream->second, counts, out);
    }
}

void Tracer::respond(Question const& question, std::optional<TraceToSend::Counts> counts,
                     Output& out) const {
    Ipv4 const to = question.trace.response_address;
    Interface* by = &question.interface;
    Ipv4 next_hop{};
    auto const link = std::ranges::find_if(interfaces_, [&](auto const& it) {
        return it.second.enabled() && is_on_link(to, it.second.link());
    });
    Route const* const way = routing_.usable(to);
    auto const toward = way != nullptr ? interfaces_.find(way->interface) : interfaces_.end();
    if (link != interfaces_.end()) {
        by = &link->second;
        next_hop = to;
    } else if (way != nullptr && toward != interfaces_.end() && !way->neighbor.is_unspecified()) {
        by = &toward->second;
        next_hop = way->neighbor;
    }
    Mtrace trace = question.trace;
    trace.response = true;
    ++by->counters().sent_trace_responses;
    out.traces.push_back({.interface = by->index(),
                          .source = by->address(),
                          .destination = to,
                          .next_hop = next_hop,
                          .ttl = k_response_ttl,
                          .trace = std::move(trace),
                          .counts = counts});
}

void Tracer::pass_on(Question const& question, Route const& route, Interface& upstream,
                     TraceToSend::Counts const& counts, Output& out) const {
    ++upstream.counters().sent_trace_requests;
    out.traces.push_back({.interface = upstream.index(),
                          .source = upstream.address(),
                          .destination = route.neighbor,
                          .next_hop = route.neighbor,
                          .ttl = 1,
                          .trace = question.trace,
                          .counts = counts});
}

} // namespace mcast::dvmrp
