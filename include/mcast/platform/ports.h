// The ports: configured, probed for what they can do, started, watched. Control thread only.
//
// Virtual devices refuse much that a NIC offers (multicast MAC lists, RSS, multi-segment transmit,
// setting a MAC), so nothing beyond receiving and sending a frame is required. What a port refused
// is recorded in its PortInfo, with what is done instead, for `mcastctl show ports`.
#pragma once

#include "mcast/base/ids.h"
#include "mcast/base/mac.h"
#include "mcast/platform/config.h"
#include "mcast/platform/numa_plan.h"
#include "mcast/platform/pools.h"
#include "mcast/platform/queue_depths.h"
#include "mcast/platform/queues.h"
#include "mcast/platform/start_error.h"

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace mcast::platform {

struct PortInfo {
    PortId id{};
    std::string name;   // of the configuration
    std::string device; // as configured
    std::string driver;
    std::uint16_t dpdk_port = 0;
    int node = k_any_node; // that the device is on; virtual devices are on none
    Mac hardware_mac{};
    Mac mac{}; // what frames leave with: the router MAC or the port's own
    std::uint16_t mtu = 0;
    std::uint32_t longest_frame = 0; // without FCS
    std::uint16_t receive_queues = 0;
    std::uint16_t transmit_queues = 0;
    std::uint16_t receive_descriptors = 0;
    std::uint16_t transmit_descriptors = 0;
    bool all_multicast = false;
    bool promiscuous = false;
    bool router_mac = false; // the port's own address filter accepts the router MAC
    bool rss = false;
    bool checksum_offload = false; // the port could; checksums are software's in any case
    bool multi_segment_transmit = false;
    bool scattered_receive = false;
    std::vector<std::string> fallbacks; // one phrase each: what was refused, what is done instead
};

struct PortLink {
    bool up = false;
    std::uint32_t megabits = 0; // 0: unknown
    bool full_duplex = false;
};

// As the driver counts. Some count no bytes; ours are in handoff/counters.h.
struct PortStats {
    std::uint64_t received = 0;
    std::uint64_t received_bytes = 0;
    std::uint64_t sent = 0;
    std::uint64_t sent_bytes = 0;
    std::uint64_t missed = 0; // the port dropped for want of descriptors
    std::uint64_t receive_errors = 0;
    std::uint64_t transmit_errors = 0;
    std::uint64_t no_buffers = 0;
};

// A ring by which frames reach the worker that owns a transmit queue.
struct RelayUse {
    PortId port{};
    std::uint16_t queue = 0;
    std::uint32_t waiting = 0;
    std::uint32_t slots = 0;
};

class Ports {
public:
    // Where the configured ports and cores are, as DPDK knows it; for Pools and open().
    static Places places(Config const& config);
    // Configures every port; nothing is received until start(). Workers are config.workers.cores.
    // `pools` must outlive the ports. A router MAC of all zeros means the first port's own.
    // Without places, all is on one node.
    static std::expected<Ports, StartError> open(Config const& config, Mac const& router_mac,
                                                 Pools const& pools,
                                                 std::optional<Places> places = {});
    ~Ports();
    Ports(Ports&&) noexcept;
    Ports& operator=(Ports&&) = delete;

    std::expected<void, StartError> start();
    // Stops and closes all, freeing what is in their queues and on relays. Workers must be gone.
    void close();

    std::size_t size() const;
    std::span<PortInfo const> list() const;
    PortInfo const& info(PortId port) const;
    // Does not wait for the link.
    PortLink link(PortId port) const;
    bool link_up(PortId port) const { return link(port).up; }
    PortStats stats(PortId port) const;

    WorkerQueues queues_of(WorkerId worker) const;

    // Asks every worker how full the rings are that it polls and fills; see depths().
    void ask_depths();
    QueueDepths const& depths(WorkerId worker) const;
    // Those that this worker empties.
    std::vector<RelayUse> relays(WorkerId worker) const;
    int node_of(WorkerId worker) const;
    // Of nodes and pools, a sentence each: what concerns this worker, and all there is. What
    // concerns a port is among its fallbacks, too.
    std::vector<std::string> const& warnings(WorkerId worker) const;
    std::vector<std::string> const& warnings() const;

private:
    struct State;
    explicit Ports(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

} // namespace mcast::platform
