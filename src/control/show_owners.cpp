// Who owns each interface, how the last change of hands went, and what the present one waits for.
#include "show.h"

namespace mcast::control {

using api::Json;
using mgm::OwnershipState;

namespace {

std::string_view meaning_of(OwnershipState state, bool waiting) {
    switch (state) {
    case OwnershipState::unowned:
        return "nobody";
    case OwnershipState::igmp:
        return "IGMP alone";
    case OwnershipState::owned:
        return waiting ? "an owner, taking over" : "an owner alone";
    case OwnershipState::shared:
        return waiting ? "an owner, taking over; IGMP joined meanwhile" : "an owner and IGMP";
    case OwnershipState::taking:
        return "an owner comes to where IGMP is";
    case OwnershipState::releasing:
        return "the owner leaves, IGMP stays";
    }
    return "";
}

Json last_json(mgm::HandOver const& last, TimePoint now) {
    return {{"change", last.releasing ? "released" : "taken"},
            {"ago_seconds", seconds(now - (last.began + last.ready))},
            {"published_seconds", seconds(last.published)},
            {"ready_seconds", seconds(last.ready)}};
}

} // namespace

Json owner_json(Core const& core, mgm::OwnershipView const& view, TimePoint now) {
    bool const closed =
        view.state == OwnershipState::taking || view.state == OwnershipState::releasing;
    auto const waiting = view.waiting;
    return {{"interface", core.interfaces.name(view.interface.index)},
            {"owner", view.owner ? Json(protocol_name(*view.owner)) : Json()},
            {"igmp", !view.igmp ? Json() : Json(closed ? "gate closed" : "gate open")},
            {"state", name_of(view.state)},
            {"meaning", meaning_of(view.state, waiting.has_value())},
            {"epoch", view.epoch.value},
            {"hand_overs", view.hand_overs},
            {"last", view.last ? last_json(*view.last, now) : Json()},
            {"transition_seconds", waiting ? Json(seconds(*waiting)) : Json()},
            {"waits_for", core.pulse.waited_for(view)}};
}

mgm::OwnershipView ownership_of(Core const& core, IfIndex interface) {
    for (mgm::OwnershipView const& view : core.manager.owners()) {
        if (view.interface == mgm::InterfaceRef{interface, {}}) {
            return view;
        }
    }
    mgm::OwnershipView nobody;
    nobody.interface = {interface, {}};
    return nobody;
}

Json show_owners(Core const& core, TimePoint now) {
    Json owners = Json::array();
    core.interfaces.for_each(
        [&](IfIndex i) { owners.push_back(owner_json(core, ownership_of(core, i), now)); });
    return owners;
}

} // namespace mcast::control
