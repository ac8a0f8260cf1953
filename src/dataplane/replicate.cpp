#include "mcast/dataplane/replicate.h"

#include "link_header.h"
#include "mbuf_tools.h"
#include "plan.h"

#include "mcast/dataplane/usual.h"
#include "mcast/wire/checksum.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>

#include <rte_mbuf.h>

namespace mcast::dataplane {

using handoff::CopyDrop;
using handoff::InterfaceTable;

namespace {

constexpr std::uint64_t k_not_ours = RTE_MBUF_F_EXTERNAL | RTE_MBUF_F_INDIRECT;

// Both addresses of the Ethernet header of what goes to one group, in the two stores that they are
// written with: the driver reads them soon, and waits for fewer.
struct Addresses {
    Addresses(Ipv4 group, Mac const& router_mac) {
        std::uint16_t front; // NOLINT: written at once
        std::memcpy(&front, router_mac.bytes.data(), sizeof front);
        std::memcpy(&last, router_mac.bytes.data() + sizeof front, sizeof last);
        first = group_mac_word(group) | std::uint64_t{front} << 48;
    }
    void write(std::uint8_t* link) const {
        std::memcpy(link, &first, sizeof first);
        std::memcpy(link + sizeof first, &last, sizeof last);
    }

    std::uint64_t first;
    std::uint32_t last; // NOLINT: written above
};

// TTL and checksum of the IPv4 header behind an Ethernet header.
void lower_ttl(std::uint8_t* header) {
    std::uint32_t word; // NOLINT: written at once
    std::memcpy(&word, header + 8, sizeof word);
    word = wire::with_lower_ttl(word);
    std::memcpy(header + 8, &word, sizeof word);
}

// One segment, and one reference to it: neighbours in the mbuf, so one compare.
bool is_single(rte_mbuf const* frame) {
    static_assert(offsetof(rte_mbuf, nb_segs) == offsetof(rte_mbuf, refcnt) + 2);
    std::uint32_t both; // NOLINT: written at once
    std::memcpy(&both, reinterpret_cast<char const*>(frame) + offsetof(rte_mbuf, refcnt),
                sizeof both);
    return both == 0x10001;
}

// make_writable() and rewrite() in one for what nearly every frame is: untagged, in one segment
// that is ours alone, with a packet of this length. False: nothing has changed.
[[gnu::always_inline]] inline bool rewrite_in_place(rte_mbuf* frame, std::uint32_t total_length,
                                                    Addresses const& addresses) {
    if (!is_single(frame) || (frame->ol_flags & k_not_ours) != 0) {
        return false;
    }
    std::uint32_t const length = k_ethernet_bytes + total_length;
    frame->data_len = static_cast<std::uint16_t>(length); // without padding
    frame->pkt_len = length;
    frame->ol_flags = 0; // what the receiving driver noted is no order to the sending one
    auto* const link = rte_pktmbuf_mtod(frame, std::uint8_t*);
    addresses.write(link); // the type is IPv4 already
    lower_ttl(link + k_ethernet_bytes);
    return true;
}

} // namespace

Replicator::Replicator(platform::WorkerPools const& pools, TxBuffers& transmit,
                       handoff::WorkerCounters& counters)
    : pools_(pools), transmit_(transmit), counters_(counters) {
    std::ranges::generate(plans_, [] { return std::make_unique<Plan>(); });
    plan_ = plans_.front().get();
}

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
    frame->ol_flags &= k_not_ours;
    auto* const link = rte_pktmbuf_mtod(frame, std::uint8_t*);
    write_link_header(link, verdict.key.group, router_mac, 0);
    lower_ttl(link + k_ethernet_bytes);
}

// On its way to all shared outputs.
[[gnu::always_inline]] inline void Replicator::share(rte_mbuf* frame) {
    run_.frames[run_.count++] = frame;
    run_.bytes += frame->pkt_len;
    if (run_.count == run_.frames.size()) {
        send_run();
    }
}

void Replicator::aim(IfSet const& to, InterfaceTable const& table) {
    if (plan_->is_for(to, table)) {
        return;
    }
    finish();
    for (auto const& known : plans_) {
        if (known->is_for(to, table)) {
            plan_ = known.get();
            return;
        }
    }
    plan_ = plans_[next_plan_++ % k_plans].get();
    plan_->make(to, table, transmit_);
}

void Replicator::replicate(rte_mbuf* frame, Verdict const& verdict) {
    ++plan_->packets;
    replicate_one(frame, verdict);
}

