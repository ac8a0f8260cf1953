#include "dvmrp_sender.h"

#include "mcast/wire/datagram.h"

namespace mcast::control {

void DvmrpSender::begin_answers(IfIndex interface, DvmrpFrame const& frame) {
    if (frame.source_mac.is_group()) {
        return;
    }
    Key const key{interface, frame.ip.source};
    asker_ = {key, frame.source_mac};
    if (!interfaces_.config(interface).address.contains(frame.ip.source)) {
        return; // its MAC is another router's
    }
    // Who makes up addresses fills the table; then neighbours speak again within seconds.
    if (learned_.size() >= k_max_learned && !learned_.contains(key)) {
        learned_.clear();
    }
    learned_[key] = frame.source_mac;
}

std::optional<Mac> DvmrpSender::next_hop(Key const& key) const {
    if (auto const known = adjacency_.mac_of(key.first, key.second)) {
        return known;
    }
    if (asker_ && asker_->first == key) {
        return asker_->second;
    }
    auto const at = learned_.find(key);
    return at != learned_.end() ? std::optional{at->second} : std::nullopt;
}

// Without a next hop the neighbour is asked for; the protocol says all again that matters.
std::optional<Mac> DvmrpSender::resolve(IfIndex interface, Ipv4 next_hop, TimePoint now) {
    if (auto const known = this->next_hop({interface, next_hop})) {
        return known;
    }
    counters_.add(Deed::dvmrp_unresolved, interface);
    if (interfaces_.config(interface).address.contains(next_hop)) {
        adjacency_.want(interface, next_hop, now);
    }
    return std::nullopt;
}

std::optional<Mac> DvmrpSender::resolve(IfIndex tunnel) {
    auto const known = interfaces_.next_hop(tunnel);
    if (!known) {
        counters_.add(Deed::dvmrp_unresolved, tunnel);
    }
    return known;
}

template <class Build>
void DvmrpSender::transmit(IfIndex interface, Build build) {
    bool const sent = injector_.transmit(interface, [&](wire::Writer& out) {
        bool const built = build(out);
        wire::pad(out);
        return built && out.ok();
    });
    counters_.add(sent ? Deed::dvmrp_sent : Deed::dvmrp_unsent, interface);
}

// There is nobody else at the other end, so what is for all routers is for that one.
void DvmrpSender::send_through(dvmrp::ToSend const& message) {
    IfIndex const tunnel = message.interface;
    TunnelConfig const& config = *interfaces_.config(tunnel).tunnel;
    auto const to = resolve(tunnel);
    if (!to) {
        return;
    }
    wire::Origin const origin{interfaces_.mac(tunnel), message.source, {}};
    bool const to_all = message.destination.is_multicast();
    transmit(tunnel, [&](wire::Writer& out) {
        if (to_all && !config.control_beside) {
            return wire::build_tunnelled_dvmrp_frame(
                origin, config.remote, config.ttl, message.destination, message.message, out, *to);
        }
        return wire::build_dvmrp_frame(origin, to_all ? config.remote : message.destination,
                                       config.ttl, message.message, out, *to);
    });
}

void DvmrpSender::send(dvmrp::ToSend const& message, TimePoint now) {
    if (interfaces_.is_tunnel(message.interface)) {
        send_through(message);
        return;
    }
    Mac to{};
    if (!message.destination.is_multicast()) {
        auto const known = resolve(message.interface, message.destination, now);
        if (!known) {
            return;
        }
        to = *known;
    }
    wire::Origin const origin{interfaces_.mac(message.interface), message.source, {}};
    transmit(message.interface, [&](wire::Writer& out) {
        return wire::build_dvmrp_frame(origin, message.destination, message.ttl, message.message,
                                       out, to);
    });
}

void DvmrpSender::send(dvmrp::TraceToSend const& message, TimePoint now) {
    std::optional<Mac> to;
    std::uint8_t ttl = message.ttl;
    if (interfaces_.is_tunnel(message.interface)) {
        to = resolve(message.interface);
        ttl = interfaces_.config(message.interface).tunnel->ttl;
    } else if (!message.next_hop.is_unspecified()) {
        to = resolve(message.interface, message.next_hop, now);
    } else if (asker_ && asker_->first.first == message.interface) {
        to = asker_->second;
    }
    if (!to) {
        return;
    }
    wire::Origin const origin{interfaces_.mac(message.interface), message.source, {}};
    transmit(message.interface, [&](wire::Writer& out) {
        return wire::build_mtrace_frame(origin, message.destination, ttl, message.trace, out, *to);
    });
}

void DvmrpSender::forget(IfIndex interface) {
    std::erase_if(learned_, [&](auto const& each) { return each.first.first == interface; });
}

} // namespace mcast::control
