// Forwarding entries, page by page, each with the reason for every output that it has or lacks.
#include "explain.h"
#include "paging.h"
#include "show.h"

#include "mcast/handoff/counters.h"

namespace mcast::control {

using api::ErrorCode;
using api::Json;
using api::Reply;

namespace {

// Entries with hundreds of outputs have shorter pages.
constexpr std::size_t k_verdicts_per_page = 1024;

std::optional<FlowKey> key_of(std::string const& cursor) {
    auto const space = cursor.find(' ');
    auto const group = Ipv4::parse(cursor.substr(0, space));
    auto const source =
        space == std::string::npos ? std::nullopt : Ipv4::parse(cursor.substr(space + 1));
    return group && source ? std::optional{FlowKey{*source, *group}} : std::nullopt;
}

std::string cursor_of(FlowKey key) {
    return to_string(key.group) + " " + to_string(key.source);
}

} // namespace

Json why_json(Core const& core, mgm::Explanation const& flow) {
    Json why = Json::array();
    for (mgm::OutputVerdict const& output : flow.outputs) {
        Because const because = explain_output(core, flow, output.interface.index);
        why.push_back({{"interface", core.interfaces.name(output.interface.index)},
                       {"forwarded", because.forwarded},
                       {"reason", because.reason},
                       {"by", output.by ? Json(protocol_name(*output.by)) : Json()},
                       {"stale", output.stale}});
    }
    return why;
}

Json entry_json(Core const& core, mgm::ForwardingEntry const& entry) {
    mgm::Explanation flow;
    flow.key = entry.key;
    flow.cached = true;
    flow.negative = entry.negative;
    flow.outputs = core.manager.wanted_outputs(entry.key);
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
            {"why", why_json(core, flow)},
            {"packets", totals.packets},
            {"bytes", totals.bytes},
            {"wrong_interface", totals.wrong_interface},
            {"ttl_expired", totals.ttl_expired},
            {"dropped", totals.dropped},
            {"copies", totals.copies},
            {"age_seconds", seconds(entry.uptime)},
            {"expires_seconds", seconds(entry.expiry)}};
}

Reply page_of_entries(Core const& core, PageRequest const& request) {
    if (!request.words.empty()) {
        return Reply::refuse(ErrorCode::bad_argument, "show entries takes no words after it");
    }
    std::optional<FlowKey> after;
    if (request.after) {
        after = key_of(*request.after);
        if (!after) {
            return bad_cursor(*request.after);
        }
    }
    mgm::EntryPage const page = core.manager.page(after, request.limit);
    Json rows = Json::array();
    std::size_t verdicts = 0;
    bool more = page.more;
    for (mgm::ForwardingEntry const& entry : page.entries) {
        if (verdicts >= k_verdicts_per_page) {
            more = true;
            break;
        }
        rows.push_back(entry_json(core, entry));
        verdicts += rows.back()["why"].size();
        after = entry.key;
    }
    return page_reply(std::move(rows),
                      more && after ? std::optional{cursor_of(*after)} : std::nullopt);
}

} // namespace mcast::control
