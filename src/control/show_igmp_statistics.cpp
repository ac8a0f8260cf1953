// Every counter of IGMP on each interface. What the demux takes before the querier sees it stands
// where it belongs: received is exactly the sum of all messages and refusals.
#include "show.h"
#include "show_igmp.h"

#include "mcast/igmp/counters.h"

#include <algorithm>
#include <array>
#include <string>

namespace mcast::control {

using api::Json;
using api::Reply;
using igmp::CounterClass;

namespace {

// A row has some eighty numbers.
constexpr std::size_t k_interfaces_per_page = 16;

std::string_view name_of(CounterClass kind) {
    switch (kind) {
    case CounterClass::total:
        return "total";
    case CounterClass::message:
        return "messages";
    case CounterClass::refusal:
        return "refusals";
    case CounterClass::record:
        return "records";
    case CounterClass::sent:
        return "sent";
    case CounterClass::protocol:
        return "protocol";
    }
    return "";
}

// The querier's own, by class, in the order in which they are declared.
Json querier_json(igmp::Counters const& counted) {
    Json classes = Json::object();
    for (igmp::CounterName const& counter : igmp::k_counters) {
        classes[std::string(name_of(counter.kind))][std::string(counter.name)] =
            counted.*counter.member;
    }
    return classes;
}

igmp::Counters with_demux(igmp::Counters counted, IgmpLinkCounts const& link) {
    auto const add = [&](std::uint64_t igmp::Counters::* member, IgmpLinkCount which) {
        counted.*member += of(link, which);
        counted.received += of(link, which);
    };
    add(&igmp::Counters::bad_ttl, IgmpLinkCount::bad_ttl);
    add(&igmp::Counters::not_enabled, IgmpLinkCount::not_enabled);
    add(&igmp::Counters::dvmrp, IgmpLinkCount::dvmrp);
    counted.received += of(link, IgmpLinkCount::fragment);
    return counted;
}

Json counters_json(igmp::Counters const& counted, IgmpLinkCounts const& link) {
    Json classes = querier_json(with_demux(counted, link));
    classes["refusals"]["fragment"] = of(link, IgmpLinkCount::fragment);
    classes["link"] = {{"bad-ip", of(link, IgmpLinkCount::bad_ip)},
                       {"punt-policed", of(link, IgmpLinkCount::punt_policed)},
                       {"punt-full", of(link, IgmpLinkCount::punt_full)},
                       {"queries-sent", of(link, IgmpLinkCount::queries_sent)},
                       {"queries-unsent", of(link, IgmpLinkCount::queries_unsent)},
                       {"reports-sent", of(link, IgmpLinkCount::reports_sent)},
                       {"reports-unsent", of(link, IgmpLinkCount::reports_unsent)},
                       {"discovery-unsent", of(link, IgmpLinkCount::discovery_unsent)},
                       {"memberships-refused", of(link, IgmpLinkCount::memberships_refused)}};
    return classes;
}

// Empty: IGMP neither runs there nor arrives.
std::optional<Json> statistics_json(Core const& core, IfIndex i, bool named, TimePoint now) {
    auto const statistics = core.igmp.engine().statistics(i);
    IgmpLinkCounts const link =
        core.igmp_baselines.since(i, igmp_link_counts(core.counters, core.shared, i));
    bool const silent = std::ranges::all_of(link, [](std::uint64_t n) { return n == 0; });
    if (!named && !statistics && silent) {
        return std::nullopt;
    }
    TimePoint const since =
        statistics ? statistics->since : core.igmp_baselines.cleared(i).value_or(core.started);
    auto const view = core.igmp.engine().view(i);
    return Json{{"interface", core.interfaces.name(i)},
                {"counted_seconds", seconds(now - since)},
                {"groups", view ? view->groups : 0},
                {"sources", view ? view->sources : 0},
                {"counters", counters_json(statistics.value_or(igmp::Statistics{}).counted, link)}};
}

} // namespace

Reply page_of_igmp_statistics(Core const& core, IgmpQuestion const& question) {
    Json rows = Json::array();
    std::size_t const limit = std::min(question.limit, k_interfaces_per_page);
    auto const& named = question.where.interface;
    std::size_t at = question.after ? question.after->interface.index() + 1 : 0;
    for (; at < core.interfaces.size() && rows.size() < limit; ++at) {
        IfIndex const i{static_cast<IfIndex::rep>(at)};
        if (named && *named != i) {
            continue;
        }
        if (auto row = statistics_json(core, i, named.has_value(), question.now)) {
            rows.push_back(std::move(*row));
        }
    }
    bool const more = at < core.interfaces.size();
    IgmpPlace const last{IfIndex{static_cast<IfIndex::rep>(at - (more ? 1 : 0))}, {}, {}};
    return page_reply(std::move(rows), more ? std::optional{cursor_of(last)} : std::nullopt);
}

} // namespace mcast::control
