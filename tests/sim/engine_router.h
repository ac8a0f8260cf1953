// The two engines, DVMRP and IGMP, with nothing between them and the forwarding table: no group
// manager, no ownership, no control core. What goes wrong here is the protocol's own; what goes
// wrong only in an Appliance is the fault of how it is seated. It is also light enough for networks
// of a thousand.
#pragma once

#include "data_path.h"
#include "router.h"
#include "topology.h"

#include "mcast/dvmrp/engine.h"
#include "mcast/handoff/publisher.h"
#include "mcast/igmp/engine.h"

#include <map>

namespace mcast::sim {

class EngineRouter final : public Router {
public:
    struct Setup {
        dvmrp::Config dvmrp;
        std::vector<dvmrp::InterfaceConfig> interfaces; // by port
        igmp::InterfaceConfig igmp;
        bool with_igmp = true;
        Duration entry_idle = std::chrono::seconds{60};
    };
    // `generation`: larger in every life of the router.
    EngineRouter(std::size_t number, RouterSpec const& spec, Setup setup, std::uint64_t seed,
                 std::uint32_t generation);

    void start(TimePoint now) override;
    void hear(IfIndex on, Packet const& packet) override { path_.receive(on, packet); }
    void settle(TimePoint now) override;
    std::optional<TimePoint> next_due() const override;
    void set_link(IfIndex port, bool up, TimePoint now) override;
    void farewell(TimePoint now) override;
    std::vector<Leaving> sent() override { return std::exchange(path_.out, {}); }
    Toward toward(Ipv4Prefix net) override;
    Memory memory() const override;
    std::uint64_t loops() const override { return path_.loops; }

    dvmrp::Engine const& engine() const { return dvmrp_; }

private:
    struct Age {
        std::uint64_t counted = 0;
        TimePoint since{};
    };

    void publish_interfaces();
    bool turn(TimePoint now);
    std::size_t drain(handoff::PuntClass punt_class, TimePoint now);
    void hear_igmp(handoff::Frame const& frame, TimePoint now);
    void miss(handoff::Frame const& frame, TimePoint now);
    // Carries out what the engines want.
    void follow(TimePoint now);
    void publish(FlowKey flow, TimePoint now);
    void close(FlowKey flow);
    void age(TimePoint now);
    template <class Build>
    void transmit(IfIndex out, Build&& build);

    RouterSpec const spec_;
    Setup const setup_;
    handoff::ManualGrace grace_;
    handoff::Shared shared_;
    handoff::Publisher publisher_;
    DataPath path_;
    dvmrp::Engine dvmrp_;
    igmp::Engine igmp_;
    dvmrp::Output out_;
    igmp::Output igmp_out_;
    IfSet up_;
    std::map<FlowKey, Age> flows_;
    TimePoint next_age_{};
};

} // namespace mcast::sim
