// "What do we ask for upstream?": the proxy, its host side, and the merged database.
#include "paging.h"
#include "show.h"

namespace mcast::control {

using api::Json;
using api::Reply;

namespace {

Json left(std::optional<TimePoint> deadline, TimePoint now) {
    return deadline ? Json(std::max(0.0, seconds(*deadline - now))) : Json();
}

Json downstream_json(Core const& core) {
    Json all = Json::array();
    for (IfIndex const interface : core.proxy.downstream()) {
        auto const view = core.igmp.engine().view(interface);
        bool const holds = core.proxy.holds(interface);
        all.push_back(
            {{"interface", core.interfaces.name(interface)},
             {"holds", holds},
             {"forwards", holds && core.proxy.forwards(interface)},
             {"querier", view && view->enabled ? Json(to_string(view->querier_address)) : Json()}});
    }
    return all;
}

Json counters_json(igmp::HostCounters const& counters) {
    Json all = Json::object();
    for (igmp::HostCounterName const& each : igmp::k_host_counters) {
        all[std::string{each.name}] = counters.*each.member;
    }
    return all;
}

// Only what an interface of hosts and routers gives a host to hear.
Json heard_json(igmp::Counters const& counters) {
    using igmp::CounterClass;
    Json all = Json::object();
    for (igmp::CounterName const& each : igmp::k_counters) {
        bool const of_messages = each.kind == CounterClass::total ||
                                 each.kind == CounterClass::message ||
                                 each.kind == CounterClass::refusal;
        if (of_messages) {
            all[std::string{each.name}] = counters.*each.member;
        }
    }
    return all;
}

Json querier_json(igmp::HostView const& view, TimePoint now) {
    if (view.querier_version == 0) {
        return {};
    }
    return {{"address", to_string(view.querier)},
            {"version", view.querier_version},
            {"heard_ago_seconds", seconds(now - view.querier_heard)}};
}

Json upstream_json(Core const& core, TimePoint now) {
    igmp::Host const* const host = core.proxy.host();
    Json upstream = {{"interface", core.interfaces.name(core.proxy.upstream())},
                     {"holds", host != nullptr},
                     {"configured_version", core.config.proxy->host.version},
                     {"robustness", core.config.proxy->host.robustness}};
    if (host == nullptr) {
        return upstream;
    }
    igmp::HostView const view = host->view();
    upstream["version"] = view.version;
    upstream["up"] = view.enabled;
    upstream["address"] = to_string(view.address);
    upstream["querier"] = querier_json(view, now);
    upstream["v1_querier_seconds"] = left(view.v1_querier_until, now);
    upstream["v2_querier_seconds"] = left(view.v2_querier_until, now);
    upstream["next_answer_seconds"] = left(view.next_answer, now);
    upstream["next_retransmission_seconds"] = left(view.next_retransmission, now);
    upstream["groups"] = view.groups;
    upstream["pending"] = view.pending;
    upstream["counters"] = counters_json(host->counters());
    upstream["heard"] = heard_json(host->counters().heard);
    return upstream;
}

Json addresses(std::vector<Ipv4> const& list) {
    Json all = Json::array();
    for (Ipv4 const address : list) {
        all.push_back(to_string(address));
    }
    return all;
}

Json group_json(igmp::HostGroupView const& view, TimePoint now) {
    Json pending = Json::array();
    for (igmp::HostSourceView const& each : view.sources) {
        pending.push_back({{"source", to_string(each.source)}, {"reports", each.reports_left}});
    }
    bool const any = view.wish.any_source;
    return {{"group", to_string(view.group)},
            {"filter", any ? "exclude" : "include"},
            {"sources", addresses(any ? view.wish.exclude : view.wish.include)},
            {"ended", view.wish.empty()},
            {"pending_filter_reports", view.mode_reports_left},
            {"pending_sources", std::move(pending)},
            {"next_report_seconds", left(view.answer, now)},
            {"last_reporter", view.last_reporter}};
}

} // namespace

Json show_proxy(Core const& core, TimePoint now) {
    if (!core.config.proxy) {
        return {{"configured", false}};
    }
    return {{"configured", true},
            {"upstream", upstream_json(core, now)},
            {"downstream", downstream_json(core)},
            {"sole_forwarder", core.config.proxy->sole_forwarder}};
}

Reply page_of_proxy_groups(Core const& core, PageRequest const& request) {
    if (!request.words.empty()) {
        return Reply::refuse(api::ErrorCode::bad_argument, "show proxy-groups takes no words");
    }
    std::optional<Ipv4> after;
    if (request.after) {
        after = Ipv4::parse(*request.after);
        if (!after) {
            return bad_cursor(*request.after);
        }
    }
    Json rows = Json::array();
    igmp::Host const* const host = core.proxy.host();
    if (host == nullptr) {
        return page_reply(std::move(rows), std::nullopt);
    }
    auto const views = host->groups(after, request.limit);
    for (igmp::HostGroupView const& view : views) {
        rows.push_back(group_json(view, request.now));
    }
    bool const full = views.size() == request.limit;
    return page_reply(std::move(rows),
                      full ? std::optional{to_string(views.back().group)} : std::nullopt);
}

} // namespace mcast::control
