#include "show.h"

#include "mcast/handoff/counters.h"

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

Json static_group_json(Core const& core, GroupConfig const& group, TimePoint now) {
    Json sources = Json::array();
    if (group.source) {
        sources.push_back({{"source", to_string(*group.source)},
                           {"state", "forward"},
                           {"expires_seconds", nullptr}});
    }
    return {{"interface", group.interface},
            {"group", to_string(group.group)},
            {"mode", group.source ? "include" : "exclude"},
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
        groups.push_back(static_group_json(core, group, now));
    }
    return groups;
}

Json entry_json(Core const& core, mgm::ForwardingEntry const& entry) {
    Json outputs = Json::array();
    entry.outputs.for_each([&](IfIndex i) { outputs.push_back(core.interfaces.name(i)); });
    handoff::FlowTotals const totals = core.publisher.totals(entry.key);
    bool const negative = entry.negative != handoff::Drop::none;
    return {{"source", to_string(entry.key.source)},
            {"group", to_string(entry.key.group)},
            {"arrival", entry.arrival.index == k_no_interface
                            ? Json()
                            : Json(core.interfaces.name(entry.arrival.index))},
            {"outputs", std::move(outputs)},
            {"state", negative ? "negative" : "forwarding"},
            {"reason", negative ? Json(name_of(entry.negative)) : Json()},
            {"packets", totals.packets},
            {"bytes", totals.bytes},
            {"wrong_interface", totals.wrong_interface},
            {"ttl_expired", totals.ttl_expired},
            {"dropped", totals.dropped},
            {"copies", totals.copies},
            {"age_seconds", seconds(entry.uptime)},
            {"expires_seconds", seconds(entry.expiry)}};
}

Json show_entries(Core const& core, TimePoint /*now*/) {
    Json entries = Json::array();
    std::optional<FlowKey> after;
    bool more = true;
    while (more) {
        mgm::EntryPage const page = core.manager.page(after, 1024);
        for (mgm::ForwardingEntry const& entry : page.entries) {
            entries.push_back(entry_json(core, entry));
            after = entry.key;
        }
        more = page.more && !page.entries.empty();
    }
    return entries;
}

Json show_owners(Core const& core, TimePoint /*now*/) {
    Json owners = Json::array();
    for (mgm::OwnershipView const& view : core.manager.owners()) {
        bool const moving = view.state == mgm::OwnershipState::taking ||
                            view.state == mgm::OwnershipState::releasing;
        owners.push_back(
            {{"interface", core.interfaces.name(view.interface.index)},
             {"owner", view.owner ? Json(protocol_name(*view.owner)) : Json()},
             {"igmp", !view.igmp ? Json() : Json(moving ? "gate closed" : "gate open")},
             {"state", name_of(view.state)},
             {"transition_seconds", view.waiting ? Json(seconds(*view.waiting)) : Json()},
             {"waits_for", core.pulse.waited_for(view)}});
    }
    return owners;
}

} // namespace mcast::control
