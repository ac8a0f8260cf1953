#include "forge.h"

#include "frames.h"

#include "mcast/wire/checksum.h"
#include "mcast/wire/datagram.h"

#include <algorithm>
#include <array>
#include <cassert>

namespace mcast::gen {
namespace {

struct Kind {
    Forgery kind;
    std::string_view name;
    unsigned share; // of about a hundred
};

constexpr std::array<Kind, k_forgeries> k_kinds{{
    {Forgery::report_v1, "report-v1", 4},
    {Forgery::report_v2, "report-v2", 16},
    {Forgery::leave, "leave", 16},
    {Forgery::report_v3, "report-v3", 22},
    {Forgery::many_records, "many-records", 1},
    {Forgery::many_sources, "many-sources", 1},
    {Forgery::general_query, "general-query", 3},
    {Forgery::specific_query, "specific-query", 7},
    {Forgery::bad_checksum, "bad-checksum", 3},
    {Forgery::cut_short, "cut-short", 3},
    {Forgery::too_much, "too-much", 3},
    {Forgery::bad_group, "bad-group", 3},
    {Forgery::bad_ttl, "bad-ttl", 3},
    {Forgery::bad_source, "bad-source", 3},
    {Forgery::bad_destination, "bad-destination", 3},
    {Forgery::unknown_type, "unknown-type", 3},
    {Forgery::odd_query, "odd-query", 3},
    {Forgery::bad_header, "bad-header", 3},
}};

constexpr unsigned k_shares = [] {
    unsigned sum = 0;
    for (Kind const& each : k_kinds) {
        sum += each.share;
    }
    return sum;
}();

// What one frame of 1500 bytes holds behind an IPv4 header of 24.
constexpr std::size_t k_room = 1500 - 24;
constexpr std::size_t k_records = (k_room - 8) / 8;
constexpr std::size_t k_sources = (k_room - 16) / 4;
constexpr std::size_t k_checksum_at = 2;

// With a checksum that is right, whatever the rest is.
void seal(std::vector<std::uint8_t>& payload) {
    if (payload.size() < k_checksum_at + 2) {
        return;
    }
    payload[k_checksum_at] = payload[k_checksum_at + 1] = 0;
    std::uint16_t const sum = wire::internet_checksum(payload);
    payload[k_checksum_at] = static_cast<std::uint8_t>(sum >> 8);
    payload[k_checksum_at + 1] = static_cast<std::uint8_t>(sum);
}

} // namespace

std::string_view name_of(Forgery forgery) {
    auto const found = std::ranges::find(k_kinds, forgery, &Kind::kind);
    return found == k_kinds.end() ? "unknown" : found->name;
}

Forgery Forger::pick() {
    auto at = static_cast<unsigned>(random_.below(k_shares));
    for (Kind const& each : k_kinds) {
        if (at < each.share) {
            return each.kind;
        }
        at -= each.share;
    }
    return Forgery::report_v2;
}

Ipv4 Forger::within(Ipv4Prefix const& prefix) {
    std::uint64_t const size = std::uint64_t{1} << (32 - prefix.length);
    return Ipv4{prefix.network().value + static_cast<std::uint32_t>(random_.below(size))};
}

// Any address of the link but its two ends and the router's.
Ipv4 Forger::host() {
    for (;;) {
        Ipv4 const address = within(plan_.router);
        bool const end = address == plan_.router.network() || address == plan_.router.broadcast();
        if (!end && address != plan_.router.address) {
            return address;
        }
    }
}

Ipv4 Forger::group() {
    bool const victim = plan_.victims.length != 0 && random_.below(4) == 0;
    return within(victim ? plan_.victims : plan_.groups);
}

bool Forger::is_victim(Ipv4 group) const {
    return plan_.victims.length != 0 && plan_.victims.contains(group);
}

Ipv4 Forger::joined_group() {
    Ipv4 const any = group();
    return is_victim(any) ? Ipv4{any.value | 1U} : any;
}

Ipv4 Forger::source() {
    bool const victim = !plan_.victims_source.is_unspecified() && random_.below(4) == 0;
    return victim ? plan_.victims_source
                  : Ipv4{Ipv4::of(10, 0, 0, 0).value +
                         static_cast<std::uint32_t>(random_.below(1U << 24))};
}

wire::GroupRecord Forger::record(std::size_t most_sources) {
    wire::GroupRecord record{.type = static_cast<wire::RecordType>(1 + random_.below(6)),
                             .group = group()};
    if (is_victim(record.group) && record.group.value % 2 == 0) {
        record.type = random_.below(2) == 0 ? wire::RecordType::to_in : wire::RecordType::block;
    }
    std::size_t const count = random_.below(most_sources + 1);
    for (std::size_t n = 0; n < count; ++n) {
        record.sources.push_back(source());
    }
    return record;
}

wire::ReportV3 Forger::report(std::size_t records, std::size_t most_sources) {
    wire::ReportV3 report;
    for (std::size_t n = 0; n < records; ++n) {
        report.records.push_back(record(most_sources));
    }
    return report;
}

wire::Query Forger::query(bool general) {
    wire::Query query{.version = static_cast<std::uint8_t>(1 + random_.below(3))};
    query.max_resp_code =
        query.version == 1 ? std::uint8_t{0} : static_cast<std::uint8_t>(1 + random_.below(255));
    if (!general) {
        query.version = std::max<std::uint8_t>(query.version, 2);
        query.max_resp_code = std::max<std::uint8_t>(query.max_resp_code, 1);
        query.group = group();
    }
    if (query.version == 3) {
        query.suppress = random_.below(2) == 0;
        query.qrv = static_cast<std::uint8_t>(random_.below(8));
        query.qqic = static_cast<std::uint8_t>(random_.below(256));
        for (std::size_t n = general ? 0 : random_.below(8); n > 0; --n) {
            query.sources.push_back(source());
        }
    }
    return query;
}

// The malformed kinds begin as something well-formed.
wire::Igmp Forger::message(Forgery kind) {
    switch (kind) {
    case Forgery::report_v1:
        return wire::ReportV1{joined_group()};
    case Forgery::report_v2:
        return wire::ReportV2{joined_group()};
    case Forgery::leave:
        return wire::Leave{group()};
    case Forgery::many_records:
        return report(k_records, 0);
    case Forgery::many_sources: {
        auto one = record(0);
        while (one.sources.size() < k_sources) {
            one.sources.push_back(source());
        }
        return wire::ReportV3{.records = {std::move(one)}};
    }
    case Forgery::general_query:
        return query(true);
    case Forgery::specific_query:
        return query(false);
    case Forgery::bad_source:
    case Forgery::bad_ttl:
    case Forgery::bad_checksum:
    case Forgery::bad_destination:
        if (random_.below(3) == 0) {
            return query(random_.below(2) == 0);
        }
        break;
    default:
        break;
    }
    return report(1 + random_.below(3), 4);
}

Forger::Payload Forger::payload_of(wire::Igmp const& message) const {
    Payload payload(k_room);
    wire::Writer out(payload);
    [[maybe_unused]] bool const fits = wire::encode(message, out);
    assert(fits && "the counts above keep every message encodable");
    payload.resize(out.size());
    return payload;
}

// 9 to 11 bytes; version 1 for a group; sources of no group.
Forger::Payload Forger::odd_query() {
    Payload payload(12 + 8);
    payload[0] = 0x11;
    payload[1] = 100;
    switch (random_.below(3)) {
    case 0:
        payload.resize(9 + random_.below(3));
        break;
    case 1:
        payload.resize(8);
        payload[1] = 0;
        payload[4] = 239;
        break;
    default:
        payload[11] = 2;
        break;
    }
    seal(payload);
    return payload;
}

void Forger::claim_too_much(Payload& payload) {
    switch (random_.below(3)) {
    case 0: // records
        payload[6] = static_cast<std::uint8_t>(random_.below(256));
        payload[7] = 0xff;
        break;
    case 1: // sources of the last of one record
        payload[6] = 0;
        payload[7] = 1;
        payload[10] = payload[11] = 0xff;
        break;
    default: // auxiliary data of it
        payload[6] = 0;
        payload[7] = 1;
        payload[9] = 0xff;
        break;
    }
    seal(payload);
}

Ipv4 Forger::impossible_host() {
    std::array const all{Ipv4{},
                         Ipv4::of(8, 8, 8, 8),
                         Ipv4::of(1, 0, 0, 1),
                         Ipv4::of(127, 0, 0, 1),
                         Ipv4::of(224, 0, 0, 1),
                         Ipv4::of(255, 255, 255, 255),
                         plan_.router.network(),
                         plan_.router.broadcast(),
                         plan_.router.address};
    return all[random_.below(all.size())];
}

void Forger::spoil(Forgery kind, Payload& payload, Envelope& envelope) {
    constexpr std::array k_no_groups{Ipv4{}, Ipv4::of(192, 0, 2, 99), Ipv4::of(224, 0, 0, 251),
                                     Ipv4::of(255, 255, 255, 255), Ipv4::of(232, 0, 0, 0)};
    switch (kind) {
    case Forgery::bad_checksum:
        // Not the type: another protocol would count the message.
        payload[1 + random_.below(payload.size() - 1)] ^= 1U << random_.below(8);
        break;
    case Forgery::cut_short:
        payload.resize(random_.below(payload.size()));
        seal(payload);
        break;
    case Forgery::too_much:
        claim_too_much(payload);
        break;
    case Forgery::bad_group: {
        Ipv4 const none = k_no_groups[random_.below(k_no_groups.size())];
        payload = payload_of(random_.below(2) == 0 ? wire::Igmp{wire::ReportV2{none}}
                                                   : wire::Igmp{wire::Leave{none}});
        break;
    }
    case Forgery::bad_ttl:
        envelope.ttl = static_cast<std::uint8_t>(random_.below(2) == 0 ? 2 : 255);
        break;
    case Forgery::bad_source:
        envelope.source = impossible_host();
        break;
    case Forgery::bad_destination:
        envelope.destination = Ipv4::of(239, 255, 255, 250);
        break;
    case Forgery::unknown_type: {
        constexpr std::array<std::uint8_t, 6> k_types{0x14, 0x1e, 0x1f, 0x33, 0x99, 0xf5};
        payload[0] = k_types[random_.below(k_types.size())];
        seal(payload);
        break;
    }
    case Forgery::odd_query:
        payload = odd_query();
        break;
    default:
        break;
    }
}

void Forger::build(Envelope const& envelope, Payload const& payload) {
    frame_.assign(wire::k_ethernet_size + wire::k_ipv4_max_size + k_room, 0);
    wire::Writer out(frame_);
    wire::Ipv4Header ip;
    ip.tos = wire::k_tos_internetwork_control;
    ip.ttl = envelope.ttl;
    ip.protocol = wire::k_protocol_igmp;
    ip.source = envelope.source;
    ip.destination = envelope.destination;
    ip.options = wire::k_router_alert;
    [[maybe_unused]] bool const built =
        wire::build_ipv4_frame({.source = mac_of(host())}, ip, payload, out);
    assert(built && "a payload is never longer than the room for it");
    frame_.resize(std::max(out.size(), wire::k_min_frame));
}

Forger::Forged Forger::next() {
    Forgery const kind = pick();
    wire::Igmp const what = message(kind);
    Payload payload = payload_of(what);
    Envelope envelope{.source = host(), .destination = wire::usual_destination(what)};
    spoil(kind, payload, envelope);
    build(envelope, payload);
    if (kind == Forgery::bad_header) {
        std::size_t const ip = wire::k_ethernet_size;
        std::array<std::size_t, 4> const fields{0, 2, 10, 12}; // length, total, checksum, source
        frame_[ip + fields[random_.below(fields.size())]] ^= 1U << random_.below(8);
    }
    return {kind, frame_};
}

} // namespace mcast::gen
