// What other routers ask, and what we send.
#include "interface.h"
#include "query.h"

#include <algorithm>

namespace mcast::igmp {

namespace {

// A response time of zero is legal on the wire (IGMP-153), and counts as the shortest there is.
constexpr Duration k_shortest_response = std::chrono::milliseconds{100};

Duration last_member_time_of(wire::Query const& query, Timing const& timing) {
    auto const count = query.qrv != 0 ? query.qrv : timing.last_member_count;
    return count * std::max(time_of(query.max_resp_code, query.version), k_shortest_response);
}

} // namespace

void Interface::hear(wire::Query const& query, Ipv4 source, TimePoint now, Output& out) {
    QuerierStep const step = querier_.hear(source, query, now);
    if (step.wrong_version) {
        ++counters_.wrong_version_queries;
        if (version_warning_.pass(now)) {
            note(WrongVersion{index_, source, query.version}, out);
        }
    }
    carry_out(step, now, out);
    if (!query.is_general() && !query.suppress) {
        lower(query, source, now, out);
    }
}

void Interface::lower(wire::Query const& query, Ipv4 source, TimePoint now, Output& out) {
    bool const old_in_ssm = query.version < 3 && in_ranges(query.group, shared_.config.ssm_ranges);
    auto const at = groups_.find(query.group);
    if (at == groups_.end() || old_in_ssm) {
        return;
    }
    if (!querier_.trusts(source, now)) {
        ++counters_.untrusted_queries;
        return;
    }
    work_ += at->second.sources.size();
    TimePoint const at_most = now + last_member_time_of(query, querier_.timing());
    with_group(at, now, out, [&](Group& group) {
        if (query.sources.empty()) {
            lower_group_timer(group, at_most);
        } else {
            lower_source_timers(group, SourceSet(query.sources), at_most);
        }
    });
}

void Interface::carry_out(QuerierStep const& step, TimePoint now, Output& out) {
    counters_.values_adopted += step.adopted ? 1 : 0;
    if (step.version_changed) {
        ++counters_.version_changes;
        note(OperatingVersionChanged{index_, querier_.timing().version}, out);
    }
    if (step.previous) {
        ++counters_.querier_changes;
        if (querier_news_.pass(now)) {
            note(QuerierChanged{index_, querier_.address(), *step.previous, querier_.ours()}, out);
        }
    }
    arm_querier();
    if (step.send_general) {
        send_general(out);
    }
    follow_discovery(now);
    arm_querier();
}

// Who becomes the querier falls silent without farewell: switches hear the queries, and a
// termination would make them forget the router all the same.
void Interface::follow_discovery(TimePoint now) {
    InterfaceConfig const& config = querier_.config();
    bool const wanted =
        config.router_discovery == RouterDiscovery::always ||
        (config.router_discovery == RouterDiscovery::automatic && !querier_.asks_generally());
    if (enabled() && wanted) {
        discovery_.begin(config.advertisement_interval, now);
    } else {
        discovery_.end();
    }
}

void Interface::advertise(Output& out) {
    constexpr Duration k_second = std::chrono::seconds{1};
    Timing const& timing = querier_.timing();
    try {
        out.discovery.push_back(
            {index_, address(),
             wire::RouterAdvertisement{
                 .interval =
                     static_cast<std::uint8_t>(querier_.config().advertisement_interval / k_second),
                 .query_interval = static_cast<std::uint16_t>(timing.query_interval / k_second),
                 .robustness = timing.robustness}});
        ++counters_.sent_router_advertisements;
    } catch (std::bad_alloc const&) {
        ++counters_.limit_memory; // there is another one
    }
}

// Without memory for it, hosts do without: there is another one before memberships end.
bool Interface::send_general(Output& out) {
    if (!querier_.asks_generally()) {
        return false;
    }
    try {
        out.queries.push_back({.interface = index_,
                               .source = address(),
                               .destination = wire::k_all_systems,
                               .query = general_query(querier_.timing())});
        ++counters_.sent_general_queries;
        return true;
    } catch (std::bad_alloc const&) {
        ++counters_.limit_memory;
        return false;
    }
}

bool Interface::query_now(Ipv4 group, Output& out) {
    if (!enabled() || !querier_.asks_generally()) {
        return false;
    }
    auto queries = specific_queries(querier_.timing(), group, {.suppress = true}, link_.mtu);
    for (wire::Query& query : queries) {
        ++counters_.sent_group_queries;
        counters_.sent_suppressing_queries += query.suppress ? 1 : 0;
        out.queries.push_back({.interface = index_,
                               .source = address(),
                               .destination = group,
                               .query = std::move(query)});
    }
    return !queries.empty();
}

void Interface::send_owed(Group& group, TimePoint now, Output& out) {
    if (queries_.ready(now)) {
        send(group, tick(group, querier_.timing(), now), now, out);
    } else {
        ++counters_.queries_deferred;
        defer(group, querier_.timing(), now);
    }
}

void Interface::send(Group const& group, std::vector<SpecificQuery> const& queries, TimePoint now,
                     Output& out) {
    for (SpecificQuery const& specific : queries) {
        for (wire::Query& query :
             specific_queries(querier_.timing(), group.address, specific, link_.mtu)) {
            queries_.spend(1, now);
            ++(query.sources.empty() ? counters_.sent_group_queries
                                     : counters_.sent_source_queries);
            counters_.sent_suppressing_queries += query.suppress ? 1 : 0;
            out.queries.push_back({.interface = index_,
                                   .source = address(),
                                   .destination = group.address,
                                   .query = std::move(query)});
        }
    }
}

} // namespace mcast::igmp
