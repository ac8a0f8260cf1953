// Where benches send to: the null driver itself, or one that keeps what it sends for a while.
//
// net_null frees at once, in the same cache lines that were written a moment ago, which flatters
// whoever allocates for each copy. A NIC writes a descriptor and frees the frame a whole ring
// later; so does the ring sink, whose transmit function takes the place of net_null's.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <rte_ethdev.h>
#include <rte_mbuf.h>

namespace mcast::bench {

class Sinks {
public:
    enum class Kind : std::uint8_t { null, ring };
    static constexpr std::size_t k_descriptors = 1024;

    // DPDK's numbers of started net_null ports, each with one transmit queue.
    explicit Sinks(std::vector<std::uint16_t> const& ports);
    ~Sinks();
    Sinks(Sinks const&) = delete;
    Sinks& operator=(Sinks const&) = delete;

    // From now on; what the rings hold is freed.
    void use(Kind kind);

private:
    struct Queue {
        struct Descriptor {
            std::uint64_t address;
            std::uint32_t length;
            std::uint32_t flags;
        };
        std::array<Descriptor, k_descriptors> descriptors{};
        std::array<rte_mbuf*, k_descriptors> held{};
        std::size_t next = 0;
    };
    struct Port {
        std::uint16_t number;
        eth_tx_burst_t null_burst;
        void* null_queue;
        std::unique_ptr<Queue> ring;
    };

    static std::uint16_t send(void* queue, rte_mbuf** frames, std::uint16_t count);

    std::vector<Port> ports_;
};

} // namespace mcast::bench