// The length of the frame, rewritten in place, which holds a packet of a train; 0, and nothing has
// changed, when it wants more than that.
[[gnu::always_inline]] inline std::uint32_t rewrite_usual(rte_mbuf* frame, Plan const& plan,
                                                          Addresses const& addresses) {
    std::uint32_t const total_length =
        Usual::total_length_in(rte_pktmbuf_mtod(frame, std::uint8_t const*));
    if (total_length > plan.longest_packet || !rewrite_in_place(frame, total_length, addresses))
        [[unlikely]] {
        return 0;
    }
    rte_mbuf_refcnt_set(frame, static_cast<std::uint16_t>(plan.shared)); // one for each output
    return k_ethernet_bytes + total_length;
}

void Replicator::replicate_train(std::span<rte_mbuf* const> frames, Ipv4 group) {
    plan_->packets += frames.size();
    if (frames.size() == 1 && plan_->apart == 0) { // as among many flows: nothing to loop for
        Addresses const addresses{group, plan_->router_mac};
        if (rewrite_usual(frames.front(), *plan_, addresses) != 0) [[likely]] {
            share(frames.front());
            return;
        }
    }
    while (!frames.empty()) {
        std::size_t done =
            plan_->apart == 0 ? share_train(frames, group) : send_train_apart(frames, group);
        if (run_.count == run_.frames.size()) {
            send_run();
        } else if (done == 0) {
            auto const* const head = rte_pktmbuf_mtod(frames.front(), std::uint8_t const*);
            replicate_one(frames.front(), Usual::verdict(head, k_no_interface));
            done = 1;
        }
        frames = frames.subspan(done);
    }
}

// From the first frame on, as long as they want no more than to be rewritten in place, and go to
// outputs with a header of their own in one and the same way; a burst at most. Gives how many.
std::size_t Replicator::send_train_apart(std::span<rte_mbuf* const> frames, Ipv4 group) {
    if (plan_->tunnels != 0) {
        return 0;
    }
    Addresses const addresses{group, plan_->router_mac};
    auto const length_of = [](rte_mbuf const* frame) -> std::uint32_t {
        return Usual::total_length_in(rte_pktmbuf_mtod(frame, std::uint8_t const*));
    };
    bool const copied = goes_as_copy(length_of(frames.front()));
    std::size_t const most = std::min(frames.size(), TxBuffers::k_burst);
    std::size_t count = 0;
    for (; count < most; ++count) {
        std::uint32_t const length = length_of(frames[count]);
        if (length > plan_->longest_packet || goes_as_copy(length) != copied ||
            !rewrite_in_place(frames[count], length, addresses)) {
            break;
        }
    }
    if (count == 0) {
        return 0;
    }
    send_private(frames.first(count), group);
    if (plan_->shared != 0) {
        for (rte_mbuf* const frame : frames.first(count)) {
            rte_mbuf_refcnt_update(frame, static_cast<std::int16_t>(plan_->shared - 1));
            share(frame);
        }
    }
    return count;
}

// From the first frame on, until the run is full or a frame wants more than to be rewritten in
// place and shared. Gives how many.
std::size_t Replicator::share_train(std::span<rte_mbuf* const> frames, Ipv4 group) {
    Plan const& plan = *plan_;
    Addresses const addresses{group, plan.router_mac};
    rte_mbuf** const run = &run_.frames[run_.count];
    std::size_t const most = std::min(frames.size(), run_.frames.size() - run_.count);
    std::uint64_t bytes = 0;
    std::size_t count = 0;
    for (; count < most; ++count) {
        std::uint32_t const length = rewrite_usual(frames[count], plan, addresses);
        if (length == 0) [[unlikely]] {
            break;
        }
        run[count] = frames[count];
        bytes += length;
    }
    run_.count += count;
    run_.bytes += bytes;
    return count;
}

void Replicator::replicate_one(rte_mbuf* frame, Verdict const& verdict) {
    Plan& plan = *plan_;
    if (verdict.link_length != k_ethernet_bytes ||
        !rewrite_in_place(frame, verdict.total_length, {verdict.key.group, plan.router_mac}))
        [[unlikely]] {
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
    if (plan.tunnels != 0) {
        send_through_tunnels(frame, verdict);
    }
    if (plan.special != 0) {
        send_private({&frame, 1}, verdict.key.group);
    } else if (plan.shared == 0) {
        rte_pktmbuf_free(frame);
    }
    if (plan.shared == 0) {
        return; // it went with the private ones
    }
    if (plan.shared > 1) {
        rte_mbuf_refcnt_update(frame, static_cast<std::int16_t>(plan.shared - 1));
    }
    share(frame);
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
    send_run();
    if (plan_->packets != 0) {
        count_copies();
        plan_->packets = 0;
    }
}

} // namespace mcast::dataplane
