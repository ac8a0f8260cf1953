// A port that receives, without end and at no other cost than a driver's, packets of given flows.
//
// net_pcap keeps every packet of its capture in a buffer of its own, so a million flows would not
// fit and 64,000 would measure how it reads them. This source writes each frame from a template in
// the cache, whatever the flow, and walks an array of flows in order: one flow costs it as much as
// a million. It takes the place of a started net_null port's receive function.
#pragma once

#include "mcast/base/flow.h"

#include <cstddef>
#include <cstdint>
#include <vector>

#include <rte_ethdev.h>

namespace mcast::bench {

class FlowSource {
public:
    // `port`: DPDK's number. Buffers come from `pool`.
    FlowSource(std::uint16_t port, rte_mempool* pool, std::size_t frame_bytes);
    ~FlowSource();
    FlowSource(FlowSource const&) = delete;
    FlowSource& operator=(FlowSource const&) = delete;

    // A packet of each in turn, again and again. Not empty.
    void play(std::vector<FlowKey> const& flows);

private:
    struct Head {
        std::uint32_t source; // as on the wire
        std::uint32_t group;
        std::uint32_t mac_tail; // of the group's MAC, 01:00 in front
        std::uint16_t checksum;
    };

    static std::uint16_t receive(void* self, rte_mbuf** frames, std::uint16_t count);

    std::uint16_t port_;
    rte_mempool* pool_;
    std::vector<std::uint8_t> frame_;
    std::vector<Head> heads_;
    std::size_t next_ = 0;
    eth_rx_burst_t drivers_burst_;
    void* drivers_queue_;
};

} // namespace mcast::bench
