#include "explain.h"

#include "show.h"

#include <expected>
#include <optional>

namespace mcast::control {

using api::ErrorCode;
using api::Json;
using api::Reply;

namespace {

struct Question {
    FlowKey flow{};
    IfIndex arrived_on = k_no_interface;
};

std::unexpected<Reply> refuse(std::string sentence) {
    return std::unexpected(Reply::refuse(ErrorCode::bad_argument, std::move(sentence)));
}

std::expected<Question, Reply> parse(Core const& core, std::vector<std::string> const& words) {
    if (words.size() != 2 && !(words.size() == 4 && words[2] == "in")) {
        return refuse("explain takes SOURCE GROUP, and optionally: in INTERFACE");
    }
    auto const source = Ipv4::parse(words[0]);
    auto const group = Ipv4::parse(words[1]);
    if (!source) {
        return refuse("'" + words[0] + "' is not an IPv4 address; the source comes first");
    }
    if (!group || !group->is_multicast()) {
        return refuse("'" + words[1] + "' is not a group; groups are 224.0.0.0 to 239.255.255.255");
    }
    Question question{{*source, *group}};
    if (words.size() == 4) {
        auto const arrived_on = core.interfaces.find(words[3]);
        if (!arrived_on) {
            return std::unexpected(
                Reply::refuse(ErrorCode::not_found,
                              "there is no interface '" + words[3] + "'; see: show interfaces"));
        }
        question.arrived_on = *arrived_on;
    }
    return question;
}

Json route_json(Core const& core, mgm::Route const& route) {
    bool const connected = route.protocol == mgm::k_connected_protocol;
    auto const mac = core.adjacency.mac_of(route.interface, route.upstream);
    return {
        {"prefix", to_string(route.prefix)},
        {"interface", core.interfaces.name(route.interface)},
        {"upstream", route.upstream.is_unspecified() ? Json() : Json(to_string(route.upstream))},
        {"upstream_mac", mac ? Json(to_string(*mac)) : Json()},
        {"protocol", connected ? "connected" : protocol_name({route.protocol, 0})}};
}

Json interfaces_json(Core const& core, mgm::Explanation const& flow) {
    Json interfaces = Json::array();
    core.interfaces.for_each([&](IfIndex i) {
        Because const because = explain_output(core, flow, i);
        mgm::OutputVerdict const* const output = verdict_of(flow, i);
        interfaces.push_back(
            {{"interface", core.interfaces.name(i)},
             {"forwarded", because.forwarded},
             {"reason", because.reason},
             {"by", output != nullptr && output->by ? Json(protocol_name(*output->by)) : Json()},
             {"stale", output != nullptr && output->stale},
             {"sentence", because.sentence}});
    });
    return interfaces;
}

} // namespace

Reply explain(Core const& core, std::vector<std::string> const& arguments) {
    auto const question = parse(core, arguments);
    if (!question) {
        return question.error();
    }
    mgm::Explanation const flow = core.manager.explain(question->flow, question->arrived_on);
    Because const whole = explain_flow(core, flow, question->arrived_on);
    auto const entry = core.manager.entry(flow.key);
    bool const arrives = core.interfaces.has(flow.arrival.index);
    return Reply::ok(
        {{"source", to_string(flow.key.source)},
         {"group", to_string(flow.key.group)},
         {"verdict", whole.reason},
         {"sentence", whole.sentence},
         {"route", flow.route ? route_json(core, *flow.route) : Json()},
         {"arrival", arrives ? Json(core.interfaces.name(flow.arrival.index)) : Json()},
         {"owner", flow.owner ? Json(protocol_name(*flow.owner)) : Json()},
         {"entry", entry ? entry_json(core, *entry) : Json()},
         {"interfaces", interfaces_json(core, flow)}});
}

} // namespace mcast::control
