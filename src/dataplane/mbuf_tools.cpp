#include "mbuf_tools.h"

#include <algorithm>
#include <cstring>

namespace mcast::dataplane {

namespace {

void remove_last(rte_mbuf* frame) {
    rte_mbuf* before = frame;
    while (before->next->next != nullptr) {
        before = before->next;
    }
    rte_mbuf* const last = before->next;
    before->next = nullptr;
    --frame->nb_segs;
    frame->pkt_len -= last->data_len;
    rte_pktmbuf_free_seg(last);
}

} // namespace

void cut_to(rte_mbuf* frame, std::uint32_t length) {
    while (frame->pkt_len > length) {
        std::uint32_t const excess = frame->pkt_len - length;
        rte_mbuf* const last = rte_pktmbuf_lastseg(frame);
        if (last != frame && last->data_len <= excess) {
            remove_last(frame);
        } else {
            last->data_len = static_cast<std::uint16_t>(last->data_len - excess);
            frame->pkt_len = length;
        }
    }
}

rte_mbuf* drop_front(rte_mbuf* frame, std::uint32_t bytes) {
    while (frame->next != nullptr && bytes >= frame->data_len) {
        rte_mbuf* const next = frame->next;
        bytes -= frame->data_len;
        next->pkt_len = frame->pkt_len - frame->data_len;
        next->nb_segs = static_cast<std::uint16_t>(frame->nb_segs - 1);
        frame->next = nullptr;
        frame->nb_segs = 1;
        rte_pktmbuf_free_seg(frame);
        frame = next;
    }
    rte_pktmbuf_adj(frame, static_cast<std::uint16_t>(bytes));
    return frame;
}

void copy_bytes(rte_mbuf const* frame, std::uint32_t skip, std::uint8_t* to) {
    for (rte_mbuf const* segment = frame; segment != nullptr; segment = segment->next) {
        std::uint32_t const passed = std::min<std::uint32_t>(skip, segment->data_len);
        skip -= passed;
        std::uint32_t const length = segment->data_len - passed;
        std::memcpy(to, rte_pktmbuf_mtod_offset(segment, std::uint8_t const*, passed), length);
        to += length;
    }
}

rte_mbuf* chain_of(rte_mempool* pool, std::span<std::uint8_t const> bytes) {
    rte_mbuf* head = nullptr;
    rte_mbuf* last = nullptr;
    do {
        rte_mbuf* const segment = rte_pktmbuf_alloc(pool);
        if (segment == nullptr) {
            rte_pktmbuf_free(head);
            return nullptr;
        }
        auto const length = static_cast<std::uint16_t>(
            std::min<std::size_t>(bytes.size(), rte_pktmbuf_tailroom(segment)));
        std::memcpy(rte_pktmbuf_mtod(segment, std::uint8_t*), bytes.data(), length);
        segment->data_len = length;
        bytes = bytes.subspan(length);
        if (head == nullptr) {
            head = segment;
            head->pkt_len = 0;
        } else {
            last->next = segment;
            ++head->nb_segs;
        }
        head->pkt_len += length;
        last = segment;
    } while (!bytes.empty());
    return head;
}

} // namespace mcast::dataplane
