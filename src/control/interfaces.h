// The interfaces as control knows them: configuration, facts about their ports, and link state; and
// the snapshots that workers see of them.
#pragma once

#include "mcast/base/if_set.h"
#include "mcast/control/config.h"
#include "mcast/control/port_facts.h"
#include "mcast/handoff/interface_table.h"

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace mcast::control {

class Interfaces {
public:
    Interfaces(Config const& config, std::vector<PortFacts> ports);

    std::size_t size() const { return config_.interfaces.size(); }
    std::size_t ports() const { return ports_.size(); }
    std::string const& port_name(PortId port) const { return ports_[port.index()].name; }
    bool has(IfIndex i) const { return i.index() < size(); }
    InterfaceConfig const& config(IfIndex i) const { return config_.interfaces[i.index()]; }
    std::string_view name(IfIndex i) const;
    std::optional<IfIndex> find(std::string_view name) const;

    PortId port(IfIndex i) const { return port_of_[i.index()]; }
    bool is_tunnel(IfIndex i) const { return config(i).tunnel.has_value(); }
    // What carries a tunnel's packets; of other interfaces: itself.
    IfIndex below(IfIndex i) const { return below_[i.index()]; }
    PortFacts const& port_facts(IfIndex i) const { return ports_[port(i).index()]; }
    bool up(IfIndex i) const { return port_facts(i).link_up; }
    Mac const& mac(IfIndex i) const;
    std::uint16_t mtu(IfIndex i) const;
    Mac const& router_mac() const { return router_mac_; }
    // Configured boundaries; any of them makes the local scope a boundary too (IGMP-129).
    std::vector<Ipv4Prefix> boundaries(IfIndex i) const;
    bool crosses_boundary(IfIndex i, Ipv4 group) const;

    Ipv4 address(IfIndex i) const { return config(i).address.address; }
    bool is_own_address(Ipv4 address) const;

    // The interfaces of a port whose link changed; empty when this is no news.
    IfSet set_link(PortId port, bool up);
    // Where workers send up the heads of packets on the wrong interface; false: no news.
    bool set_alerting(IfSet const& alerting);
    // Where workers send up DVMRP; false: no news.
    bool set_dvmrp(IfSet const& dvmrp);
    // The MAC of the station toward a tunnel's other end; false: no news.
    bool set_next_hop(IfIndex tunnel, std::optional<Mac> mac);
    std::optional<Mac> next_hop(IfIndex tunnel) const { return next_hops_[tunnel.index()]; }
    std::unique_ptr<handoff::InterfaceTable> snapshot() const;

    template <class F>
    void for_each(F&& f) const {
        for (std::size_t i = 0; i < size(); ++i) {
            f(IfIndex{static_cast<IfIndex::rep>(i)});
        }
    }

private:
    std::optional<handoff::Tunnel> tunnel_of(IfIndex i) const;

    Config const& config_;
    std::vector<PortFacts> ports_;
    std::vector<IfIndex> below_; // by IfIndex, like the two that follow
    std::vector<PortId> port_of_;
    std::vector<std::optional<Mac>> next_hops_;
    Mac router_mac_{};
    IfSet alerting_;
    IfSet dvmrp_;
};

} // namespace mcast::control
