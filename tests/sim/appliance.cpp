#include "appliance.h"

#include "mcast/mgm/group_manager.h"

#include <stdexcept>

namespace mcast::sim {

namespace {

handoff::ChannelSizes sizes() {
    handoff::ChannelSizes result;
    result.punt_slots = {128, 64, 64, 64, 16};
    result.alert_slots = 16;
    result.inject_slots = 1024;
    result.slot_bytes = 1600;
    return result;
}

std::vector<control::PortFacts> ports_of(control::Config const& config) {
    std::vector<control::PortFacts> ports;
    for (control::InterfaceConfig const& it : config.interfaces) {
        if (it.tunnel) {
            continue;
        }
        ports.push_back({it.port, mac_of(it.address.address), true, 1500, false});
    }
    return ports;
}

} // namespace

Appliance::Appliance(std::size_t number, control::Config const& config, std::uint64_t seed,
                     std::uint32_t generation)
    : shared_(1, config.limits.entries, sizes(), grace_, seed),
      control_(config, ports_of(config), shared_, grace_, {},
               {.random = seed, .generation = generation}),
      path_(number, shared_) {}

void Appliance::start(TimePoint now) {
    control_.start(now);
}

void Appliance::settle(TimePoint now) {
    for (int turn = 0; turn < 100'000; ++turn) {
        bool const busy = control_.step(now);
        bool const waits = grace_.open() != 0;
        grace_.end_all();
        bool const moved = path_.take_injections();
        if (!busy && !waits && !moved) {
            path_.unwanted.clear(); // the entry's own counter tells control of them
            return;
        }
    }
    throw std::runtime_error("control does not come to rest");
}

void Appliance::set_link(IfIndex port, bool up, TimePoint now) {
    control_.link_changed(PortId{port.value}, up, now);
}

void Appliance::farewell(TimePoint now) {
    control_.farewell();
    path_.take_injections();
    control_.stop(now);
}

// The route of the manager's table, which has no metric.
Toward Appliance::toward(Ipv4Prefix net) {
    Ipv4 const somebody{net.address.value + 250};
    auto const route = control_.manager().explain({somebody, Ipv4::of(239, 255, 0, 1)}).route;
    if (!route || route->prefix != net) {
        return {};
    }
    return {Toward::k_untold, route->interface, route->upstream};
}

Memory Appliance::memory() const {
    return {.entries = shared_.table.size()};
}

api::Json Appliance::command(std::vector<std::string> const& words, TimePoint now) {
    api::Reply const reply = control_.command(
        {words.front(), {words.begin() + 1, words.end()}, api::Json::object()}, now);
    if (reply.failure) {
        throw std::runtime_error(reply.failure->sentence);
    }
    return reply.data;
}

} // namespace mcast::sim
