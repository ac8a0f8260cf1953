// Small operations on mbuf chains that DPDK does not have. Private to the dataplane.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <rte_mbuf.h>

namespace mcast::dataplane {

// May the frame be rewritten: nobody else refers to any of its segments, and the first one's data
// are its own and hold `header_bytes`.
inline bool is_writable(rte_mbuf const* frame, std::uint32_t header_bytes) {
    if (!RTE_MBUF_DIRECT(frame) || frame->data_len < header_bytes) {
        return false;
    }
    for (rte_mbuf const* segment = frame; segment != nullptr; segment = segment->next) {
        if (rte_mbuf_refcnt_read(segment) != 1) {
            return false;
        }
    }
    return true;
}

// Shortens the chain to `length` bytes (padding). Precondition: its segments are ours alone.
void cut_to(rte_mbuf* frame, std::uint32_t length);

// Takes `bytes` off the front of the chain, whole segments too; gives the new head.
rte_mbuf* drop_front(rte_mbuf* frame, std::uint32_t bytes);

// Copies the chain's bytes from `skip` on; `to` has room for all of them.
void copy_bytes(rte_mbuf const* frame, std::uint32_t skip, std::uint8_t* to);

// A chain from `pool` with these bytes, or nullptr.
rte_mbuf* chain_of(rte_mempool* pool, std::span<std::uint8_t const> bytes);

} // namespace mcast::dataplane
