// Packet buffers. Separate pools, so that copies run out before receive starves, and control's own
// packets are there even then. Built and read by control; workers take from and give to the pools.
#pragma once

#include "mcast/platform/config.h"
#include "mcast/platform/start_error.h"

#include <cstdint>
#include <expected>
#include <memory>
#include <string>

struct rte_mempool;

namespace mcast::platform {

// How many buffers of each pool are in use. When all ports are stopped and all workers are gone it
// must be what it was before they started: all zero.
struct PoolBalance {
    std::uint32_t receive = 0;
    std::uint32_t headers = 0;
    std::uint32_t references = 0;
    std::uint32_t control = 0;

    std::uint32_t total() const { return receive + headers + references + control; }
    bool operator==(PoolBalance const&) const = default;
};

class Pools {
public:
    // `prefix` keeps the names of several sets apart.
    static std::expected<Pools, StartError> create(PoolsConfig const& config,
                                                   std::string const& prefix = "mcast");

    rte_mempool* receive() const { return receive_.get(); }
    // Private headers, small copies, headers of fragments.
    rte_mempool* headers() const { return headers_.get(); }
    // Buffers without data that refer to another's: bodies of fragments and of private headers.
    rte_mempool* references() const { return references_.get(); }
    rte_mempool* control() const { return control_.get(); }

    PoolBalance in_use() const;
    PoolsConfig const& config() const { return config_; }

private:
    struct Free {
        void operator()(rte_mempool* pool) const;
    };
    using Pool = std::unique_ptr<rte_mempool, Free>;

    explicit Pools(PoolsConfig const& config) : config_(config) {}

    PoolsConfig config_;
    Pool receive_;
    Pool headers_;
    Pool references_;
    Pool control_;
};

} // namespace mcast::platform
