// What workers must know of the interfaces: a frozen snapshot behind one pointer.
//
// Written by: control, before publication. Read by: workers between two quiescent points. Link
// state, MTU, boundaries and addresses change by publishing a new snapshot.
#pragma once

#include "mcast/base/ids.h"
#include "mcast/base/if_set.h"
#include "mcast/base/ipv4.h"
#include "mcast/base/mac.h"
#include "mcast/handoff/grace_period.h"
#include "mcast/handoff/retire_list.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace mcast::handoff {

// An interface of its own that has no port of its own: its packets travel inside others (RFC 2003)
// between two addresses, by way of another interface, whose port, VLAN and MAC are its own as well.
struct Tunnel {
    IfIndex over{};              // the other interface
    Ipv4 local{};                // our end, an address of that interface
    Ipv4 remote{};               // their end
    std::uint8_t ttl = 64;       // of the outer header
    std::optional<Mac> next_hop; // toward the remote end; absent: not known, and nothing leaves

    bool operator==(Tunnel const&) const = default;
};

struct Interface {
    PortId port{};
    std::uint16_t vlan = 0;             // 802.1Q identifier; 0: untagged
    std::uint16_t mtu = 1500;           // IPv4 packet, bytes
    std::uint8_t ttl_threshold = 1;     // a packet leaves if its TTL on arrival is above this (F11)
    bool up = false;                    // administratively up, and its port has link
    Mac mac{};                          // our source address here
    Ipv4Prefix address{};               // our address and the connected subnet; 0.0.0.0/0: none
    std::vector<Ipv4Prefix> boundaries; // group prefixes that may not cross, both ways
    std::optional<Tunnel> tunnel;       // absent: packets travel as they are
};

struct InterfaceTable {
    std::array<Interface, k_max_interfaces> interfaces;
    IfSet present;
    IfSet up;
    // In wrong-interface alert mode: the heads of packets that are dropped there as
    // wrong_interface go up. Members need not be present.
    IfSet alerting;
    // Where DVMRP runs: elsewhere its messages go no further. Members need not be present.
    IfSet dvmrp;
    // Outputs that cannot send the shared frame: they have a VLAN tag, a MAC or an IPv4 header of
    // their own.
    IfSet private_header;
    IfSet tunnels;
    Mac router_mac{};
    std::vector<Ipv4> own_addresses; // of all interfaces, sorted

    // k_no_interface when the port carries no such VLAN. vlan 0 is untagged (or priority-tagged).
    IfIndex lookup(PortId port, std::uint16_t vlan) const {
        auto const& tagged = tagged_[port.index()];
        return vlan == 0 ? untagged_[port.index()]
               : tagged  ? (*tagged)[vlan & 0xfff]
                         : k_no_interface;
    }

    // The tunnel over an interface between these ends; k_no_interface: there is none.
    IfIndex tunnel_between(IfIndex over, Ipv4 local, Ipv4 remote) const;

    // False: not one of own_addresses. True: look there.
    bool may_be_own(Ipv4 address) const { return (own_bits_ >> (address.value & 63) & 1) != 0; }

    // Control, while building: fills present, up, private_header, tunnels, own_addresses and
    // the lookup.
    // Precondition: router_mac is set; (port, vlan) not used by another interface.
    void add(IfIndex index, Interface interface);

    InterfaceTable();

    // No other table of this process ever has it: what a worker worked out of one table is known by
    // it later, when another may lie at the same address.
    std::uint64_t id() const { return id_; }

private:
    std::uint64_t id_;
    using VlanMap = std::array<IfIndex, 4096>;
    std::uint64_t own_bits_ = 0; // the last six bits of own_addresses
    std::array<IfIndex, k_max_ports> untagged_;
    std::array<std::unique_ptr<VlanMap>, k_max_ports> tagged_;
};

// The pointer itself. publish() and reclaim(): control. current(): workers (and control).
class PublishedInterfaces {
public:
    explicit PublishedInterfaces(GracePeriod& grace);
    ~PublishedInterfaces();

    InterfaceTable const& current() const { return *pointer_.load(std::memory_order_acquire); }
    void publish(std::unique_ptr<InterfaceTable> next);
    std::size_t reclaim();

private:
    std::unique_ptr<InterfaceTable> owned_;
    std::atomic<InterfaceTable const*> pointer_;
    RetireList<std::unique_ptr<InterfaceTable>> retired_;
};

} // namespace mcast::handoff
