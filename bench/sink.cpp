#include "sink.h"

#include <utility>

namespace mcast::bench {

Sinks::Sinks(std::vector<std::uint16_t> const& ports) {
    for (std::uint16_t const number : ports) {
        struct rte_eth_fp_ops const& driver = rte_eth_fp_ops[number];
        ports_.push_back({.number = number,
                          .null_burst = driver.tx_pkt_burst,
                          .null_queue = driver.txq.data[0],
                          .ring = std::make_unique<Queue>()});
    }
}

Sinks::~Sinks() {
    use(Kind::null);
}

void Sinks::use(Kind kind) {
    for (Port& port : ports_) {
        struct rte_eth_fp_ops& driver = rte_eth_fp_ops[port.number];
        driver.tx_pkt_burst = kind == Kind::null ? port.null_burst : &Sinks::send;
        driver.txq.data[0] = kind == Kind::null ? port.null_queue : port.ring.get();
        for (rte_mbuf*& held : port.ring->held) {
            if (rte_mbuf* const segment = std::exchange(held, nullptr)) {
                rte_pktmbuf_free_seg(segment);
            }
        }
    }
}

// A descriptor for each segment, as drivers do; the place of the one that is overwritten was sent a
// ring ago, so its segment goes back to its pool.
std::uint16_t Sinks::send(void* queue, rte_mbuf** frames, std::uint16_t count) {
    auto& ring = *static_cast<Queue*>(queue);
    for (std::uint16_t i = 0; i < count; ++i) {
        rte_mbuf* segment = frames[i];
        do {
            rte_mbuf* const next = segment->next;
            rte_mbuf* const sent = std::exchange(ring.held[ring.next], segment);
            ring.descriptors[ring.next] = {.address = rte_mbuf_data_iova(segment),
                                           .length = segment->data_len,
                                           .flags = next == nullptr};
            ring.next = (ring.next + 1) % k_descriptors;
            if (sent != nullptr) {
                rte_pktmbuf_free_seg(sent);
            }
            segment = next;
        } while (segment != nullptr);
    }
    return count;
}

} // namespace mcast::bench
