// A client may deregister inside news, which ends its listener: nothing of `this` is touched after
// a callback. Nothing here allocates, since a question has no way to report a failure.
#include "mgm_c_listener.h"

#include "mgm_c_door.h"
#include "mgm_c_words.h"

#include <algorithm>
#include <array>
#include <limits>

namespace mcast::mgm::c {

namespace {

// The beginning of a packet, for a callback that might write into it.
struct Header {
    explicit Header(std::span<std::uint8_t const> packet)
        : size(std::min(packet.size(), bytes.size())) {
        std::ranges::copy(packet.first(size), bytes.begin());
    }
    PBYTE data() { return size == 0 ? nullptr : bytes.data(); }

    std::array<BYTE, MGM_MAX_PACKET_HEADER> bytes{};
    std::size_t size;
};

} // namespace

void Listener::on_rpf(RpfQuery const& query, RpfDecision& decision) {
    if (callbacks_.pfnRpfCallback == nullptr) {
        return;
    }
    Inside const inside{door_};
    DWORD index = to_c(decision.interface.index);
    DWORD next_hop = to_c(decision.interface.next_hop);
    DWORD upstream = to_c(decision.upstream);
    Header header{query.packet};
    MGM_ROUTE route{to_c(query.route.prefix.network()), to_network(query.route.prefix.mask()),
                    query.route.protocol.value, to_c(query.route.interface),
                    to_c(query.route.upstream)};
    (void)callbacks_.pfnRpfCallback(to_c(query.key.source), k_exact, to_c(query.key.group), k_exact,
                                    &index, &next_hop, &upstream, static_cast<DWORD>(header.size),
                                    header.data(), reinterpret_cast<PBYTE>(&route));
    decision = {interface_of(index, next_hop), from_c(upstream)};
}

void Listener::on_entry_created(FlowKey key, InterfaceRef arrival, std::span<OutInterface> mine) {
    if (callbacks_.pfnCreationAlertCallback == nullptr) {
        return;
    }
    Inside const inside{door_};
    std::array<MGM_IF_ENTRY, k_max_interfaces> list{};
    for (std::size_t n = 0; n < mine.size(); ++n) {
        list[n] = {to_c(mine[n].ref.index), to_c(mine[n].ref.next_hop),
                   mine[n].igmp_present ? TRUE : FALSE, TRUE};
    }
    (void)callbacks_.pfnCreationAlertCallback(to_c(key.source), k_exact, to_c(key.group), k_exact,
                                              to_c(arrival.index), to_c(arrival.next_hop),
                                              static_cast<DWORD>(mine.size()), list.data());
    for (std::size_t n = 0; n < mine.size(); ++n) {
        mine[n].forward = list[n].bIsEnabled != FALSE;
    }
}

void Listener::on_join(MembershipKey const& key, AlertCause cause) {
    if (callbacks_.pfnJoinAlertCallback == nullptr) {
        return;
    }
    Inside const inside{door_};
    Masked const source = to_c(key.source);
    Masked const group = to_c(key.group);
    (void)callbacks_.pfnJoinAlertCallback(source.address, source.mask, group.address, group.mask,
                                          cause == AlertCause::membership ? TRUE : FALSE);
}

void Listener::on_prune(MembershipKey const& key, InterfaceRef interface, AlertCause cause,
                        std::chrono::seconds& entry_lifetime) {
    if (callbacks_.pfnPruneAlertCallback == nullptr) {
        return;
    }
    Inside const inside{door_};
    Masked const source = to_c(key.source);
    Masked const group = to_c(key.group);
    auto timeout = static_cast<DWORD>(entry_lifetime.count());
    (void)callbacks_.pfnPruneAlertCallback(
        source.address, source.mask, group.address, group.mask, to_c(interface.index),
        to_c(interface.next_hop), cause == AlertCause::membership ? TRUE : FALSE, &timeout);
    entry_lifetime = std::chrono::seconds{timeout};
}

void Listener::on_local_join(MembershipKey const& key, InterfaceRef interface) {
    if (callbacks_.pfnLocalJoinCallback == nullptr) {
        return;
    }
    Inside const inside{door_};
    Masked const source = to_c(key.source);
    Masked const group = to_c(key.group);
    (void)callbacks_.pfnLocalJoinCallback(source.address, source.mask, group.address, group.mask,
                                          to_c(interface.index), to_c(interface.next_hop));
}

void Listener::on_local_leave(MembershipKey const& key, InterfaceRef interface) {
    if (callbacks_.pfnLocalLeaveCallback == nullptr) {
        return;
    }
    Inside const inside{door_};
    Masked const source = to_c(key.source);
    Masked const group = to_c(key.group);
    (void)callbacks_.pfnLocalLeaveCallback(source.address, source.mask, group.address, group.mask,
                                           to_c(interface.index), to_c(interface.next_hop));
}

void Listener::on_interface_ready(InterfaceRef interface) {
    Held const* held = door_.held(self_, interface);
    if (held == nullptr || held->ready == nullptr) {
        return;
    }
    Inside const inside{door_};
    (void)held->ready(self_, to_c(interface.index), to_c(interface.next_hop));
}

void Listener::on_wrong_interface(FlowKey key, InterfaceRef arrived_on,
                                  std::span<std::uint8_t const> packet) {
    if (callbacks_.pfnWrongIfCallback == nullptr) {
        return;
    }
    Inside const inside{door_};
    Header header{packet};
    (void)callbacks_.pfnWrongIfCallback(to_c(key.source), to_c(key.group), to_c(arrived_on.index),
                                        to_c(arrived_on.next_hop), static_cast<DWORD>(header.size),
                                        header.data());
}

void Listener::on_igmp_gate_closed(InterfaceRef interface) {
    if (callbacks_.pfnDisableIgmpCallback == nullptr) {
        return;
    }
    Inside const inside{door_};
    (void)callbacks_.pfnDisableIgmpCallback(to_c(interface.index), to_c(interface.next_hop));
}

void Listener::on_igmp_gate_opened(InterfaceRef interface, Epoch epoch) {
    // The documented calls carry no epoch: what IGMP adds counts as said after the last enable.
    if (Held* held = door_.held(self_, interface)) {
        held->epoch = epoch;
    }
    if (callbacks_.pfnEnableIgmpCallback == nullptr) {
        return;
    }
    Inside const inside{door_};
    (void)callbacks_.pfnEnableIgmpCallback(to_c(interface.index), to_c(interface.next_hop));
}

} // namespace mcast::mgm::c
