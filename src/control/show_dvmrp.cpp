// "What does DVMRP know?": its interfaces, neighbours, routes and counters; its trees are in
// show_dvmrp_trees.cpp.
#include "show_dvmrp.h"

#include "dvmrp_events.h"
#include "show.h"

#include "mcast/dvmrp/counters.h"
#include "mcast/wire/dvmrp.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace mcast::control {

using api::ErrorCode;
using api::Json;
using api::Reply;

Json left(std::optional<TimePoint> deadline, TimePoint now) {
    return deadline ? Json(std::max(0.0, seconds(*deadline - now))) : Json();
}

namespace {

// Of a page whose rows come by interface, some dozens from each.
constexpr std::size_t k_interfaces_per_page = 4;

Json address_or_null(Ipv4 address) {
    return address.is_unspecified() ? Json() : Json(to_string(address));
}

// "PGM": the letters of the draft.
std::string letters(std::uint8_t capabilities) {
    using wire::dvmrp::Capability;
    static constexpr std::array k_letters{
        std::pair{Capability::leaf, 'L'},          std::pair{Capability::prune, 'P'},
        std::pair{Capability::generation_id, 'G'}, std::pair{Capability::mtrace, 'M'},
        std::pair{Capability::snmp, 'S'},          std::pair{Capability::netmask, 'N'},
    };
    std::string text;
    for (auto const& [bit, letter] : k_letters) {
        if (wire::dvmrp::has(capabilities, bit)) {
            text += letter;
        }
    }
    return text;
}

Json neighbor_json(Core const& core, DvmrpComponent const& domain, IfIndex i,
                   dvmrp::NeighborView const& view, TimePoint now) {
    return {{"interface", core.interfaces.name(i)},
            {"domain", domain.domain()},
            {"neighbor", to_string(view.address)},
            {"state", name_of(view.state)},
            {"version", fmt::format("{}.{}", view.version.major, view.version.minor)},
            {"capabilities", letters(view.capabilities)},
            {"generation", view.generation ? Json(*view.generation) : Json()},
            {"uptime_seconds", seconds(now - view.since)},
            {"expires_seconds", left(view.expires, now)}};
}

Json interface_json(Core const& core, DvmrpComponent const& domain, IfIndex i) {
    InterfaceConfig const& config = core.interfaces.config(i);
    auto const neighbors = domain.engine().neighbors(i);
    auto const two_way =
        std::ranges::count(neighbors, dvmrp::NeighborState::two_way, &dvmrp::NeighborView::state);
    dvmrp::Counters const* const counters = domain.engine().counters(i);
    return {{"interface", core.interfaces.name(i)},
            {"domain", domain.domain()},
            {"address", to_string(config.address)},
            {"tunnel_to", config.tunnel ? Json(to_string(config.tunnel->remote)) : Json()},
            {"state", core.interfaces.up(i) ? "up" : "down"},
            {"metric", config.dvmrp.metric},
            {"threshold", config.ttl_threshold},
            {"leaf", two_way == 0},
            {"neighbors", neighbors.size()},
            {"two_way", two_way},
            {"received", counters != nullptr ? counters->received : 0},
            {"messages_sent", core.counters.of(Deed::dvmrp_sent, i)},
            {"messages_unsent", core.counters.of(Deed::dvmrp_unsent, i) +
                                    core.counters.of(Deed::dvmrp_unresolved, i)}};
}

std::string_view name_of_class(dvmrp::CounterClass kind) {
    using dvmrp::CounterClass;
    switch (kind) {
    case CounterClass::total:
        return "total";
    case CounterClass::message:
        return "messages";
    case CounterClass::refusal:
        return "refusals";
    case CounterClass::route:
        return "routes";
    case CounterClass::sent:
        return "sent";
    case CounterClass::protocol:
        return "protocol";
    }
    return "";
}

void add_statistics(Core const& core, DvmrpComponent const& domain, IfIndex i, Json& rows) {
    dvmrp::Counters const* const counted = domain.engine().counters(i);
    if (counted == nullptr) {
        return;
    }
    for (dvmrp::CounterName const& counter : dvmrp::k_counters) {
        rows.push_back({{"interface", core.interfaces.name(i)},
                        {"class", name_of_class(counter.kind)},
                        {"counter", counter.name},
                        {"count", counted->*counter.member}});
    }
}

Json legs_json(Core const& core, dvmrp::RouteView const& view) {
    Json legs = Json::array();
    for (dvmrp::LegView const& leg : view.legs) {
        Json dependents = Json::array();
        for (dvmrp::DependentView const& dependent : leg.dependents) {
            dependents.push_back(to_string(dependent.neighbor));
        }
        legs.push_back({{"interface", core.interfaces.name(leg.interface)},
                        {"forwards", leg.we_forward},
                        {"rival", address_or_null(leg.rival)},
                        {"dependents", std::move(dependents)}});
    }
    return legs;
}

Json route_json(Core const& core, DvmrpComponent const& domain, dvmrp::RouteView const& view,
                TimePoint now) {
    Json dependents = Json::array();
    for (dvmrp::LegView const& leg : view.legs) {
        for (dvmrp::DependentView const& dependent : leg.dependents) {
            dependents.push_back(to_string(dependent.neighbor));
        }
    }
    return {{"prefix", to_string(view.prefix)},
            {"domain", domain.domain()},
            {"metric", view.metric},
            {"reachable", view.metric < wire::dvmrp::k_infinity},
            {"interface", core.interfaces.name(view.interface)},
            {"neighbor", address_or_null(view.neighbor)},
            {"expires_seconds", left(view.expires, now)},
            {"hold_down_seconds", left(view.held_down_until, now)},
            {"dependents", std::move(dependents)},
            {"legs", legs_json(core, view)}};
}

using AddRows = void (*)(Core const&, DvmrpComponent const&, IfIndex, TimePoint, Json&);

// Cursor: the number of the last interface that is on a page.
Reply by_interface(Core const& core, PageRequest const& request, std::optional<IfIndex> only,
                   AddRows add) {
    std::size_t first = 0;
    if (request.after) {
        char const* const end = request.after->data() + request.after->size();
        auto const parsed = std::from_chars(request.after->data(), end, first);
        if (parsed.ec != std::errc{} || parsed.ptr != end || first >= core.interfaces.size()) {
            return bad_cursor(*request.after);
        }
        ++first;
    }
    Json rows = Json::array();
    std::size_t shown = 0;
    for (std::size_t n = first; n < core.interfaces.size(); ++n) {
        IfIndex const i{static_cast<IfIndex::rep>(n)};
        DvmrpComponent const* const domain = core.dvmrp.component(i);
        if (domain == nullptr || (only && *only != i)) {
            continue;
        }
        add(core, *domain, i, request.now, rows);
        if (++shown == k_interfaces_per_page || rows.size() >= request.limit) {
            return page_reply(std::move(rows), std::to_string(n));
        }
    }
    return page_reply(std::move(rows), std::nullopt);
}

Reply interfaces(Core const& core, PageRequest const& request, std::optional<IfIndex> only) {
    return by_interface(core, request, only,
                        [](Core const& it, DvmrpComponent const& domain, IfIndex i, TimePoint,
                           Json& rows) { rows.push_back(interface_json(it, domain, i)); });
}

Reply neighbors(Core const& core, PageRequest const& request, std::optional<IfIndex> only) {
    return by_interface(
        core, request, only,
        [](Core const& it, DvmrpComponent const& domain, IfIndex i, TimePoint now, Json& rows) {
            for (dvmrp::NeighborView const& view : domain.engine().neighbors(i)) {
                rows.push_back(neighbor_json(it, domain, i, view, now));
            }
        });
}

Reply statistics(Core const& core, PageRequest const& request, std::optional<IfIndex> only) {
    return by_interface(core, request, only,
                        [](Core const& it, DvmrpComponent const& domain, IfIndex i, TimePoint,
                           Json& rows) { add_statistics(it, domain, i, rows); });
}

struct RoutePlace {
    std::size_t domain = 0; // in the order of DvmrpDomains::all()
    std::optional<Ipv4Prefix> after{};
};

// "0 10.1.0.0/16"
std::optional<RoutePlace> parse_place(std::string const& cursor) {
    auto const space = cursor.find(' ');
    RoutePlace place;
    auto const parsed = std::from_chars(cursor.data(), cursor.data() + cursor.size(), place.domain);
    if (space == std::string::npos || parsed.ptr != cursor.data() + space) {
        return std::nullopt;
    }
    place.after = Ipv4Prefix::parse(cursor.substr(space + 1));
    return place.after ? std::optional{place} : std::nullopt;
}

Reply routes(Core const& core, PageRequest const& request, std::optional<IfIndex> only) {
    RoutePlace place;
    if (request.after) {
        auto const parsed = parse_place(*request.after);
        if (!parsed) {
            return bad_cursor(*request.after);
        }
        place = *parsed;
    }
    Json rows = Json::array();
    auto const& domains = core.dvmrp.all();
    for (std::size_t looked_at = 0; place.domain < domains.size(); ++looked_at) {
        DvmrpComponent const& domain = *domains[place.domain];
        if (rows.size() == request.limit || looked_at == 4 * k_page_rows) {
            std::string next = fmt::format("{} {}", place.domain, to_string(*place.after));
            return page_reply(std::move(rows), std::move(next));
        }
        auto const prefix = domain.engine().next_route(place.after);
        if (!prefix) {
            place = {place.domain + 1, std::nullopt};
            continue;
        }
        place.after = prefix;
        auto const view = domain.engine().view(*prefix);
        if (view && (!only || *only == view->interface)) {
            rows.push_back(route_json(core, domain, *view, request.now));
        }
    }
    return page_reply(std::move(rows), std::nullopt);
}

struct Page {
    std::string_view name;
    Reply (*reply)(Core const&, PageRequest const&, std::optional<IfIndex>);
};

constexpr std::array k_pages{
    Page{"interfaces", interfaces}, Page{"neighbors", neighbors}, Page{"routes", routes},
    Page{"prunes", dvmrp_prunes},   Page{"grafts", dvmrp_grafts}, Page{"statistics", statistics},
};

} // namespace

Reply page_of_dvmrp(Core const& core, PageRequest const& request) {
    auto const& words = request.words;
    auto const* const page =
        words.empty() ? k_pages.end() : std::ranges::find(k_pages, words[0], &Page::name);
    if (page == k_pages.end() || words.size() > 2) {
        return Reply::refuse(
            ErrorCode::bad_argument,
            "show dvmrp takes one of interfaces, neighbors, routes, prunes, grafts and "
            "statistics, and an interface behind it");
    }
    std::optional<IfIndex> only;
    if (words.size() == 2) {
        only = core.interfaces.find(words[1]);
        if (!only) {
            return Reply::refuse(
                ErrorCode::not_found,
                fmt::format("there is no interface '{}'; see: show interfaces", words[1]));
        }
        if (!core.dvmrp.holds(*only)) {
            return Reply::refuse(
                ErrorCode::not_found,
                fmt::format("DVMRP does not run on {}; see: show owners", words[1]));
        }
    }
    return page->reply(core, request, only);
}

} // namespace mcast::control
