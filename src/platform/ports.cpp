#include "mcast/platform/ports.h"

#include "eal_internal.h"
#include "kernel_link.h"
#include "port_setup.h"

#include "mcast/platform/eal.h"
#include "mcast/platform/lcores.h"

#include <algorithm>
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
    struct OfWorker {
        int node = k_any_node;
        std::unique_ptr<QueueDepths> depths; // workers have its address
        std::vector<std::string> warnings;
    };

    std::vector<PortInfo> ports;
    std::vector<std::vector<Ring>> relays;      // by port, then transmit queue; may be empty
    std::vector<std::vector<WorkerId>> pollers; // by port, then receive queue
    std::vector<OfWorker> workers;              // at least one
    std::vector<std::string> warnings;
    bool open = true;

    std::expected<void, StartError> set_up(Config const& config, Mac const& router_mac,
                                           Pools const& pools, Places const& places);
    void plan(Places const& places, Pools const& pools);
    std::unique_ptr<QueueDepths> depths_of(WorkerId worker) const;
    // A worker has the transmit queue of its own number, where there are as many.
    static bool owns(WorkerId worker, PortInfo const& port) {
        return worker.index() < port.transmit_queues;
    }
};

Ports::Ports(std::unique_ptr<State> state) : state_(std::move(state)) {}
Ports::Ports(Ports&&) noexcept = default;

Ports::~Ports() {
    if (state_) {
        close();
    }
}

Places Ports::places(Config const& config) {
    Places places;
    for (PortConfig const& port : config.ports) {
        // What DPDK tells of a virtual device is where this thread runs.
        auto const found = is_pci(port.device) ? find_port(port) : std::unexpected(StartError{});
        places.ports.push_back(found ? std::max(rte_eth_dev_socket_id(*found), k_any_node)
                                     : k_any_node);
    }
    for (std::size_t w = 0; w < config.workers.cores.size(); ++w) {
        places.workers.push_back(Lcores::node_of(WorkerId{static_cast<WorkerId::rep>(w)}));
    }
    return places;
}

namespace {

// All on one node, as it were.
Places nowhere(Config const& config) {
    return {.ports = std::vector(config.ports.size(), k_any_node),
            .workers = std::vector(config.workers.cores.size(), k_any_node)};
}

Ring make_relay(std::string const& name, int node) {
    // Many workers put, the queue's owner takes.
    auto const make = [&](int where) {
        return rte_ring_create_elem(name.c_str(), sizeof(OutFrame), k_relay_frames, where,
                                    RING_F_SC_DEQ);
    };
    rte_ring* const near = make(node);
    return Ring{near != nullptr || node == k_any_node ? near : make(k_any_node)};
}

// Only workers beyond the number of transmit queues need somebody to send for them. Each ring is on
// the node of who empties it.
std::expected<std::vector<Ring>, StartError> make_relays(PortInfo const& info,
                                                         std::span<int const> workers) {
    std::vector<Ring> rings;
    for (std::uint16_t queue = 0;
         info.transmit_queues < workers.size() && queue < info.transmit_queues; ++queue) {
        rings.push_back(
            make_relay(fmt::format("relay_{}_{}", info.dpdk_port, queue), workers[queue]));
        if (!rings.back()) {
            rings.pop_back();
            return std::unexpected(
                StartError{k_exit_system, fmt::format("port '{}': no memory for a relay ring ({})",
                                                      info.name, rte_strerror(rte_errno))});
        }
    }
    return rings;
}

// Once each, in the order in which they come.
void add_all(std::vector<std::string>& to, std::span<std::string const> sentences) {
    for (std::string const& sentence : sentences) {
        if (!sentence.empty() && std::ranges::find(to, sentence) == to.end()) {
            to.push_back(sentence);
        }
    }
}

} // namespace

std::expected<void, StartError> Ports::State::set_up(Config const& config, Mac const& router_mac,
                                                     Pools const& pools, Places const& places) {
    for (std::size_t i = 0; i < config.ports.size(); ++i) {
        auto const dpdk_port = find_port(config.ports[i]);
        if (!dpdk_port) {
            return std::unexpected(dpdk_port.error());
        }
        // Without a router MAC of its own the router speaks with the first port's.
        Mac const& mac = router_mac == Mac{} && i != 0 ? ports.front().hardware_mac : router_mac;
        FoundPort const found{.id = PortId{static_cast<std::uint16_t>(i)},
                              .dpdk_port = *dpdk_port,
                              .node = places.ports[i]};
        auto info = set_up_port(found, config.ports[i], places.workers.size(), mac, pools);
        if (!info) {
            return std::unexpected(std::move(info.error()));
        }
        auto rings = make_relays(*info, places.workers);
        if (!rings) {
            return std::unexpected(std::move(rings.error()));
        }
        ports.push_back(std::move(*info));
        relays.push_back(std::move(*rings));
    }
    return {};
}

