#include "clear_command.h"

#include "igmp_where.h"

#include "mcast/base/log.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace mcast::control {

using api::ErrorCode;
using api::Json;
using api::Reply;

namespace {

using Links = std::vector<IfIndex>;

struct Deletion {
    std::string_view name;
    IgmpSubject subject;
    void (*carry_out)(Core&, IfIndex, std::optional<Ipv4>, TimePoint);
};

void clear_statistics(Core& core, IfIndex i, TimePoint now) {
    core.igmp.clear_statistics(i, now);
    core.igmp_baselines.clear(i, igmp_link_counts(core.counters, core.shared, i), now);
}

constexpr std::array k_deletions{
    Deletion{"groups",
             {"clear igmp groups", true},
             [](Core& core, IfIndex i, std::optional<Ipv4> group, TimePoint) {
                 core.igmp.clear_groups(i, group);
             }},
    Deletion{"interfaces",
             {"clear igmp interfaces"},
             [](Core& core, IfIndex i, std::optional<Ipv4>, TimePoint now) {
                 core.igmp.restart(i, now);
             }},
    Deletion{"querier",
             {"clear igmp querier"},
             [](Core& core, IfIndex i, std::optional<Ipv4>, TimePoint now) {
                 core.igmp.elect_again(i, now);
             }},
    Deletion{"statistics",
             {"clear igmp statistics", false, false},
             [](Core& core, IfIndex i, std::optional<Ipv4>, TimePoint now) {
                 clear_statistics(core, i, now);
             }},
};

std::string deletions() {
    std::string all;
    for (Deletion const& deletion : k_deletions) {
        all += all.empty() ? "" : ", ";
        all += deletion.name;
    }
    return all;
}

Links links_of(Core const& core, Deletion const& deletion, IgmpWhere const& where) {
    if (deletion.subject.running) {
        return igmp_interfaces(core, where);
    }
    Links all;
    core.interfaces.for_each([&](IfIndex i) {
        if (!where.interface || *where.interface == i) {
            all.push_back(i);
        }
    });
    return all;
}

std::size_t groups_on(Core const& core, IfIndex i, std::optional<Ipv4> group, TimePoint now) {
    igmp::Engine const& engine = core.igmp.engine();
    if (group) {
        return engine.view(i, *group, now) ? 1 : 0;
    }
    auto const view = engine.view(i);
    return view ? view->groups : 0;
}

std::string names_of(Core const& core, Links const& links) {
    std::string all;
    for (IfIndex const i : links) {
        all += all.empty() ? "" : ", ";
        all += core.interfaces.name(i);
    }
    return all.empty() ? "no interface" : all;
}

std::string sentence_of(Core const& core, Deletion const& deletion, Links const& links,
                        std::size_t groups) {
    std::string const where = names_of(core, links);
    if (deletion.name == "groups") {
        return fmt::format("{} group{} forgotten on {}; where this router is the querier, hosts "
                           "have been asked again",
                           groups, groups == 1 ? "" : "s", where);
    }
    if (deletion.name == "interfaces") {
        return fmt::format("IGMP starts again on {}; {} group{} forgotten", where, groups,
                           groups == 1 ? "" : "s");
    }
    return deletion.name == "querier"
               ? fmt::format("the election of the querier begins again on {}", where)
               : fmt::format("statistics of IGMP begin again on {}", where);
}

Reply carry_out(Core& core, Deletion const& deletion, IgmpWhere const& where, TimePoint now) {
    Links links = links_of(core, deletion, where);
    if (where.group) {
        std::erase_if(links, [&](IfIndex i) { return groups_on(core, i, where.group, now) == 0; });
        if (links.empty()) {
            return Reply::refuse(ErrorCode::not_found,
                                 fmt::format("no host has joined {} there; see: show igmp groups",
                                             to_string(*where.group)));
        }
    }
    bool const forgets = deletion.name == "groups" || deletion.name == "interfaces";
    std::size_t groups = 0;
    Json names = Json::array();
    for (IfIndex const i : links) {
        groups += forgets ? groups_on(core, i, where.group, now) : 0;
        deletion.carry_out(core, i, where.group, now);
        names.push_back(core.interfaces.name(i));
    }
    std::string sentence = sentence_of(core, deletion, links, groups);
    log::line(log::Level::notice, "igmp", "by command: {}", sentence);
    return Reply::ok({{"cleared", deletion.name},
                      {"interfaces", std::move(names)},
                      {"groups", groups},
                      {"sentence", std::move(sentence)}});
}

} // namespace

Reply clear_command(Core& core, api::Request const& request, TimePoint now) {
    auto const& words = request.arguments;
    bool const options = !request.options.is_object() || !request.options.empty();
    if (!options && !words.empty() && words[0] == "dvmrp") {
        return clear_dvmrp(core, request, now);
    }
    if (!words.empty() && words[0] != "igmp" && words[0] != "dvmrp") {
        return Reply::refuse(ErrorCode::unavailable,
                             fmt::format("clear {} is not available in this version; there are: "
                                         "clear igmp, clear dvmrp",
                                         words[0].substr(0, 64)));
    }
    auto const deletion = words.size() < 2
                              ? k_deletions.end()
                              : std::ranges::find(k_deletions, words[1], &Deletion::name);
    if (deletion == k_deletions.end() || options) {
        return Reply::refuse(ErrorCode::bad_argument,
                             "clear takes no options, and: igmp, then one of " + deletions() +
                                 ", then [INTERFACE], and with groups [GROUP]; or dvmrp");
    }
    auto const where = igmp_where(core, deletion->subject, std::span(words).subspan(2));
    return where ? carry_out(core, *deletion, *where, now) : where.error();
}

} // namespace mcast::control
