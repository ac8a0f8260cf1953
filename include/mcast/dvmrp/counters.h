// What an interface counts. Every message that is refused raises exactly one counter of the class
// `refusal`, every route of a report that is not taken one of the class `route`.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace mcast::dvmrp {

struct Counters {
    std::uint64_t received = 0;

    // What was accepted.
    std::uint64_t probes = 0;
    std::uint64_t reports = 0;
    std::uint64_t prunes = 0;
    std::uint64_t grafts = 0;
    std::uint64_t graft_acks = 0;
    std::uint64_t neighbor_questions = 0;
    std::uint64_t trace_queries = 0;  // mtrace: answered or passed on
    std::uint64_t trace_requests = 0; // that a neighbour passed on

    // Refused, in the order in which it is judged.
    std::uint64_t too_short = 0;
    std::uint64_t not_dvmrp = 0;
    std::uint64_t bad_destination = 0;
    std::uint64_t not_enabled = 0; // link down, no address, or a leaf by configuration
    std::uint64_t bad_ttl = 0;     // strict mode
    std::uint64_t bad_checksum = 0;
    std::uint64_t own = 0;        // our own address as source
    std::uint64_t bad_source = 0; // no host's address
    std::uint64_t not_on_link = 0;
    std::uint64_t not_permitted = 0; // accept_neighbors
    std::uint64_t old_version = 0;
    std::uint64_t obsolete_code = 0;
    std::uint64_t vendor_code = 0;
    std::uint64_t unknown_code = 0;
    std::uint64_t malformed = 0; // length, masks, routes
    std::uint64_t bad_pair = 0;  // source, group or lifetime of a prune or graft
    std::uint64_t unasked = 0;   // answers to a question that we never ask
    std::uint64_t unknown_neighbor = 0;
    std::uint64_t one_way_neighbor = 0;
    std::uint64_t ignored_neighbor = 0;
    std::uint64_t limit_rate = 0;
    std::uint64_t limit_probes = 0;
    std::uint64_t limit_neighbors = 0;
    std::uint64_t limit_one_way = 0;
    std::uint64_t not_answered = 0;       // neighbours asked for, and answers are off or too fast
    std::uint64_t trace_bad_address = 0;  // source, group, receiver, or where the answer goes
    std::uint64_t trace_not_answered = 0; // answers are off, not for this asker, or too fast
    std::uint64_t trace_twice = 0;        // the same query again
    std::uint64_t trace_not_last_hop = 0; // asked of all, and another router serves the receiver
    std::uint64_t prune_no_route = 0;
    std::uint64_t prune_bad_mask = 0;
    std::uint64_t prune_no_flow = 0;
    std::uint64_t prune_scoped = 0;
    std::uint64_t prune_not_dependent = 0;
    std::uint64_t limit_prunes = 0;
    std::uint64_t limit_prunes_of_neighbor = 0;
    std::uint64_t prune_not_grafted = 0; // of a group that is not flooded
    std::uint64_t limit_grafts = 0;
    std::uint64_t graft_ack_unexpected = 0;

    // Routes of accepted reports.
    std::uint64_t routes = 0;
    std::uint64_t route_bad_metric = 0;
    std::uint64_t route_bad_network = 0;
    std::uint64_t route_twice = 0;
    std::uint64_t route_filtered = 0;
    std::uint64_t route_own_subnet = 0;
    std::uint64_t limit_routes = 0;
    std::uint64_t limit_routes_of_neighbor = 0;

    // Sent.
    std::uint64_t sent_probes = 0;
    std::uint64_t sent_reports = 0;
    std::uint64_t sent_prunes = 0;
    std::uint64_t sent_grafts = 0;
    std::uint64_t sent_graft_acks = 0;
    std::uint64_t sent_neighbor_answers = 0;
    std::uint64_t sent_trace_requests = 0;
    std::uint64_t sent_trace_responses = 0;

    // Of the protocol.
    std::uint64_t ttl_unexpected = 0; // multicast with a TTL other than 1, accepted
    std::uint64_t neighbors_gained = 0;
    std::uint64_t neighbors_lost = 0;
    std::uint64_t neighbor_restarts = 0;
    std::uint64_t restarts_damped = 0; // sooner than 10 s after the last: not acted upon yet
    std::uint64_t prune_lifetime_cut = 0;
    std::uint64_t mask_not_read = 0; // a prune with one to three bytes where a mask would be
    std::uint64_t flashes = 0;
};

enum class CounterClass : std::uint8_t { total, message, refusal, route, sent, protocol };

struct CounterName {
    std::string_view name;
    CounterClass kind;
    std::uint64_t Counters::* member;
};

