// Copies with an Ethernet header of their own, for all outputs that need one at once: headers come
// from their pool in bulk, and of each only what a driver reads is set.
#include "plan.h"

#include "mcast/dataplane/replicate.h"

#include <algorithm>
#include <array>
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

// False: there is no room for it.
bool copy_with_header(rte_mbuf* fresh, rte_mbuf const* frame, Ipv4 group, Plan::Output const& out) {
    std::uint32_t const length = frame->pkt_len - k_ethernet_bytes;
    std::uint32_t const bytes = out.link_bytes + length;
    if (bytes + RTE_PKTMBUF_HEADROOM > fresh->buf_len) {
        return false;
    }
    std::uint8_t* const to = prepare(fresh, bytes, bytes);
    write_link(to, group, out);
    auto const* const from = rte_pktmbuf_mtod_offset(frame, std::uint8_t const*, k_ethernet_bytes);
    std::uint32_t const whole = whole_blocks(length);
    if (frame->data_off + k_ethernet_bytes + whole <= frame->buf_len &&
        RTE_PKTMBUF_HEADROOM + out.link_bytes + whole <= fresh->buf_len) {
        copy_blocks(to + out.link_bytes, from, length);
    } else {
        std::memcpy(to + out.link_bytes, from, length);
    }
    return true;
}

} // namespace

// How many there were; what is missing is refused to the output.
std::size_t Replicator::take_headers(std::span<rte_mbuf*> into, Plan::Output const& out) {
    rte_mempool* const pool = pools_.headers();
    auto** const fresh = reinterpret_cast<void**>(into.data());
    if (rte_mempool_get_bulk(pool, fresh, static_cast<unsigned>(into.size())) == 0) [[likely]] {
        return into.size();
    }
    std::size_t got = 0;
    while (got < into.size() && rte_mempool_get(pool, &fresh[got]) == 0) {
        ++got;
    }
    for (std::size_t i = got; i < into.size(); ++i) {
        refuse(IfIndex{out.interface}, CopyDrop::no_buffer);
    }
    return got;
}

// None, when the pool was empty: a lane keeps no note of nothing.
void Replicator::give(std::span<rte_mbuf* const> frames, std::uint64_t bytes,
                      PlanOutput const& out) {
    if (!frames.empty()) {
        transmit_.put(PortId{out.port}, frames, bytes, {.interface = IfIndex{out.interface}});
    }
}

bool Replicator::goes_as_copy(std::uint32_t total_length) const {
    return total_length <= k_copy_limit || !plan_->special_take_chains;
}

void Replicator::send_private(std::span<rte_mbuf* const> frames, Ipv4 group) {
    if (goes_as_copy(frames.front()->pkt_len - k_ethernet_bytes)) {
        send_private_copies(frames, group);
        if (plan_->shared == 0) {
            std::ranges::for_each(frames, rte_pktmbuf_free);
        }
        return;
    }
    std::array<rte_mbuf*, TxBuffers::k_burst> bodies;
    std::size_t count = 0;
    for (rte_mbuf* const frame : frames) {
        // Where others take the frame as it is, the payload needs a second view of the same data.
        rte_mbuf* const body =
            plan_->shared == 0 ? frame : rte_pktmbuf_clone(frame, pools_.references());
        if (body == nullptr) {
            for (std::size_t i = 0; i < plan_->special; ++i) {
                refuse(IfIndex{plan_->special_to[i].interface}, CopyDrop::no_buffer);
            }
            continue;
        }
        rte_pktmbuf_adj(body, k_ethernet_bytes);
        bodies[count++] = body;
    }
    send_private_headers({bodies.data(), count}, group);
}

// Output by output, so that each gets its headers from the pool and gives its frames to the port in
// one go.
void Replicator::send_private_copies(std::span<rte_mbuf* const> frames, Ipv4 group) {
    for (std::size_t o = 0; o < plan_->special; ++o) {
        Plan::Output const& out = plan_->special_to[o];
        std::array<rte_mbuf*, TxBuffers::k_burst> fresh;
        std::size_t const got = take_headers({fresh.data(), frames.size()}, out);
        std::size_t count = 0;
        std::uint64_t bytes = 0;
        for (std::size_t i = 0; i < got; ++i) {
            if (copy_with_header(fresh[i], frames[i], group, out)) {
                bytes += fresh[i]->pkt_len;
                fresh[count++] = fresh[i];
            } else {
                refuse(IfIndex{out.interface}, CopyDrop::too_long);
                rte_mempool_put(pools_.headers(), fresh[i]);
            }
        }
        give({fresh.data(), count}, bytes, out);
    }
}

// Takes over the bodies, packets without Ethernet header.
void Replicator::send_private_headers(std::span<rte_mbuf* const> bodies, Ipv4 group) {
    for (rte_mbuf* const body : bodies) {
        if (plan_->special > 1) {
            rte_mbuf_refcnt_update(body, static_cast<std::int16_t>(plan_->special - 1));
        }
    }
    for (std::size_t o = 0; o < plan_->special; ++o) {
        Plan::Output const& out = plan_->special_to[o];
        std::array<rte_mbuf*, TxBuffers::k_burst> fronts;
        std::size_t const got = take_headers({fronts.data(), bodies.size()}, out);
        std::uint64_t bytes = 0;
        for (std::size_t i = 0; i < got; ++i) {
            std::uint32_t const length = out.link_bytes + bodies[i]->pkt_len;
            write_link(prepare(fronts[i], out.link_bytes, length), group, out);
            fronts[i]->next = bodies[i];
            fronts[i]->nb_segs = 2;
            bytes += length;
        }
        std::ranges::for_each(bodies.subspan(got), rte_pktmbuf_free);
        give({fronts.data(), got}, bytes, out);
    }
}

} // namespace mcast::dataplane
