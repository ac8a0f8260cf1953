#include "mcast/dataplane/replicate.h"

#include "link_header.h"
#include "mbuf_tools.h"

#include "mcast/wire/checksum.h"

#include <cerrno>
#include <cstring>

#include <rte_ip_frag.h>
#include <rte_mbuf.h>

namespace mcast::dataplane {

using handoff::CopyDrop;
using handoff::Interface;
using handoff::InterfaceTable;

// One packet on its way through replicate().
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

Replicator::Replicator(platform::Pools const& pools, TxBuffers& transmit,
                       handoff::WorkerCounters& counters)
    : pools_(pools), transmit_(transmit), counters_(counters) {}

void Replicator::refuse(IfIndex to, CopyDrop why) {
    counters_.interfaces[to.index()].copy_drops[static_cast<std::size_t>(why)].add(1);
}

void Replicator::put(IfIndex to, PortId port, rte_mbuf* frame) {
    if (frame->pkt_len > transmit_.path(port).longest) {
        refuse(to, CopyDrop::too_long);
        rte_pktmbuf_free(frame);
        return;
    }
    transmit_.put(port, {.frame = frame, .length = frame->pkt_len, .interface = to});
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
    --header[8];
    std::uint16_t const checksum = wire::updated_checksum(word(10), before, word(8));
    header[10] = static_cast<std::uint8_t>(checksum >> 8);
    header[11] = static_cast<std::uint8_t>(checksum);
}

// Which outputs can take the frame as it is.
void Replicator::plan(Job& job, IfSet const& to, InterfaceTable const& table) {
    bool const chained = job.frame->nb_segs > 1;
    to.for_each([&](IfIndex i) {
        counters_.interfaces[i.index()].copies.add(1);
        Interface const& out = table.interfaces[i.index()];
        bool const as_it_is = !table.private_header.contains(i) &&
                              job.verdict.total_length <= out.mtu &&
                              (!chained || transmit_.path(out.port).multi_segment);
        if (as_it_is) {
            job.shared_to[job.shared++] = i.value;
        } else {
            job.special_to[job.special++] = i.value;
        }
    });
}

void Replicator::replicate(rte_mbuf* frame, Verdict const& verdict, IfSet const& to,
                           InterfaceTable const& table) {
    frame = make_writable(frame, verdict);
    if (frame == nullptr) {
        to.for_each([this](IfIndex i) {
            counters_.interfaces[i.index()].copies.add(1);
            refuse(i, CopyDrop::no_buffer);
        });
        return;
    }
    rewrite(frame, verdict, table.router_mac);
    Job job{verdict, table, frame};
    plan(job, to, table);
    // First those who need the frame unshared, or only read it.
    for (std::size_t i = 0; i < job.special; ++i) {
        send_special(job, IfIndex{job.special_to[i]});
    }
    if (job.body != nullptr) {
        rte_pktmbuf_free(job.body);
    }
    send_shared(job);
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
    if (job.verdict.total_length > out.mtu) {
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
    char* const link = rte_pktmbuf_append(front, link_header_bytes(out.vlan));
    write_link_header(reinterpret_cast<std::uint8_t*>(link), job.verdict.key.group, out.mac,
                      out.vlan);
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
    rte_mbuf* const copy =
        copy_of(from_body ? job.body : job.frame, from_body ? 0 : k_ethernet_bytes,
                link_header_bytes(out.vlan), why);
    if (copy == nullptr) {
        refuse(to, why);
        return;
    }
    write_link_header(rte_pktmbuf_mtod(copy, std::uint8_t*), job.verdict.key.group, out.mac,
                      out.vlan);
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

    std::uint16_t const link_bytes = link_header_bytes(out.vlan);
    char* const link = rte_pktmbuf_prepend(fragment, link_bytes);
    write_link_header(reinterpret_cast<std::uint8_t*>(link), job.verdict.key.group, out.mac,
                      out.vlan);
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