inline constexpr std::array k_counters = {
    CounterName{"received", CounterClass::total, &Counters::received},

    CounterName{"probes", CounterClass::message, &Counters::probes},
    CounterName{"reports", CounterClass::message, &Counters::reports},
    CounterName{"prunes", CounterClass::message, &Counters::prunes},
    CounterName{"grafts", CounterClass::message, &Counters::grafts},
    CounterName{"graft-acks", CounterClass::message, &Counters::graft_acks},
    CounterName{"neighbor-questions", CounterClass::message, &Counters::neighbor_questions},
    CounterName{"trace-queries", CounterClass::message, &Counters::trace_queries},
    CounterName{"trace-requests", CounterClass::message, &Counters::trace_requests},

    CounterName{"too-short", CounterClass::refusal, &Counters::too_short},
    CounterName{"not-dvmrp", CounterClass::refusal, &Counters::not_dvmrp},
    CounterName{"bad-destination", CounterClass::refusal, &Counters::bad_destination},
    CounterName{"not-enabled", CounterClass::refusal, &Counters::not_enabled},
    CounterName{"bad-ttl", CounterClass::refusal, &Counters::bad_ttl},
    CounterName{"bad-checksum", CounterClass::refusal, &Counters::bad_checksum},
    CounterName{"own", CounterClass::refusal, &Counters::own},
    CounterName{"bad-source", CounterClass::refusal, &Counters::bad_source},
    CounterName{"not-on-link", CounterClass::refusal, &Counters::not_on_link},
    CounterName{"not-permitted", CounterClass::refusal, &Counters::not_permitted},
    CounterName{"old-version", CounterClass::refusal, &Counters::old_version},
    CounterName{"obsolete-code", CounterClass::refusal, &Counters::obsolete_code},
    CounterName{"vendor-code", CounterClass::refusal, &Counters::vendor_code},
    CounterName{"unknown-code", CounterClass::refusal, &Counters::unknown_code},
    CounterName{"malformed", CounterClass::refusal, &Counters::malformed},
    CounterName{"bad-pair", CounterClass::refusal, &Counters::bad_pair},
    CounterName{"unasked", CounterClass::refusal, &Counters::unasked},
    CounterName{"unknown-neighbor", CounterClass::refusal, &Counters::unknown_neighbor},
    CounterName{"one-way-neighbor", CounterClass::refusal, &Counters::one_way_neighbor},
    CounterName{"ignored-neighbor", CounterClass::refusal, &Counters::ignored_neighbor},
    CounterName{"limit-rate", CounterClass::refusal, &Counters::limit_rate},
    CounterName{"limit-probes", CounterClass::refusal, &Counters::limit_probes},
    CounterName{"limit-neighbors", CounterClass::refusal, &Counters::limit_neighbors},
    CounterName{"limit-one-way", CounterClass::refusal, &Counters::limit_one_way},
    CounterName{"not-answered", CounterClass::refusal, &Counters::not_answered},
    CounterName{"trace-bad-address", CounterClass::refusal, &Counters::trace_bad_address},
    CounterName{"trace-not-answered", CounterClass::refusal, &Counters::trace_not_answered},
    CounterName{"trace-twice", CounterClass::refusal, &Counters::trace_twice},
    CounterName{"trace-not-last-hop", CounterClass::refusal, &Counters::trace_not_last_hop},
    CounterName{"prune-no-route", CounterClass::refusal, &Counters::prune_no_route},
    CounterName{"prune-bad-mask", CounterClass::refusal, &Counters::prune_bad_mask},
    CounterName{"prune-no-flow", CounterClass::refusal, &Counters::prune_no_flow},
    CounterName{"prune-scoped", CounterClass::refusal, &Counters::prune_scoped},
    CounterName{"prune-not-dependent", CounterClass::refusal, &Counters::prune_not_dependent},
    CounterName{"limit-prunes", CounterClass::refusal, &Counters::limit_prunes},
    CounterName{"limit-prunes-of-neighbor", CounterClass::refusal,
                &Counters::limit_prunes_of_neighbor},
    CounterName{"prune-not-grafted", CounterClass::refusal, &Counters::prune_not_grafted},
    CounterName{"limit-grafts", CounterClass::refusal, &Counters::limit_grafts},
    CounterName{"graft-ack-unexpected", CounterClass::refusal, &Counters::graft_ack_unexpected},

    CounterName{"routes", CounterClass::route, &Counters::routes},
    CounterName{"route-bad-metric", CounterClass::route, &Counters::route_bad_metric},
    CounterName{"route-bad-network", CounterClass::route, &Counters::route_bad_network},
    CounterName{"route-twice", CounterClass::route, &Counters::route_twice},
    CounterName{"route-filtered", CounterClass::route, &Counters::route_filtered},
    CounterName{"route-own-subnet", CounterClass::route, &Counters::route_own_subnet},
    CounterName{"limit-routes", CounterClass::route, &Counters::limit_routes},
    CounterName{"limit-routes-of-neighbor", CounterClass::route,
                &Counters::limit_routes_of_neighbor},

    CounterName{"sent-probes", CounterClass::sent, &Counters::sent_probes},
    CounterName{"sent-reports", CounterClass::sent, &Counters::sent_reports},
    CounterName{"sent-prunes", CounterClass::sent, &Counters::sent_prunes},
    CounterName{"sent-grafts", CounterClass::sent, &Counters::sent_grafts},
    CounterName{"sent-graft-acks", CounterClass::sent, &Counters::sent_graft_acks},
    CounterName{"sent-neighbor-answers", CounterClass::sent, &Counters::sent_neighbor_answers},
    CounterName{"sent-trace-requests", CounterClass::sent, &Counters::sent_trace_requests},
    CounterName{"sent-trace-responses", CounterClass::sent, &Counters::sent_trace_responses},

    CounterName{"ttl-unexpected", CounterClass::protocol, &Counters::ttl_unexpected},
    CounterName{"neighbors-gained", CounterClass::protocol, &Counters::neighbors_gained},
    CounterName{"neighbors-lost", CounterClass::protocol, &Counters::neighbors_lost},
    CounterName{"neighbor-restarts", CounterClass::protocol, &Counters::neighbor_restarts},
    CounterName{"restarts-damped", CounterClass::protocol, &Counters::restarts_damped},
    CounterName{"prune-lifetime-cut", CounterClass::protocol, &Counters::prune_lifetime_cut},
    CounterName{"mask-not-read", CounterClass::protocol, &Counters::mask_not_read},
    CounterName{"flashes", CounterClass::protocol, &Counters::flashes},
};

static_assert(sizeof(Counters) == k_counters.size() * sizeof(std::uint64_t),
              "every counter has its name");

} // namespace mcast::dvmrp
