#include "show.h"

#include "explain.h"
#include "paging.h"

#include <array>
#include <string_view>

namespace mcast::control {

namespace {

using api::ErrorCode;
using api::Reply;

struct Subject {
    std::string_view name;
    api::Json (*show)(Core const&, TimePoint);
};

constexpr std::array k_subjects{
    Subject{"status", show_status},   Subject{"config", show_config},
    Subject{"ports", show_ports},     Subject{"interfaces", show_interfaces},
    Subject{"groups", show_groups},   Subject{"owners", show_owners},
    Subject{"alerts", show_alerts},   Subject{"drops", show_drops},
    Subject{"workers", show_workers}, Subject{"proxy", show_proxy},
};

struct PagedSubject {
    std::string_view name;
    api::Reply (*page)(Core const&, PageRequest const&);
};

constexpr std::array k_paged_subjects{
    PagedSubject{"entries", page_of_entries},
    PagedSubject{"memberships", page_of_memberships},
    PagedSubject{"proxy-groups", page_of_proxy_groups},
    PagedSubject{"events", page_of_events},
    PagedSubject{"igmp", page_of_igmp},
    PagedSubject{"dvmrp", page_of_dvmrp},
};

// Known to those who read about this router, and not there yet: refused by name.
constexpr std::array<std::string_view, 7> k_later_subjects{
    "sources", "routes", "neighbors", "pools", "limits", "log", "topology"};
constexpr std::array<std::string_view, 9> k_later_commands{
    "reload", "config", "drain", "log", "capture", "trace", "topology", "add", "remove"};

template <std::size_t N>
bool is_one_of(std::array<std::string_view, N> const& names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

std::string subjects() {
    std::string all;
    for (Subject const& subject : k_subjects) {
        all += all.empty() ? "" : ", ";
        all += subject.name;
    }
    for (PagedSubject const& subject : k_paged_subjects) {
        all += ", ";
        all += subject.name;
    }
    return all;
}

Reply no_options(std::string const& what) {
    return Reply::refuse(ErrorCode::bad_argument, what + " takes no options");
}

Reply show(Core const& core, api::Request const& request, TimePoint now) {
    std::string const wanted = request.arguments.empty() ? "" : request.arguments.front();
    for (PagedSubject const& subject : k_paged_subjects) {
        if (subject.name == wanted) {
            auto const page = page_request(request, now);
            return page ? subject.page(core, *page) : page.error();
        }
    }
    if (request.arguments.size() != 1) {
        return Reply::refuse(ErrorCode::bad_argument, "show takes one of: " + subjects());
    }
    if (!request.options.empty()) {
        return no_options("show " + wanted);
    }
    for (Subject const& subject : k_subjects) {
        if (subject.name == wanted) {
            return Reply::ok(subject.show(core, now));
        }
    }
    if (is_one_of(k_later_subjects, wanted)) {
        return Reply::refuse(ErrorCode::unavailable,
                             "show " + wanted + " is not available in this version; it shows " +
                                 subjects());
    }
    return Reply::refuse(ErrorCode::bad_argument,
                         "there is no '" + wanted + "' to show; there is " + subjects());
}

} // namespace

Reply answer(Core const& core, api::Request const& request, TimePoint now) {
    if (request.command == "show" && request.options.is_object()) {
        return show(core, request, now);
    }
    if (!request.options.is_object() || !request.options.empty()) {
        return no_options(request.command);
    }
    if (request.command == "explain") {
        return explain(core, request.arguments);
    }
    if (request.command == "owner" || request.command == "clear" || request.command == "igmp") {
        return Reply::refuse(ErrorCode::unavailable,
                             request.command +
                                 " is not possible here: what only answers (a replay that has "
                                 "ended) changes nothing");
    }
    if (is_one_of(k_later_commands, request.command)) {
        return Reply::refuse(
            ErrorCode::unavailable,
            request.command +
                " is not available in this version: the configuration file says what runs where");
    }
    return Reply::refuse(ErrorCode::unknown_command,
                         "there is no command '" + request.command +
                             "'; there is show, explain, owner, clear and igmp");
}

std::string protocol_name(mgm::ComponentId component) {
    std::string const full = mgm::to_string(component);
    return full.ends_with("/0") ? full.substr(0, full.size() - 2) : full;
}

api::Json protocols_json(InterfaceConfig const& interface) {
    api::Json names = api::Json::array();
    if (interface.static_protocol) {
        names.push_back("static");
    }
    if (interface.igmp_enabled) {
        names.push_back("igmp");
    }
    if (interface.dvmrp_enabled) {
        names.push_back("dvmrp");
    }
    return names;
}

} // namespace mcast::control
