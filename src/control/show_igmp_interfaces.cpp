// Which part this router plays on each link: the querier, its timers, and the values in force.
#include "show.h"
#include "show_igmp.h"

namespace mcast::control {

using api::Json;
using api::Reply;

namespace {

Json in_force_json(igmp::InterfaceView const& view) {
    return {
        {"version", view.version},
        {"robustness", view.robustness},
        {"query_interval_seconds", seconds(view.query_interval)},
        {"query_response_interval_seconds", seconds(view.query_response_interval)},
        {"startup_query_interval_seconds", seconds(view.startup_query_interval)},
        {"startup_query_count", view.startup_query_count},
        {"last_member_query_interval_seconds", seconds(view.last_member_query_interval)},
        {"last_member_query_count", view.last_member_query_count},
        {"last_member_query_time_seconds", seconds(view.last_member_query_time)},
        {"group_membership_interval_seconds", seconds(view.group_membership_interval)},
        {"other_querier_present_interval_seconds", seconds(view.other_querier_present_interval)},
        {"older_host_present_interval_seconds", seconds(view.older_host_present_interval)}};
}

Json configured_json(igmp::InterfaceConfig const& config) {
    return {{"version", config.version},
            {"robustness", config.robustness},
            {"query_interval_seconds", seconds(config.query_interval)},
            {"query_response_interval_seconds", seconds(config.query_response_interval)},
            {"last_member_query_interval_seconds", seconds(config.last_member_query_interval)},
            {"immediate_leave", config.immediate_leave},
            {"max_groups", config.max_groups},
            {"max_sources", config.max_sources}};
}

Json interface_json(Core const& core, IfIndex i, igmp::InterfaceView const& view, TimePoint now) {
    bool const known = view.enabled && !view.querier_address.is_unspecified();
    return {{"interface", core.interfaces.name(i)},
            {"address", to_string(view.address)},
            {"state", view.enabled ? "up" : "down"},
            {"role", !view.enabled ? Json() : Json(view.querier ? "querier" : "non-querier")},
            {"querier", known ? Json(to_string(view.querier_address)) : Json()},
            {"querier_version", known ? Json(view.querier_version) : Json()},
            {"querier_uptime_seconds", known ? Json(seconds(now - view.querier_since)) : Json()},
            {"other_querier_expires_seconds", left_json(view.querier_expires, now)},
            {"next_query_seconds", left_json(view.next_general_query, now)},
            {"startup_queries_left", view.startup_queries_left},
            {"advertising", view.advertising},
            {"next_advertisement_seconds", left_json(view.next_advertisement, now)},
            {"v1_querier_seconds", left_json(view.v1_querier_until, now)},
            {"v2_querier_seconds", left_json(view.v2_querier_until, now)},
            {"version", view.version},
            {"uptime_seconds", view.enabled ? Json(seconds(now - view.enabled_since)) : Json()},
            {"groups", view.groups},
            {"sources", view.sources},
            {"hosts", view.hosts},
            {"in_force", in_force_json(view)},
            {"configured", configured_json(view.config)}};
}

} // namespace

Reply page_of_igmp_interfaces(Core const& core, IgmpQuestion const& question) {
    Json rows = Json::array();
    std::optional<IgmpPlace> last;
    for (IfIndex const i : igmp_interfaces(core, question.where)) {
        if (question.after && i <= question.after->interface) {
            continue;
        }
        if (rows.size() == question.limit) {
            return page_reply(std::move(rows), cursor_of(*last));
        }
        rows.push_back(interface_json(core, i, *core.igmp.engine().view(i), question.now));
        last = IgmpPlace{i, {}, {}};
    }
    return page_reply(std::move(rows), std::nullopt);
}

} // namespace mcast::control
