#include "port_setup.h"

#include "eal_internal.h"

#include "mcast/platform/eal.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include <fmt/format.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

namespace mcast::platform {

namespace {

// Ethernet header, VLAN tag.
constexpr std::uint32_t k_frame_overhead = RTE_ETHER_HDR_LEN + RTE_VLAN_HLEN;
constexpr std::uint32_t k_longest_packet = 65535;

std::string reason(int result) {
    return rte_strerror(result < 0 ? -result : result);
}

StartError unusable(PortConfig const& config, std::string_view what, int result) {
    std::string const complaint = dpdk_complaint(device_name(config));
    return {k_exit_unavailable,
            fmt::format("port '{}' ({}): {}: {}{}{}{}", config.name, config.device, what,
                        reason(result), complaint.empty() ? "" : " (", complaint,
                        complaint.empty() ? "" : ")")};
}

// Everything one port's set-up needs, so that the steps stay short.
class PortSetup {
public:
    PortSetup(PortConfig const& config, std::size_t workers, Mac const& router_mac,
              Pools const& pools, PortInfo& info)
        : config_(config), workers_(workers), router_mac_(router_mac), pools_(pools), info_(info) {}

    std::expected<void, StartError> run() {
        int const result = rte_eth_dev_info_get(info_.dpdk_port, &offers_);
        if (result != 0) {
            return std::unexpected(unusable(config_, "the driver does not describe it", result));
        }
        info_.driver = offers_.driver_name;
        choose_queues();
        choose_offloads();
        if (auto done = configure(); !done) {
            return done;
        }
        if (auto done = set_up_queues(); !done) {
            return done;
        }
        set_mtu();
        set_filters();
        return {};
    }

private:
    void note(std::string text) { info_.fallbacks.push_back(std::move(text)); }

    void choose_queues() {
        info_.receive_queues = std::min(config_.queues, offers_.max_rx_queues);
        if (info_.receive_queues < config_.queues) {
            note(
                fmt::format("{} receive queues refused: {}", config_.queues, info_.receive_queues));
        }
        info_.transmit_queues = static_cast<std::uint16_t>(
            std::clamp<std::size_t>(workers_, 1, std::max<std::size_t>(offers_.max_tx_queues, 1)));
        if (info_.transmit_queues < workers_) {
            note(fmt::format("{} transmit queues for {} workers: frames are passed to the owner",
                             info_.transmit_queues, workers_));
        }
    }

    void choose_offloads() {
        wanted_.rxmode.mtu = config_.mtu;
        std::uint64_t const ip = offers_.flow_type_rss_offloads & RTE_ETH_RSS_IP;
        info_.rss = info_.receive_queues > 1 && ip != 0;
        if (info_.rss) {
            wanted_.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
            wanted_.rx_adv_conf.rss_conf.rss_hf = ip;
        } else if (info_.receive_queues > 1) {
            note("no RSS: the driver spreads packets over the queues by its own rule");
        }
        std::uint32_t const room = pools_.config().buffer_bytes - RTE_PKTMBUF_HEADROOM;
        if (config_.mtu + k_frame_overhead > room) {
            info_.scattered_receive = (offers_.rx_offload_capa & RTE_ETH_RX_OFFLOAD_SCATTER) != 0;
            if (info_.scattered_receive) {
                wanted_.rxmode.offloads |= RTE_ETH_RX_OFFLOAD_SCATTER;
            } else {
                note(fmt::format("no scattered receive offered: frames above {} bytes may be lost",
                                 room));
            }
        }
        info_.multi_segment_transmit =
            (offers_.tx_offload_capa & RTE_ETH_TX_OFFLOAD_MULTI_SEGS) != 0;
        if (info_.multi_segment_transmit) {
            wanted_.txmode.offloads |= RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
        } else {
            note("no multi-segment transmit: frames are copied into one buffer");
        }
        info_.checksum_offload = (offers_.tx_offload_capa & RTE_ETH_TX_OFFLOAD_IPV4_CKSUM) != 0;
        bool const real = offers_.max_rx_pktlen != 0 && offers_.max_rx_pktlen <= k_longest_packet;
        info_.longest_frame =
            real ? std::max(offers_.max_rx_pktlen, RTE_ETHER_MTU + k_frame_overhead)
                 : k_longest_packet;
    }

    int try_configure() {
        return rte_eth_dev_configure(info_.dpdk_port, info_.receive_queues, info_.transmit_queues,
                                     &wanted_);
    }

    std::expected<void, StartError> configure() {
        int result = try_configure();
        if (result != 0 && info_.receive_queues != info_.transmit_queues) {
            // Some drivers (tap) want as many queues in one direction as in the other.
            std::uint16_t const fewest = std::min(info_.receive_queues, info_.transmit_queues);
            info_.receive_queues = info_.transmit_queues = fewest;
            result = try_configure();
            if (result == 0) {
                note(fmt::format("{} queues in both directions: the driver wants them equal",
                                 fewest));
            }
        }
        if (result != 0) {
            wanted_.rxmode.mtu = 0; // the driver's own choice; set_mtu() asks again
            result = try_configure();
        }
        if (result != 0) {
            return std::unexpected(unusable(config_, "cannot be configured", result));
        }
        return {};
    }

