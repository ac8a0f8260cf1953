#include "frames.h"

#include "stamp.h"

#include "mcast/wire/datagram.h"

#include <algorithm>
#include <cassert>

namespace mcast::gen {
namespace {

constexpr std::size_t k_igmp_room = 2048;

std::vector<std::uint8_t> finished(std::vector<std::uint8_t> frame, std::size_t size) {
    frame.resize(std::max(size, wire::k_min_frame));
    return frame;
}

wire::RecordType record_type(Action action) {
    switch (action) {
    case Action::join:
    case Action::exclude:
        return wire::RecordType::to_ex;
    case Action::leave:
    case Action::include:
        return wire::RecordType::to_in;
    case Action::allow:
        return wire::RecordType::allow;
    case Action::block:
        return wire::RecordType::block;
    }
    return wire::RecordType::to_in;
}

// Damages a finished frame; checksums are not mended, that is the point.
void damage(std::vector<std::uint8_t>& frame, std::size_t ip_at, Fault fault) {
    std::size_t const udp_at = ip_at + wire::k_ipv4_size;
    switch (fault) {
    case Fault::none:
        break;
    case Fault::ip_checksum:
        frame[ip_at + 10] ^= 0xff;
        break;
    case Fault::udp_checksum:
        frame[udp_at + 6] ^= 0xff;
        break;
    case Fault::payload:
        frame[udp_at + wire::k_udp_size + k_stamp_size - 1] ^= 0xff;
        break;
    }
}

} // namespace

Mac mac_of(Ipv4 host) {
    auto const byte = [&](int shift) { return static_cast<std::uint8_t>(host.value >> shift); };
    return {{0x02, 0x00, byte(24), byte(16), byte(8), byte(0)}};
}

std::vector<std::uint8_t> flow_frame(Flow const& flow, std::uint64_t sequence, Duration sent) {
    std::vector<std::uint8_t> payload(flow.size);
    write_stamp({flow.id, sequence, sent.count()}, payload);

    wire::Origin const from{mac_of(flow.source), flow.source, flow.vlan};
    wire::Ipv4Header ip;
    ip.id = static_cast<std::uint16_t>(sequence);
    ip.dont_fragment = flow.dont_fragment;
    ip.ttl = flow.ttl;
    ip.destination = flow.group;

    std::size_t const header_room =
        wire::k_ethernet_size + wire::k_vlan_tag_size + wire::k_ipv4_size + wire::k_udp_size;
    std::vector<std::uint8_t> frame(std::max(header_room + flow.size, wire::k_min_frame));
    wire::Writer out(frame);
    [[maybe_unused]] bool const fits =
        wire::build_udp_frame(from, ip, {flow.source_port, flow.destination_port, payload}, out);
    assert(fits && "the scenario's bounds keep every flow encodable");
    damage(frame, wire::k_ethernet_size + (flow.vlan ? wire::k_vlan_tag_size : 0), flow.fault);
    return finished(std::move(frame), out.size());
}

wire::Igmp igmp_message(Conversation const& spoken) {
    if (spoken.version == 1) {
        return wire::ReportV1{spoken.group};
    }
    if (spoken.version == 2) {
        return spoken.action == Action::leave ? wire::Igmp{wire::Leave{spoken.group}}
                                              : wire::Igmp{wire::ReportV2{spoken.group}};
    }
    wire::GroupRecord record;
    record.type = record_type(spoken.action);
    record.group = spoken.group;
    record.sources = spoken.sources;
    return wire::ReportV3{.records = {std::move(record)}};
}

std::vector<std::uint8_t> igmp_frame(Conversation const& spoken) {
    std::vector<std::uint8_t> frame(k_igmp_room);
    wire::Writer out(frame);
    [[maybe_unused]] bool const fits = wire::build_igmp_frame(
        {mac_of(spoken.host), spoken.host, spoken.vlan}, igmp_message(spoken), out);
    assert(fits && "the scenario's bounds keep every message encodable");
    return finished(std::move(frame), out.size());
}

} // namespace mcast::gen
