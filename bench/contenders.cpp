#include "contenders.h"

#include "mcast/wire/checksum.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <fmt/format.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

namespace mcast::bench {

namespace {

constexpr std::uint16_t k_ethernet = 14;

// A bench without buffers measures nothing.
rte_mbuf* there(rte_mbuf* frame) {
    if (frame == nullptr) [[unlikely]] {
        fmt::print(stderr, "a pool ran empty\n");
        std::exit(1);
    }
    return frame;
}

void write_addresses(std::uint8_t* at, std::uint8_t const* group) {
    at[0] = 0x01;
    at[1] = 0x00;
    at[2] = 0x5e;
    at[3] = group[1] & 0x7f;
    at[4] = group[2];
    at[5] = group[3];
    std::memcpy(at + 6, k_router_mac.bytes.data(), 6);
}

void lower_ttl(std::uint8_t* header) {
    auto const word = [header](std::size_t at) {
        return static_cast<std::uint16_t>((header[at] << 8) | header[at + 1]);
    };
    std::uint16_t const before = word(8);
    --header[8];
    std::uint16_t const sum = wire::updated_checksum(word(10), before, word(8));
    header[10] = static_cast<std::uint8_t>(sum >> 8);
    header[11] = static_cast<std::uint8_t>(sum);
}

void rewrite(rte_mbuf* frame) {
    auto* const link = rte_pktmbuf_mtod(frame, std::uint8_t*);
    write_addresses(link, link + k_ethernet + 16);
    lower_ttl(link + k_ethernet);
}

// Without its Ethernet header.
void strip(rte_mbuf* frame) {
    lower_ttl(rte_pktmbuf_mtod(frame, std::uint8_t*) + k_ethernet);
    rte_pktmbuf_adj(frame, k_ethernet);
}

void write_header(std::uint8_t* at, rte_mbuf const* body, std::uint16_t tag) {
    write_addresses(at, rte_pktmbuf_mtod(body, std::uint8_t const*) + 16);
    at += 12;
    if (tag != 0) {
        *at++ = 0x81;
        *at++ = 0x00;
        *at++ = static_cast<std::uint8_t>(tag >> 8);
        *at++ = static_cast<std::uint8_t>(tag);
    }
    at[0] = 0x08;
    at[1] = 0x00;
}

constexpr std::uint16_t header_bytes(std::uint16_t tag) {
    return static_cast<std::uint16_t>(k_ethernet + (tag == 0 ? 0 : 4));
}

} // namespace

void Lanes::send(std::size_t ports) {
    for (std::size_t port = 0; port < ports; ++port) {
        Lane& lane = lanes_[port];
        rte_eth_tx_burst(ports_[port], 0, lane.frames.data(), lane.count);
        lane.count = 0;
    }
}

void Floor::replicate(Burst burst, std::size_t ports) {
    for (rte_mbuf* const frame : burst) {
        if (rewrites_) {
            rewrite(frame);
        }
        if (ports > 1) {
            rte_mbuf_refcnt_update(frame, static_cast<std::int16_t>(ports - 1));
        }
        for (std::size_t port = 0; port < ports; ++port) {
            lanes_.put(port, frame);
        }
    }
    lanes_.send(ports);
}

rte_mbuf* Clone::header_before(rte_mbuf* body) const {
    rte_mbuf* const front = there(rte_pktmbuf_alloc(pools_.headers()));
    char* const link = rte_pktmbuf_append(front, header_bytes(tag_));
    write_header(reinterpret_cast<std::uint8_t*>(link), body, tag_);
    rte_pktmbuf_chain(front, body);
    return front;
}

void Clone::replicate(Burst burst, std::size_t ports) {
    for (rte_mbuf* const frame : burst) {
        if (tag_ == 0) {
            rewrite(frame);
        } else {
            strip(frame);
        }
        for (std::size_t port = 0; port < ports; ++port) {
            rte_mbuf* const copy = there(rte_pktmbuf_clone(frame, pools_.references()));
            lanes_.put(port, tag_ == 0 ? copy : header_before(copy));
        }
        rte_pktmbuf_free(frame);
    }
    lanes_.send(ports);
}

void Header::replicate(Burst burst, std::size_t ports) {
    for (rte_mbuf* const frame : burst) {
        strip(frame);
        rte_mbuf_refcnt_update(frame, static_cast<std::int16_t>(ports - 1));
        lean_ ? lean(frame, ports) : plain(frame, ports);
    }
    lanes_.send(ports);
}

void Header::plain(rte_mbuf* body, std::size_t ports) {
    for (std::size_t port = 0; port < ports; ++port) {
        rte_mbuf* const front = there(rte_pktmbuf_alloc(pools_.headers()));
        front->next = body;
        front->pkt_len = body->pkt_len;
        front->nb_segs = static_cast<std::uint16_t>(body->nb_segs + 1);
        char* const link = rte_pktmbuf_prepend(front, header_bytes(tag_));
        write_header(reinterpret_cast<std::uint8_t*>(link), body, tag_);
        lanes_.put(port, front);
    }
}

void Header::lean(rte_mbuf* body, std::size_t ports) {
    std::array<void*, k_most_ports> fresh;
    if (rte_mempool_get_bulk(pools_.headers(), fresh.data(), static_cast<unsigned>(ports)) != 0) {
        there(nullptr);
    }
    std::uint16_t const bytes = header_bytes(tag_);
    for (std::size_t port = 0; port < ports; ++port) {
        auto* const front = static_cast<rte_mbuf*>(fresh[port]);
        front->data_off = RTE_PKTMBUF_HEADROOM;
        front->data_len = bytes;
        front->pkt_len = bytes + body->pkt_len;
        front->nb_segs = static_cast<std::uint16_t>(body->nb_segs + 1);
        front->ol_flags = 0;
        front->next = body;
        write_header(rte_pktmbuf_mtod(front, std::uint8_t*), body, tag_);
        lanes_.put(port, front);
    }
}

void Copy::replicate(Burst burst, std::size_t ports) {
    for (rte_mbuf* const frame : burst) {
        rewrite(frame);
        for (std::size_t port = 0; port < ports; ++port) {
            rte_mbuf* const copy = there(rte_pktmbuf_alloc(pools_.headers()));
            char* const bytes = rte_pktmbuf_append(copy, frame->data_len);
            std::memcpy(bytes, rte_pktmbuf_mtod(frame, char const*), frame->data_len);
            lanes_.put(port, copy);
        }
        rte_pktmbuf_free(frame);
    }
    lanes_.send(ports);
}

void Ours::replicate(Burst burst, std::size_t ports) {
    IfSet to;
    for (std::size_t port = 1; port <= ports; ++port) {
        to.insert(IfIndex{static_cast<IfIndex::rep>(port)});
    }
    replicator_.aim(to, table_);
    replicator_.replicate_train(burst, verdict_.key.group);
    replicator_.finish();
    transmit_.flush_all();
}

} // namespace mcast::bench
