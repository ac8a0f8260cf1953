#include "dvmrp_events.h"

#include "mcast/base/log.h"

#include <variant>

namespace mcast::control {

namespace {

using log::Level;

std::string_view key_of(dvmrp::LimitReached::Which which) {
    using Which = dvmrp::LimitReached::Which;
    switch (which) {
    case Which::neighbors:
        return "max-neighbors";
    case Which::routes:
        return "max-routes";
    case Which::flows:
        return "max-flows";
    case Which::prunes:
        return "max-prunes";
    case Which::one_way_neighbors:
        return "max-one-way";
    case Which::prunes_of_neighbor:
        return "max-prunes-of-neighbor";
    case Which::routes_of_neighbor:
        return "max-routes-of-neighbor";
    case Which::route_alarm:
        return "route-alarm";
    case Which::routes_nearly:
        return "80 % of max-routes";
    case Which::rate:
        return "message-rate";
    }
    return "a limit";
}

struct Writer {
    Interfaces const& interfaces;

    void operator()(dvmrp::NeighborChanged const& event) const {
        log::line(Level::notice, "dvmrp", "{}: neighbour {} is {}",
                  interfaces.name(event.interface), to_string(event.neighbor),
                  event.gone ? "gone" : name_of(event.state));
    }
    void operator()(dvmrp::NeighborRestarted const& event) const {
        log::line(Level::notice, "dvmrp", "{}: neighbour {} has restarted",
                  interfaces.name(event.interface), to_string(event.neighbor));
    }
    void operator()(dvmrp::CapabilitiesChanged const& event) const {
        log::line(Level::notice, "dvmrp", "{}: capabilities of {} change from {:#04x} to {:#04x}",
                  interfaces.name(event.interface), to_string(event.neighbor),
                  unsigned{event.before}, unsigned{event.now});
    }
    void operator()(dvmrp::NonPruner const& event) const {
        log::line(Level::warning, "dvmrp",
                  "{}: neighbour {} cannot prune and is ignored; allow-non-pruners admits it",
                  interfaces.name(event.interface), to_string(event.neighbor));
    }
    void operator()(dvmrp::LimitReached const& event) const {
        log::line(Level::warning, "dvmrp", "{}: {} is reached", interfaces.name(event.interface),
                  key_of(event.which));
    }
};

} // namespace

std::string_view name_of(dvmrp::NeighborState state) {
    switch (state) {
    case dvmrp::NeighborState::one_way:
        return "one-way";
    case dvmrp::NeighborState::two_way:
        return "two-way";
    case dvmrp::NeighborState::ignored:
        return "ignored";
    }
    return "unknown";
}

void log_event(Interfaces const& interfaces, dvmrp::Event const& event) {
    std::visit(Writer{interfaces}, event);
}

} // namespace mcast::control
