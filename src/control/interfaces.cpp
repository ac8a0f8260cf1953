#include "interfaces.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace mcast::control {

namespace {

constexpr Ipv4Prefix k_local_scope{Ipv4::of(239, 255, 0, 0), 16};
constexpr std::uint16_t k_outer_header = 20; // bytes of a tunnel's

PortId port_named(std::vector<PortFacts> const& ports, std::string const& name) {
    auto const found = std::ranges::find(ports, name, &PortFacts::name);
    if (found == ports.end()) {
        throw std::invalid_argument("no facts about port " + name);
    }
    return PortId{static_cast<PortId::rep>(found - ports.begin())};
}

} // namespace

Interfaces::Interfaces(Config const& config, std::vector<PortFacts> ports)
    : config_(config), ports_(std::move(ports)) {
    next_hops_.resize(size());
    for_each([&](IfIndex i) {
        auto const& tunnel = this->config(i).tunnel;
        auto const below = tunnel ? find(tunnel->over) : i;
        if (!below || (tunnel && is_tunnel(*below))) {
            throw std::invalid_argument("nothing carries the tunnel " + this->config(i).name);
        }
        below_.push_back(*below);
        port_of_.push_back(port_named(ports_, this->config(*below).port));
    });
    if (config_.router_mac) {
        router_mac_ = *config_.router_mac;
    } else if (!ports_.empty()) {
        router_mac_ = ports_.front().mac;
    }
}

std::string_view Interfaces::name(IfIndex i) const {
    return has(i) ? std::string_view(config(i).name) : std::string_view("none");
}

std::optional<IfIndex> Interfaces::find(std::string_view name) const {
    auto const found = std::ranges::find(config_.interfaces, name, &InterfaceConfig::name);
    if (found == config_.interfaces.end()) {
        return std::nullopt;
    }
    return IfIndex{static_cast<IfIndex::rep>(found - config_.interfaces.begin())};
}

Mac const& Interfaces::mac(IfIndex i) const {
    PortFacts const& facts = port_facts(i);
    return facts.accepts_router_mac ? router_mac_ : facts.mac;
}

std::uint16_t Interfaces::mtu(IfIndex i) const {
    if (is_tunnel(i)) {
        auto const room = static_cast<std::uint16_t>(mtu(below(i)) - k_outer_header);
        return std::min(config(i).mtu.value_or(room), room);
    }
    std::uint16_t const of_port = port_facts(i).mtu;
    return std::min(config(i).mtu.value_or(of_port), of_port);
}

std::vector<Ipv4Prefix> Interfaces::boundaries(IfIndex i) const {
    std::vector<Ipv4Prefix> all = config(i).boundaries;
    if (!all.empty() && std::ranges::find(all, k_local_scope) == all.end()) {
        all.push_back(k_local_scope);
    }
    return all;
}

bool Interfaces::crosses_boundary(IfIndex i, Ipv4 group) const {
    return std::ranges::any_of(
        boundaries(i), [&](Ipv4Prefix const& boundary) { return boundary.contains(group); });
}

bool Interfaces::is_own_address(Ipv4 address) const {
    return !address.is_unspecified() &&
           std::ranges::any_of(config_.interfaces, [&](InterfaceConfig const& interface) {
               return interface.address.address == address;
           });
}

IfSet Interfaces::set_link(PortId port, bool up) {
    IfSet changed;
    if (port.index() >= ports_.size() || ports_[port.index()].link_up == up) {
        return changed;
    }
    ports_[port.index()].link_up = up;
    for_each([&](IfIndex i) {
        if (port_of_[i.index()] == port) {
            changed.insert(i);
        }
    });
    return changed;
}

bool Interfaces::set_alerting(IfSet const& alerting) {
    return std::exchange(alerting_, alerting) != alerting;
}

bool Interfaces::set_dvmrp(IfSet const& dvmrp) {
    return std::exchange(dvmrp_, dvmrp) != dvmrp;
}

bool Interfaces::set_next_hop(IfIndex tunnel, std::optional<Mac> mac) {
    return std::exchange(next_hops_[tunnel.index()], mac) != mac;
}

std::optional<handoff::Tunnel> Interfaces::tunnel_of(IfIndex i) const {
    auto const& tunnel = config(i).tunnel;
    if (!tunnel) {
        return std::nullopt;
    }
    return handoff::Tunnel{.over = below(i),
                           .local = address(i),
                           .remote = tunnel->remote,
                           .ttl = tunnel->ttl,
                           .next_hop = next_hop(i)};
}

std::unique_ptr<handoff::InterfaceTable> Interfaces::snapshot() const {
    auto table = std::make_unique<handoff::InterfaceTable>();
    table->router_mac = router_mac_;
    table->alerting = alerting_;
    table->dvmrp = dvmrp_;
    for_each([&](IfIndex i) {
        table->add(i, handoff::Interface{.port = port(i),
                                         .vlan = config(below(i)).vlan,
                                         .mtu = mtu(i),
                                         .ttl_threshold = config(i).ttl_threshold,
                                         .up = up(i),
                                         .mac = mac(i),
                                         .address = config(i).address,
                                         .boundaries = boundaries(i),
                                         .tunnel = tunnel_of(i)});
    });
    return table;
}

} // namespace mcast::control
