#include "lan.h"

#include <array>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace mcast::igmp::test {

namespace {

struct Named {
    char name;
    Ipv4 address;
};
constexpr std::array k_sources = {
    Named{'a', Ipv4::of(198, 51, 100, 10)}, Named{'b', Ipv4::of(198, 51, 100, 11)},
    Named{'c', Ipv4::of(198, 51, 100, 12)}, Named{'n', Ipv4::of(198, 51, 100, 30)},
    Named{'y', Ipv4::of(198, 51, 100, 20)}, Named{'z', Ipv4::of(198, 51, 100, 21)},
};

std::string list(std::vector<std::string> const& names) {
    std::string text = "{";
    for (auto const& name : names) {
        text += (text.size() > 1 ? "," : "") + name;
    }
    return text + "}";
}

} // namespace

Ipv4 source(char name) {
    for (Named const& it : k_sources) {
        if (it.name == name) {
            return it.address;
        }
    }
    throw std::invalid_argument("no such source");
}

std::vector<Ipv4> sources(std::string_view names) {
    std::vector<Ipv4> result;
    for (char const name : names) {
        result.push_back(source(name));
    }
    return result;
}

std::string name_of(Ipv4 address) {
    for (Named const& it : k_sources) {
        if (it.address == address) {
            return {it.name};
        }
    }
    return address == k_g         ? "G"
           : address == k_g2      ? "G2"
           : address == k_channel ? "C"
                                  : to_string(address);
}

std::vector<std::uint8_t> bytes_of(wire::Igmp const& message) {
    std::vector<std::uint8_t> room(65536);
    wire::Writer out(room);
    if (!wire::encode(message, out)) {
        throw std::invalid_argument("message without a form");
    }
    room.resize(out.size());
    return room;
}

wire::Query general(std::uint8_t version, std::uint8_t qrv, std::uint8_t qqic) {
    wire::Query query{.version = version, .max_resp_code = 100};
    if (version == 1) {
        query.max_resp_code = 0;
    }
    if (version == 3) {
        query.qrv = qrv;
        query.qqic = qqic;
    }
    return query;
}

wire::Query specific(Ipv4 group, std::string_view names, bool suppress) {
    return {.max_resp_code = 10,
            .group = group,
            .suppress = suppress,
            .qrv = 2,
            .qqic = 125,
            .sources = sources(names)};
}

wire::GroupRecord record(RecordType type, Ipv4 group, std::string_view names) {
    return {.type = type, .group = group, .sources = sources(names)};
}

std::string text_of(QueryToSend const& it) {
    if (it.query.is_general()) {
        return "GQ";
    }
    std::vector<std::string> names;
    for (Ipv4 const address : it.query.sources) {
        names.push_back(name_of(address));
    }
    return fmt::format("Q({}{}) S={}", name_of(it.query.group),
                       names.empty() ? "" : "," + list(names), it.query.suppress ? 1 : 0);
}

Lan::Lan(InterfaceConfig const& with, Config const& global, Link const& on) : engine(global) {
    Link link = on;
    if (link.address.address.is_unspecified()) {
        link.address = {k_router, 24};
        link.mac = k_router_mac;
    }
    engine.add_interface(k_lan, with, link, now, out_);
    collect();
}

void Lan::settle() {
    advance(interface().config.query_interval);
    forget();
}

void Lan::lose_election() {
    hear(k_better, general());
    forget();
}

void Lan::receive(Received received) {
    engine.receive(received, now, out_);
    collect();
}

void Lan::hear(Ipv4 from, wire::Igmp const& message) {
    auto const bytes = bytes_of(message);
    receive({.interface = k_lan,
             .source = from,
             .destination = wire::usual_destination(message),
             .ttl = 1,
             .router_alert = true,
             .source_mac = k_other_mac,
             .payload = bytes});
}

void Lan::report(RecordType type, Ipv4 group, std::string_view names, Ipv4 from) {
    hear(from, wire::ReportV3{.records = {record(type, group, names)}});
}

void Lan::advance(Duration by) {
    TimePoint const target = now + by;
    while (engine.next_due() && *engine.next_due() <= target) {
        now = std::max(now, *engine.next_due());
        engine.expire(now, 1, out_);
        collect();
    }
    now = target;
}

std::string Lan::state(Ipv4 group) const {
    auto const view = engine.view(k_lan, group, now);
    if (!view) {
        return "-";
    }
    std::vector<std::string> running;
    std::vector<std::string> zero;
    for (SourceView const& it : view->sources) {
        (it.expires ? running : zero).push_back(name_of(it.source));
    }
    return view->mode == FilterMode::include ? "INC" + list(running)
                                             : "EXC" + list(running) + "/" + list(zero);
}

Duration Lan::group_timer(Ipv4 group) const {
    auto const view = engine.view(k_lan, group, now);
    return view && view->expires ? *view->expires - now : Duration{-1s};
}

Duration Lan::source_timer(char name, Ipv4 group) const {
    if (auto const view = engine.view(k_lan, group, now)) {
        for (SourceView const& it : view->sources) {
            if (it.source == source(name) && it.expires) {
                return *it.expires - now;
            }
        }
    }
    return -1s;
}

std::vector<std::string> Lan::queries() {
    std::vector<std::string> result;
    for (Sent const& it : sent) {
        result.push_back(text_of(it.what));
    }
    sent.clear();
    return result;
}

std::vector<std::string> Lan::timed_queries() {
    std::vector<std::string> result;
    for (Sent const& it : sent) {
        result.push_back(
            fmt::format("{}@{}", text_of(it.what), std::chrono::duration<double>(it.at).count()));
    }
    sent.clear();
    return result;
}

std::vector<std::string> Lan::specific_queries() {
    std::erase_if(sent, [](Sent const& it) { return it.what.query.is_general(); });
    return queries();
}

std::size_t Lan::changes() {
    std::size_t const n = changed.size();
    changed.clear();
    return n;
}

std::vector<DiscoverySent> Lan::discovery() {
    return std::exchange(advertised, {});
}

void Lan::forget() {
    sent.clear();
    advertised.clear();
    changed.clear();
    all_events.clear();
}

void Lan::collect() {
    for (QueryToSend const& query : out_.queries) {
        sent.push_back({now.time_since_epoch(), query});
    }
    for (DiscoveryToSend const& discovery : out_.discovery) {
        advertised.push_back({now.time_since_epoch(), discovery});
    }
    changed.insert(changed.end(), out_.changes.begin(), out_.changes.end());
    all_events.insert(all_events.end(), out_.events.begin(), out_.events.end());
    out_.clear();
}

} // namespace mcast::igmp::test
