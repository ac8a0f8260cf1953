// `clear dvmrp ...`: what neighbours said is forgotten, so that they say it again.
#include "clear_command.h"

#include "mcast/base/log.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace mcast::control {

using api::ErrorCode;
using api::Json;
using api::Reply;

namespace {

struct Deletion {
    std::string_view name;
    std::optional<dvmrp::Learned> what; // absent: counters
    std::string_view sentence;          // {0}: "N neighbours", {1}: interfaces
};

constexpr std::array k_deletions{
    Deletion{"neighbors", dvmrp::Learned::neighbors, "{0} forgotten on {1}"},
    Deletion{"prunes", dvmrp::Learned::prunes,
             "prunes of {0} on {1} forgotten, and ours toward them"},
    Deletion{"routes", dvmrp::Learned::routes,
             "routes of {0} on {1} forgotten; they are asked for them again"},
    Deletion{"statistics", std::nullopt, "statistics of DVMRP begin again on {1}"},
};

std::string choices() {
    std::string all;
    for (Deletion const& deletion : k_deletions) {
        all += all.empty() ? "" : ", ";
        all += deletion.name;
    }
    return all;
}

Reply refuse(ErrorCode code, std::string sentence) {
    return Reply::refuse(code, std::move(sentence));
}

Reply carry_out(Core& core, Deletion const& deletion, std::optional<IfIndex> only, TimePoint now) {
    std::size_t neighbors = 0;
    Json names = Json::array();
    std::string where;
    core.interfaces.for_each([&](IfIndex i) {
        DvmrpComponent* const domain = core.dvmrp.component(i);
        if (domain == nullptr || (only && *only != i)) {
            return;
        }
        if (deletion.what) {
            neighbors += domain->forget(i, *deletion.what, now);
        } else {
            domain->clear_counters(i);
        }
        names.push_back(core.interfaces.name(i));
        where += where.empty() ? "" : ", ";
        where += core.interfaces.name(i);
    });
    std::string const whose = fmt::format("{} neighbour{}", neighbors, neighbors == 1 ? "" : "s");
    std::string sentence =
        fmt::format(fmt::runtime(deletion.sentence), whose, where.empty() ? "no interface" : where);
    log::line(log::Level::notice, "dvmrp", "by command: {}", sentence);
    return Reply::ok({{"cleared", deletion.name},
                      {"interfaces", std::move(names)},
                      {"neighbors", neighbors},
                      {"sentence", std::move(sentence)}});
}

} // namespace

Reply clear_dvmrp(Core& core, api::Request const& request, TimePoint now) {
    auto const& words = request.arguments;
    if (words.size() < 2) {
        return refuse(ErrorCode::bad_argument,
                      "clear dvmrp takes one of " + choices() + ", and an interface behind it");
    }
    auto const* const deletion = std::ranges::find(k_deletions, words[1], &Deletion::name);
    if (deletion == k_deletions.end()) {
        return refuse(ErrorCode::bad_argument, fmt::format("clear dvmrp takes one of {}, not '{}'",
                                                           choices(), words[1].substr(0, 64)));
    }
    if (words.size() > 3) {
        return refuse(ErrorCode::bad_argument,
                      fmt::format("clear dvmrp {} takes one interface, not also '{}'",
                                  deletion->name, words[3].substr(0, 64)));
    }
    std::optional<IfIndex> only;
    if (words.size() == 3) {
        only = core.interfaces.find(words[2]);
        if (!only) {
            return refuse(ErrorCode::not_found,
                          fmt::format("there is no interface '{}'; see: show interfaces",
                                      words[2].substr(0, 64)));
        }
        if (!core.dvmrp.holds(*only)) {
            return refuse(ErrorCode::not_found,
                          fmt::format("DVMRP does not run on {}; see: show owners", words[2]));
        }
    }
    return carry_out(core, *deletion, only, now);
}

} // namespace mcast::control
