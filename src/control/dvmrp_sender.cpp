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
void DvmrpSender::send(dvmrp::ToSend const& message, TimePoint now) {
    IfIndex const interface = message.interface;
    Mac to{};
    if (!message.destination.is_multicast()) {
        auto const known = next_hop({interface, message.destination});
        if (!known) {
            counters_.add(Deed::dvmrp_unresolved, interface);
            if (interfaces_.config(interface).address.contains(message.destination)) {
                adjacency_.want(interface, message.destination, now);
            }
            return;
        }
        to = *known;
    }
    wire::Origin const origin{interfaces_.mac(interface), message.source, {}};
    bool const sent = injector_.transmit(interface, [&](wire::Writer& out) {
        bool const built = wire::build_dvmrp_frame(origin, message.destination, message.ttl,
                                                   message.message, out, to);
        wire::pad(out);
        return built && out.ok();
    });
    counters_.add(sent ? Deed::dvmrp_sent : Deed::dvmrp_unsent, interface);
}

void DvmrpSender::forget(IfIndex interface) {
    std::erase_if(learned_, [&](auto const& each) { return each.first.first == interface; });
}

} // namespace mcast::control
