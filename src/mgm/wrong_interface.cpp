// Wrong-interface alerts (RFC 2715 rule 2): who asked for them, and which packets are worth one.
#include "core.h"

#include "mcast/handoff/worker_channel.h"

#include <algorithm>
#include <memory>
#include <new>
#include <utility>

namespace mcast::mgm {

namespace {

// News that waits. Beyond that alerts, which come as fast as others send, are not queued.
constexpr std::size_t k_most_waiting = 4096;

} // namespace

Result<> Core::set_wrong_interface_alerts(ClientSerial client, InterfaceRef ref,
                                          std::uint64_t lease, bool on) {
    if (auto free = not_from_question(); !free) {
        return free;
    }
    if (!ref.next_hop.is_unspecified()) {
        return failure(MgmError::cannot_complete,
                       "alerts for one link of a point-to-multipoint interface are not supported: "
                       "the data path does not tell its links apart");
    }
    ownership.set_alerts(client, ref, lease, on);
    hearer_changes(ref);
    return {};
}

// Who may have come, gone, or changed their mind: what is queued for anybody else is not told.
void Core::hearer_changes(InterfaceRef ref) {
    if (!ref.next_hop.is_unspecified()) {
        return;
    }
    Seat const* const hearer = ownership.hearer(ref);
    news.forget_wrong_interface(ref, hearer == nullptr ? k_nobody : hearer->client);
    if (hearer != nullptr) {
        alerting.insert(ref.index);
    } else {
        alerting.erase(ref.index);
    }
}

AlertResult Core::wrong_interface(FlowKey key, IfIndex arrived_on,
                                  std::span<std::uint8_t const> packet) {
    InterfaceRef const ref{arrived_on, {}};
    Seat const* const hearer =
        arrived_on.index() < k_max_interfaces ? ownership.hearer(ref) : nullptr;
    StoredEntry const* const entry = std::as_const(store).find(key);
    // Since the worker saw the packet the lease may have ended, or the flow may have moved here.
    if (hearer == nullptr || entry == nullptr || entry->arrival.index == arrived_on) {
        ++counters.wrong_interface_stale;
        return AlertResult::stale;
    }
    try {
        auto const head = packet.first(std::min(packet.size(), handoff::k_alert_packet_bytes));
        auto copy = std::make_shared<std::vector<std::uint8_t> const>(head.begin(), head.end());
        news.make_room(1);
        if (news.size() < k_most_waiting && recent_alerts.admit(hearer->lease, key, now)) {
            news.push({hearer->client,
                       NewsItem::Kind::wrong_interface,
                       MembershipKey::of(key),
                       ref,
                       {},
                       {},
                       0,
                       std::move(copy)});
            return AlertResult::queued;
        }
    } catch (std::bad_alloc const&) {
        ++counters.out_of_memory;
    }
    ++counters.wrong_interface_suppressed;
    return AlertResult::suppressed;
}

} // namespace mcast::mgm
