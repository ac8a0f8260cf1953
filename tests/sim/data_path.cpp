#include "data_path.h"

#include "mcast/dataplane/forward.h"
#include "mcast/wire/be.h"
#include "mcast/wire/checksum.h"

#include <algorithm>
#include <utility>

namespace mcast::sim {

using dataplane::Action;
using dataplane::Verdict;
using handoff::Drop;
using handoff::PuntClass;

namespace {

Bytes rewritten(Bytes const& frame, Mac const& source) {
    Bytes result = frame;
    std::ranges::copy(source.bytes, result.begin() + 6);
    std::uint8_t* const ip = result.data() + 14;
    auto const before = wire::load_be16(ip + 8);
    ip[8] = static_cast<std::uint8_t>(ip[8] - 1); // TTL
    wire::store_be16(
        ip + 10, wire::updated_checksum(wire::load_be16(ip + 10), before, wire::load_be16(ip + 8)));
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
            Mac const& mac = interfaces.interfaces[i.index()].mac;
            auto bytes = std::make_shared<Bytes const>(rewritten(*packet.bytes, mac));
            out.push_back({i, {std::move(bytes), trail}});
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
                out.push_back({frame->interface, std::move(packet)});
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
