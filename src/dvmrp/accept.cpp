#include "accept.h"

#include <algorithm>
#include <optional>

namespace mcast::dvmrp {

namespace {

using wire::dvmrp::Error;
using Refusal = std::optional<Counter>;

Counter counter_of(Error error) {
    switch (error) {
    case Error::too_short:
        return &Counters::too_short;
    case Error::not_dvmrp:
        return &Counters::not_dvmrp;
    case Error::bad_checksum:
        return &Counters::bad_checksum;
    case Error::old_version:
        return &Counters::old_version;
    case Error::obsolete_code:
        return &Counters::obsolete_code;
    case Error::vendor_code:
        return &Counters::vendor_code;
    case Error::unknown_code:
        return &Counters::unknown_code;
    case Error::bad_source:
    case Error::bad_group:
    case Error::bad_lifetime:
        return &Counters::bad_pair;
    case Error::bad_length:
    case Error::bad_mask:
    case Error::bad_route:
    case Error::unclosed_routes:
    case Error::count_:
        break;
    }
    return &Counters::malformed;
}

bool is_subnet_end(Ipv4 address, Ipv4Prefix subnet) {
    return subnet.length <= 30 && subnet.contains(address) &&
           (address == subnet.network() || address == subnet.broadcast());
}

// V7.
Refusal judge_source(Ipv4 source, Ground const& ground) {
    if (ground.own_source) {
        return &Counters::own;
    }
    if (!is_host_address(source, ground.link)) {
        return &Counters::bad_source;
    }
    if (!is_on_link(source, ground.link)) {
        return &Counters::not_on_link;
    }
    return is_permitted(source, ground.config) ? std::nullopt : Refusal{&Counters::not_permitted};
}

// V3 to V5, and the TTL (DEC-2).
Refusal judge_packet(Received const& received, Ground const& ground) {
    constexpr std::uint8_t k_type = 0x13;
    if (received.payload.size() < wire::dvmrp::k_header_size) {
        return &Counters::too_short;
    }
    if (received.payload.front() != k_type) {
        return &Counters::not_dvmrp;
    }
    bool const multicast = received.destination == wire::dvmrp::k_all_routers;
    if (!multicast && received.destination != ground.link.address.address) {
        return &Counters::bad_destination;
    }
    if (!ground.enabled || ground.config.force_leaf) {
        return &Counters::not_enabled;
    }
    if (multicast && ground.config.strict_ttl && received.ttl != 1) {
        return &Counters::bad_ttl;
    }
    return std::nullopt;
}

} // namespace

bool is_on_link(Ipv4 address, Link const& link) {
    if (!link.remote.is_unspecified()) {
        return address == link.remote;
    }
    return link.address.contains(address) ||
           std::ranges::any_of(link.other_subnets,
                               [&](Ipv4Prefix subnet) { return subnet.contains(address); });
}

bool is_host_address(Ipv4 address, Link const& link) {
    bool const class_d_or_e = (address.value >> 28) >= 0xe;
    bool const end = is_subnet_end(address, link.address) ||
                     std::ranges::any_of(link.other_subnets, [&](Ipv4Prefix subnet) {
                         return is_subnet_end(address, subnet);
                     });
    return !address.is_unspecified() && !address.is_loopback() && !class_d_or_e && !end;
}

bool is_permitted(Ipv4 address, InterfaceConfig const& config) {
    auto const& permitted = config.accept_neighbors;
    return permitted.empty() || std::ranges::any_of(permitted, [&](Ipv4Prefix prefix) {
               return prefix.contains(address);
           });
}

std::expected<wire::dvmrp::Message, Counter> accept(Received const& received,
                                                    Ground const& ground) {
    if (auto const refusal = judge_packet(received, ground)) {
        return std::unexpected(*refusal);
    }
    auto const header = wire::dvmrp::decode_header(received.payload);
    if (!header) {
        return std::unexpected(counter_of(header.error()));
    }
    if (auto const refusal = judge_source(received.source, ground)) {
        return std::unexpected(*refusal);
    }
    auto body = wire::dvmrp::decode_body(*header, received.payload);
    if (!body) {
        return std::unexpected(counter_of(body.error()));
    }
    return wire::dvmrp::Message{
        .capabilities = header->capabilities, .version = header->version, .body = std::move(*body)};
}

} // namespace mcast::dvmrp
