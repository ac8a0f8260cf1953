// A group manager with as many interfaces as there can be, for the benches: who sits at its table,
// and what is wanted where. One thread; the grace period ends with each turn.
#pragma once

#include "mcast/handoff/publisher.h"
#include "mcast/handoff/table.h"
#include "mcast/mgm/group_manager.h"
#include "mcast/mgm/route_table.h"

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <vector>

namespace mcast::bench {

inline constexpr std::size_t k_entries = 100'000;
inline constexpr std::uint32_t k_outputs = 16;
inline constexpr std::uint32_t k_interfaces = k_max_interfaces;
inline constexpr auto k_join = mgm::MembershipFlags::join_state;

inline mgm::InterfaceRef ref(std::uint32_t n) {
    return {IfIndex{static_cast<std::uint16_t>(n)}, {}};
}
inline Ipv4 group(std::uint32_t n) {
    return Ipv4{Ipv4::of(239, 0, 0, 0).value + n};
}
// Sources are behind interface 0.
inline FlowKey flow(std::uint32_t of_group, std::uint32_t source = 0) {
    return {Ipv4{Ipv4::of(10, 0, 0, 5).value + source}, group(of_group)};
}
// The nth of the interfaces on which a group has members.
inline std::uint32_t member(std::uint32_t of_group, std::uint32_t nth) {
    return (of_group * 7 + nth * 16 + 1) % k_interfaces;
}

inline void demand(bool condition, char const* what) {
    if (!condition) {
        throw std::runtime_error(what);
    }
}

// IGMP as the manager sees it; the gate's news are kept for who drives it.
class Igmp final : public mgm::IgmpListener {
public:
    void on_igmp_gate_closed(mgm::InterfaceRef) override { reopened = false; }
    void on_igmp_gate_opened(mgm::InterfaceRef, mgm::Epoch at) override {
        epoch = at;
        reopened = true;
    }
    mgm::Epoch epoch{};
    bool reopened = false;
};

class Scene {
public:
    // Who is beside IGMP on every interface, and is told of all that IGMP adds and removes.
    enum class Beside : std::uint8_t { nobody, routing_component };

    explicit Scene(Beside beside = Beside::nobody) {
        routes.add({{Ipv4::of(10, 0, 0, 0), 8}, IfIndex{0}, {}, mgm::k_connected_protocol});
        seat = manager.register_component({mgm::k_igmp_protocol, 0}, igmp).value();
        router_seat = manager.register_component({mgm::k_dvmrp_protocol, 0}, router).value();
        for (std::uint32_t n = 0; n < k_interfaces; ++n) {
            if (beside == Beside::routing_component) {
                router_leases.push_back(router_seat.take(ref(n)).value());
            }
            leases.push_back(seat.take(ref(n)).value());
        }
        settle();
    }

    // `count` groups with members on k_outputs interfaces each, spread over all interfaces.
    void join_groups(std::uint32_t count) {
        for (std::uint32_t n = 0; n < count; ++n) {
            for (std::uint32_t nth = 0; nth < k_outputs; ++nth) {
                leases[member(n, nth)].add(mgm::MembershipKey::of(group(n)), k_join).value();
            }
            turn();
        }
        settle();
    }
    void make_entries(std::size_t count, std::uint32_t groups) {
        for (std::uint32_t n = 0; n < count; ++n) {
            auto const outcome = manager.miss(flow(n % groups, n / groups), IfIndex{0}, {}, now);
            demand(outcome.result == mgm::MissResult::created &&
                       outcome.drop == handoff::Drop::none,
                   "an entry that does not forward");
            turn();
        }
        settle();
    }

    std::size_t turn() {
        grace.end_all();
        return manager.step(now);
    }
    void settle() {
        while (turn() != 0) {
        }
    }

    mgm::RouteTable routes;
    handoff::ManualGrace grace;
    handoff::Table table{131'072, grace};
    handoff::Publisher publisher{table, grace, 1};
    TimePoint now{};
    mgm::GroupManager manager{routes, publisher, grace};
    Igmp igmp;
    mgm::ProtocolListener router;
    mgm::Registration seat;
    mgm::Registration router_seat;
    std::vector<mgm::InterfaceLease> leases; // IGMP's
    std::vector<mgm::InterfaceLease> router_leases;
};

} // namespace mcast::bench
