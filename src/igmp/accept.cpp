#include "accept.h"

#include <algorithm>
#include <optional>
#include <variant>

namespace mcast::igmp {

namespace {

using Refusal = std::optional<Counter>;

Counter counter_of(wire::IgmpError error) {
    switch (error) {
    case wire::IgmpError::bad_length:
        return &Counters::bad_length;
    case wire::IgmpError::bad_checksum:
        return &Counters::bad_checksum;
    case wire::IgmpError::bad_group:
        return &Counters::bad_group;
    case wire::IgmpError::malformed:
    case wire::IgmpError::count_:
        break;
    }
    return &Counters::malformed;
}

// Protocols that share the number with IGMP: theirs is every further judgement.
bool is_foreign(wire::Igmp const& message) {
    return std::holds_alternative<wire::DvmrpMessage>(message) ||
           std::holds_alternative<wire::Other>(message);
}

// IGMP-30, IGMP-31: a frame with our MAC was looped back; another MAC is somebody with our address.
Refusal judge_own(Received const& received, Ground const& ground) {
    if (!ground.own_source) {
        return std::nullopt;
    }
    bool const foreign_mac = ground.link.mac != Mac{} && received.source_mac != ground.link.mac;
    bool const ours_here = received.source == ground.link.address.address;
    return ours_here && foreign_mac ? &Counters::duplicate_address : &Counters::rx_own;
}

Refusal judge_source(Ipv4 source, bool is_query, Ground const& ground) {
    if (source.is_unspecified()) {
        // IGMP-21, IGMP-85: a snooping switch may speak so; no router does.
        return is_query && !ground.host ? Refusal{&Counters::proxy_queries} : std::nullopt;
    }
    if (!is_host_address(source, ground.link.address)) {
        return &Counters::bad_source;
    }
    bool const must_be_near = is_query || ground.config.verify_source_subnet;
    if (must_be_near && !ground.link.address.contains(source)) {
        return &Counters::off_subnet;
    }
    return std::nullopt;
}

// Which destination each message may have, besides our own address.
struct DestinationRule {
    Ipv4 destination;

