// The real control core, its real table and queues, and a worker that is a few lines: a router of
// the network in a box.
#pragma once

#include "data_path.h"
#include "router.h"

#include "mcast/control/control_loop.h"

namespace mcast::sim {

class Appliance final : public Router {
public:
    // Interfaces in the order of config.interfaces, each on a port of its own; tunnels at the end.
    // `generation`: larger in every life of the router.
    Appliance(std::size_t number, control::Config const& config, std::uint64_t seed,
              std::uint32_t generation = 1);

    void start(TimePoint now) override;
    void hear(IfIndex on, Packet const& packet) override { path_.receive(on, packet); }
    void settle(TimePoint now) override;
    std::optional<TimePoint> next_due() const override { return control_.next_due(); }
    void set_link(IfIndex port, bool up, TimePoint now) override;
    void farewell(TimePoint now) override;
    std::vector<Leaving> sent() override { return std::exchange(path_.out, {}); }
    Toward toward(Ipv4Prefix net) override;
    Memory memory() const override;
    std::uint64_t loops() const override { return path_.loops; }

    // What an operator types; the reply's data.
    api::Json command(std::vector<std::string> const& words, TimePoint now);

private:
    handoff::ManualGrace grace_;
    handoff::Shared shared_;
    control::ControlLoop control_;
    DataPath path_;
};

} // namespace mcast::sim
