// Captured packets in the order of their capture times, across all ports: the pcap driver replays
// each file as fast as it can and does not pace between ports, so a deterministic run pulls from
// here instead of polling. Ties go to the port that comes first in the configuration.
//
// One thread, instead of the workers' own receive. Precondition: the ports are finite captures.
#pragma once

#include "mcast/base/ids.h"
#include "mcast/base/time.h"
#include "mcast/platform/queues.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

struct rte_mbuf;

namespace mcast::platform {

struct ReplayPacket {
    TimePoint at{};
    PortId port{};
    rte_mbuf* frame = nullptr; // the caller's from now on
};

class ReplaySource {
public:
    // The earliest packet of all is at `origin`, the others as much later as they were captured.
    ReplaySource(std::span<ReceiveQueue const> queues, TimePoint origin);
    ~ReplaySource(); // frees what was not taken
    ReplaySource(ReplaySource const&) = delete;
    ReplaySource& operator=(ReplaySource const&) = delete;

    // nullopt when every port is drained: it gave nothing several times in a row.
    std::optional<ReplayPacket> next();
    // False when the driver gives no capture times: then all packets are at `origin`.
    bool has_times() const { return timestamp_offset_ >= 0; }

private:
    static constexpr std::size_t k_burst = 32;
    struct Lane {
        ReceiveQueue queue{};
        std::array<rte_mbuf*, k_burst> waiting{};
        std::size_t first = 0;
        std::size_t end = 0;
        bool drained = false;
    };

    void fill(Lane& lane) const;
    std::uint64_t microseconds(rte_mbuf const* frame) const;

    std::vector<Lane> lanes_;
    TimePoint origin_;
    int timestamp_offset_ = -1;
    std::uint64_t timestamp_flag_ = 0;
    std::optional<std::uint64_t> earliest_;
};

} // namespace mcast::platform
