// Frames on their way out, collected per port and sent in bursts. One worker.
//
// Whoever hands the frame to the driver counts it: this worker for its own queues, the owner of the
// queue for frames that come over a relay ring. What the port does not take at once is freed and
// counted as tx_full, on the interface it was meant for.
#pragma once

#include "mcast/base/ids.h"
#include "mcast/handoff/counters.h"
#include "mcast/platform/queues.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace mcast::dataplane {

class TxBuffers {
public:
    static constexpr std::size_t k_burst = 32;

    TxBuffers(std::vector<platform::TransmitPath> paths, std::vector<platform::Relay> relays,
              handoff::WorkerCounters& counters);

    platform::TransmitPath const& path(PortId port) const { return lanes_[port.index()].path; }

    // Takes over one reference of the frame. Precondition: path(port).exists.
    void put(PortId port, platform::OutFrame const& out) {
        Lane& lane = lanes_[port.index()];
        lane.waiting[lane.count++] = out;
        dirty_ |= std::uint64_t{1} << port.index();
        if (lane.count == k_burst) {
            flush(lane);
        }
    }

    // Sends what other workers passed to this one; at most a burst or two a relay. True when there
    // was something.
    bool take_relayed();
    void flush_all();
    // Frees what is on the relays and counts it as not sent.
    void drop_relayed();

private:
    struct Lane {
        platform::TransmitPath path{};
        std::size_t count = 0;
        std::array<platform::OutFrame, k_burst> waiting{};
    };

    void flush(Lane& lane);
    std::size_t send(Lane const& lane) const;
    void count_sent(platform::OutFrame const& out);
    void refuse(platform::OutFrame const& out);

    std::array<Lane, k_max_ports> lanes_{};
    std::vector<platform::Relay> relays_;
    handoff::WorkerCounters& counters_;
    std::uint64_t dirty_ = 0;
};
static_assert(k_max_ports <= 64, "one bit a port");

} // namespace mcast::dataplane