    std::expected<void, StartError> set_up_queues() {
        info_.receive_descriptors = config_.receive_descriptors;
        info_.transmit_descriptors = config_.transmit_descriptors;
        rte_eth_dev_adjust_nb_rx_tx_desc(info_.dpdk_port, &info_.receive_descriptors,
                                         &info_.transmit_descriptors);
        int const found = rte_eth_dev_socket_id(info_.dpdk_port);
        auto const node = static_cast<unsigned>(found < 0 ? SOCKET_ID_ANY : found);
        rte_eth_rxconf receive = offers_.default_rxconf;
        receive.offloads = wanted_.rxmode.offloads;
        for (std::uint16_t queue = 0; queue < info_.receive_queues; ++queue) {
            int const result =
                rte_eth_rx_queue_setup(info_.dpdk_port, queue, info_.receive_descriptors, node,
                                       &receive, pools_.receive(info_.node));
            if (result != 0) {
                return std::unexpected(unusable(config_, "no receive queue", result));
            }
        }
        rte_eth_txconf transmit = offers_.default_txconf;
        transmit.offloads = wanted_.txmode.offloads; // never fast-free: frames are shared
        for (std::uint16_t queue = 0; queue < info_.transmit_queues; ++queue) {
            int const result = rte_eth_tx_queue_setup(info_.dpdk_port, queue,
                                                      info_.transmit_descriptors, node, &transmit);
            if (result != 0) {
                return std::unexpected(unusable(config_, "no transmit queue", result));
            }
        }
        return {};
    }

    void set_mtu() {
        std::uint16_t current = 0;
        rte_eth_dev_get_mtu(info_.dpdk_port, &current);
        if (current != config_.mtu && rte_eth_dev_set_mtu(info_.dpdk_port, config_.mtu) == 0) {
            current = config_.mtu;
        }
        if (current != config_.mtu) {
            note(fmt::format("MTU {} refused: the driver stays at {}", config_.mtu, current));
        }
        info_.mtu = current;
    }

    void set_filters() {
        std::uint16_t const port = info_.dpdk_port;
        rte_ether_addr address{};
        rte_eth_macaddr_get(port, &address);
        std::memcpy(info_.hardware_mac.bytes.data(), address.addr_bytes, RTE_ETHER_ADDR_LEN);

        info_.all_multicast = rte_eth_allmulticast_enable(port) == 0;
        if (!info_.all_multicast) {
            info_.promiscuous = rte_eth_promiscuous_enable(port) == 0;
            note(info_.promiscuous ? "all-multicast refused: promiscuous"
                                   : "all-multicast and promiscuous refused: the driver decides "
                                     "which groups arrive");
        }
        choose_mac();
    }

    void choose_mac() {
        info_.mac = info_.hardware_mac;
        bool const same = router_mac_ == Mac{} || info_.hardware_mac == router_mac_;
        if (config_.mac == MacMode::own || same) {
            info_.router_mac = same;
            return;
        }
        rte_ether_addr address{};
        std::memcpy(address.addr_bytes, router_mac_.bytes.data(), RTE_ETHER_ADDR_LEN);
        info_.router_mac = rte_eth_dev_default_mac_addr_set(info_.dpdk_port, &address) == 0;
        if (info_.router_mac) {
            info_.mac = router_mac_;
            return;
        }
        info_.promiscuous = info_.promiscuous || rte_eth_promiscuous_enable(info_.dpdk_port) == 0;
        if (info_.promiscuous) {
            info_.mac = router_mac_;
            note("router MAC refused: promiscuous receive instead");
        } else if (config_.mac == MacMode::router) {
            info_.mac = router_mac_;
            note("router MAC and promiscuous refused: unicast to the router MAC may not arrive");
        } else {
            note("router MAC and promiscuous refused: frames leave with the port's own MAC");
        }
    }

    PortConfig const& config_;
    std::size_t workers_;
    Mac const& router_mac_;
    Pools const& pools_;
    PortInfo& info_;
    rte_eth_dev_info offers_{};
    rte_eth_conf wanted_{};
};

} // namespace

std::expected<std::uint16_t, StartError> find_port(PortConfig const& config) {
    bool const pci = is_pci(config.device);
    std::string const name = device_name(config);
    std::uint16_t port = 0;
    if (rte_eth_dev_get_port_by_name(name.c_str(), &port) == 0) {
        return port;
    }
    std::string const complaint = dpdk_complaint(name);
    std::string const said =
        complaint.empty() ? std::string{} : fmt::format(" (DPDK says: {})", complaint);
    if (pci) {
        return std::unexpected(StartError{
            k_exit_unavailable,
            fmt::format("port '{}': no DPDK driver took the PCI device {}{}: check it with "
                        "`dpdk-devbind.py --status-dev net` and bind it with `driverctl "
                        "set-override {} vfio-pci`",
                        config.name, name, said, name)});
    }
    return std::unexpected(
        StartError{k_exit_unavailable,
                   fmt::format("port '{}': the virtual device '{}' could not be created{}: check "
                               "its name and arguments, and that the interface or file it names "
                               "exists",
                               config.name, config.device, said)});
}

std::expected<PortInfo, StartError> set_up_port(FoundPort const& found, PortConfig const& config,
                                                std::size_t workers, Mac const& router_mac,
                                                Pools const& pools) {
    PortInfo info;
    info.id = found.id;
    info.name = config.name;
    info.device = config.device;
    info.dpdk_port = found.dpdk_port;
    info.node = found.node;
    PortSetup setup{config, workers, router_mac, pools, info};
    if (auto done = setup.run(); !done) {
        return std::unexpected(std::move(done.error()));
    }
    return info;
}

} // namespace mcast::platform
