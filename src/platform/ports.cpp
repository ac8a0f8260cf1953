#include "mcast/platform/ports.h"

#include "kernel_link.h"
#include "port_setup.h"

#include <array>
#include <utility>

#include <fmt/format.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_ring.h>
#include <rte_ring_elem.h>

namespace mcast::platform {

namespace {

constexpr unsigned k_relay_frames = 1024;

struct FreeRing {
    void operator()(rte_ring* ring) const {
        OutFrame out;
        while (rte_ring_dequeue_elem(ring, &out, sizeof out) == 0) {
            rte_pktmbuf_free(out.frame);
        }
        rte_ring_free(ring);
    }
};
using Ring = std::unique_ptr<rte_ring, FreeRing>;

} // namespace

struct Ports::State {
    std::vector<PortInfo> ports;
    std::vector<std::vector<Ring>> relays; // by port, then transmit queue; may be empty
    std::size_t workers = 1;
    bool open = true;
};

Ports::Ports(std::unique_ptr<State> state) : state_(std::move(state)) {}
Ports::Ports(Ports&&) noexcept = default;

Ports::~Ports() {
    if (state_) {
        close();
    }
}

namespace {

// Only workers beyond the number of transmit queues need somebody to send for them.
std::expected<std::vector<Ring>, StartError> make_relays(PortInfo const& info,
                                                         std::size_t workers) {
    std::vector<Ring> rings;
    for (std::uint16_t queue = 0; info.transmit_queues < workers && queue < info.transmit_queues;
         ++queue) {
        std::string const name = fmt::format("relay_{}_{}", info.dpdk_port, queue);
        // Many workers put, the queue's owner takes.
        rings.emplace_back(rte_ring_create_elem(name.c_str(), sizeof(OutFrame), k_relay_frames,
                                                SOCKET_ID_ANY, RING_F_SC_DEQ));
        if (!rings.back()) {
            rings.pop_back();
            return std::unexpected(
                StartError{k_exit_system, fmt::format("port '{}': no memory for a relay ring ({})",
                                                      info.name, rte_strerror(rte_errno))});
        }
    }
    return rings;
}

} // namespace

std::expected<Ports, StartError> Ports::open(Config const& config, Mac const& router_mac,
                                             Pools const& pools) {
    auto state = std::make_unique<State>();
    state->workers = std::max<std::size_t>(config.workers.cores.size(), 1);
    for (std::size_t i = 0; i < config.ports.size(); ++i) {
        auto const dpdk_port = find_port(config.ports[i]);
        if (!dpdk_port) {
            return std::unexpected(dpdk_port.error());
        }
        // Without a router MAC of its own the router speaks with the first port's.
        Mac const& mac =
            router_mac == Mac{} && i != 0 ? state->ports.front().hardware_mac : router_mac;
        auto info = set_up_port(PortId{static_cast<std::uint16_t>(i)}, *dpdk_port, config.ports[i],
                                state->workers, mac, pools);
        if (!info) {
            return std::unexpected(std::move(info.error()));
        }
        auto rings = make_relays(*info, state->workers);
        if (!rings) {
            return std::unexpected(std::move(rings.error()));
        }
        state->ports.push_back(std::move(*info));
        state->relays.push_back(std::move(*rings));
    }
    return Ports{std::move(state)};
}

std::expected<void, StartError> Ports::start() {
    for (PortInfo const& port : state_->ports) {
        int const result = rte_eth_dev_start(port.dpdk_port);
        if (result != 0) {
            return std::unexpected(StartError{
                k_exit_unavailable, fmt::format("port '{}' ({}) cannot be started: {}", port.name,
                                                port.device, rte_strerror(-result))});
        }
    }
    return {};
}

void Ports::close() {
    if (!std::exchange(state_->open, false)) {
        return;
    }
    state_->relays.clear();
    for (PortInfo const& port : state_->ports) {
        rte_eth_dev_stop(port.dpdk_port);
        rte_eth_dev_close(port.dpdk_port);
    }
}

std::size_t Ports::size() const {
    return state_->ports.size();
}

std::span<PortInfo const> Ports::list() const {
    return state_->ports;
}

PortInfo const& Ports::info(PortId port) const {
    return state_->ports[port.index()];
}

PortLink Ports::link(PortId port) const {
    rte_eth_link link{};
    if (!state_->open || rte_eth_link_get_nowait(info(port).dpdk_port, &link) != 0) {
        return {};
    }
    // The driver of AF_PACKET ports says "up" whatever happens to the kernel's interface.
    auto const kernel_interface = af_packet_interface(info(port).device);
    if (kernel_interface && !kernel_link_up(*kernel_interface)) {
        link.link_status = RTE_ETH_LINK_DOWN;
    }
    bool const known = link.link_speed != RTE_ETH_SPEED_NUM_UNKNOWN;
    return {link.link_status == RTE_ETH_LINK_UP, known ? link.link_speed : 0,
            link.link_duplex == RTE_ETH_LINK_FULL_DUPLEX};
}

PortStats Ports::stats(PortId port) const {
    rte_eth_stats stats{};
    if (!state_->open || rte_eth_stats_get(info(port).dpdk_port, &stats) != 0) {
        return {};
    }
    return {stats.ipackets, stats.ibytes,  stats.opackets, stats.obytes,
            stats.imissed,  stats.ierrors, stats.oerrors,  stats.rx_nombuf};
}

WorkerQueues Ports::queues_of(WorkerId worker) const {
    WorkerQueues mine;
    std::size_t turn = 0; // receive queues go round the workers, over all ports
    for (PortInfo const& port : state_->ports) {
        for (std::uint16_t queue = 0; queue < port.receive_queues; ++queue) {
            if (turn++ % state_->workers == worker.index()) {
                mine.receive.push_back({port.id, port.dpdk_port, queue});
            }
        }
        auto const& rings = state_->relays[port.id.index()];
        auto const queue = static_cast<std::uint16_t>(worker.index() % port.transmit_queues);
        bool const owner = worker.index() < port.transmit_queues;
        if (owner && !rings.empty()) {
            mine.relays.push_back({port.id, rings[queue].get()});
        }
        mine.transmit.push_back({port.dpdk_port, queue, owner ? nullptr : rings[queue].get(),
                                 port.multi_segment_transmit, port.longest_frame, true});
    }
    return mine;
}

} // namespace mcast::platform
