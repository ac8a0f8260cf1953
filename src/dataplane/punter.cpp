#include "punter.h"

#include "link_header.h"
#include "mbuf_tools.h"

#include <algorithm>
#include <cstring>

namespace mcast::dataplane {

namespace {

using handoff::Drop;
using handoff::PuntClass;

struct Refusals {
    Drop policed;
    Drop full;
};

constexpr std::array<Refusals, handoff::k_punt_classes> k_refusals{{
    {Drop::dvmrp_policed, Drop::dvmrp_full},
    {Drop::igmp_policed, Drop::igmp_full},
    {Drop::miss_policed, Drop::miss_full},
    {Drop::host_policed, Drop::host_full},
    {Drop::query_policed, Drop::query_full},
}};
static_assert(static_cast<std::size_t>(PuntClass::query) == 4, "the order of k_refusals");

// The addresses, then everything behind the tag, up to `end`.
void copy_untagged(rte_mbuf const* frame, std::uint32_t tag_bytes, std::uint32_t end,
                   std::uint8_t* to) {
    constexpr std::uint32_t k_addresses = 12;
    std::uint32_t at = 0;
    for (rte_mbuf const* segment = frame; segment != nullptr && at < end; segment = segment->next) {
        auto const* const data = rte_pktmbuf_mtod(segment, std::uint8_t const*);
        std::uint32_t const stop = std::min<std::uint32_t>(at + segment->data_len, end);
        // The segment covers [at, stop) of the frame; the tag is [12, 12 + tag_bytes).
        std::uint32_t const before = std::clamp(k_addresses, at, stop) - at;
        std::uint32_t const behind = std::clamp(k_addresses + tag_bytes, at, stop) - at;
        std::memcpy(to, data, before);
        std::memcpy(to + before, data + behind, stop - at - behind);
        to += before + (stop - at - behind);
        at = stop;
    }
}

} // namespace

Punter::Punter(handoff::WorkerChannel& channel, PuntLimits const& limits,
               std::span<PuntLimits const> by_port, std::uint64_t cycles_per_second)
    : channel_(channel) {
    for (std::size_t port = 0; port < policers_.size(); ++port) {
        PuntLimits const& here = port < by_port.size() ? by_port[port] : limits;
        PerClass& fresh = policers_[port];
        fresh[static_cast<std::size_t>(PuntClass::dvmrp)] = {here.dvmrp, cycles_per_second};
        fresh[static_cast<std::size_t>(PuntClass::igmp)] = {here.igmp, cycles_per_second};
        fresh[static_cast<std::size_t>(PuntClass::miss)] = {here.miss, cycles_per_second};
        fresh[static_cast<std::size_t>(PuntClass::host)] = {here.host, cycles_per_second};
        fresh[static_cast<std::size_t>(PuntClass::query)] = {here.query, cycles_per_second};
        alert_policers_[port] = {here.alerts, cycles_per_second};
    }
}

Drop Punter::punt(rte_mbuf const* frame, Verdict const& verdict, PuntClass to, PortId port,
                  std::uint64_t now) {
    auto const which = static_cast<std::size_t>(to);
    if (!policers_[port.index()][which].passes(now)) {
        return k_refusals[which].policed;
    }
    std::uint32_t const end = verdict.total_length == 0
                                  ? frame->pkt_len
                                  : std::uint32_t{verdict.link_length} + verdict.total_length;
    std::uint32_t const tag_bytes = std::uint32_t{verdict.link_length} - k_ethernet_bytes;
    handoff::FrameQueue& queue = channel_.punt(to);
    if (end - tag_bytes > queue.slot_bytes()) {
        return Drop::punt_too_long;
    }
    handoff::Frame* const slot = queue.acquire();
    if (slot == nullptr) {
        return k_refusals[which].full;
    }
    copy_untagged(frame, tag_bytes, end, slot->storage.data());
    slot->length = end - tag_bytes;
    slot->interface = verdict.arrival;
    queue.push(slot);
    return Drop::none;
}

void Punter::alert(rte_mbuf const* frame, Verdict const& verdict, PortId port,
                   handoff::InterfaceCounters& arrival, std::uint64_t now) {
    if (!alert_policers_[port.index()].passes(now)) {
        arrival.alerts_policed.add(1);
        return;
    }
    handoff::Frame* const slot = channel_.alerts.acquire();
    if (slot == nullptr) {
        arrival.alerts_full.add(1);
        return;
    }
    std::uint32_t const tag_bytes = std::uint32_t{verdict.link_length} - k_ethernet_bytes;
    std::uint32_t const end = std::min<std::uint32_t>(
        std::uint32_t{verdict.link_length} + verdict.total_length,
        static_cast<std::uint32_t>(channel_.alerts.slot_bytes()) + tag_bytes);
    copy_untagged(frame, tag_bytes, end, slot->storage.data());
    slot->length = end - tag_bytes;
    slot->interface = verdict.arrival;
    channel_.alerts.push(slot);
    arrival.alerts.add(1);
}

} // namespace mcast::dataplane
