#include "show.h"

#include "explain.h"

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
    Subject{"status", show_status}, Subject{"config", show_config},
    Subject{"ports", show_ports},   Subject{"interfaces", show_interfaces},
    Subject{"groups", show_groups}, Subject{"entries", show_entries},
    Subject{"owners", show_owners}, Subject{"alerts", show_alerts},
    Subject{"drops", show_drops},   Subject{"workers", show_workers},
};

// Known to those who read about this router, and not there yet: refused by name.
constexpr std::array<std::string_view, 9> k_later_subjects{
    "sources", "routes", "neighbors", "events", "pools", "limits", "log", "topology", "igmp"};
constexpr std::array<std::string_view, 11> k_later_commands{
    "owner",   "reload", "config",   "drain", "clear", "log",
    "capture", "trace",  "topology", "add",   "remove"};

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
    return all;
}

Reply show(Core const& core, api::Request const& request, TimePoint now) {
    if (request.arguments.size() != 1) {
        return Reply::refuse(ErrorCode::bad_argument, "show takes one of: " + subjects());
    }
    std::string const& wanted = request.arguments.front();
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
    if (!request.options.is_object() || !request.options.empty()) {
        return Reply::refuse(ErrorCode::bad_argument, request.command + " takes no options");
    }
    if (request.command == "show") {
        return show(core, request, now);
    }
    if (request.command == "explain") {
        return explain(core, request.arguments);
    }
    if (is_one_of(k_later_commands, request.command)) {
        return Reply::refuse(
            ErrorCode::unavailable,
            request.command +
                " is not available in this version: the configuration file says what runs where");
    }
    return Reply::refuse(ErrorCode::unknown_command, "there is no command '" + request.command +
                                                         "'; there is show and explain");
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
    return names;
}

} // namespace mcast::control
