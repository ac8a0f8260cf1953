#include "uplink.h"

#include <algorithm>
#include <utility>
#include <variant>

#include <fmt/format.h>

namespace mcast::igmp::test {

namespace {

Link with_defaults(Link link) {
    if (link.address.address.is_unspecified()) {
        link.address = {k_member, 24};
        link.mac = k_router_mac;
    }
    return link;
}

std::string text_of(wire::GroupRecord const& record) {
    std::string names;
    for (Ipv4 const source : record.sources) {
        names += (names.empty() ? "" : ",") + name_of(source);
    }
    return fmt::format("{}({},{{{}}})", wire::name_of(record.type), name_of(record.group), names);
}

} // namespace

Wish only(std::string_view names) {
    Wish wish{.include = sources(names)};
    std::ranges::sort(wish.include);
    return wish;
}

Wish all_but(std::string_view names) {
    Wish wish{.any_source = true, .exclude = sources(names)};
    std::ranges::sort(wish.exclude);
    return wish;
}

std::string text_of(ReportToSend const& report) {
    if (auto const* v3 = std::get_if<wire::ReportV3>(&report.message)) {
        std::string text;
        for (wire::GroupRecord const& record : v3->records) {
            text += (text.empty() ? "" : " + ") + text_of(record);
        }
        return text;
    }
    if (auto const* v2 = std::get_if<wire::ReportV2>(&report.message)) {
        return "REPORT2(" + name_of(v2->group) + ")";
    }
    if (auto const* v1 = std::get_if<wire::ReportV1>(&report.message)) {
        return "REPORT1(" + name_of(v1->group) + ")";
    }
    auto const* leave = std::get_if<wire::Leave>(&report.message);
    return leave == nullptr ? "no report" : "LEAVE(" + name_of(leave->group) + ")";
}

Uplink::Uplink(HostConfig const& config, std::uint64_t seed, Link on)
    : host(config, with_defaults(std::move(on)), {{Ipv4::of(232, 0, 0, 0), 8}}, seed) {}

void Uplink::hear(wire::Igmp const& message, Ipv4 from) {
    auto const bytes = bytes_of(message);
    receive({.source = from,
             .destination = wire::usual_destination(message),
             .ttl = 1,
             .router_alert = true,
             .source_mac = k_other_mac,
             .payload = bytes});
}

void Uplink::receive(Received received) {
    host.receive(received, now, out_);
    collect();
}

void Uplink::advance(Duration by) {
    TimePoint const target = now + by;
    while (host.next_due() && *host.next_due() <= target) {
        now = std::max(now, *host.next_due());
        host.expire(now, 1, out_);
        collect();
    }
    now = target;
}

void Uplink::run() {
    advance(Duration{});
}

std::vector<std::string> Uplink::reports() {
    std::vector<std::string> texts;
    for (Sent const& it : sent) {
        texts.push_back(text_of(it.what));
    }
    sent.clear();
    return texts;
}

std::vector<Duration> Uplink::times() const {
    std::vector<Duration> result;
    for (Sent const& it : sent) {
        result.push_back(it.at);
    }
    return result;
}

void Uplink::collect() {
    for (ReportToSend& report : out_.reports) {
        sent.push_back({now.time_since_epoch(), std::move(report)});
    }
    versions.insert(versions.end(), out_.events.begin(), out_.events.end());
    out_.clear();
}

} // namespace mcast::igmp::test
