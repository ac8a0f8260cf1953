#include "query_command.h"

#include "igmp_where.h"

#include "mcast/base/log.h"

#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace mcast::control {

using api::ErrorCode;
using api::Json;
using api::Reply;

namespace {

// Why nobody was asked, and who else can.
std::string reason_of(Core const& core, IfIndex interface) {
    std::string_view const name = core.interfaces.name(interface);
    auto const view = core.igmp.engine().view(interface);
    if (!view || !view->enabled) {
        return fmt::format("{} is down", name);
    }
    if (view->config.passive && !view->config.passive_general_queries) {
        return fmt::format("{} is passive", name);
    }
    if (!view->querier) {
        return fmt::format("on {} it is {} that asks; ask there", name,
                           to_string(view->querier_address));
    }
    return fmt::format("on {} we speak version 1, which asks for no single group; leave it out",
                       name);
}

} // namespace

Reply query_command(Core& core, api::Request const& request) {
    auto const& words = request.arguments;
    bool const options = !request.options.is_object() || !request.options.empty();
    if (words.size() < 2 || words[0] != "query" || options) {
        return Reply::refuse(ErrorCode::bad_argument, "igmp takes: query INTERFACE [GROUP]");
    }
    auto const where = igmp_where(core, {"igmp query", true}, std::span(words).subspan(1));
    if (!where) {
        return where.error();
    }
    if (!where->interface || (where->group && where->group->is_link_local_multicast())) {
        return Reply::refuse(ErrorCode::bad_argument,
                             "igmp query takes an interface, and a group that hosts report: "
                             "224.0.1.0 to 239.255.255.255");
    }
    if (!core.igmp.query(*where->interface, where->group)) {
        return Reply::refuse(ErrorCode::unavailable, reason_of(core, *where->interface));
    }
    std::string_view const name = core.interfaces.name(*where->interface);
    Json const group = where->group ? Json(to_string(*where->group)) : Json();
    std::string sentence =
        where->group
            ? fmt::format("hosts on {} have been asked for {}", name, to_string(*where->group))
            : fmt::format("hosts on {} have been asked what they want", name);
    log::line(log::Level::notice, "igmp", "by command: {}", sentence);
    return Reply::ok({{"interface", name}, {"group", group}, {"sentence", std::move(sentence)}});
}

} // namespace mcast::control
