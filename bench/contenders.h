// Ways to send one packet out of many ports, each as good as we know how: ours and its rivals.
//
// All take a burst of frames that are theirs, and end with every copy handed to its port's driver,
// in bursts as long as the input's. Packets are IPv4 in Ethernet, untagged, in one segment.
#pragma once

#include "mcast/base/mac.h"
#include "mcast/dataplane/classify.h"
#include "mcast/dataplane/replicate.h"
#include "mcast/dataplane/tx_buffer.h"
#include "mcast/handoff/interface_table.h"
#include "mcast/platform/pools.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

struct rte_mbuf;

namespace mcast::bench {

inline constexpr std::size_t k_burst = 32;
inline constexpr std::size_t k_most_ports = 16;
inline constexpr Mac k_router_mac{{0x02, 0, 0, 0, 0, 0x01}};

// Port n of the rivals' outputs: DPDK's number for it.
using PortNumbers = std::vector<std::uint16_t>;
using Burst = std::span<rte_mbuf* const>;

// Frames for each port, sent when the burst is through.
class Lanes {
public:
    explicit Lanes(PortNumbers ports) : ports_(std::move(ports)) {}
    void put(std::size_t port, rte_mbuf* frame) {
        lanes_[port].frames[lanes_[port].count++] = frame;
    }
    void send(std::size_t ports);

private:
    struct Lane {
        std::uint16_t count = 0;
        std::array<rte_mbuf*, k_burst> frames;
    };
    PortNumbers ports_;
    std::array<Lane, k_most_ports> lanes_{};
};

// The bare floor: a reference count and a pointer for each port. `rewrites`: with the new Ethernet
// header, TTL and checksum that all copies share.
class Floor {
public:
    Floor(PortNumbers ports, bool rewrites) : lanes_(std::move(ports)), rewrites_(rewrites) {}
    void replicate(Burst burst, std::size_t ports);

private:
    Lanes lanes_;
    bool rewrites_;
};

// A clone for each port. With `tag` not 0, each has an Ethernet header with this VLAN in front.
class Clone {
public:
    Clone(PortNumbers ports, platform::Pools const& pools, std::uint16_t tag)
        : lanes_(std::move(ports)), pools_(pools), tag_(tag) {}
    void replicate(Burst burst, std::size_t ports);

private:
    rte_mbuf* header_before(rte_mbuf* body) const;

    Lanes lanes_;
    platform::Pools const& pools_;
    std::uint16_t tag_;
};

// An Ethernet header of its own for each port, in front of the payload that all refer to: as DPDK's
// ipv4_multicast does it. `lean`: its headers come from the pool at once, and no field is set that
// no driver reads.
class Header {
public:
    Header(PortNumbers ports, platform::Pools const& pools, std::uint16_t tag, bool lean)
        : lanes_(std::move(ports)), pools_(pools), tag_(tag), lean_(lean) {}
    void replicate(Burst burst, std::size_t ports);

private:
    void plain(rte_mbuf* body, std::size_t ports);
    void lean(rte_mbuf* body, std::size_t ports);

    Lanes lanes_;
    platform::Pools const& pools_;
    std::uint16_t tag_;
    bool lean_;
};

// The whole frame copied for each port.
class Copy {
public:
    Copy(PortNumbers ports, platform::Pools const& pools)
        : lanes_(std::move(ports)), pools_(pools) {}
    void replicate(Burst burst, std::size_t ports);

private:
    Lanes lanes_;
    platform::Pools const& pools_;
};

// The data path's own: interfaces 1.. on ports 1.. of `transmit`.
class Ours {
public:
    Ours(dataplane::Replicator& replicator, dataplane::TxBuffers& transmit,
         handoff::InterfaceTable const& table, dataplane::Verdict const& verdict)
        : replicator_(replicator), transmit_(transmit), table_(table), verdict_(verdict) {}
    void replicate(Burst burst, std::size_t ports);

private:
    dataplane::Replicator& replicator_;
    dataplane::TxBuffers& transmit_;
    handoff::InterfaceTable const& table_;
    dataplane::Verdict verdict_;
};

} // namespace mcast::bench
