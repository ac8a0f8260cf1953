// The journal in words: `show events`, and what `mcastctl watch` follows.
#include "journal.h"
#include "paging.h"
#include "show.h"

#include <fmt/format.h>

namespace mcast::control {

using api::ErrorCode;
using api::Json;
using api::Reply;
using mgm::Event;
using mgm::EventKind;

namespace {

// A cursor behind everything that has happened, for who wants only what comes.
constexpr std::string_view k_now = "now";

std::string who(Event const& event) {
    return event.component ? protocol_name(*event.component) : "nobody";
}

double milliseconds(Duration duration) {
    return std::chrono::duration<double, std::milli>(duration).count();
}

std::string outputs_text(Core const& core, IfSet const& outputs) {
    std::string names;
    outputs.for_each([&](IfIndex i) {
        names += names.empty() ? "" : ", ";
        names += core.interfaces.name(i);
    });
    return names;
}

std::string entry_text(Core const& core, Event const& event) {
    std::string const key = to_string(event.key);
    std::string_view const verb = event.kind == EventKind::entry_created ? "made" : "changed";
    if (event.negative != handoff::Drop::none) {
        return fmt::format("entry {} is {}: not forwarded, {}", key, verb, name_of(event.negative));
    }
    return fmt::format("entry {} is {}: from {} to {}", key, verb,
                       core.interfaces.name(event.interface.index),
                       outputs_text(core, event.outputs));
}

std::string alert_text(Core const& core, Event const& event) {
    std::string const key = to_string(event.key);
    bool const entry = event.cause == mgm::AlertCause::entry;
    std::string_view const interface = core.interfaces.name(event.interface.index);
    switch (event.kind) {
    case EventKind::join:
        return fmt::format("{} hears that {} is wanted {}", who(event), key,
                           entry ? "by an output of its entry" : "by others");
    case EventKind::prune:
        return fmt::format("{} hears that {} is wanted no more {}", who(event), key,
                           entry ? "by any output of its entry" : "by others");
    case EventKind::local_join:
        return fmt::format("{} hears of members of {} on {}", who(event), key, interface);
    case EventKind::local_leave:
        return fmt::format("{} hears that members of {} on {} are gone", who(event), key,
                           interface);
    default:
        return fmt::format("{} hears that {} arrives on {}, where it should not", who(event), key,
                           interface);
    }
}

std::string ready_text(Core const& core, Event const& event) {
    return fmt::format("{} has been {}: entries published after {:.3f} ms, seen by all workers "
                       "after {:.3f} ms",
                       core.interfaces.name(event.interface.index),
                       event.change.releasing ? "released" : "taken",
                       milliseconds(event.change.published), milliseconds(event.change.ready));
}

std::string refusal_text(Core const& core, Event const& event) {
    std::string text = fmt::format("refused: {}", event.reason);
    if (event.key.group) {
        text += " " + to_string(event.key);
    }
    if (core.interfaces.has(event.interface.index)) {
        text += fmt::format(" on {}", core.interfaces.name(event.interface.index));
    }
    return event.component ? text + " by " + who(event) : text;
}

std::string sentence_of(Core const& core, Event const& event) {
    std::string_view const interface = core.interfaces.name(event.interface.index);
    switch (event.kind) {
    case EventKind::taken:
        return fmt::format("{} takes {}", who(event), interface);
    case EventKind::released:
        return fmt::format("{} leaves {}", who(event), interface);
    case EventKind::ready:
        return ready_text(core, event);
    case EventKind::gate_closed:
        return fmt::format("the gate of {} on {} closes", who(event), interface);
    case EventKind::gate_opened:
        return fmt::format("the gate of {} on {} opens, epoch {}", who(event), interface,
                           event.epoch.value);
    case EventKind::join:
    case EventKind::prune:
    case EventKind::local_join:
    case EventKind::local_leave:
    case EventKind::wrong_interface:
        return alert_text(core, event);
    case EventKind::entry_created:
    case EventKind::entry_changed:
        return entry_text(core, event);
    case EventKind::entry_withdrawn:
        return fmt::format("entry {} is withdrawn{}{}", to_string(event.key),
                           event.reason.empty() ? "" : ": ", event.reason);
    case EventKind::stale_swept:
        return fmt::format("{} on {} ends: IGMP has not added it again in time",
                           to_string(event.key), interface);
    case EventKind::refused:
    case EventKind::count_:
        break;
    }
    return refusal_text(core, event);
}

bool is_alert_with_cause(EventKind kind) {
    return kind == EventKind::join || kind == EventKind::prune;
}

bool is_entry(EventKind kind) {
    return kind == EventKind::entry_created || kind == EventKind::entry_changed;
}

Json reason_of(Event const& event) {
    if (event.negative != handoff::Drop::none) {
        return name_of(event.negative);
    }
    return event.reason.empty() ? Json() : Json(event.reason);
}

Json event_json(Core const& core, Event const& event, TimePoint now) {
    auto const text = [](std::optional<Ipv4> address) {
        return address ? Json(to_string(*address)) : Json();
    };
    Json outputs = Json::array();
    event.outputs.for_each([&](IfIndex i) { outputs.push_back(core.interfaces.name(i)); });
    bool const somewhere = core.interfaces.has(event.interface.index);
    bool const ready = event.kind == EventKind::ready;
    return {{"uptime_seconds", seconds(event.at - core.started)},
            {"ago_seconds", seconds(now - event.at)},
            {"family", name_of(family_of(event.kind))},
            {"kind", name_of(event.kind)},
            {"interface", somewhere ? Json(core.interfaces.name(event.interface.index)) : Json()},
            {"component", event.component ? Json(protocol_name(*event.component)) : Json()},
            {"source", text(event.key.source)},
            {"group", text(event.key.group)},
            {"cause", !is_alert_with_cause(event.kind)             ? Json()
                      : event.cause == mgm::AlertCause::membership ? Json("membership")
                                                                   : Json("entry")},
            {"outputs", is_entry(event.kind) ? std::move(outputs) : Json()},
            {"reason", reason_of(event)},
            {"epoch", event.kind == EventKind::gate_opened ? Json(event.epoch.value) : Json()},
            {"published_seconds", ready ? Json(seconds(event.change.published)) : Json()},
            {"ready_seconds", ready ? Json(seconds(event.change.ready)) : Json()},
            {"sentence", sentence_of(core, event)}};
}

} // namespace

Reply page_of_events(Core const& core, PageRequest const& request) {
    KindSet kinds{};
    kinds.fill(request.words.empty());
    for (std::string const& word : request.words) {
        if (!add_kinds(kinds, word)) {
            return Reply::refuse(ErrorCode::bad_argument,
                                 "there are no events '" + word + "'; there are " + kind_words());
        }
    }
    Journal const& journal = core.journal;
    auto from = std::optional{journal.oldest()};
    if (request.after) {
        from = *request.after == k_now ? journal.newest() : journal.parse(*request.after);
        if (!from) {
            return bad_cursor(*request.after);
        }
    }
    Journal::Page const page = journal.read(*from, kinds, request.limit);
    Json rows = Json::array();
    for (Event const& event : page.events) {
        rows.push_back(event_json(core, event, request.now));
    }
    std::string const cursor = Journal::text(page.cursor);
    Reply reply = page_reply(std::move(rows), page.more ? std::optional{cursor} : std::nullopt);
    reply.data["cursor"] = cursor;
    reply.data["missed"] = page.missed;
    return reply;
}

} // namespace mcast::control
