#include "mcast/handoff/interface_table.h"

#include <algorithm>
#include <atomic>
#include <utility>

namespace mcast::handoff {

namespace {

void insert_sorted(std::vector<Ipv4>& addresses, Ipv4 address) {
    auto const place = std::ranges::lower_bound(addresses, address);
    if (place == addresses.end() || *place != address) { // unnumbered links share an address
        addresses.insert(place, address);
    }
}

std::uint64_t next_id() {
    static std::atomic<std::uint64_t> last{0}; // relaxed: a number, and nothing behind it
    return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

} // namespace

InterfaceTable::InterfaceTable() : id_(next_id()) {
    untagged_.fill(k_no_interface);
}

void InterfaceTable::add(IfIndex index, Interface interface) {
    present.insert(index);
    if (interface.up) {
        up.insert(index);
    }
    if (interface.vlan != 0 || interface.mac != router_mac || interface.tunnel) {
        private_header.insert(index);
    }
    if (!interface.address.address.is_unspecified()) {
        insert_sorted(own_addresses, interface.address.address);
        own_bits_ |= std::uint64_t{1} << (interface.address.address.value & 63);
    }
    if (interface.tunnel) {
        tunnels.insert(index); // the frames of the port are those of the interface below
    } else if (interface.vlan == 0) {
        untagged_[interface.port.index()] = index;
    } else {
        auto& tagged = tagged_[interface.port.index()];
        if (!tagged) {
            tagged = std::make_unique<VlanMap>();
            tagged->fill(k_no_interface);
        }
        (*tagged)[interface.vlan & 0xfff] = index;
    }
    interfaces[index.index()] = std::move(interface);
}

IfIndex InterfaceTable::tunnel_between(IfIndex over, Ipv4 local, Ipv4 remote) const {
    IfIndex found = k_no_interface;
    tunnels.for_each([&](IfIndex i) {
        Tunnel const& it = *interfaces[i.index()].tunnel;
        if (it.over == over && it.local == local && it.remote == remote) {
            found = i;
        }
    });
    return found;
}

PublishedInterfaces::PublishedInterfaces(GracePeriod& grace)
    : owned_(std::make_unique<InterfaceTable>()), pointer_(owned_.get()), retired_(grace) {}

PublishedInterfaces::~PublishedInterfaces() = default;

void PublishedInterfaces::publish(std::unique_ptr<InterfaceTable> next) {
    retired_.make_room(1);
    // Release: the filled snapshot is visible before the pointer to it. Pairs with current().
    pointer_.store(next.get(), std::memory_order_release);
    retired_.retire(std::exchange(owned_, std::move(next)));
}

std::size_t PublishedInterfaces::reclaim() {
    return retired_.reclaim(retired_.size(), [](std::unique_ptr<InterfaceTable>&) {});
}

} // namespace mcast::handoff
