#include "flow_source.h"

#include "packet.h"

#include <cstring>

#include <rte_mbuf.h>

namespace mcast::bench {

FlowSource::FlowSource(std::uint16_t port, rte_mempool* pool, std::size_t frame_bytes)
    : port_(port), pool_(pool), frame_(frame_of(frame_bytes)),
      drivers_burst_(rte_eth_fp_ops[port].rx_pkt_burst),
      drivers_queue_(rte_eth_fp_ops[port].rxq.data[0]) {
    play({k_flow});
    rte_eth_fp_ops[port].rx_pkt_burst = &FlowSource::receive;
    rte_eth_fp_ops[port].rxq.data[0] = this;
}

FlowSource::~FlowSource() {
    rte_eth_fp_ops[port_].rx_pkt_burst = drivers_burst_;
    rte_eth_fp_ops[port_].rxq.data[0] = drivers_queue_;
}

void FlowSource::play(std::vector<FlowKey> const& flows) {
    heads_.clear();
    heads_.reserve(flows.size());
    for (FlowKey const flow : flows) {
        set_flow(frame_, flow);
        Head head{};
        std::memcpy(&head.mac_tail, &frame_[2], 4);
        std::memcpy(&head.checksum, &frame_[k_ethernet + 10], 2);
        std::memcpy(&head.source, &frame_[k_ethernet + 12], 4);
        std::memcpy(&head.group, &frame_[k_ethernet + 16], 4);
        heads_.push_back(head);
    }
    next_ = 0;
}

std::uint16_t FlowSource::receive(void* self, rte_mbuf** frames, std::uint16_t count) {
    auto& source = *static_cast<FlowSource*>(self);
    if (rte_pktmbuf_alloc_bulk(source.pool_, frames, count) != 0) {
        return 0;
    }
    std::size_t const bytes = source.frame_.size();
    for (std::uint16_t i = 0; i < count; ++i) {
        Head const& head = source.heads_[source.next_];
        source.next_ = source.next_ + 1 == source.heads_.size() ? 0 : source.next_ + 1;
        auto* const data = rte_pktmbuf_mtod(frames[i], std::uint8_t*);
        std::memcpy(data, source.frame_.data(), bytes);
        std::memcpy(data + 2, &head.mac_tail, 4);
        std::memcpy(data + k_ethernet + 10, &head.checksum, 2);
        std::memcpy(data + k_ethernet + 12, &head.source, 4);
        std::memcpy(data + k_ethernet + 16, &head.group, 4);
        frames[i]->data_len = static_cast<std::uint16_t>(bytes);
        frames[i]->pkt_len = static_cast<std::uint32_t>(bytes);
        frames[i]->port = source.port_;
    }
    return count;
}

} // namespace mcast::bench
