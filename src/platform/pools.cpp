#include "mcast/platform/pools.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_mbuf.h>

namespace mcast::platform {

namespace {

// What one pool is made of.
struct Wanted {
    PoolKind kind{};
    std::uint32_t count = 0;
    std::uint32_t room = 0;
    std::string name;
};

// A pool's cache may hold at most two thirds of it, and no more than DPDK allows.
std::uint32_t cache_for(PoolsConfig const& config, std::uint32_t count) {
    return std::min({config.cache, std::uint32_t{RTE_MEMPOOL_CACHE_MAX_SIZE}, count * 2 / 3});
}

rte_mempool* make(PoolsConfig const& config, Wanted const& wanted, int node) {
    return rte_pktmbuf_pool_create(wanted.name.c_str(), wanted.count,
                                   cache_for(config, wanted.count), 0,
                                   static_cast<std::uint16_t>(wanted.room), node);
}

// References are as many as headers.
std::string_view key_of(PoolKind kind) {
    return name_of(kind == PoolKind::references ? PoolKind::headers : kind);
}

StartError no_memory(Wanted const& wanted) {
    return {k_exit_system,
            fmt::format("no memory for the {} pool of {} buffers of {} bytes ({}): raise [memory] "
                        "megabytes or lower [pools] {}",
                        name_of(wanted.kind), wanted.count, wanted.room, rte_strerror(rte_errno),
                        key_of(wanted.kind))};
}

std::string sentence_elsewhere(Wanted const& wanted, int node) {
    return fmt::format("NUMA node {} has no memory for its {} pool, which is on another node: have "
                       "more hugepages there, or lower [pools] {}",
                       node, name_of(wanted.kind), key_of(wanted.kind));
}

} // namespace

std::string_view name_of(PoolKind kind) {
    static constexpr std::array<std::string_view, 4> k_names{"receive", "headers", "references",
                                                             "control"};
    return k_names[static_cast<std::size_t>(kind)];
}

void Pools::Free::operator()(rte_mempool* pool) const {
    rte_mempool_free(pool);
}

PoolNodes Pools::nodes(Places const& places) {
    return rte_eal_has_hugepages() != 0 ? pool_nodes(places) : PoolNodes{};
}

std::expected<Pools, StartError> Pools::create(PoolsConfig const& config, std::string const& prefix,
                                               PoolNodes const& nodes) {
    struct OfKind {
        PoolKind kind;
        std::uint32_t count;
        std::uint32_t room;
        std::vector<int> nodes;
    };
    OfKind const all[] = {
        {PoolKind::receive, config.receive, config.buffer_bytes, nodes.receive},
        {PoolKind::headers, config.headers, config.buffer_bytes, nodes.copies},
        {PoolKind::references, config.headers, 0, nodes.copies},
        {PoolKind::control, config.control, config.buffer_bytes, {k_any_node}},
    };
    Pools pools{config};
    for (OfKind const& each : all) {
        for (int const node : each.nodes) {
            std::string const which =
                each.nodes.size() == 1 ? std::string{} : fmt::format("_{}", node);
            Wanted const wanted{.kind = each.kind,
                                .count = each.count,
                                .room = each.room,
                                .name = fmt::format("{}_{}{}", prefix, name_of(each.kind), which)};
            OnNode made{.kind = each.kind, .node = node, .pool = {}, .elsewhere = {}};
            made.pool.reset(make(config, wanted, node));
            if (!made.pool && node != k_any_node) {
                made.pool.reset(make(config, wanted, k_any_node));
                made.elsewhere = sentence_elsewhere(wanted, node);
            }
            if (!made.pool) {
                return std::unexpected(no_memory(wanted));
            }
            pools.all_.push_back(std::move(made));
        }
    }
    return pools;
}

Pools::OnNode const& Pools::entry(PoolKind kind, int node) const {
    auto const own = std::ranges::find_if(
        all_, [&](OnNode const& each) { return each.kind == kind && each.node == node; });
    return own != all_.end() ? *own : *std::ranges::find(all_, kind, &OnNode::kind);
}

std::string const& Pools::elsewhere(PoolKind kind, int node) const {
    static std::string const k_nothing;
    OnNode const& found = entry(kind, node);
    return found.node == node ? found.elsewhere : k_nothing;
}

std::vector<PoolUse> Pools::list() const {
    std::vector<PoolUse> uses;
    uses.reserve(all_.size());
    for (OnNode const& each : all_) {
        uses.push_back({.kind = each.kind,
                        .node = each.node,
                        .size = each.pool->size,
                        .in_use = rte_mempool_in_use_count(each.pool.get()),
                        .elsewhere = each.elsewhere});
    }
    return uses;
}

PoolBalance Pools::in_use() const {
    std::array<std::uint32_t, 4> sums{};
    for (OnNode const& each : all_) {
        sums[static_cast<std::size_t>(each.kind)] += rte_mempool_in_use_count(each.pool.get());
    }
    return {sums[0], sums[1], sums[2], sums[3]};
}

} // namespace mcast::platform
