// What the platform must know: ports, pools, cores, memory. Plain values; filled by config/.
#pragma once

#include "mcast/base/ids.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace mcast::platform {

// Which source MAC frames carry on a port. `automatic`: the router MAC where the port accepts it or
// can receive promiscuously, else the port's own.
enum class MacMode : std::uint8_t { automatic, router, own };

struct PortConfig {
    std::string name;
    // A PCI address, as sysfs writes it ("0000:af:00.0"), or a virtual device; each with its
    // arguments ("net_af_packet0,iface=veth0"), as EAL's --allow and --vdev take them.
    std::string device;
    std::uint16_t queues = 1; // receive queues; spread over the workers in turn
    std::uint16_t mtu = 1500; // IPv4 packet, bytes
    std::uint16_t receive_descriptors = 1024;
    std::uint16_t transmit_descriptors = 1024;
    MacMode mac = MacMode::automatic;

    bool operator==(PortConfig const&) const = default;
};

// What a worker does when a turn found no work.
enum class Idle : std::uint8_t {
    spin,  // poll again at once: lowest latency, one core at 100 %
    pause, // the same with a pause, which leaves the core to its other hardware thread
    yield, // let others run on this core between turns
    sleep, // after some idle turns, sleep, longer each time: for shared machines and CI
};

struct WorkersConfig {
    std::vector<std::uint16_t> cores; // one worker a core; the same core may appear twice in CI
    Idle idle = Idle::spin;
    std::vector<Idle> idle_by_worker;  // instead of `idle`, one for each core; or empty
    std::uint32_t wake_up_within = 50; // microseconds; the longest that a worker sleeps

    Idle idle_of(std::size_t worker) const {
        return worker < idle_by_worker.size() ? idle_by_worker[worker] : idle;
    }

    bool operator==(WorkersConfig const&) const = default;
};

// Numbers of mbufs. Receive, private headers (and fragments), and control have separate pools, so
// that copies run out before receive starves.
struct PoolsConfig {
    std::uint32_t receive = 16383;
    std::uint32_t headers = 16383;
    std::uint32_t control = 4095;
    std::uint32_t cache = 512; // per core; 32 makes replication several times slower
    std::uint32_t buffer_bytes =
        2176; // data room with headroom; longer frames use several segments

    bool operator==(PoolsConfig const&) const = default;
};

struct MemoryConfig {
    bool hugepages = true;
    std::uint32_t megabytes = 512; // with hugepages on each NUMA node in use, without in all

    bool operator==(MemoryConfig const&) const = default;
};

struct Config {
    WorkersConfig workers;
    std::vector<PortConfig> ports;
    PoolsConfig pools;
    MemoryConfig memory;
    std::uint16_t control_core = 0;
    std::string instance = "mcastd"; // also EAL's file prefix

    bool operator==(Config const&) const = default;
};

} // namespace mcast::platform
