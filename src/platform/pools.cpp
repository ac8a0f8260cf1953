#include "mcast/platform/pools.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>
#include <rte_errno.h>
#include <rte_mbuf.h>

namespace mcast::platform {

namespace {

// A pool's cache may hold at most two thirds of it, and no more than DPDK allows.
std::uint32_t cache_for(PoolsConfig const& config, std::uint32_t count) {
    return std::min({config.cache, std::uint32_t{RTE_MEMPOOL_CACHE_MAX_SIZE}, count * 2 / 3});
}

std::expected<rte_mempool*, StartError> make(PoolsConfig const& config, std::string const& prefix,
                                             std::string_view what, std::uint32_t count,
                                             std::uint32_t room) {
    std::string const name = fmt::format("{}_{}", prefix, what);
    rte_mempool* const pool =
        rte_pktmbuf_pool_create(name.c_str(), count, cache_for(config, count), 0,
                                static_cast<std::uint16_t>(room), SOCKET_ID_ANY);
    if (pool == nullptr) {
        return std::unexpected(StartError{
            k_exit_system,
            fmt::format("no memory for the {} pool of {} buffers of {} bytes ({}): raise [memory] "
                        "megabytes or lower [pools] {}",
                        what, count, room, rte_strerror(rte_errno), what)});
    }
    return pool;
}

} // namespace

void Pools::Free::operator()(rte_mempool* pool) const {
    rte_mempool_free(pool);
}

std::expected<Pools, StartError> Pools::create(PoolsConfig const& config,
                                               std::string const& prefix) {
    struct Wanted {
        Pool Pools::* pool;
        std::string_view what;
        std::uint32_t count;
        std::uint32_t room;
    };
    Wanted const all[] = {
        {&Pools::receive_, "receive", config.receive, config.buffer_bytes},
        {&Pools::headers_, "headers", config.headers, config.buffer_bytes},
        {&Pools::references_, "references", config.headers, 0},
        {&Pools::control_, "control", config.control, config.buffer_bytes},
    };
    Pools pools{config};
    for (Wanted const& wanted : all) {
        auto made = make(config, prefix, wanted.what, wanted.count, wanted.room);
        if (!made) {
            return std::unexpected(std::move(made.error()));
        }
        (pools.*wanted.pool).reset(*made);
    }
    return pools;
}

PoolBalance Pools::in_use() const {
    return {rte_mempool_in_use_count(receive()), rte_mempool_in_use_count(headers()),
            rte_mempool_in_use_count(references()), rte_mempool_in_use_count(control())};
}

} // namespace mcast::platform
