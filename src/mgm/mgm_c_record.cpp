#include "mgm_c_record.h"

#include "mgm_c_words.h"

#include <algorithm>
#include <cstring>
#include <type_traits>
#include <utility>

namespace mcast::mgm::c {

namespace {

using Hundredths = std::chrono::duration<std::int64_t, std::centi>;

template <class Unit>
ULONG rounded_down(Duration time) {
    return static_cast<ULONG>(std::chrono::floor<Unit>(std::max(time, Duration::zero())).count());
}
template <class Unit>
ULONG rounded_up(Duration time) {
    return static_cast<ULONG>(std::chrono::ceil<Unit>(std::max(time, Duration::zero())).count());
}

// What all three records begin with.
template <class Record>
Record begun(ForwardingEntry const& entry) {
    Record r{};
    r.dwGroup = to_c(entry.key.group);
    r.dwSource = to_c(entry.key.source);
    r.dwSrcMask = k_exact;
    r.dwUpStrmNgbr = to_c(entry.upstream);
    r.dwInIfIndex = to_c(entry.arrival.index);
    r.dwInIfProtocol = entry.owner ? entry.owner->protocol.value : 0;
    if (entry.route) {
        r.dwRouteProtocol = entry.route->protocol.value;
        r.dwRouteNetwork = to_c(entry.route->prefix.network());
        r.dwRouteMask = to_network(entry.route->prefix.mask());
    }
    r.ulNumOutIf = static_cast<ULONG>(entry.outputs.size());
    return r;
}

MIB_IPMCAST_MFE entry_record(ForwardingEntry const& entry) {
    auto r = begun<MIB_IPMCAST_MFE>(entry);
    r.ulUpTime = rounded_down<std::chrono::seconds>(entry.uptime);
    r.ulExpiryTime = rounded_up<std::chrono::seconds>(entry.expiry);
    r.ulTimeOut = rounded_up<std::chrono::seconds>(entry.lifetime);
    return r;
}

template <class Record>
Record stats_record(ForwardingEntry const& entry, handoff::FlowTotals const& totals) {
    auto r = begun<Record>(entry);
    r.ulUpTime = rounded_down<Hundredths>(entry.uptime);
    r.ulExpiryTime = std::max(rounded_up<Hundredths>(entry.expiry), ULONG{1});
    r.ulInPkts = static_cast<ULONG>(totals.packets);
    r.ulInOctets = static_cast<ULONG>(totals.bytes);
    r.ulPktsDifferentIf = static_cast<ULONG>(totals.wrong_interface);
    if constexpr (std::is_same_v<Record, MIB_IPMCAST_MFE_STATS_EX>) {
        r.ulInDiscards = static_cast<ULONG>(totals.dropped);
        r.ulInHdrErrors = static_cast<ULONG>(totals.ttl_expired);
        r.ulTotalOutPackets = static_cast<ULONG>(totals.copies);
    }
    return r;
}

// The record without its one element, then an element for each output.
template <class Record, class Element>
void put(Record const& record, std::size_t fixed, ForwardingEntry const& entry, Element&& element,
         PBYTE at) {
    std::memcpy(at, &record, fixed);
    at += fixed;
    entry.outputs.for_each([&](IfIndex output) {
        auto const one = element(output);
        std::memcpy(at, &one, sizeof one);
        at += sizeof one;
    });
}

} // namespace

std::optional<Layout> layout_of(DWORD stats_flags) {
    switch (stats_flags) {
    case MGM_MFE_STATS_0:
        return Layout::stats;
    case MGM_MFE_STATS_1:
        return Layout::stats_ex;
    default:
        return std::nullopt;
    }
}

std::size_t bytes_of(Layout layout, std::size_t outputs) {
    switch (layout) {
    case Layout::entry:
        return SIZEOF_MIB_MFE(outputs);
    case Layout::stats:
        return SIZEOF_MIB_MFE_STATS(outputs);
    case Layout::stats_ex:
        return SIZEOF_MIB_MFE_STATS_EX(outputs);
    }
    std::unreachable();
}

void write_record(Layout layout, ForwardingEntry const& entry, handoff::FlowTotals const& totals,
                  PBYTE at) {
    auto const output = [](IfIndex index) { return MIB_IPMCAST_OIF{to_c(index), 0, 0, 0}; };
    auto const counted = [&](IfIndex index) {
        auto const found = totals.outputs.find(index);
        auto const packets = found == totals.outputs.end() ? 0 : found->second;
        return MIB_IPMCAST_OIF_STATS{to_c(index), 0, 0, 0, 0, static_cast<ULONG>(packets), 0};
    };
    switch (layout) {
    case Layout::entry:
        put(entry_record(entry), SIZEOF_MIB_MFE(0), entry, output, at);
        break;
    case Layout::stats:
        put(stats_record<MIB_IPMCAST_MFE_STATS>(entry, totals), SIZEOF_MIB_MFE_STATS(0), entry,
            counted, at);
        break;
    case Layout::stats_ex:
        put(stats_record<MIB_IPMCAST_MFE_STATS_EX>(entry, totals), SIZEOF_MIB_MFE_STATS_EX(0),
            entry, counted, at);
        break;
    }
}

} // namespace mcast::mgm::c
