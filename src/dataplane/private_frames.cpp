// Copies with an Ethernet header of their own, for all outputs that need one at once: headers come
// from their pool in bulk, and of each only what a driver reads is set.
#include "plan.h"

#include "mcast/dataplane/replicate.h"

#include <cstring>

#include <rte_mbuf.h>

namespace mcast::dataplane {

using handoff::CopyDrop;

namespace {

// As it comes from its pool: one reference, one segment, nothing behind it.
std::uint8_t* prepare(rte_mbuf* fresh, std::uint32_t own_bytes, std::uint32_t all_bytes) {
    fresh->data_off = RTE_PKTMBUF_HEADROOM;
    fresh->data_len = static_cast<std::uint16_t>(own_bytes);
    fresh->pkt_len = all_bytes;
    fresh->ol_flags = 0;
    return rte_pktmbuf_mtod(fresh, std::uint8_t*);
}

// Bytes that both buffers have room for beyond the length make a copy of a few wide moves, without
// a call.
constexpr std::uint32_t k_block = 32;

constexpr std::uint32_t whole_blocks(std::uint32_t length) {
    return (length + k_block - 1) / k_block * k_block;
}

void copy_blocks(std::uint8_t* to, std::uint8_t const* from, std::uint32_t length) {
    for (std::uint32_t at = 0; at < length; at += k_block) {
        std::memcpy(to + at, from + at, k_block);
    }
}

void write_link(std::uint8_t* at, Ipv4 group, Plan::Output const& out) {
    write_group_mac(at, group);
    std::memcpy(at + 6, out.behind_group.data(), out.behind_group.size());
}

} // namespace

// How many there were.
std::size_t Replicator::take_headers(std::span<void*> into) {
    rte_mempool* const pool = pools_.headers();
    if (rte_mempool_get_bulk(pool, into.data(), static_cast<unsigned>(into.size())) == 0) {
        return into.size();
    }
    std::size_t got = 0;
    while (got < into.size() && rte_mempool_get(pool, &into[got]) == 0) {
        ++got;
    }
    return got;
}

// The frame goes with them when nobody shares it.
void Replicator::send_private(rte_mbuf* frame, Verdict const& verdict) {
    if (plan_->tunnels != 0) {
        send_through_tunnels(frame, verdict);
        if (plan_->special == 0) {
            if (plan_->shared == 0) {
                rte_pktmbuf_free(frame);
            }
            return;
        }
    }
    if (verdict.total_length <= k_copy_limit || !plan_->special_take_chains) {
        send_private_copies(frame, verdict);
        if (plan_->shared == 0) {
            rte_pktmbuf_free(frame);
        }
        return;
    }
    // Where others take the frame as it is, the payload needs a second view of the same data.
    rte_mbuf* const body =
        plan_->shared == 0 ? frame : rte_pktmbuf_clone(frame, pools_.references());
    if (body == nullptr) {
        for (std::size_t i = 0; i < plan_->special; ++i) {
            refuse(IfIndex{plan_->special_to[i].interface}, CopyDrop::no_buffer);
        }
        return;
    }
    rte_pktmbuf_adj(body, k_ethernet_bytes);
    send_private_headers(body, verdict);
}

void Replicator::send_private_copies(rte_mbuf const* frame, Verdict const& verdict) {
    std::array<void*, k_max_interfaces> fresh;
    std::size_t const got = take_headers({fresh.data(), plan_->special});
    std::uint32_t const length = verdict.total_length;
    auto const* const packet =
        rte_pktmbuf_mtod_offset(frame, std::uint8_t const*, k_ethernet_bytes);
    bool const in_blocks =
        frame->data_off + k_ethernet_bytes + whole_blocks(length) <= frame->buf_len;
    for (std::size_t i = 0; i < plan_->special; ++i) {
        Plan::Output const& out = plan_->special_to[i];
        if (i >= got) {
            refuse(IfIndex{out.interface}, CopyDrop::no_buffer);
            continue;
        }
        auto* const copy = static_cast<rte_mbuf*>(fresh[i]);
        std::uint32_t const bytes = out.link_bytes + length;
        if (bytes + RTE_PKTMBUF_HEADROOM > copy->buf_len) {
            refuse(IfIndex{out.interface}, CopyDrop::too_long);
            rte_mempool_put(pools_.headers(), copy);
            continue;
        }
        std::uint8_t* const link = prepare(copy, bytes, bytes);
        write_link(link, verdict.key.group, out);
        if (in_blocks &&
            RTE_PKTMBUF_HEADROOM + out.link_bytes + whole_blocks(length) <= copy->buf_len) {
            copy_blocks(link + out.link_bytes, packet, length);
        } else {
            std::memcpy(link + out.link_bytes, packet, length);
        }
        transmit_.put(PortId{out.port}, copy, bytes, {.interface = IfIndex{out.interface}});
    }
}

// Takes over the body, a packet without Ethernet header.
void Replicator::send_private_headers(rte_mbuf* body, Verdict const& verdict) {
    std::array<void*, k_max_interfaces> fresh;
    std::size_t const got = take_headers({fresh.data(), plan_->special});
    for (std::size_t i = got; i < plan_->special; ++i) {
        refuse(IfIndex{plan_->special_to[i].interface}, CopyDrop::no_buffer);
    }
    if (got == 0) {
        rte_pktmbuf_free(body);
        return;
    }
    if (got > 1) {
        rte_mbuf_refcnt_update(body, static_cast<std::int16_t>(got - 1));
    }
    for (std::size_t i = 0; i < got; ++i) {
        Plan::Output const& out = plan_->special_to[i];
        auto* const front = static_cast<rte_mbuf*>(fresh[i]);
        std::uint32_t const bytes = out.link_bytes + std::uint32_t{verdict.total_length};
        write_link(prepare(front, out.link_bytes, bytes), verdict.key.group, out);
        front->next = body;
        front->nb_segs = 2;
        transmit_.put(PortId{out.port}, front, bytes, {.interface = IfIndex{out.interface}});
    }
}

} // namespace mcast::dataplane
