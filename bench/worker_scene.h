// A router on virtual ports for the worker's benches: what comes in, what goes out, who looks.
//
//   ports 0, 1    net_pcap, a packet of flow_of() without end; worker 0 may poll the first, 1 the
//   second port 2        a FlowSource ports 3..18   net_null; interface n is port n, and the
//   outputs are 3 and up
#pragma once

#include "flow_source.h"

#include "mcast/dataplane/worker.h"
#include "mcast/handoff/publisher.h"
#include "mcast/platform/eal.h"
#include "mcast/platform/ports.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mcast::bench {

inline constexpr Mac k_router_mac{{0x02, 0, 0, 0, 0, 0x01}};

class WorkerScene {
public:
    static constexpr std::uint16_t k_flow_port = 2;
    static constexpr std::uint16_t k_first_output = 3;
    static constexpr std::uint16_t k_outputs = 16;
    static constexpr std::size_t k_entries = 1'100'000;

    // What comes in on port 0 or 1.
    static constexpr FlowKey flow_of(std::uint16_t port) {
        return {Ipv4::of(10, 0, static_cast<std::uint8_t>(port), 5), Ipv4::of(239, 1, 2, 3)};
    }

    // Throws std::runtime_error with a sentence.
    explicit WorkerScene(std::size_t frame_bytes);
    ~WorkerScene();
    WorkerScene(WorkerScene const&) = delete;
    WorkerScene& operator=(WorkerScene const&) = delete;

    // Outputs with a VLAN tag of their own, or not.
    void tag_outputs(bool tagged);
    // The flow, as it comes in on this port, goes to the first `fan_out` outputs.
    void publish(FlowKey flow, std::uint16_t arrival, std::uint16_t fan_out);
    // A worker that polls these ports alone.
    std::unique_ptr<dataplane::Worker> worker(std::uint16_t number,
                                              std::vector<std::uint16_t> const& ports);

    platform::Pools const& pools() const { return *pools_; }
    platform::Qsbr& grace() { return grace_; }
    handoff::Publisher& publisher() { return *publisher_; }
    FlowSource& flows() { return *flows_; }
    std::uint16_t dpdk_port(std::uint16_t port) const;
    std::uint64_t received(std::uint16_t worker) const;

private:
    std::vector<std::string> captures_;
    std::optional<platform::Eal> eal_;
    std::optional<platform::Pools> pools_;
    std::optional<platform::Ports> ports_;
    std::unique_ptr<FlowSource> flows_;
    platform::Qsbr grace_{2};
    std::unique_ptr<handoff::Shared> shared_;
    std::unique_ptr<handoff::Publisher> publisher_;
};

} // namespace mcast::bench
