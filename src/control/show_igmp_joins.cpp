// "Of what are we a member ourselves?": the groups that this router joins as a host.
#include "show.h"
#include "show_igmp.h"

namespace mcast::control {

using api::Json;
using api::Reply;

namespace {

Json addresses(std::vector<Ipv4> const& list) {
    Json all = Json::array();
    for (Ipv4 const address : list) {
        all.push_back(to_string(address));
    }
    return all;
}

Json join_json(std::string_view interface, igmp::HostView const& host,
               igmp::HostGroupView const& group, TimePoint now) {
    bool const any = group.wish.any_source;
    bool const heard = host.querier_version != 0;
    return {{"interface", interface},
            {"group", to_string(group.group)},
            {"filter", any ? "exclude" : "include"},
            {"sources", addresses(any ? group.wish.exclude : group.wish.include)},
            {"version", host.version},
            {"querier", heard ? Json(to_string(host.querier)) : Json()},
            {"next_report_seconds", left_json(group.answer, now)}};
}

} // namespace

Reply page_of_igmp_joins(Core const& core, IgmpQuestion const& question) {
    Json rows = Json::array();
    std::optional<IgmpPlace> last;
    bool more = false;
    core.interfaces.for_each([&](IfIndex i) {
        igmp::Host const* const host = core.joins.host(i);
        bool const meant = !question.where.interface || *question.where.interface == i;
        bool const shown = question.after && i < question.after->interface;
        if (host == nullptr || !meant || shown || more) {
            return;
        }
        bool const begun = question.after && question.after->interface == i;
        auto const after = begun ? question.after->group : std::nullopt;
        for (igmp::HostGroupView const& group :
             host->groups(after, question.limit - rows.size() + 1)) {
            if (question.where.group && *question.where.group != group.group) {
                continue;
            }
            if (rows.size() == question.limit) {
                more = true;
                return;
            }
            rows.push_back(join_json(core.interfaces.name(i), host->view(), group, question.now));
            last = IgmpPlace{i, group.group, {}};
        }
    });
    return page_reply(std::move(rows), more ? std::optional{cursor_of(*last)} : std::nullopt);
}

} // namespace mcast::control
