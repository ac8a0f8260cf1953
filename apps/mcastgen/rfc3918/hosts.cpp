#include "hosts.h"

#include "frames.h"

#include <algorithm>
#include <array>

namespace mcast::gen::rfc3918 {
namespace {

constexpr std::size_t k_room = 2048;
// Records of one version 3 report that stays within an MTU of 1500: 8 bytes each.
constexpr std::size_t k_records = 180;
// A host that was kept waiting does not make up for more than this at once.
constexpr std::size_t k_most_at_once = k_records;

} // namespace

Hosts::Hosts(Plan const& plan, Wires& wires)
    : plan_(plan), wires_(wires),
      gap_(static_cast<std::int64_t>(1'000'000'000 / std::max<std::uint64_t>(plan.join_rate, 1))),
      hosts_(plan.egress.size()) {}

void Hosts::join(std::size_t egress, std::uint32_t first, std::uint32_t count) {
    for (std::uint32_t group = first; group < first + count; ++group) {
        set(egress, group, true);
    }
}

void Hosts::leave(std::size_t egress, std::uint32_t first, std::uint32_t count) {
    for (std::uint32_t group = first; group < first + count; ++group) {
        set(egress, group, false);
    }
}

bool Hosts::members(std::size_t egress, std::uint32_t groups) {
    bool left = false;
    for (std::size_t port = 0; port < hosts_.size(); ++port) {
        std::uint32_t const wanted = port < egress ? groups : 0;
        auto const known = static_cast<std::uint32_t>(hosts_[port].member.size());
        join(port, 0, wanted);
        for (std::uint32_t group = wanted; group < known; ++group) {
            left = left || hosts_[port].member[group];
            set(port, group, false);
        }
    }
    return left;
}

void Hosts::set(std::size_t egress, std::uint32_t group, bool joins) {
    Host& host = hosts_[egress];
    if (group >= host.member.size()) {
        host.member.resize(group + 1);
        host.spoke.resize(group + 1);
    }
    if (host.member[group] != joins) {
        host.member[group] = joins;
        host.queue.push_back({group, joins, false});
    }
}

bool Hosts::idle() const {
    return std::ranges::all_of(hosts_, [](Host const& host) { return host.queue.empty(); });
}

TimePoint Hosts::next_due() const {
    TimePoint next = TimePoint::max();
    for (Host const& host : hosts_) {
        next = host.queue.empty() ? next : std::min(next, host.next);
    }
    return next;
}

TimePoint Hosts::spoke(std::size_t egress, std::uint32_t group) const {
    return hosts_[egress].spoke[group];
}

void Hosts::run() {
    auto const now = wires_.now();
    for (std::size_t egress = 0; egress < hosts_.size(); ++egress) {
        if (!hosts_[egress].queue.empty() && hosts_[egress].next <= now) {
            say_due(egress, now);
        }
    }
}

void Hosts::say_due(std::size_t egress, TimePoint now) {
    Host& host = hosts_[egress];
    // A host that was silent starts now; one that is behind catches up within bounds.
    auto const behind = static_cast<std::int64_t>(k_most_at_once - 1) * gap_;
    if (now - host.next > behind) {
        host.next = now;
    }
    auto const due = static_cast<std::size_t>((now - host.next) / gap_) + 1;
    std::size_t const said = say(egress, due, now);
    host.next += static_cast<std::int64_t>(said) * gap_;
}

// Returns of how many groups the port took the word.
std::size_t Hosts::say(std::size_t egress, std::size_t most, TimePoint now) {
    Host& host = hosts_[egress];
    std::size_t said = 0;
    while (said < most && !host.queue.empty()) {
        std::size_t const together =
            plan_.igmp_version == 3 ? std::min({most - said, host.queue.size(), k_records}) : 1;
        Ipv4 const from = address(egress + 1);
        std::array<std::uint8_t, k_room> room{};
        wire::Writer out(room);
        wire::build_igmp_frame({mac_of(from), from, {}}, message(host, together, now), out);
        wire::pad(out);
        if (!out.ok() || !wires_.send(egress + 1, out.written())) {
            return said;
        }
        host.queue.erase(host.queue.begin(),
                         host.queue.begin() + static_cast<std::ptrdiff_t>(together));
        said += together;
    }
    return said;
}

// About the first `count` groups of the queue.
wire::Igmp Hosts::message(Host& host, std::size_t count, TimePoint now) const {
    wire::ReportV3 report;
    for (std::size_t place = 0; place < count; ++place) {
        Saying const& said = host.queue[place];
        if (!said.answer) {
            host.spoke[said.group] = now;
        }
        Ipv4 const group = plan_.group(said.group);
        if (plan_.igmp_version == 2) {
            return said.joins ? wire::Igmp{wire::ReportV2{group}} : wire::Igmp{wire::Leave{group}};
        }
        wire::GroupRecord record;
        record.type = said.joins ? wire::RecordType::to_ex : wire::RecordType::to_in;
        record.group = group;
        report.records.push_back(std::move(record));
    }
    return report;
}

void Hosts::heard(std::size_t port, wire::Bytes frame) {
    auto const ethernet = wire::decode_ethernet(frame);
    if (!ethernet) {
        return;
    }
    if (ethernet->ether_type == wire::k_ether_arp) {
        arp(port, frame.subspan(ethernet->size()));
        return;
    }
    auto const read = wire::decode_datagram(frame);
    if (port == 0 || !read || read->ip.protocol != wire::k_protocol_igmp) {
        return;
    }
    auto const igmp = wire::decode_igmp(read->payload);
    if (igmp && std::holds_alternative<wire::Query>(*igmp)) {
        query(port - 1, std::get<wire::Query>(*igmp));
    }
}

void Hosts::query(std::size_t egress, wire::Query const& query) {
    Host& host = hosts_[egress];
    if (query.is_general()) {
        ++general_queries_;
        for (std::uint32_t group = 0; group < host.member.size(); ++group) {
            if (host.member[group]) {
                host.queue.push_back({group, true, true});
            }
        }
        return;
    }
    ++specific_queries_;
    specific_response_ = std::chrono::milliseconds{100} * wire::max_response_tenths(query);
    std::uint32_t const group = query.group.value - plan_.first_group.value;
    if (group < host.member.size() && host.member[group]) {
        host.queue.push_back({group, true, true});
    }
}

void Hosts::arp(std::size_t port, wire::Bytes frame) {
    auto const packet = wire::decode_arp(frame);
    if (!packet) {
        return;
    }
    if (port == 0 && packet->sender == plan_.router) {
        router_ = packet->sender_mac;
    }
    Ipv4 const ours = address(port);
    if (packet->operation == wire::ArpOperation::request && packet->target == ours) {
        std::array<std::uint8_t, wire::k_min_frame> room{};
        wire::Writer out(room);
        wire::build_arp_frame({mac_of(ours), ours, {}}, wire::arp_reply(*packet, mac_of(ours)),
                              out);
        wire::pad(out);
        wires_.send(port, out.written());
    }
}

void Hosts::ask_for_router() {
    Ipv4 const ours = address(0);
    std::array<std::uint8_t, wire::k_min_frame> room{};
    wire::Writer out(room);
    wire::build_arp_frame({mac_of(ours), ours, {}},
                          wire::arp_request(mac_of(ours), ours, plan_.router), out);
    wire::pad(out);
    wires_.send(0, out.written());
}

Ipv4 Hosts::address(std::size_t port) const {
    return port == 0 ? plan_.ingress.address : plan_.egress[port - 1].address;
}

} // namespace mcast::gen::rfc3918