    bool assigned() const {
        return destination == wire::k_all_systems || destination == wire::k_all_routers ||
               destination == wire::k_all_igmpv3_routers;
    }
    bool operator()(wire::Query const& query) const {
        return assigned() || (!query.is_general() && destination == query.group);
    }
    bool operator()(wire::ReportV1 const& report) const { return destination == report.group; }
    bool operator()(wire::ReportV2 const& report) const { return destination == report.group; }
    bool operator()(wire::Leave const& leave) const {
        return destination == wire::k_all_routers || destination == leave.group;
    }
    bool operator()(wire::ReportV3 const&) const {
        return destination == wire::k_all_igmpv3_routers;
    }
    bool operator()(wire::RouterAdvertisement const&) const {
        return destination == wire::k_all_snoopers;
    }
    bool operator()(wire::RouterSolicitation const&) const {
        return destination == wire::k_all_routers;
    }
    bool operator()(wire::RouterTermination const&) const {
        return destination == wire::k_all_snoopers;
    }
    bool operator()(wire::DvmrpMessage const&) const { return true; }
    bool operator()(wire::Other const&) const { return true; }
};

bool is_filtered(wire::Igmp const& message, InterfaceConfig const& config) {
    if (std::holds_alternative<wire::ReportV1>(message)) {
        return config.ignore_v1 || !config.compatibility;
    }
    if (std::holds_alternative<wire::ReportV2>(message) ||
        std::holds_alternative<wire::Leave>(message)) {
        return config.ignore_v2 || !config.compatibility;
    }
    return false;
}

// What the configuration asks of other routers besides.
Refusal judge_query(wire::Query const& query, Received const& received,
                    InterfaceConfig const& config) {
    auto const names = [&](Ipv4Prefix range) { return range.contains(received.source); };
    if (!config.queriers.empty() && !std::ranges::any_of(config.queriers, names)) {
        return &Counters::querier_denied;
    }
    bool const strict = config.strict_destination && query.is_general();
    return strict && received.destination != wire::k_all_systems
               ? Refusal{&Counters::bad_destination}
               : std::nullopt;
}

Refusal judge(wire::Igmp const& message, Received const& received, Ground const& ground) {
    if (auto const own = judge_own(received, ground)) {
        return own;
    }
    bool const is_query = std::holds_alternative<wire::Query>(message);
    if (auto const source = judge_source(received.source, is_query, ground)) {
        return source;
    }
    if (ground.config.require_router_alert && !received.router_alert) {
        return &Counters::no_router_alert;
    }
    bool const to_us = received.destination == ground.link.address.address;
    if (!to_us && !std::visit(DestinationRule{received.destination}, message)) {
        return &Counters::bad_destination;
    }
    if (is_filtered(message, ground.config)) {
        return &Counters::version_filtered;
    }
    auto const* const query = std::get_if<wire::Query>(&message);
    return query != nullptr ? judge_query(*query, received, ground.config) : std::nullopt;
}

struct Kind {
    Counter operator()(wire::Query const& query) const {
        if (!query.is_general()) {
            return query.sources.empty() ? &Counters::group_queries : &Counters::source_queries;
        }
        switch (query.version) {
        case 1:
            return &Counters::general_queries_v1;
        case 2:
            return &Counters::general_queries_v2;
        default:
            return &Counters::general_queries_v3;
        }
    }
    Counter operator()(wire::ReportV1 const&) const { return &Counters::reports_v1; }
    Counter operator()(wire::ReportV2 const&) const { return &Counters::reports_v2; }
    Counter operator()(wire::ReportV3 const&) const { return &Counters::reports_v3; }
    Counter operator()(wire::Leave const&) const { return &Counters::leaves; }
    Counter operator()(wire::RouterAdvertisement const&) const {
        return &Counters::router_advertisements;
    }
    Counter operator()(wire::RouterSolicitation const&) const {
        return &Counters::router_solicitations;
    }
    Counter operator()(wire::RouterTermination const&) const {
        return &Counters::router_terminations;
    }
    Counter operator()(wire::DvmrpMessage const&) const { return &Counters::dvmrp; }
    Counter operator()(wire::Other const& other) const {
        switch (other.type) {
        case 0x14:
            return &Counters::pim_v1;
        case 0x1e:
        case 0x1f:
            return &Counters::mtrace;
        default:
            return &Counters::unknown_type;
        }
    }
};

} // namespace

bool is_host_address(Ipv4 address, Ipv4Prefix const& link) {
    bool const class_d_or_e = (address.value >> 28) >= 0xe;
    // Neither end of the subnet is a host; the lower one would win every election.
    bool const subnet_end = !link.address.is_unspecified() && link.length <= 30 &&
                            (address == link.broadcast() || address == link.network());
    return !address.is_unspecified() && !address.is_loopback() && !class_d_or_e && !subnet_end;
}

std::expected<wire::Igmp, Counter> accept(Received const& received, Ground const& ground) {
    if (received.ttl != 1) {
        return std::unexpected(&Counters::bad_ttl);
    }
    if (!ground.enabled) {
        return std::unexpected(&Counters::not_enabled);
    }
    if (ground.config.passive && !ground.config.passive_receive) {
        return std::unexpected(&Counters::passive_unheard);
    }
    auto message = wire::decode_igmp(received.payload);
    if (!message) {
        return std::unexpected(counter_of(message.error()));
    }
    if (!is_foreign(*message)) {
        if (auto const refusal = judge(*message, received, ground)) {
            return std::unexpected(*refusal);
        }
    }
    return std::move(*message);
}

Counter kind_of(wire::Igmp const& message) {
    return std::visit(Kind{}, message);
}

} // namespace mcast::igmp
