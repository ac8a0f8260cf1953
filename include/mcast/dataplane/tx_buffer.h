// Frames on their way out, collected per port and sent in bursts. One worker.
//
// Whoever hands the frame to the driver counts it: this worker for its own queues, the owner of the
// queue for frames that come over a relay ring. What the port does not take at once is freed and
// counted as tx_full, on the interface it was meant for.
#pragma once

#include "mcast/base/ids.h"
#include "mcast/handoff/counters.h"
#include "mcast/platform/queues.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

struct rte_mbuf;

namespace mcast::dataplane {

class TxBuffers {
public:
    static constexpr std::size_t k_burst = 32;

    TxBuffers(std::vector<platform::TransmitPath> paths, std::vector<platform::Relay> relays,
              handoff::WorkerCounters& counters);

    platform::TransmitPath const& path(PortId port) const { return lanes_[port.index()].path; }

    // What a frame is counted as when it is sent, or refused.
    struct Label {
        IfIndex interface = k_no_interface;
        std::uint16_t control = 0; // 1: control's own packet, counted as injected

        bool operator==(Label const&) const = default;
    };

    // Takes over one reference of each frame; from one to k_burst of them, of `bytes` together.
    // Precondition: path(port).exists.
    void put(PortId port, std::span<rte_mbuf* const> frames, std::uint64_t bytes, Label label) {
        Lane& lane = lanes_[port.index()];
        if (lane.count + frames.size() > k_burst) {
            flush(lane);
        }
        std::copy_n(frames.data(), frames.size(), &lane.waiting[lane.count]);
        added(lane, port, frames.size(), bytes, label);
    }
    // One alone.
    void put(PortId port, rte_mbuf* frame, std::uint32_t bytes, Label label) {
        Lane& lane = lanes_[port.index()];
        lane.waiting[lane.count] = frame; // a full lane is flushed at once
        added(lane, port, 1, bytes, label);
    }

    // Sends what other workers passed to this one; at most a burst or two a relay. True when there
    // was something.
    bool take_relayed() { return !relays_.empty() && empty_relays(); }
    void flush_all();
    // Frees what is on the relays and counts it as not sent.
    void drop_relayed();

private:
    // Frames that follow each other in a lane and are counted alike.
    struct Run {
        Label label;
        std::size_t frames;
        std::uint64_t bytes;
    };
    struct Lane {
        platform::TransmitPath path{};
        std::size_t count = 0;
        std::size_t runs = 0;
        std::array<rte_mbuf*, k_burst> waiting{};
        std::array<Run, k_burst> run{};
    };

    void added(Lane& lane, PortId port, std::size_t frames, std::uint64_t bytes, Label label) {
        lane.count += frames;
        if (lane.runs != 0 && lane.run[lane.runs - 1].label == label) {
            lane.run[lane.runs - 1].frames += frames;
            lane.run[lane.runs - 1].bytes += bytes;
        } else {
            lane.run[lane.runs++] = {label, frames, bytes};
        }
        dirty_ |= std::uint64_t{1} << port.index();
        if (lane.count == k_burst) {
            flush(lane);
        }
    }
    bool empty_relays();
    void flush(Lane& lane);
    std::size_t send(Lane& lane) const;
    std::size_t pass_on(Lane const& lane) const;
    void count_sent(Label label, std::uint64_t frames, std::uint64_t bytes);
    void refuse(rte_mbuf* frame, Label label);

    std::array<Lane, k_max_ports> lanes_{};
    std::vector<platform::Relay> relays_;
    std::array<platform::OutFrame, 2 * k_burst> relayed_{}; // of one relay, in take_relayed()
    handoff::WorkerCounters& counters_;
    std::uint64_t dirty_ = 0;
};
static_assert(k_max_ports <= 64, "one bit a port");

} // namespace mcast::dataplane
