#include "adjacency.h"

#include "mcast/base/log.h"

#include <algorithm>

namespace mcast::control {

namespace {

bool is_host_address(Ipv4Prefix const& subnet, Ipv4 address) {
    if (!subnet.contains(address) || address.is_unspecified() || address.is_multicast()) {
        return false;
    }
    // RFC 3021: a /31 has neither network nor broadcast address.
    return subnet.length >= 31 || (address != subnet.network() && address != subnet.broadcast());
}

timer::Key pack(IfIndex interface, Ipv4 address) {
    return (timer::Key{interface.value} << 32) | address.value;
}

} // namespace

Fate Adjacency::receive(IfIndex interface, ArpFrame const& frame, TimePoint now) {
    wire::ArpPacket const& packet = frame.packet;
    InterfaceConfig const& config = interfaces_.config(interface);
    bool const for_us = packet.target == config.address.address;
    if (packet.sender == config.address.address) {
        warn_of_conflict(interface, packet, now);
        return Fate::arp_conflict;
    }
    // RFC 5227: a probe has no sender address; it asks whether the target is in use.
    bool const probe = packet.sender.is_unspecified();
    if (!probe &&
        (!is_host_address(config.address, packet.sender) || packet.sender_mac.is_group())) {
        return Fate::arp_off_subnet;
    }
    if (packet.operation == wire::ArpOperation::request && for_us) {
        if (!probe) {
            learn(interface, packet, true, now);
        }
        return answer(interface, packet);
    }
    return probe ? Fate::arp_not_for_us : learn(interface, packet, for_us, now);
}

// Anybody can cause this, so it is logged at most once in ten seconds; the counter has them all.
void Adjacency::warn_of_conflict(IfIndex interface, wire::ArpPacket const& packet, TimePoint now) {
    if (!last_warning_ || now - *last_warning_ >= std::chrono::seconds{10}) {
        last_warning_ = now;
        log::line(log::Level::warning, "arp", "{} on {} uses our address {}",
                  to_string(packet.sender_mac), interfaces_.name(interface),
                  to_string(packet.sender));
    }
}

Neighbour& Adjacency::at(Key const& key, TimePoint due) {
    Neighbour& neighbour = table_[key];
    if (!neighbour.timer.rearm(due)) {
        neighbour.timer = wheel_.arm(due, pack(key.first, key.second));
    }
    return neighbour;
}

Fate Adjacency::answer(IfIndex interface, wire::ArpPacket const& request) {
    wire::Origin const origin{interfaces_.mac(interface), interfaces_.address(interface), {}};
    bool const sent = injector_.transmit(interface, [&](wire::Writer& out) {
        bool const built = wire::build_arp_frame(origin, wire::arp_reply(request, origin.mac), out);
        wire::pad(out);
        return built && out.ok();
    });
    return sent ? Fate::arp_answered : Fate::inject_full;
}

Fate Adjacency::learn(IfIndex interface, wire::ArpPacket const& packet, bool addressed_to_us,
                      TimePoint now) {
    auto const known = table_.find({interface, packet.sender});
    bool const announces = packet.sender == packet.target;
    if (known == table_.end()) {
        if (!addressed_to_us && !announces) {
            return Fate::arp_not_for_us;
        }
        if (table_.size() >= k_max_neighbours) {
            return Fate::neighbours_full;
        }
    }
    Neighbour& neighbour = at({interface, packet.sender}, now + k_lifetime);
    neighbour.mac = packet.sender_mac;
    neighbour.requests = 0;
    return Fate::arp_learned;
}

Fate Adjacency::receive(IfIndex interface, EchoFrame const& frame, TimePoint now) {
    // Whoever pings from a group, from nowhere or from ourselves gets no answer: it would not reach
    // one host, or loop.
    if (frame.ip.source.is_multicast() || frame.ip.source.is_unspecified() ||
        frame.ip.source.is_broadcast() || frame.ip.source.is_loopback() ||
        frame.source_mac.is_group() || interfaces_.is_own_address(frame.ip.source)) {
        return Fate::echo_bad_source;
    }
    if (!echo_allowed(now)) {
        return Fate::echo_policed;
    }
    // The address that was pinged answers, by way of the neighbour that brought the request.
    wire::Origin const origin{interfaces_.mac(interface), frame.ip.destination, {}};
    bool const sent = injector_.transmit(interface, [&](wire::Writer& out) {
        bool const built = wire::build_icmp_frame(origin, frame.source_mac, frame.ip.source,
                                                  wire::echo_reply(frame.echo), out);
        wire::pad(out);
        return built && out.ok();
    });
    return sent ? Fate::echo_answered : Fate::inject_full;
}

bool Adjacency::echo_allowed(TimePoint now) {
    if (now - echo_window_ >= std::chrono::seconds{1}) {
        echo_window_ = now;
        echoes_ = 0;
    }
    return ++echoes_ <= k_echoes_per_second;
}

bool Adjacency::want(IfIndex interface, Ipv4 address, TimePoint now) {
    Key const key{interface, address};
    if (!table_.contains(key) && table_.size() >= k_max_neighbours) {
        return false;
    }
    Neighbour& neighbour = at(key, now + k_retry);
    neighbour.wanted = true;
    ask(key, neighbour, now);
    return true;
}

void Adjacency::ask(Key const& key, Neighbour& neighbour, TimePoint now) {
    neighbour.timer.rearm(now + k_retry);
    if (!interfaces_.up(key.first)) {
        return; // link_changed() starts over
    }
    ++neighbour.requests;
    wire::Origin const origin{interfaces_.mac(key.first), interfaces_.address(key.first), {}};
    bool const sent = injector_.transmit(key.first, [&](wire::Writer& out) {
        bool const built = wire::build_arp_frame(
            origin, wire::arp_request(origin.mac, origin.address, key.second), out);
        wire::pad(out);
        return built && out.ok();
    });
    counters_.add(sent ? Deed::arp_requests_sent : Deed::arp_requests_unsent);
}

std::optional<Mac> Adjacency::mac_of(IfIndex interface, Ipv4 address) const {
    auto const found = table_.find({interface, address});
    return found == table_.end() ? std::nullopt : found->second.mac;
}

void Adjacency::link_changed(IfIndex interface, TimePoint now) {
    for (auto at = table_.begin(); at != table_.end();) {
        auto& [key, neighbour] = *at;
        if (key.first != interface) {
            ++at;
        } else if (!neighbour.wanted) {
            at = table_.erase(at);
        } else {
            neighbour.mac.reset();
            neighbour.requests = 0;
            ask(key, neighbour, now);
            ++at;
        }
    }
}

std::size_t Adjacency::expire(TimePoint now, std::size_t limit) {
    return wheel_.expire(now, limit, [&](timer::Key key) {
        expire_one(
            {IfIndex{static_cast<IfIndex::rep>(key >> 32)}, Ipv4{static_cast<std::uint32_t>(key)}},
            now);
    });
}

void Adjacency::expire_one(Key const& key, TimePoint now) {
    auto const found = table_.find(key);
    if (found == table_.end()) {
        return;
    }
    Neighbour& neighbour = found->second;
    if (!neighbour.wanted) {
        table_.erase(found);
    } else if (neighbour.requests >= k_max_requests) {
        // Not for ever: a router that comes back later is found again.
        counters_.add(Deed::neighbours_given_up);
        neighbour.mac.reset();
        neighbour.requests = 0;
        neighbour.timer.rearm(now + k_give_up_for);
    } else {
        ask(key, neighbour, now);
    }
}

} // namespace mcast::control
