#include "mcast/wire/describe.h"

#include "describe_parts.h"
#include "igmp_format.h"
#include "mcast/wire/datagram.h"
#include "mcast/wire/mtrace.h"

#include <fmt/format.h>

namespace mcast::wire {

namespace {

std::string record_text(GroupRecord const& record) {
    std::string const type = is_known(record.type)
                                 ? std::string{name_of(record.type)}
                                 : fmt::format("type {}", static_cast<unsigned>(record.type));
    return to_string(record.group) + " " + type + " " + addresses_text(record.sources);
}

// What kind of message it is; stands before the addresses.
struct Title {
    std::string operator()(Query const& query) const {
        return fmt::format("IGMPv{} query", query.version);
    }
    std::string operator()(ReportV1 const&) const { return "IGMPv1 report"; }
    std::string operator()(ReportV2 const&) const { return "IGMPv2 report"; }
    std::string operator()(Leave const&) const { return "IGMPv2 leave"; }
    std::string operator()(ReportV3 const&) const { return "IGMPv3 report"; }
    std::string operator()(RouterAdvertisement const&) const {
        return "multicast router advertisement";
    }
    std::string operator()(RouterSolicitation const&) const {
        return "multicast router solicitation";
    }
    std::string operator()(RouterTermination const&) const {
        return "multicast router termination";
    }
    std::string operator()(DvmrpMessage const&) const { return "DVMRP message"; }
    std::string operator()(Other const&) const { return "IGMP message"; }
};

// What it says; stands behind the addresses.
struct Content {
    std::string operator()(Query const& query) const {
        std::string text = query.is_general() ? std::string{"general"} : to_string(query.group);
        if (!query.sources.empty()) {
            text += " " + addresses_text(query.sources);
        }
        auto const tenths = max_response_tenths(query);
        text += fmt::format(", answer within {}.{} s", tenths / 10, tenths % 10);
        if (query.version == 3) {
            text +=
                fmt::format(", robustness {}, interval {} s", query.qrv, decode_code(query.qqic));
        }
        return text + (query.suppress ? ", suppress" : "") + trailing_text(query.trailing_bytes);
    }
    std::string operator()(ReportV1 const& report) const { return to_string(report.group); }
    std::string operator()(ReportV2 const& report) const { return to_string(report.group); }
    std::string operator()(Leave const& leave) const { return to_string(leave.group); }
    std::string operator()(ReportV3 const& report) const {
        std::string const records =
            report.records.empty() ? "no records" : join(report.records, "; ", record_text);
        return records + trailing_text(report.trailing_bytes);
    }
    std::string operator()(RouterAdvertisement const& it) const {
        return fmt::format("every {} s, robustness {}, query interval {} s", it.interval,
                           it.robustness, it.query_interval);
    }
    std::string operator()(RouterSolicitation const&) const { return "where are the routers?"; }
    std::string operator()(RouterTermination const&) const { return "no router any more"; }
    std::string operator()(DvmrpMessage const& message) const {
        return fmt::format("code {}", message.code);
    }
    std::string operator()(Other const& message) const {
        return fmt::format("type {:#04x}", message.type);
    }
};

std::string igmp_text(Datagram const& datagram) {
    std::uint8_t const type = datagram.payload.empty() ? 0 : datagram.payload.front();
    if (type == k_type_dvmrp) {
        return dvmrp_text(datagram.ip, datagram.payload);
    }
    if (type == k_type_mtrace_request || type == k_type_mtrace_response) {
        return mtrace_text(datagram.ip, datagram.payload);
    }
    auto const message = decode_igmp(datagram.payload);
    if (!message) {
        return fmt::format("IGMP {}: {}", between(datagram.ip), name_of(message.error()));
    }
    std::string const title = std::visit(Title{}, *message);
    return title + " " + between(datagram.ip) + ": " + std::visit(Content{}, *message);
}

std::string icmp_text(Datagram const& datagram) {
    auto const echo = decode_icmp_echo(datagram.payload);
    if (!echo) {
        return fmt::format("ICMP {}: {}", between(datagram.ip), name_of(echo.error()));
    }
    return fmt::format("ICMP echo {} {}: identifier {}, sequence {}, {} bytes",
                       echo->type == IcmpType::echo_request ? "request" : "reply",
                       between(datagram.ip), echo->identifier, echo->sequence, echo->data.size());
}

std::string udp_text(Datagram const& datagram) {
    auto const& ip = datagram.ip;
    auto const udp = decode_udp(datagram.payload, ip.source, ip.destination);
    if (!udp) {
        return fmt::format("UDP {}: {}", between(ip), name_of(udp.error()));
    }
    return fmt::format("UDP {}:{} -> {}:{}: {} bytes, TTL {}", to_string(ip.source),
                       udp->source_port, to_string(ip.destination), udp->destination_port,
                       udp->data.size(), ip.ttl);
}

// `depth`: packets that are in others, and how deep.
std::string ipv4_text(Datagram const& datagram, int depth = 0);

std::string tunnel_text(Datagram const& datagram, int depth) {
    constexpr int k_deepest = 2;
    auto const ip = decode_ipv4(datagram.payload);
    std::string const head =
        fmt::format("tunnel {}, TTL {}: ", between(datagram.ip), datagram.ip.ttl);
    if (!ip) {
        return head + std::string{name_of(ip.error())};
    }
    if (depth == k_deepest) {
        return head + "and so on";
    }
    Datagram const inner{.ethernet = datagram.ethernet,
                         .ip = *ip,
                         .payload =
                             datagram.payload.subspan(ip->header_length, ip->payload_length())};
    return head + ipv4_text(inner, depth + 1);
}

std::string ipv4_text(Datagram const& datagram, int depth) {
    auto const& ip = datagram.ip;
    if (ip.is_fragment()) {
        return fmt::format("IPv4 fragment {}: protocol {}, id {}, bytes {} to {}{}, TTL {}",
                           between(ip), ip.protocol, ip.id, ip.fragment_offset,
                           ip.fragment_offset + ip.payload_length(),
                           ip.more_fragments ? "" : " (last)", ip.ttl);
    }
    switch (ip.protocol) {
    case k_protocol_igmp:
        return igmp_text(datagram);
    case k_protocol_icmp:
        return icmp_text(datagram);
    case k_protocol_udp:
        return udp_text(datagram);
    case k_protocol_ip_in_ip:
        return tunnel_text(datagram, depth);
    default:
        return fmt::format("IPv4 {}: protocol {}, {} bytes, TTL {}", between(ip), ip.protocol,
                           ip.payload_length(), ip.ttl);
    }
}

std::string arp_text(Bytes payload) {
    auto const arp = decode_arp(payload);
    if (!arp) {
        return fmt::format("ARP: {}", name_of(arp.error()));
    }
    if (arp->operation == ArpOperation::request) {
        return fmt::format("ARP request: who has {}? tell {} at {}", to_string(arp->target),
                           to_string(arp->sender), to_string(arp->sender_mac));
    }
    return fmt::format("ARP reply: {} is at {}", to_string(arp->sender),
                       to_string(arp->sender_mac));
}

} // namespace

std::string describe(Igmp const& message) {
    return std::visit(Title{}, message) + ": " + std::visit(Content{}, message);
}

std::string describe_frame(Bytes frame) {
    auto const ethernet = decode_ethernet(frame);
    if (!ethernet) {
        return fmt::format("frame of {} bytes: {}", frame.size(), name_of(ethernet.error()));
    }
    std::string const tag =
        ethernet->vlan ? fmt::format("VLAN {} ", *ethernet->vlan) : std::string{};
    if (ethernet->ether_type == k_ether_arp) {
        return tag + arp_text(frame.subspan(ethernet->size()));
    }
    if (ethernet->ether_type != k_ether_ipv4) {
        return tag + fmt::format("ether type {:#06x} {} -> {}: {} bytes", ethernet->ether_type,
                                 to_string(ethernet->source), to_string(ethernet->destination),
                                 frame.size());
    }
    auto const datagram = decode_datagram(frame);
    return tag + (datagram ? ipv4_text(*datagram)
                           : fmt::format("IPv4 of {} bytes: {}", frame.size(),
                                         name_of(datagram.error())));
}

} // namespace mcast::wire
