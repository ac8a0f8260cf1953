#include "show.h"

namespace mcast::control {

using api::Json;

namespace {

Json source_json(igmp::SourceView const& source, TimePoint now) {
    return {{"source", to_string(source.source)},
            {"state", source.expires ? "forward" : "block"},
            {"expires_seconds", source.expires ? Json(seconds(*source.expires - now)) : Json()}};
}

Json group_json(std::string_view interface, igmp::GroupView const& group, TimePoint now) {
    Json sources = Json::array();
    for (igmp::SourceView const& source : group.sources) {
        sources.push_back(source_json(source, now));
    }
    return {{"interface", interface},
            {"group", to_string(group.group)},
            {"mode", group.mode == igmp::FilterMode::exclude ? "exclude" : "include"},
            {"compat", group.compatibility},
            {"sources", std::move(sources)},
            {"expires_seconds", group.expires ? Json(seconds(*group.expires - now)) : Json()},
            {"last_reporter", to_string(group.last_reporter)},
            {"uptime_seconds", seconds(now - group.created)},
            {"origin", "igmp"}};
}

Json static_group_json(Core const& core, GroupConfig const& group, Ipv4 address, TimePoint now) {
    Json sources = Json::array();
    if (group.source) {
        sources.push_back({{"source", to_string(*group.source)},
                           {"state", group.exclude ? "block" : "forward"},
                           {"expires_seconds", nullptr}});
    }
    return {{"interface", group.interface},
            {"group", to_string(address)},
            {"mode", group.source && !group.exclude ? "include" : "exclude"},
            {"compat", 3},
            {"sources", std::move(sources)},
            {"expires_seconds", nullptr},
            {"last_reporter", nullptr},
            {"uptime_seconds", seconds(now - core.started)},
            {"origin", "static"}};
}

} // namespace

Json show_groups(Core const& core, TimePoint now) {
    Json groups = Json::array();
    core.interfaces.for_each([&](IfIndex i) {
        for (Ipv4 group : core.igmp.engine().groups(i)) {
            if (auto const view = core.igmp.engine().view(i, group, now)) {
                groups.push_back(group_json(core.interfaces.name(i), *view, now));
            }
        }
    });
    for (GroupConfig const& group : core.config.groups) {
        auto const interface = core.interfaces.find(group.interface);
        bool const held = interface && core.static_component.holds(*interface);
        for (std::uint32_t n = 0; held && n < group.count; ++n) {
            groups.push_back(static_group_json(core, group, group.nth(n), now));
        }
    }
    return groups;
}

} // namespace mcast::control
