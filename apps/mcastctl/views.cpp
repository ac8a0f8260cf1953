#include "views.h"

#include "list_view.h"

#include <array>
#include <cmath>

#include <fmt/format.h>

namespace mcast::ctl {

namespace {

constexpr std::array<Column, 16> k_ports{{
    {"PORT", "name"},
    {"DEVICE", "device"},
    {"DRIVER", "driver"},
    {"LINK", "link", Kind::state},
    {"MBIT/S", "speed_mbps"},
    {"MAC", "mac"},
    {"SOURCE-MAC", "mac_mode"},
    {"MULTICAST", "multicast_mode"},
    {"QUEUES", "queues"},
    {"NODE", "numa_node"},
    {"MTU", "mtu"},
    {"RECEIVED", "received"},
    {"SENT", "sent"},
    {"MISSED", "missed", Kind::count},
    {"ERRORS", "errors", Kind::count},
    {"NO-BUFFER", "no_buffer", Kind::count},
}};

constexpr std::array<Column, 16> k_interfaces{{
    {"INTERFACE", "name"},
    {"PORT", "port"},
    {"VLAN", "vlan"},
    {"ADDRESS", "address"},
    {"TUNNEL-TO", "tunnel.remote"},
    {"MTU", "mtu"},
    {"UP", "up", Kind::state},
    {"TTL", "ttl_threshold"},
    {"PROTOCOLS", "protocols", Kind::list},
    {"OWNER", "owner"},
    {"IGMP", "igmp.role", Kind::state},
    {"QUERIER", "igmp.querier"},
    {"GROUPS", "igmp.groups"},
    {"RECEIVED", "received"},
    {"SENT", "sent"},
    {"BOUNDARIES", "boundaries", Kind::list},
}};

constexpr std::array<Column, 9> k_groups{{
    {"INTERFACE", "interface"},
    {"GROUP", "group"},
    {"MODE", "mode"},
    {"SOURCES", "source_texts", Kind::list},
    {"VERSION", "compat"},
    {"EXPIRES", "expires_seconds", Kind::seconds},
    {"UPTIME", "uptime_seconds", Kind::seconds},
    {"LAST-REPORTER", "last_reporter"},
    {"ORIGIN", "origin"},
}};

constexpr std::array<Column, 15> k_entries{{
    {"SOURCE", "source"},
    {"GROUP", "group"},
    {"IN", "arrival"},
    {"OUT", "outputs", Kind::list},
    {"STATE", "state", Kind::state},
    {"REASON", "reason"},
    {"PACKETS", "packets"},
    {"BYTES", "bytes"},
    {"COPIES", "copies"},
    {"WRONG-IF", "wrong_interface", Kind::count},
    {"TTL", "ttl_expired", Kind::count},
    {"DROPPED", "dropped", Kind::count},
    {"AGE", "age_seconds", Kind::seconds},
    {"EXPIRES", "expires_seconds", Kind::seconds},
    {"BECAUSE", "why_texts", Kind::list},
}};

constexpr std::array<Column, 6> k_memberships{{
    {"INTERFACE", "interface"},
    {"SOURCE", "source_text"},
    {"GROUP", "group_text"},
    {"OWNER", "owner"},
    {"IGMP", "igmp"},
    {"STALE", "stale", Kind::alarm},
}};

constexpr std::array<Column, 6> k_proxy_groups{{
    {"GROUP", "group"},
    {"FILTER", "filter"},
    {"SOURCES", "sources", Kind::list},
    {"ENDED", "ended"},
    {"STILL-REPORTED", "pending_texts", Kind::list},
    {"NEXT", "next_report_seconds", Kind::seconds},
}};

constexpr std::array<Column, 13> k_owners{{
    {"INTERFACE", "interface"},
    {"STATE", "state", Kind::state},
    {"MEANING", "meaning"},
    {"OWNER", "owner"},
    {"IGMP", "igmp", Kind::state},
    {"EPOCH", "epoch"},
    {"HAND-OVERS", "hand_overs"},
    {"LAST", "last.change"},
    {"AGO", "last.ago_seconds", Kind::seconds},
    {"PUBLISHED", "last.published_seconds", Kind::brief},
    {"READY", "last.ready_seconds", Kind::brief},
    {"CHANGING-FOR", "transition_seconds", Kind::brief},
    {"WAITS-FOR", "waits_for", Kind::list},
}};

constexpr std::array<Column, 4> k_events{{
    {"AGO", "ago_seconds", Kind::seconds},
    {"FAMILY", "family"},
    {"KIND", "kind"},
    {"EVENT", "sentence"},
}};

constexpr std::array<Column, 13> k_workers{{
    {"WORKER", "worker"},
    {"CORE", "core"},
    {"NODE", "numa_node"},
    {"BUSY", "busy_percent", Kind::percent},
    {"NOW", "busy_last_second_percent", Kind::percent},
    {"CYCLES/PACKET", "cycles_per_packet_text"},
    {"TURNS", "turns"},
    {"RECEIVED", "received"},
    {"FORWARDED", "forwarded"},
    {"PUNTED", "punted"},
    {"HEARTBEAT", "heartbeat_age_seconds", Kind::seconds},
    {"BURSTS", "burst_texts", Kind::list},
    {"QUEUES", "queue_texts", Kind::list},
}};

struct ListPage {
    std::string_view name;
    std::span<Column const> columns;
};

constexpr std::array<ListPage, 9> k_list_pages{{
    {"ports", k_ports},
    {"interfaces", k_interfaces},
    {"groups", k_groups},
    {"entries", k_entries},
    {"memberships", k_memberships},
    {"proxy-groups", k_proxy_groups},
    {"owners", k_owners},
    {"events", k_events},
    {"workers", k_workers},
}};

double number_or_zero(Json const& value) {
    return value.is_number() ? value.get<double>() : 0;
}

// "32:12.5%": the share of the bursts that had so many packets, of sizes that came at all.
Json burst_texts(Json const& worker) {
    double all = 0;
    for (Json const& size : member(worker, "bursts")) {
        all += number_or_zero(member(size, "bursts"));
    }
    Json texts = Json::array();
    for (Json const& size : member(worker, "bursts")) {
        if (double const bursts = number_or_zero(member(size, "bursts")); bursts > 0) {
            texts.push_back(fmt::format(
                "{}:{:.1f}%", cell(member(size, "packets"), Kind::plain).text, 100 * bursts / all));
        }
    }
    return texts;
}

// "10.1.1.1", and "!10.1.1.1" for a source that is blocked.
Json source_texts(Json const& group) {
    Json texts = Json::array();
    for (Json const& source : member(group, "sources")) {
        bool const blocked = member(source, "state") == "block";
        texts.push_back((blocked ? "!" : "") + cell(member(source, "source"), Kind::plain).text);
    }
    return texts;
}

// "igmp 3/1024": waiting of slots.
Json queue_texts(Json const& worker) {
    Json texts = Json::array();
    for (Json const& queue : member(worker, "queues")) {
        texts.push_back(fmt::format("{} {}/{}", cell(member(queue, "class"), Kind::plain).text,
                                    cell(member(queue, "waiting"), Kind::plain).text,
                                    cell(member(queue, "slots"), Kind::plain).text));
    }
    return texts;
}

// "tv igmp stale", or "lan static: boundary" for an interface that wants it and does not get it.
Json why_texts(Json const& entry) {
    Json texts = Json::array();
    for (Json const& why : member(entry, "why")) {
        std::string text = cell(member(why, "interface"), Kind::plain).text;
        if (member(why, "by").is_string()) {
            text += " " + cell(member(why, "by"), Kind::plain).text;
        }
        text += member(why, "stale") == true ? " stale" : "";
        if (member(why, "forwarded") != true) {
            text += ": " + cell(member(why, "reason"), Kind::plain).text;
        }
        texts.push_back(text);
    }
    return texts;
}

// "filter x2": to be reported twice more; "10.1.1.1 x1" the same of one source.
Json pending_texts(Json const& group) {
    Json texts = Json::array();
    Json const& filter = member(group, "pending_filter_reports");
    if (filter.is_number() && filter != 0) {
        texts.push_back("filter x" + cell(filter, Kind::plain).text);
    }
    for (Json const& each : member(group, "pending_sources")) {
        texts.push_back(cell(member(each, "source"), Kind::plain).text + " x" +
                        cell(member(each, "reports"), Kind::plain).text);
    }
    return texts;
}

Json or_any(Json const& address) {
    return address.is_null() ? Json("*") : address;
}

// Lists within an item become short texts, under names of their own.
Json with_texts(Json list) {
    if (!list.is_array()) {
        return list;
    }
    for (Json& item : list) {
        if (item.is_object()) {
            item["source_texts"] = source_texts(item);
            item["queue_texts"] = queue_texts(item);
            item["burst_texts"] = burst_texts(item);
            Json const& cycles = member(item, "cycles_per_packet");
            item["cycles_per_packet_text"] =
                cycles.is_number() ? Json(std::llround(cycles.get<double>())) : Json(nullptr);
            item["why_texts"] = why_texts(item);
            item["pending_texts"] = pending_texts(item);
            item["source_text"] = or_any(member(item, "source"));
            item["group_text"] = or_any(member(item, "group"));
        }
    }
    return list;
}

std::string view_config(Json const& data) {
    Json const& toml = member(data, "toml");
    return toml.is_string() ? toml.get<std::string>() : "no configuration\n";
}

} // namespace

std::string view_owner_change(Json const& data, bool colour) {
    bool const take = member(data, "change") == "take";
    bool const complete = member(data, "complete") == true;
    return fmt::format("{} {} {}: {}\n\n", cell(member(data, "protocol"), Kind::plain).text,
                       take ? "takes" : "releases",
                       cell(member(data, "interface"), Kind::plain).text,
                       complete ? "complete" : "begun; show owners says when it is complete") +
           list_view(Json::array({member(data, "ownership")}), k_owners, "owners", colour);
}

std::string view(api::Request const& request, Json const& data, bool colour) {
    if (request.command == "explain") {
        return view_explain(data, colour);
    }
    if (request.command == "owner") {
        return view_owner_change(data, colour);
    }
    if (request.command == "clear" || request.command == "igmp") {
        return cell(member(data, "sentence"), Kind::plain).text + '\n';
    }
    std::string const page = request.arguments.empty() ? "" : request.arguments.front();
    if (page == "igmp") {
        return view_igmp(request.arguments.size() < 2 ? "" : request.arguments[1], data, colour);
    }
    if (page == "dvmrp") {
        return view_dvmrp(request.arguments.size() < 2 ? "" : request.arguments[1], data, colour);
    }
    if (page == "status") {
        return view_status(data, colour);
    }
    if (page == "alerts") {
        return view_alerts(data, colour);
    }
    if (page == "drops") {
        return view_drops(data, colour);
    }
    if (page == "proxy") {
        return view_proxy(data, colour);
    }
    if (page == "config") {
        return view_config(data);
    }
    for (ListPage const& list : k_list_pages) {
        if (list.name == page) {
            return list_view(with_texts(data), list.columns, list.name, colour) +
                   (page == "ports"     ? view_fallbacks(data, colour)
                    : page == "workers" ? view_rings(data, colour)
                                        : "");
        }
    }
    return data.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

} // namespace mcast::ctl
