// Which groups and sources hosts want on each link, and until when if they fall silent.
#include "show.h"
#include "show_igmp.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace mcast::control {

using api::Json;
using api::Reply;
using igmp::FilterMode;

namespace {

// A page of sources looks at so many groups at most: groups without any make no row.
constexpr std::size_t k_groups_per_page = 1024;

// No source has this address: a place behind a group's last one.
constexpr Ipv4 k_behind_all = Ipv4::of(255, 255, 255, 255);

std::string_view name_of(FilterMode mode) {
    return mode == FilterMode::exclude ? "exclude" : "include";
}

// Calls f(interface, group) in order, from the group behind the place on, or with `again` from the
// place's own group on; until it returns false.
template <class F>
void for_each_group(Core const& core, IgmpQuestion const& question, bool again, F&& f) {
    igmp::Engine const& engine = core.igmp.engine();
    for (IfIndex const i : igmp_interfaces(core, question.where)) {
        if (question.after && i < question.after->interface) {
            continue;
        }
        std::optional<Ipv4> behind;
        if (question.after && i == question.after->interface) {
            behind = question.after->group;
            // Groups are multicast addresses, so there is always one before.
            behind = again && behind ? std::optional{Ipv4{behind->value - 1}} : behind;
        }
        if (question.where.group) {
            Ipv4 const group = *question.where.group;
            if ((!behind || *behind < group) && !f(i, group)) {
                return;
            }
            continue;
        }
        for (auto at = engine.next_group(i, behind); at; at = engine.next_group(i, at)) {
            if (!f(i, *at)) {
                return;
            }
        }
    }
}

// When the group ends, should no host say anything more.
std::optional<TimePoint> end_of(igmp::GroupView const& group) {
    std::optional<TimePoint> end = group.expires;
    for (igmp::SourceView const& source : group.sources) {
        if (source.expires) {
            end = end ? std::max(*end, *source.expires) : source.expires;
        }
    }
    return end;
}

Json group_json(Core const& core, IfIndex i, igmp::GroupView const& group, TimePoint now) {
    auto const forwarded =
        std::ranges::count_if(group.sources, [](auto const& s) { return s.expires.has_value(); });
    return {{"interface", core.interfaces.name(i)},
            {"group", to_string(group.group)},
            {"mode", name_of(group.mode)},
            {"compat", group.compatibility},
            {"sources_forwarded", forwarded},
            {"sources_blocked", static_cast<std::int64_t>(group.sources.size()) - forwarded},
            {"expires_seconds", left_json(end_of(group), now)},
            {"group_timer_seconds", left_json(group.expires, now)},
            {"v1_host_seconds",
             group.compatibility == 1 ? left_json(group.v1_host_until, now) : Json()},
            {"v2_host_seconds",
             group.v2_host_until > now ? left_json(group.v2_host_until, now) : Json()},
            {"last_reporter", to_string(group.last_reporter)},
            {"uptime_seconds", seconds(now - group.created)},
            {"checking", group.next_query.has_value() || group.checking},
            {"queries_left", group.queries_left},
            {"next_query_seconds", left_json(group.next_query, now)}};
}

Json source_json(Core const& core, IfIndex i, igmp::GroupView const& group,
                 igmp::SourceView const& source, TimePoint now) {
    return {{"interface", core.interfaces.name(i)},
            {"group", to_string(group.group)},
            {"source", to_string(source.source)},
            {"mode", name_of(group.mode)},
            {"state", source.expires ? "forward" : "block"},
            {"expires_seconds", left_json(source.expires, now)},
            {"queries_left", source.queries_left},
            {"last_reporter", to_string(source.last_reporter)},
            {"uptime_seconds", seconds(now - source.created)}};
}

Json host_json(Core const& core, IfIndex i, Ipv4 group, igmp::MemberView const& member,
               TimePoint now) {
    Json sources = Json::array();
    for (Ipv4 const source : member.sources) {
        sources.push_back(to_string(source));
    }
    return {{"interface", core.interfaces.name(i)},
            {"group", to_string(group)},
            {"host", to_string(member.host)},
            {"mode", name_of(member.mode)},
            {"sources", std::move(sources)},
            {"expires_seconds", left_json(member.expires, now)}};
}

// Of one group: sources or hosts, by address.
using Parts = std::vector<std::pair<Ipv4, Json>>;

template <class PartsOf>
Reply page_of_parts(Core const& core, IgmpQuestion const& question, PartsOf const& parts_of) {
    Json rows = Json::array();
    IgmpPlace last;
    bool more = false;
    std::size_t groups = 0;
    for_each_group(core, question, true, [&](IfIndex i, Ipv4 group) {
        if (groups++ == k_groups_per_page) {
            more = true;
            return false;
        }
        auto const& after = question.after;
        bool const begun = after && after->interface == i && after->group == group;
        for (auto& [address, row] : parts_of(i, group)) {
            if (begun && address <= *after->source) {
                continue;
            }
            if (rows.size() == question.limit) {
                more = true;
                return false;
            }
            rows.push_back(std::move(row));
            last = {i, group, address};
        }
        last = {i, group, k_behind_all};
        return true;
    });
    return page_reply(std::move(rows), more ? std::optional{cursor_of(last)} : std::nullopt);
}

} // namespace

Reply page_of_igmp_groups(Core const& core, IgmpQuestion const& question) {
    Json rows = Json::array();
    std::optional<IgmpPlace> last;
    bool more = false;
    for_each_group(core, question, false, [&](IfIndex i, Ipv4 address) {
        auto const group = core.igmp.engine().view(i, address, question.now);
        if (!group) {
            return true;
        }
        if (rows.size() == question.limit) {
            more = true;
            return false;
        }
        rows.push_back(group_json(core, i, *group, question.now));
        last = IgmpPlace{i, address, {}};
        return true;
    });
    return page_reply(std::move(rows), more ? std::optional{cursor_of(*last)} : std::nullopt);
}

Reply page_of_igmp_sources(Core const& core, IgmpQuestion const& question) {
    return page_of_parts(core, question, [&](IfIndex i, Ipv4 address) {
        Parts parts;
        if (auto const group = core.igmp.engine().view(i, address, question.now)) {
            for (igmp::SourceView const& source : group->sources) {
                parts.emplace_back(source.source,
                                   source_json(core, i, *group, source, question.now));
            }
        }
        return parts;
    });
}

Reply page_of_igmp_hosts(Core const& core, IgmpQuestion const& question) {
    return page_of_parts(core, question, [&](IfIndex i, Ipv4 address) {
        Parts parts;
        for (auto const& member : core.igmp.engine().hosts(i, address, question.now)) {
            parts.emplace_back(member.host, host_json(core, i, address, member, question.now));
        }
        return parts;
    });
}

} // namespace mcast::control
