// A router that knows nothing of multicast: what is between the ends of a tunnel.
#pragma once

#include "router.h"
#include "topology.h"

#include "mcast/wire/datagram.h"

#include <vector>

namespace mcast::sim {

// Forwards between the /24 networks of its own ports, and answers ARP there.
class UnicastRouter final : public Router {
public:
    explicit UnicastRouter(RouterSpec spec) : spec_(std::move(spec)) {}

    void start(TimePoint /*now*/) override {}
    void hear(IfIndex on, Packet const& packet) override;
    void settle(TimePoint /*now*/) override {}
    std::optional<TimePoint> next_due() const override { return std::nullopt; }
    void set_link(IfIndex /*port*/, bool /*up*/, TimePoint /*now*/) override {}
    void farewell(TimePoint /*now*/) override {}
    std::vector<Leaving> sent() override { return std::exchange(out_, {}); }
    Toward toward(Ipv4Prefix /*net*/) override { return {}; }
    Memory memory() const override { return {}; }
    std::uint64_t loops() const override { return 0; }

private:
    void answer(IfIndex on, wire::ArpPacket const& request);
    void forward(Packet const& packet, Ipv4 destination);

    RouterSpec spec_;
    std::vector<Leaving> out_;
};

} // namespace mcast::sim
