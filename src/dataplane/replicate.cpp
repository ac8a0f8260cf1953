#include "mcast/dataplane/replicate.h"

#include "link_header.h"
#include "mbuf_tools.h"
#include "plan.h"

#include "mcast/wire/checksum.h"

#include <array>
#include <cstring>

#include <rte_mbuf.h>

namespace mcast::dataplane {

using handoff::CopyDrop;
using handoff::InterfaceTable;

namespace {

// make_writable() and rewrite() in one for what nearly every frame is: untagged, in one segment
// that is ours alone. Few and wide stores: the driver reads them soon. False: nothing has changed.
bool rewrite_in_place(rte_mbuf* frame, Verdict const& verdict, Plan const& plan) {
    constexpr std::uint64_t k_not_ours = RTE_MBUF_F_EXTERNAL | RTE_MBUF_F_INDIRECT;
    if (rte_mbuf_refcnt_read(frame) != 1 || frame->nb_segs != 1 ||
        (frame->ol_flags & k_not_ours) != 0 || verdict.link_length != k_ethernet_bytes) {
        return false;
    }
    std::uint32_t const length = std::uint32_t{k_ethernet_bytes} + verdict.total_length;
    frame->data_len = static_cast<std::uint16_t>(length); // without padding
    frame->pkt_len = length;
    frame->ol_flags = 0; // what the receiving driver noted is no order to the sending one
    auto* const link = rte_pktmbuf_mtod(frame, std::uint8_t*);
    write_group_mac(link, verdict.key.group);
    std::memcpy(link + 6, plan.router_mac.bytes.data(), 6); // the type is IPv4 already
    // TTL, protocol, checksum: RFC 1624 equation 3, which holds in either byte order.
    std::array<std::uint16_t, 2> words;
    std::memcpy(words.data(), link + k_ethernet_bytes + 8, sizeof words);
    auto const after = static_cast<std::uint16_t>(words[0] - 1);
    words[1] = wire::updated_checksum(words[1], words[0], after);
    words[0] = after;
    std::memcpy(link + k_ethernet_bytes + 8, words.data(), sizeof words);
    return true;
}

} // namespace

Replicator::Replicator(platform::Pools const& pools, TxBuffers& transmit,
                       handoff::WorkerCounters& counters)
    : pools_(pools), transmit_(transmit), counters_(counters), plan_(std::make_unique<Plan>()) {}

Replicator::~Replicator() = default;

void Replicator::refuse(IfIndex to, CopyDrop why) {
    counters_.interfaces[to.index()].copy_drops[static_cast<std::size_t>(why)].add(1);
}

// The same frame with headers that are ours to write: itself, or a new header segment in front of
// references to its payload. nullptr, and the frame freed, when the pools are empty.
rte_mbuf* Replicator::make_writable(rte_mbuf* frame, Verdict const& verdict) {
    std::uint32_t const headers = std::uint32_t{verdict.link_length} + verdict.header_length;
    std::uint32_t const length = std::uint32_t{verdict.link_length} + verdict.total_length;
    if (is_writable(frame, headers)) {
        cut_to(frame, length);
        return frame;
    }
    rte_mbuf* const front = rte_pktmbuf_alloc(pools_.headers());
    rte_mbuf* const payload = rte_pktmbuf_clone(frame, pools_.references());
    if (front == nullptr || payload == nullptr) {
        rte_pktmbuf_free(front);
        rte_pktmbuf_free(payload);
        rte_pktmbuf_free(frame);
        return nullptr;
    }
    char* const into = rte_pktmbuf_append(front, static_cast<std::uint16_t>(headers));
    void const* const from = rte_pktmbuf_read(frame, 0, headers, into);
    if (from != into) {
        std::memcpy(into, from, headers);
    }
    rte_pktmbuf_free(frame);
    cut_to(payload, length);
    if (payload->pkt_len == headers) {
        rte_pktmbuf_free(payload);
    } else {
        rte_pktmbuf_chain(front, drop_front(payload, headers));
    }
    return front;
}

// F13, F18. Precondition: headers writable and in the first segment.
void Replicator::rewrite(rte_mbuf* frame, Verdict const& verdict, Mac const& router_mac) {
    if (verdict.link_length > k_ethernet_bytes) {
        rte_pktmbuf_adj(frame, k_tag_bytes); // the tag it came with
    }
    // What the receiving driver noted is no order to the sending one.
    frame->ol_flags &= RTE_MBUF_F_EXTERNAL | RTE_MBUF_F_INDIRECT;
    auto* const link = rte_pktmbuf_mtod(frame, std::uint8_t*);
    write_link_header(link, verdict.key.group, router_mac, 0);
    std::uint8_t* const header = link + k_ethernet_bytes;
    auto const word = [header](std::size_t at) {
        return static_cast<std::uint16_t>((header[at] << 8) | header[at + 1]);
    };
    std::uint16_t const before = word(8); // TTL and protocol
    auto const after = static_cast<std::uint16_t>(before - 0x0100);
    header[8] = static_cast<std::uint8_t>(after >> 8);
    std::uint16_t const checksum = wire::updated_checksum(word(10), before, after);
    header[10] = static_cast<std::uint8_t>(checksum >> 8);
    header[11] = static_cast<std::uint8_t>(checksum);
}

void Replicator::replicate(std::span<rte_mbuf* const> frames, Verdict const* verdicts,
                           IfSet const& to, InterfaceTable const& table) {
    if (!plan_->is_for(to, table)) {
        finish();
        plan_->make(to, table, transmit_);
    }
    plan_->packets += frames.size();
    for (rte_mbuf* const frame : frames) {
        replicate_one(frame, *verdicts++);
    }
}

[[gnu::always_inline]] inline void Replicator::replicate_one(rte_mbuf* frame,
                                                             Verdict const& verdict) {
    Plan& plan = *plan_;
    if (!rewrite_in_place(frame, verdict, plan)) [[unlikely]] {
        frame = make_writable(frame, verdict);
        if (frame == nullptr) {
            plan.to.for_each([this](IfIndex i) { refuse(i, CopyDrop::no_buffer); });
            return;
        }
        rewrite(frame, verdict, plan.router_mac);
    }
    if (frame->nb_segs != 1 || verdict.total_length > plan.longest_packet) {
        send_run(); // those before it stay before it
        send_one_by_one(frame, verdict);
        return;
    }
    if (plan.apart != 0) {
        send_private(frame, verdict);
    }
    if (plan.shared == 0) {
        return; // it went with the private ones
    }
    if (plan.shared > 1) {
        rte_mbuf_refcnt_update(frame, static_cast<std::int16_t>(plan.shared - 1));
    }
    run_.frames[run_.count++] = frame;
    run_.bytes += frame->pkt_len;
    if (run_.count == run_.frames.size()) {
        send_run();
    }
}

void Replicator::send_run() {
    if (run_.count == 0) {
        return;
    }
    std::span<rte_mbuf* const> const frames{run_.frames.data(), run_.count};
    for (std::size_t i = 0; i < plan_->shared; ++i) {
        Plan::Output const& out = plan_->shared_to[i];
        transmit_.put(PortId{out.port}, frames, run_.bytes, {.interface = IfIndex{out.interface}});
    }
    run_.count = 0;
    run_.bytes = 0;
}

void Replicator::count_copies() {
    for (std::size_t i = 0; i < plan_->shared; ++i) {
        counters_.interfaces[plan_->shared_to[i].interface].copies.add(plan_->packets);
    }
    for (std::size_t i = 0; i < plan_->special; ++i) {
        counters_.interfaces[plan_->special_to[i].interface].copies.add(plan_->packets);
    }
    for (std::size_t i = 0; i < plan_->tunnels; ++i) {
        counters_.interfaces[plan_->tunnels_to[i]].copies.add(plan_->packets);
    }
}

void Replicator::finish() {
    if (plan_->table != nullptr) {
        send_run();
        count_copies();
        plan_->table = nullptr;
    }
}

} // namespace mcast::dataplane
