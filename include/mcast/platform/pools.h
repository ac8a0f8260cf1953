// Packet buffers. Separate pools, so that copies run out before receive starves, and control's own
// packets are there even then. Built and read by control; workers take from and give to the pools.
//
// On several NUMA nodes there is a receive pool on each that has ports, and one of headers and one
// of references on each that has workers; all of the configured size. A buffer goes back to the
// pool that it came from, whoever frees it. A node without memory for its pool has one elsewhere:
// slower, and said so.
#pragma once

#include "mcast/platform/config.h"
#include "mcast/platform/numa_plan.h"
#include "mcast/platform/start_error.h"

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct rte_mempool;

namespace mcast::platform {

// How many buffers are in use, of all pools of a kind. When all ports are stopped and all workers
// are gone it must be what it was before they started: all zero.
struct PoolBalance {
    std::uint32_t receive = 0;
    std::uint32_t headers = 0;
    std::uint32_t references = 0;
    std::uint32_t control = 0;

    std::uint32_t total() const { return receive + headers + references + control; }
    bool operator==(PoolBalance const&) const = default;
};

enum class PoolKind : std::uint8_t { receive, headers, references, control };
std::string_view name_of(PoolKind kind);

// One pool, for those who ask.
struct PoolUse {
    PoolKind kind{};
    int node = k_any_node; // for which it is
    std::uint32_t size = 0;
    std::uint32_t in_use = 0;
    std::string elsewhere; // a sentence, when that node had no memory for it; else empty
};

class Pools {
public:
    // For create(): without hugepages DPDK's memory is on no node, and one of each is all there is.
    static PoolNodes nodes(Places const& places);
    // `prefix` keeps the names of several sets apart.
    static std::expected<Pools, StartError> create(PoolsConfig const& config,
                                                   std::string const& prefix = "mcast",
                                                   PoolNodes const& nodes = {});

    // Of a node; without one, or when it has none of its own: the first.
    rte_mempool* receive(int node = k_any_node) const { return of(PoolKind::receive, node); }
    // Private headers, small copies, headers of fragments.
    rte_mempool* headers(int node = k_any_node) const { return of(PoolKind::headers, node); }
    // Buffers without data that refer to another's: bodies of fragments and of private headers.
    rte_mempool* references(int node = k_any_node) const { return of(PoolKind::references, node); }
    rte_mempool* control() const { return of(PoolKind::control, k_any_node); }

    PoolBalance in_use() const;
    // By kind, then node.
    std::vector<PoolUse> list() const;
    // Why the pool of a kind for this node is elsewhere; empty when it is not.
    std::string const& elsewhere(PoolKind kind, int node) const;
    PoolsConfig const& config() const { return config_; }

private:
    struct Free {
        void operator()(rte_mempool* pool) const;
    };
    struct OnNode {
        PoolKind kind{};
        int node = k_any_node;
        std::unique_ptr<rte_mempool, Free> pool;
        std::string elsewhere;
    };

    explicit Pools(PoolsConfig const& config) : config_(config) {}
    OnNode const& entry(PoolKind kind, int node) const;
    rte_mempool* of(PoolKind kind, int node) const { return entry(kind, node).pool.get(); }

    PoolsConfig config_;
    std::vector<OnNode> all_; // by kind; at least one of each
};

// What one worker takes from, on its node. A value.
class WorkerPools {
public:
    // NOLINTNEXTLINE(google-explicit-constructor): on one node the pools are a worker's pools
    WorkerPools(Pools const& pools, int node = k_any_node)
        : headers_(pools.headers(node)), references_(pools.references(node)),
          control_(pools.control()) {}

    rte_mempool* headers() const { return headers_; }
    rte_mempool* references() const { return references_; }
    rte_mempool* control() const { return control_; }

private:
    rte_mempool* headers_;
    rte_mempool* references_;
    rte_mempool* control_;
};

} // namespace mcast::platform
