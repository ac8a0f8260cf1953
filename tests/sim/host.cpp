#include "host.h"

#include "mcast/wire/datagram.h"

#include <utility>

namespace mcast::sim {

Host::Host(Ipv4Prefix address, std::uint8_t igmp_version, std::uint64_t seed)
    : address_(address),
      igmp_({.version = igmp_version}, {.address = address, .mac = mac_of(address.address)},
            {{Ipv4::of(232, 0, 0, 0), 8}}, seed) {}

void Host::join(Ipv4 group, TimePoint now) {
    groups_.insert(group);
    igmp_.want(group, {.any_source = true}, now);
}

void Host::join(FlowKey channel, TimePoint now) {
    groups_.insert(channel.group);
    igmp_.want(channel.group, {.include = {channel.source}}, now);
}

void Host::leave(Ipv4 group, TimePoint now) {
    groups_.erase(group);
    igmp_.want(group, {}, now);
}

void Host::send(Ipv4 group, std::uint64_t number, std::uint8_t ttl) {
    out_.push_back({{}, packet_of(data_frame({address_.address, group}, number, ttl))});
}

void Host::hear(Packet const& packet, TimePoint now) {
    if (auto const data = data_in(*packet.bytes)) {
        if (wants(data->flow.group)) {
            ++got_[data->number];
        }
        return;
    }
    auto const datagram = wire::decode_datagram(*packet.bytes);
    if (!datagram || datagram->ip.protocol != wire::k_protocol_igmp) {
        return;
    }
    igmp::HostOutput output;
    igmp_.receive({.source = datagram->ip.source,
                   .destination = datagram->ip.destination,
                   .ttl = datagram->ip.ttl,
                   .router_alert = wire::has_router_alert(datagram->ip.options),
                   .source_mac = datagram->ethernet.source,
                   .payload = datagram->payload},
                  now, output);
    take(output);
}

void Host::settle(TimePoint now) {
    igmp::HostOutput output;
    while (igmp_.expire(now, 64, output) != 0) {
        take(output);
    }
    take(output);
}

void Host::take(igmp::HostOutput& output) {
    for (igmp::ReportToSend const& it : output.reports) {
        out_.push_back({{}, packet_of(built([&](wire::Writer& out) {
                            return wire::build_igmp_frame({mac_of(it.source), it.source, {}},
                                                          it.destination, it.message, out);
                        }))});
    }
    output.clear();
}

} // namespace mcast::sim
