#include "data_path.h"

#include "mcast/dataplane/forward.h"
#include "mcast/dataplane/tunnel.h"

#include <algorithm>
#include <utility>

namespace mcast::sim {

using dataplane::Action;
using dataplane::Verdict;
using handoff::Drop;
using handoff::PuntClass;

namespace {

// What a tunnel carries, with the Ethernet header before it.
Bytes taken_out(Bytes const& frame, Verdict const& outer) {
    Bytes result(frame.begin(), frame.begin() + 14);
    auto const at = [&](std::size_t offset) {
        return frame.begin() + static_cast<std::ptrdiff_t>(offset);
    };
    std::size_t const start = std::size_t{outer.link_length} + outer.header_length;
    result.insert(result.end(), at(start), at(std::size_t{outer.link_length} + outer.total_length));
    return result;
}

Bytes put_in(Bytes const& frame, handoff::Tunnel const& tunnel) {
    Bytes result(frame.begin(), frame.begin() + 14);
    std::ranges::copy(tunnel.next_hop->bytes, result.begin());
    result.resize(14 + dataplane::k_outer_bytes);
    dataplane::write_outer(result.data() + 14, tunnel, frame.data() + 14, 0);
    result.insert(result.end(), frame.begin() + 14, frame.end());
    return result;
}

} // namespace

void DataPath::receive(IfIndex on, Packet const& packet) {
    counters(on).received.add(1);
    judge(on, packet, Origin::received);
}

void DataPath::judge(IfIndex on, Packet const& packet, Origin origin) {
    Verdict const verdict = dataplane::classify_on({*packet.bytes, packet.bytes->size()}, on,
                                                   shared_.interfaces.current());
    if (verdict.action == Action::decapsulate) {
        auto inner = std::make_shared<Bytes const>(taken_out(*packet.bytes, verdict));
        return judge(verdict.arrival, {std::move(inner), packet.trail}, origin);
    }
    if (verdict.action == Action::drop) {
        counters(on).drops[static_cast<std::size_t>(verdict.drop)].add(1);
        return;
    }
    if (verdict.action == Action::punt) {
        punt(packet, verdict, verdict.punt);
        return;
    }
    if (handoff::Entry const* const entry = shared_.table.find(verdict.key)) {
        forward(packet, verdict, *entry);
    } else if (origin == Origin::received) {
        punt(packet, verdict, PuntClass::miss);
    } else {
        counters(on).drops[static_cast<std::size_t>(Drop::reinject_miss)].add(1);
    }
}

void DataPath::punt(Packet const& packet, Verdict const& verdict, PuntClass to) {
    handoff::FrameQueue& queue = shared_.workers.front()->punt(to);
    handoff::Frame* const slot = queue.acquire();
    if (slot == nullptr) { // larger than any burst of a network here, so that none is lost unseen
        throw std::runtime_error("a router of the network has its queues full");
    }
    std::ranges::copy(*packet.bytes, slot->storage.begin());
    slot->length = std::uint32_t{verdict.link_length} + verdict.total_length;
    if (verdict.total_length == 0) {
        slot->length = static_cast<std::uint32_t>(packet.bytes->size());
    }
    slot->interface = verdict.arrival;
    queue.push(slot);
    counters(verdict.arrival).punted[static_cast<std::size_t>(to)].add(1);
    if (to == PuntClass::miss && packet.trail != nullptr) {
        if (auto const data = data_in(*packet.bytes)) {
            parked_[data->number] = packet.trail;
        }
    }
}

void DataPath::forward(Packet const& packet, Verdict const& verdict, handoff::Entry const& entry) {
    auto const& interfaces = shared_.interfaces.current();
    dataplane::Outputs const outputs =
        dataplane::forward(entry, interfaces, verdict.arrival, verdict.ttl);
    handoff::EntryCounters& of_entry = entry.counters[0];
    if (outputs.drop == Drop::none) {
        loops += passed(packet.trail, router_) ? 1 : 0;
        counters(verdict.arrival).forwarded.add(1);
        of_entry.packets.add(1);
        of_entry.bytes.add(verdict.total_length);
        auto const trail = std::make_shared<Step const>(router_, packet.trail);
        outputs.to.for_each([&](IfIndex i) {
            handoff::Interface const& to = interfaces.interfaces[i.index()];
            Bytes bytes = rewritten(*packet.bytes, to.mac);
            std::ranges::copy(Mac::of_group(verdict.key.group).bytes, bytes.begin());
            if (to.tunnel && !to.tunnel->next_hop) {
                counters(i)
                    .copy_drops[static_cast<std::size_t>(handoff::CopyDrop::no_next_hop)]
                    .add(1);
                return;
            }
            if (to.tunnel) {
                bytes = put_in(bytes, *to.tunnel);
            }
            out.push_back({port_of(i), {std::make_shared<Bytes const>(std::move(bytes)), trail}});
        });
        return;
    }
    if (outputs.drop == Drop::wrong_interface) {
        of_entry.wrong_interface.add(1);
        if (interfaces.alerting.contains(verdict.arrival)) {
            alert(packet, verdict.arrival);
        }
    } else if (outputs.drop == Drop::ttl_expired) {
        of_entry.ttl_expired.add(1);
    } else {
        of_entry.dropped.add(1);
        unwanted.push_back(verdict.key);
    }
    counters(verdict.arrival).drops[static_cast<std::size_t>(outputs.drop)].add(1);
}

IfIndex DataPath::port_of(IfIndex interface) const {
    auto const& tunnel = shared_.interfaces.current().interfaces[interface.index()].tunnel;
    return tunnel ? tunnel->over : interface;
}

void DataPath::alert(Packet const& packet, IfIndex arrival) {
    handoff::FrameQueue& queue = shared_.workers.front()->alerts;
    handoff::Frame* const slot = queue.acquire();
    if (slot == nullptr) {
        counters(arrival).alerts_full.add(1);
        return;
    }
    std::size_t const length = std::min(packet.bytes->size(), queue.slot_bytes());
    std::copy_n(packet.bytes->begin(), length, slot->storage.begin());
    slot->length = static_cast<std::uint32_t>(length);
    slot->interface = arrival;
    queue.push(slot);
    counters(arrival).alerts.add(1);
}

bool DataPath::take_injections() {
    handoff::FrameQueue& queue = shared_.workers.front()->inject;
    bool any = false;
    while (handoff::Frame* const frame = queue.pop()) {
        any = true;
        Packet packet = packet_of({frame->bytes().begin(), frame->bytes().end()});
        if (frame->injection == handoff::Injection::transmit) {
            if (shared_.interfaces.current().up.contains(frame->interface)) {
                out.push_back({port_of(frame->interface), std::move(packet)});
            }
        } else {
            if (auto const data = data_in(*packet.bytes)) {
                if (auto const it = parked_.find(data->number); it != parked_.end()) {
                    packet.trail = it->second;
                    parked_.erase(it);
                }
            }
            judge(frame->interface, packet, Origin::reinjected);
        }
        queue.release(frame);
    }
    if (parked_.size() > 256) { // of packets that control refused
        parked_.clear();
    }
    return any;
}

} // namespace mcast::sim
