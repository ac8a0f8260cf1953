// One packet to many outputs: one rewrite, N references (F13, F16, F18). One worker.
//
// TTL, checksum and destination MAC change the same way for every copy, so the frame is rewritten
// once, in place, and outputs that use the router MAC without a tag share it by reference count.
// An output with a VLAN tag or a MAC of its own gets a private header in front of the shared
// payload; a small frame, or one for a port that takes no chains, is copied. So does a tunnel,
// whose header is an IPv4 header as well; the packet in it is the one that all others get. Larger
// packets than an output's MTU are fragmented for that output alone.
//
// An mbuf whose reference count is not one, or whose data belong to another, is never written: such
// an input gets a header segment of its own first.
//
// Packets that follow each other to the same outputs, as those of one stream do, are handed to each
// output together: what an output means is worked out once for all of them (src/dataplane/plan.h),
// and a copy costs little more than its pointer. So what replicate() took may still be here until
// finish(), which also counts the copies.
#pragma once

#include "mcast/base/if_set.h"
#include "mcast/dataplane/classify.h"
#include "mcast/dataplane/tx_buffer.h"
#include "mcast/handoff/counters.h"
#include "mcast/handoff/interface_table.h"
#include "mcast/platform/pools.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

struct rte_mbuf;

namespace mcast::dataplane {

// Up to this many bytes of IPv4 packet, a private copy of the frame is made instead of a header in
// front of the shared payload. At 64 bytes it costs less, and it is one segment, which every port
// takes; but copies of large frames would leave the caches. bench/replication_bench prints both.
inline constexpr std::size_t k_copy_limit = 256;
// More fragments than this of one packet are refused (fragment_failed).
inline constexpr std::size_t k_max_fragments = 64;

struct Plan;
struct PlanOutput;

class Replicator {
public:
    Replicator(platform::WorkerPools const& pools, TxBuffers& transmit,
               handoff::WorkerCounters& counters);
    ~Replicator(); // precondition: finish() was called since the last aim()

    // Where to all that follows goes, until the next call or finish(). `to` is not empty and all
    // its members are up. The table stays until finish().
    void aim(IfSet const& to, handoff::InterfaceTable const& table);
    // Takes over the frame, of which `verdict` is classify()'s. Counts copies, fragments and copy
    // drops of each output. Precondition of both: aim() was called since the last finish().
    void replicate(rte_mbuf* frame, Verdict const& verdict);
    // The same for a train (usual.h) to this group.
    void replicate_train(std::span<rte_mbuf* const> frames, Ipv4 group);
    // Hands what is left to the transmit buffers. Before they are flushed, at the end of a turn.
    void finish();

private:
    struct Job;

    // Frames on their way to all shared outputs of the plan.
    struct Run {
        std::size_t count = 0;
        std::uint64_t bytes = 0;
        std::array<rte_mbuf*, TxBuffers::k_burst> frames{};
    };

    std::size_t share_train(std::span<rte_mbuf* const> frames, Ipv4 group);
    std::size_t send_train_apart(std::span<rte_mbuf* const> frames, Ipv4 group);
    void replicate_one(rte_mbuf* frame, Verdict const& verdict);
    void share(rte_mbuf* frame);
    void send_run();
    void count_copies();
    rte_mbuf* make_writable(rte_mbuf* frame, Verdict const& verdict);
    void rewrite(rte_mbuf* frame, Verdict const& verdict, Mac const& router_mac);

    // Rewritten frames of one segment that are ours alone and short enough for all outputs, all
    // short enough to be copied or none. They go with their copies when nobody shares them.
    // private_frames.cpp
    void send_private(std::span<rte_mbuf* const> frames, Ipv4 group);
    void give(std::span<rte_mbuf* const> frames, std::uint64_t bytes, PlanOutput const& out);
    bool goes_as_copy(std::uint32_t total_length) const;
    void send_private_copies(std::span<rte_mbuf* const> frames, Ipv4 group);
    void send_private_headers(std::span<rte_mbuf* const> bodies, Ipv4 group);
    std::size_t take_headers(std::span<rte_mbuf*> into, PlanOutput const& out);

    // Any packet, output by output. one_by_one.cpp
    void send_one_by_one(rte_mbuf* frame, Verdict const& verdict);
    void send_through_tunnels(rte_mbuf* frame, Verdict const& verdict);
    void sort_outputs(Job& job);
    void send_special(Job& job, IfIndex to);
    void send_shared(Job const& job);
    bool prepare_body(Job& job);
    void send_chained(Job& job, IfIndex to);
    void send_copied(Job& job, IfIndex to);
    void send_fragments(Job& job, IfIndex to);
    void finish_fragment(rte_mbuf* fragment, Job const& job, IfIndex to);
    rte_mbuf* copy_of(rte_mbuf const* source, std::uint32_t skip, std::uint32_t headroom,
                      handoff::CopyDrop& why);
    void put(IfIndex to, PortId port, rte_mbuf* frame);
    void refuse(IfIndex to, handoff::CopyDrop why);

    platform::WorkerPools pools_;
    TxBuffers& transmit_;
    handoff::WorkerCounters& counters_;
    // Streams whose packets take turns need not go the same way: of some ways, the plans are kept.
    static constexpr std::size_t k_plans = 8;
    std::array<std::unique_ptr<Plan>, k_plans> plans_;
    Plan* plan_; // the one that is aimed at
    std::size_t next_plan_ = 0;
    Run run_;
    std::uint16_t next_id_ = 0; // of outer headers
};

} // namespace mcast::dataplane
