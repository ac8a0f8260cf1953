// What one interface counts. The table k_counters names every member once, so that a listing, an
// export and a test walk the same names.
//
// Every message given to the engine is counted in `received` and in exactly one counter of the
// classes `message` and `refusal`: received = sum of both. Records of a report that are refused
// count besides, in the class `record`; the rest of their report is processed.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace mcast::igmp {

struct Counters {
    std::uint64_t received = 0;

    std::uint64_t general_queries_v1 = 0;
    std::uint64_t general_queries_v2 = 0;
    std::uint64_t general_queries_v3 = 0;
    std::uint64_t group_queries = 0;
    std::uint64_t source_queries = 0;
    std::uint64_t proxy_queries = 0; // from 0.0.0.0: a snooping switch, no router
    std::uint64_t reports_v1 = 0;
    std::uint64_t reports_v2 = 0;
    std::uint64_t reports_v3 = 0;
    std::uint64_t leaves = 0;
    std::uint64_t dvmrp = 0;
    std::uint64_t pim_v1 = 0;
    std::uint64_t mtrace = 0;
    std::uint64_t router_advertisements = 0; // of other routers (RFC 4286)
    std::uint64_t router_solicitations = 0;
    std::uint64_t router_terminations = 0;
    std::uint64_t unknown_type = 0;

    std::uint64_t bad_ttl = 0;
    std::uint64_t not_enabled = 0;
    std::uint64_t bad_length = 0;
    std::uint64_t bad_checksum = 0;
    std::uint64_t malformed = 0;
    std::uint64_t bad_group = 0; // of a query, or of a report of version 1 or 2
    std::uint64_t rx_own = 0;
    std::uint64_t duplicate_address = 0;
    std::uint64_t bad_source = 0;
    std::uint64_t off_subnet = 0;
    std::uint64_t no_router_alert = 0;
    std::uint64_t bad_destination = 0;
    std::uint64_t querier_denied = 0;
    std::uint64_t version_filtered = 0;
    std::uint64_t passive_unheard = 0; // where nothing is heard by configuration

    std::uint64_t records = 0;
    std::uint64_t record_bad_group = 0;
    std::uint64_t record_bad_sources = 0; // nothing usable was left of its source list
    std::uint64_t record_unknown_type = 0;
    std::uint64_t link_local_group = 0;
    std::uint64_t ssm_mode_mismatch = 0;
    std::uint64_t old_version_in_ssm = 0;
    std::uint64_t boundary = 0;
    std::uint64_t access_denied = 0;
    std::uint64_t access_denied_sources = 0; // sources, not records
    std::uint64_t compatibility_ignored = 0; // BLOCK, TO_IN or leave that an older host forbids
    std::uint64_t limit_groups = 0;
    std::uint64_t limit_sources = 0; // sources, not records
    std::uint64_t limit_entries = 0;
    std::uint64_t limit_memory = 0;
    std::uint64_t limit_rate = 0;      // records that would have made state, all hosts together
    std::uint64_t limit_host_rate = 0; // and of one host
    std::uint64_t limit_host_groups = 0;
    std::uint64_t limit_hosts = 0; // acted on, but its host is not tracked
    std::uint64_t aux_data = 0;

    std::uint64_t sent_general_queries = 0;
    std::uint64_t sent_group_queries = 0;
    std::uint64_t sent_source_queries = 0;
    std::uint64_t sent_suppressing_queries = 0; // of the two above, those with the S flag
    std::uint64_t sent_router_advertisements = 0;
    std::uint64_t sent_router_terminations = 0;
    std::uint64_t queries_deferred = 0; // specific, put off for one interval by query_rate

