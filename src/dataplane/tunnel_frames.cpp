#include "tunnel_frames.h"

#include "mbuf_tools.h"

namespace mcast::dataplane {

rte_mbuf* decapsulate(rte_mbuf* frame, Verdict const& outer, rte_mempool* pool) {
    std::uint32_t const headers = std::uint32_t{outer.link_length} + outer.header_length;
    std::uint32_t const length = std::uint32_t{outer.link_length} + outer.total_length;
    if (!is_writable(frame, headers)) {
        rte_mbuf* const copy = rte_pktmbuf_copy(frame, pool, 0, length);
        if (copy == nullptr) {
            return nullptr;
        }
        rte_pktmbuf_free(frame);
        frame = copy;
    }
    cut_to(frame, length);
    auto const* const before = rte_pktmbuf_mtod(frame, std::uint8_t const*);
    auto* const link = reinterpret_cast<std::uint8_t*>(
        rte_pktmbuf_adj(frame, static_cast<std::uint16_t>(headers - k_ethernet_bytes)));
    // The tag and the outer header, 20 bytes at least, lay between: the two do not overlap.
    std::memcpy(link, before, 12);
    link[12] = 0x08;
    link[13] = 0x00;
    return frame;
}

} // namespace mcast::dataplane