// Who polls what, and what people should know of it.
void Ports::State::plan(Places const& places, Pools const& pools) {
    std::vector<PortQueues> queues;
    queues.reserve(ports.size());
    for (PortInfo const& port : ports) {
        queues.push_back({.name = port.name, .receive_queues = port.receive_queues});
    }
    NumaPlan made = plan_numa(queues, places);
    pollers = std::move(made.pollers);
    for (PortInfo& port : ports) {
        std::string const of_port[] = {made.of_ports[port.id.index()],
                                       pools.elsewhere(PoolKind::receive, port.node)};
        add_all(port.fallbacks, of_port);
        add_all(warnings, of_port);
    }
    for (std::size_t w = 0; w < places.workers.size(); ++w) {
        int const node = places.workers[w];
        std::string const of_worker[] = {made.of_workers[w],
                                         pools.elsewhere(PoolKind::headers, node),
                                         pools.elsewhere(PoolKind::references, node)};
        OfWorker& worker = workers.emplace_back();
        worker.node = node;
        add_all(worker.warnings, of_worker);
        add_all(warnings, of_worker);
        worker.depths = depths_of(WorkerId{static_cast<WorkerId::rep>(w)});
    }
}

std::unique_ptr<QueueDepths> Ports::State::depths_of(WorkerId worker) const {
    std::vector<NicQueue> receive;
    std::vector<NicQueue> transmit;
    for (PortInfo const& port : ports) {
        for (std::uint16_t queue = 0; queue < port.receive_queues; ++queue) {
            if (pollers[port.id.index()][queue] == worker) {
                receive.push_back({port.id, port.dpdk_port, queue, port.receive_descriptors});
            }
        }
        if (owns(worker, port)) {
            transmit.push_back({port.id, port.dpdk_port, worker.value, port.transmit_descriptors});
        }
    }
    return std::make_unique<QueueDepths>(std::move(receive), std::move(transmit));
}

std::expected<Ports, StartError> Ports::open(Config const& config, Mac const& router_mac,
                                             Pools const& pools, std::optional<Places> places) {
    if (!places) {
        places = nowhere(config);
    }
    if (places->workers.empty()) {
        places->workers.push_back(k_any_node); // whoever has the ports takes all queues
    }
    auto state = std::make_unique<State>();
    if (auto done = state->set_up(config, router_mac, pools, *places); !done) {
        return std::unexpected(std::move(done.error()));
    }
    state->plan(*places, pools);
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
    State::OfWorker const& of_worker = state_->workers[worker.index()];
    WorkerQueues mine;
    mine.node = of_worker.node;
    mine.depths = of_worker.depths.get();
    for (NicQueue const& queue : mine.depths->receive()) {
        mine.receive.push_back({queue.port, queue.dpdk_port, queue.queue});
    }
    for (PortInfo const& port : state_->ports) {
        auto const& rings = state_->relays[port.id.index()];
        auto const queue = static_cast<std::uint16_t>(worker.index() % port.transmit_queues);
        bool const owner = State::owns(worker, port);
        if (owner && !rings.empty()) {
            mine.relays.push_back({port.id, rings[queue].get()});
        }
        mine.transmit.push_back({port.dpdk_port, queue, owner ? nullptr : rings[queue].get(),
                                 port.multi_segment_transmit, port.longest_frame, true});
    }
    return mine;
}

void Ports::ask_depths() {
    for (State::OfWorker const& worker : state_->workers) {
        worker.depths->ask();
    }
}

QueueDepths const& Ports::depths(WorkerId worker) const {
    return *state_->workers[worker.index()].depths;
}

std::vector<RelayUse> Ports::relays(WorkerId worker) const {
    std::vector<RelayUse> uses;
    for (PortInfo const& port : state_->ports) {
        if (!state_->open || !State::owns(worker, port)) {
            continue;
        }
        auto const& rings = state_->relays[port.id.index()];
        if (!rings.empty()) {
            rte_ring const* const ring = rings[worker.index()].get();
            uses.push_back(
                {port.id, worker.value, rte_ring_count(ring), rte_ring_get_capacity(ring)});
        }
    }
    return uses;
}

int Ports::node_of(WorkerId worker) const {
    return state_->workers[worker.index()].node;
}

std::vector<std::string> const& Ports::warnings(WorkerId worker) const {
    return state_->workers[worker.index()].warnings;
}

std::vector<std::string> const& Ports::warnings() const {
    return state_->warnings;
}

} // namespace mcast::platform
