#include "mcast/platform/frame_ports.h"

#include "mcast/platform/eal.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <utility>

#include <sched.h>

#include <rte_ethdev.h>
#include <rte_mbuf.h>

namespace mcast::platform {

namespace {

constexpr std::uint16_t k_burst = 32;
constexpr std::uint32_t k_buffer_bytes =
    9216 + RTE_PKTMBUF_HEADROOM; // a jumbo frame is one segment
constexpr std::uint32_t k_megabytes = 64;

// EAL wants a core by number, and takes no "wherever I am".
std::uint16_t this_core() {
    int const core = sched_getcpu();
    return static_cast<std::uint16_t>(core < 0 ? 0 : core);
}

Config config_of(std::span<NamedDevice const> devices) {
    Config config;
    for (NamedDevice const& each : devices) {
        config.ports.push_back({.name = each.name, .device = each.device});
    }
    config.pools = {.receive = 2047,
                    .headers = 63,
                    .control = 1023,
                    .cache = 32,
                    .buffer_bytes = k_buffer_bytes};
    config.memory = {.hugepages = false, .megabytes = k_megabytes};
    config.control_core = this_core();
    config.instance = "mcastgen";
    return config;
}

} // namespace

// In the order in which they are made; taken down the other way round.
struct FramePorts::State {
    std::optional<Eal> eal;
    std::optional<Pools> pools;
    std::optional<Ports> ports;

    std::uint16_t dpdk_port(PortId port) const { return ports->info(port).dpdk_port; }
};

FramePorts::FramePorts(std::unique_ptr<State> state) : state_(std::move(state)) {}
FramePorts::FramePorts(FramePorts&&) noexcept = default;
FramePorts::~FramePorts() = default;

std::expected<FramePorts, StartError> FramePorts::open(std::span<NamedDevice const> devices,
                                                       std::span<std::string const> eal_arguments) {
    Config const config = config_of(devices);
    auto state = std::make_unique<State>();
    auto eal = Eal::start(config, eal_arguments);
    if (!eal) {
        return std::unexpected(std::move(eal.error()));
    }
    state->eal.emplace(std::move(*eal));
    auto pools = Pools::create(config.pools, config.instance);
    if (!pools) {
        return std::unexpected(std::move(pools.error()));
    }
    state->pools.emplace(std::move(*pools));
    auto ports = Ports::open(config, Mac{}, *state->pools);
    if (!ports) {
        return std::unexpected(std::move(ports.error()));
    }
    state->ports.emplace(std::move(*ports));
    for (PortInfo const& port : state->ports->list()) {
        rte_eth_promiscuous_enable(
            port.dpdk_port); // streams to any group; who refuses has no filter
    }
    if (auto started = state->ports->start(); !started) {
        return std::unexpected(std::move(started.error()));
    }
    return FramePorts{std::move(state)};
}

FramePorts::Sent FramePorts::send(PortId port, std::span<std::uint8_t const> frame) {
    if (frame.size() > longest_frame() || frame.size() > state_->ports->info(port).longest_frame) {
        return Sent::too_long;
    }
    rte_mbuf* out = rte_pktmbuf_alloc(state_->pools->control());
    if (out == nullptr) {
        return Sent::full; // the port still has all of them
    }
    char* const room = rte_pktmbuf_append(out, static_cast<std::uint16_t>(frame.size()));
    std::memcpy(room, frame.data(), frame.size());
    if (rte_eth_tx_burst(state_->dpdk_port(port), 0, &out, 1) != 1) {
        rte_pktmbuf_free(out);
        return Sent::full;
    }
    return Sent::yes;
}

std::size_t FramePorts::receive(PortId port,
                                std::function<void(std::span<std::uint8_t const>)> const& f) {
    std::array<rte_mbuf*, k_burst> frames;
    std::uint16_t const count =
        rte_eth_rx_burst(state_->dpdk_port(port), 0, frames.data(), k_burst);
    std::array<std::uint8_t, k_buffer_bytes> joined;
    for (std::uint16_t i = 0; i < count; ++i) {
        rte_mbuf const* const frame = frames[i];
        // One segment is looked at where it is. A longer frame than fits is cut: no check of its
        // content will be content with it.
        std::uint32_t const length = frame->nb_segs == 1
                                         ? frame->data_len
                                         : std::min<std::uint32_t>(frame->pkt_len, joined.size());
        void const* const bytes = rte_pktmbuf_read(frame, 0, length, joined.data());
        f({static_cast<std::uint8_t const*>(bytes), length});
        rte_pktmbuf_free(frames[i]);
    }
    return count;
}

bool FramePorts::link_up(PortId port) const {
    return state_->ports->link_up(port);
}

PortStats FramePorts::stats(PortId port) const {
    return state_->ports->stats(port);
}

std::size_t FramePorts::longest_frame() {
    return k_buffer_bytes - RTE_PKTMBUF_HEADROOM;
}

} // namespace mcast::platform
