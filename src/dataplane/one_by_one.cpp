// Replication of packets that not all outputs take alike: too long for one of them, or in several
// segments. Slower than replicate.cpp, and right for every packet. And of all packets for tunnels,
// whose headers follow from each packet.
#include "mbuf_tools.h"
#include "plan.h"
#include "tunnel_frames.h"

#include "mcast/dataplane/replicate.h"
#include "mcast/wire/checksum.h"

#include <cerrno>

#include <rte_ip_frag.h>
#include <rte_mbuf.h>

namespace mcast::dataplane {

using handoff::CopyDrop;
using handoff::Interface;
using handoff::InterfaceTable;

// One packet on its way.
struct Replicator::Job {
    Job(Verdict const& of, InterfaceTable const& now, rte_mbuf* packet)
        : verdict(of), table(now), frame(packet) {}

    Verdict const& verdict;
    InterfaceTable const& table;
    rte_mbuf* frame;          // rewritten, with the shared Ethernet header; ours
    rte_mbuf* body = nullptr; // from the IPv4 header on; made when first needed; ours
    std::size_t shared = 0;   // how many outputs take `frame` itself
    std::size_t special = 0;
    // Plain numbers, so that nobody spends time on clearing them.
    std::array<IfIndex::rep, k_max_interfaces> shared_to;
    std::array<IfIndex::rep, k_max_interfaces> special_to;
};

void Replicator::put(IfIndex to, PortId port, rte_mbuf* frame) {
    if (frame->pkt_len > transmit_.path(port).longest) {
        refuse(to, CopyDrop::too_long);
        rte_pktmbuf_free(frame);
        return;
    }
    transmit_.put(port, frame, frame->pkt_len, {.interface = to});
}

// Which outputs can take the frame as it is.
void Replicator::sort_outputs(Job& job) {
    bool const chained = job.frame->nb_segs > 1;
    plan_->to.for_each([&](IfIndex i) {
        Interface const& out = job.table.interfaces[i.index()];
        bool const as_it_is = !job.table.private_header.contains(i) &&
                              job.verdict.total_length <= out.mtu &&
                              (!chained || transmit_.path(out.port).multi_segment);
        if (as_it_is) {
            job.shared_to[job.shared++] = i.value;
        } else {
            job.special_to[job.special++] = i.value;
        }
    });
}

void Replicator::send_one_by_one(rte_mbuf* frame, Verdict const& verdict) {
    Job job{verdict, *plan_->table, frame};
    sort_outputs(job);
    // First those who need the frame unshared, or only read it.
    for (std::size_t i = 0; i < job.special; ++i) {
        send_special(job, IfIndex{job.special_to[i]});
    }
    if (job.body != nullptr) {
        rte_pktmbuf_free(job.body);
    }
    send_shared(job);
}

// Only reads the frame, which its other outputs have as it is.
void Replicator::send_through_tunnels(rte_mbuf* frame, Verdict const& verdict) {
    Job job{verdict, *plan_->table, frame};
    job.shared = 1; // others, or the caller
    for (std::size_t i = 0; i < plan_->tunnels; ++i) {
        send_special(job, IfIndex{plan_->tunnels_to[i]});
    }
    if (job.body != nullptr) {
        rte_pktmbuf_free(job.body);
    }
}

// A reference and a pointer for each. Our own reference goes with the last.
void Replicator::send_shared(Job const& job) {
    if (job.shared == 0) {
        rte_pktmbuf_free(job.frame); // nullptr when it became the body
        return;
    }
    if (job.shared > 1) {
        rte_pktmbuf_refcnt_update(job.frame, static_cast<std::int16_t>(job.shared - 1));
    }
    for (std::size_t i = 0; i < job.shared; ++i) {
        IfIndex const to{job.shared_to[i]};
        put(to, job.table.interfaces[to.index()].port, job.frame);
    }
}

void Replicator::send_special(Job& job, IfIndex to) {
    Interface const& out = job.table.interfaces[to.index()];
    if (out.tunnel && !out.tunnel->next_hop) {
        refuse(to, CopyDrop::no_next_hop);
    } else if (job.verdict.total_length > out.mtu) {
        if (job.verdict.dont_fragment) {
            refuse(to, CopyDrop::dont_fragment); // F16: silently, no ICMP
        } else {
            send_fragments(job, to);
        }
    } else if (job.verdict.total_length <= k_copy_limit ||
               !transmit_.path(out.port).multi_segment) {
        send_copied(job, to);
    } else {
        send_chained(job, to);
    }
}

// The packet without Ethernet header, to be referred to. When nobody takes the frame as it is, the
// frame itself becomes the body; otherwise a second view of the same data is needed.
bool Replicator::prepare_body(Job& job) {
    if (job.body != nullptr) {
        return true;
    }
    if (job.shared == 0) {
        job.body = job.frame;
        job.frame = nullptr;
    } else {
        job.body = rte_pktmbuf_clone(job.frame, pools_.references());
    }
    if (job.body == nullptr) {
        return false;
    }
    rte_pktmbuf_adj(job.body, k_ethernet_bytes);
    return true;
}

void Replicator::send_chained(Job& job, IfIndex to) {
    Interface const& out = job.table.interfaces[to.index()];
    rte_mbuf* const front = prepare_body(job) ? rte_pktmbuf_alloc(pools_.headers()) : nullptr;
    if (front == nullptr) {
        refuse(to, CopyDrop::no_buffer);
        return;
    }
    char* const head = rte_pktmbuf_append(front, head_bytes(out));
    write_head(reinterpret_cast<std::uint8_t*>(head), out, job.verdict.key.group,
               rte_pktmbuf_mtod(job.body, std::uint8_t const*), next_id_);
    rte_pktmbuf_refcnt_update(job.body, 1);
    front->next = job.body;
    front->nb_segs = static_cast<std::uint16_t>(job.body->nb_segs + 1);
    front->pkt_len += job.body->pkt_len;
    put(to, out.port, front);
}

// All of `source` behind `skip`, in one segment, with `front` bytes of room before it.
rte_mbuf* Replicator::copy_of(rte_mbuf const* source, std::uint32_t skip, std::uint32_t front,
                              CopyDrop& why) {
    rte_mbuf* const copy = rte_pktmbuf_alloc(pools_.headers());
    if (copy == nullptr) {
        why = CopyDrop::no_buffer;
        return nullptr;
    }
    std::uint32_t const length = front + source->pkt_len - skip;
    if (length > rte_pktmbuf_tailroom(copy)) {
        why = CopyDrop::too_long;
        rte_pktmbuf_free(copy);
        return nullptr;
    }
    char* const start = rte_pktmbuf_append(copy, static_cast<std::uint16_t>(length));
    copy_bytes(source, skip, reinterpret_cast<std::uint8_t*>(start) + front);
    return copy;
}

void Replicator::send_copied(Job& job, IfIndex to) {
    Interface const& out = job.table.interfaces[to.index()];
    bool const from_body = job.frame == nullptr;
    CopyDrop why = CopyDrop::no_buffer;
    rte_mbuf* const copy = copy_of(from_body ? job.body : job.frame,
                                   from_body ? 0 : k_ethernet_bytes, head_bytes(out), why);
    if (copy == nullptr) {
        refuse(to, why);
        return;
    }
    auto* const head = rte_pktmbuf_mtod(copy, std::uint8_t*);
    write_head(head, out, job.verdict.key.group, head + head_bytes(out), next_id_);
    put(to, out.port, copy);
}

// F16: the payload is shared, each fragment has headers of its own.
void Replicator::send_fragments(Job& job, IfIndex to) {
    Interface const& out = job.table.interfaces[to.index()];
    if (!prepare_body(job)) {
        refuse(to, CopyDrop::no_buffer);
        return;
    }
    std::array<rte_mbuf*, k_max_fragments> fragments;
    int const count = rte_ipv4_fragment_packet(job.body, fragments.data(), k_max_fragments, out.mtu,
                                               pools_.headers(), pools_.references());
    if (count <= 0) {
        refuse(to, count == -ENOMEM ? CopyDrop::no_buffer : CopyDrop::fragment_failed);
        return;
    }
    counters_.interfaces[to.index()].fragments.add(static_cast<std::uint64_t>(count) - 1);
    for (int i = 0; i < count; ++i) {
        finish_fragment(fragments[static_cast<std::size_t>(i)], job, to);
    }
}

void Replicator::finish_fragment(rte_mbuf* fragment, Job const& job, IfIndex to) {
    Interface const& out = job.table.interfaces[to.index()];
    fragment->ol_flags &= RTE_MBUF_F_EXTERNAL | RTE_MBUF_F_INDIRECT;
    auto* const header = rte_pktmbuf_mtod(fragment, std::uint8_t*);
    header[10] = header[11] = 0;
    std::uint16_t const checksum =
        wire::internet_checksum({header, std::size_t{header[0] & 0xfU} * 4});
    header[10] = static_cast<std::uint8_t>(checksum >> 8);
    header[11] = static_cast<std::uint8_t>(checksum);

    char* const head = rte_pktmbuf_prepend(fragment, head_bytes(out));
    write_head(reinterpret_cast<std::uint8_t*>(head), out, job.verdict.key.group, header, next_id_);
    if (transmit_.path(out.port).multi_segment || fragment->nb_segs == 1) {
        put(to, out.port, fragment);
        return;
    }
    CopyDrop why = CopyDrop::no_buffer;
    rte_mbuf* const copy = copy_of(fragment, 0, 0, why);
    rte_pktmbuf_free(fragment);
    if (copy == nullptr) {
        refuse(to, why);
    } else {
        put(to, out.port, copy);
    }
}

} // namespace mcast::dataplane