    std::uint64_t querier_changes = 0;
    std::uint64_t group_queries_v2 = 0;     // of the group queries, those without S flag and values
    std::uint64_t without_router_alert = 0; // of the messages: heard, as none is required
    std::uint64_t wrong_version_queries = 0;
    std::uint64_t version_changes = 0;
    std::uint64_t values_adopted = 0;
    std::uint64_t untrusted_queries = 0; // specific, from no querier of ours: timers left alone
    std::uint64_t joins = 0;             // groups created
    std::uint64_t groups_peak = 0;
    std::uint64_t groups_expired = 0;
    std::uint64_t sources_expired = 0;
    std::uint64_t fast_leaves = 0;
    std::uint64_t leaves_processed = 0;      // leave, BLOCK or TO_IN by which we asked who stays
    std::uint64_t compatibility_changes = 0; // of groups; a return when the group is next heard of
    std::uint64_t checks_spared = 0;         // leaves of what a tracked host still wants
    std::uint64_t ssm_mapped = 0;     // joins and leaves of older hosts, given sources by the map
    std::uint64_t timers_doubted = 0; // ended while reports were refused: hosts are asked again
};

enum class CounterClass : std::uint8_t { total, message, refusal, record, sent, protocol };

struct CounterName {
    std::string_view name;
    CounterClass kind;
    std::uint64_t Counters::* member;
};

inline constexpr std::array k_counters = {
    CounterName{"received", CounterClass::total, &Counters::received},

    CounterName{"general-queries-v1", CounterClass::message, &Counters::general_queries_v1},
    CounterName{"general-queries-v2", CounterClass::message, &Counters::general_queries_v2},
    CounterName{"general-queries-v3", CounterClass::message, &Counters::general_queries_v3},
    CounterName{"group-queries", CounterClass::message, &Counters::group_queries},
    CounterName{"source-queries", CounterClass::message, &Counters::source_queries},
    CounterName{"proxy-queries", CounterClass::message, &Counters::proxy_queries},
    CounterName{"reports-v1", CounterClass::message, &Counters::reports_v1},
    CounterName{"reports-v2", CounterClass::message, &Counters::reports_v2},
    CounterName{"reports-v3", CounterClass::message, &Counters::reports_v3},
    CounterName{"leaves", CounterClass::message, &Counters::leaves},
    CounterName{"dvmrp", CounterClass::message, &Counters::dvmrp},
    CounterName{"pim-v1", CounterClass::message, &Counters::pim_v1},
    CounterName{"mtrace", CounterClass::message, &Counters::mtrace},
    CounterName{"router-advertisements", CounterClass::message, &Counters::router_advertisements},
    CounterName{"router-solicitations", CounterClass::message, &Counters::router_solicitations},
    CounterName{"router-terminations", CounterClass::message, &Counters::router_terminations},
    CounterName{"unknown-type", CounterClass::message, &Counters::unknown_type},

    CounterName{"bad-ttl", CounterClass::refusal, &Counters::bad_ttl},
    CounterName{"not-enabled", CounterClass::refusal, &Counters::not_enabled},
    CounterName{"bad-length", CounterClass::refusal, &Counters::bad_length},
    CounterName{"bad-checksum", CounterClass::refusal, &Counters::bad_checksum},
    CounterName{"malformed", CounterClass::refusal, &Counters::malformed},
    CounterName{"bad-group", CounterClass::refusal, &Counters::bad_group},
    CounterName{"own", CounterClass::refusal, &Counters::rx_own},
    CounterName{"duplicate-address", CounterClass::refusal, &Counters::duplicate_address},
    CounterName{"bad-source", CounterClass::refusal, &Counters::bad_source},
    CounterName{"off-subnet", CounterClass::refusal, &Counters::off_subnet},
    CounterName{"no-router-alert", CounterClass::refusal, &Counters::no_router_alert},
    CounterName{"bad-destination", CounterClass::refusal, &Counters::bad_destination},
    CounterName{"querier-denied", CounterClass::refusal, &Counters::querier_denied},
    CounterName{"version-filtered", CounterClass::refusal, &Counters::version_filtered},
    CounterName{"passive-unheard", CounterClass::refusal, &Counters::passive_unheard},

    CounterName{"records", CounterClass::record, &Counters::records},
    CounterName{"record-bad-group", CounterClass::record, &Counters::record_bad_group},
    CounterName{"record-bad-sources", CounterClass::record, &Counters::record_bad_sources},
    CounterName{"record-unknown-type", CounterClass::record, &Counters::record_unknown_type},
    CounterName{"link-local-group", CounterClass::record, &Counters::link_local_group},
    CounterName{"ssm-mode-mismatch", CounterClass::record, &Counters::ssm_mode_mismatch},
    CounterName{"old-version-in-ssm", CounterClass::record, &Counters::old_version_in_ssm},
    CounterName{"boundary", CounterClass::record, &Counters::boundary},
    CounterName{"access-denied", CounterClass::record, &Counters::access_denied},
    CounterName{"access-denied-sources", CounterClass::record, &Counters::access_denied_sources},
    CounterName{"compatibility-ignored", CounterClass::record, &Counters::compatibility_ignored},
    CounterName{"limit-groups", CounterClass::record, &Counters::limit_groups},
    CounterName{"limit-sources", CounterClass::record, &Counters::limit_sources},
    CounterName{"limit-entries", CounterClass::record, &Counters::limit_entries},
    CounterName{"limit-memory", CounterClass::record, &Counters::limit_memory},
    CounterName{"limit-rate", CounterClass::record, &Counters::limit_rate},
    CounterName{"limit-host-rate", CounterClass::record, &Counters::limit_host_rate},
    CounterName{"limit-host-groups", CounterClass::record, &Counters::limit_host_groups},
    CounterName{"limit-hosts", CounterClass::record, &Counters::limit_hosts},
    CounterName{"aux-data", CounterClass::record, &Counters::aux_data},

    CounterName{"sent-general-queries", CounterClass::sent, &Counters::sent_general_queries},
    CounterName{"sent-group-queries", CounterClass::sent, &Counters::sent_group_queries},
    CounterName{"sent-source-queries", CounterClass::sent, &Counters::sent_source_queries},
    CounterName{"sent-suppressing-queries", CounterClass::sent,
                &Counters::sent_suppressing_queries},
    CounterName{"sent-router-advertisements", CounterClass::sent,
                &Counters::sent_router_advertisements},
    CounterName{"sent-router-terminations", CounterClass::sent,
                &Counters::sent_router_terminations},
    CounterName{"queries-deferred", CounterClass::sent, &Counters::queries_deferred},

    CounterName{"querier-changes", CounterClass::protocol, &Counters::querier_changes},
    CounterName{"group-queries-v2", CounterClass::protocol, &Counters::group_queries_v2},
    CounterName{"without-router-alert", CounterClass::protocol, &Counters::without_router_alert},
    CounterName{"wrong-version-queries", CounterClass::protocol, &Counters::wrong_version_queries},
    CounterName{"version-changes", CounterClass::protocol, &Counters::version_changes},
    CounterName{"values-adopted", CounterClass::protocol, &Counters::values_adopted},
    CounterName{"untrusted-queries", CounterClass::protocol, &Counters::untrusted_queries},
    CounterName{"joins", CounterClass::protocol, &Counters::joins},
    CounterName{"groups-peak", CounterClass::protocol, &Counters::groups_peak},
    CounterName{"groups-expired", CounterClass::protocol, &Counters::groups_expired},
    CounterName{"sources-expired", CounterClass::protocol, &Counters::sources_expired},
    CounterName{"fast-leaves", CounterClass::protocol, &Counters::fast_leaves},
    CounterName{"leaves-processed", CounterClass::protocol, &Counters::leaves_processed},
    CounterName{"compatibility-changes", CounterClass::protocol, &Counters::compatibility_changes},
    CounterName{"checks-spared", CounterClass::protocol, &Counters::checks_spared},
    CounterName{"ssm-mapped", CounterClass::protocol, &Counters::ssm_mapped},
    CounterName{"timers-doubted", CounterClass::protocol, &Counters::timers_doubted},
};

static_assert(sizeof(Counters) == k_counters.size() * sizeof(std::uint64_t),
              "every counter has its name");

// What was counted after `earlier`. A peak is no sum: it stays as it is.
constexpr Counters since(Counters later, Counters const& earlier) {
    for (CounterName const& counter : k_counters) {
        if (counter.member != &Counters::groups_peak) {
            later.*counter.member -= earlier.*counter.member;
        }
    }
    return later;
}

} // namespace mcast::igmp
