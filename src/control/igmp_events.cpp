#include "igmp_events.h"

#include "mcast/base/log.h"

namespace mcast::control {

namespace {

using log::Level;

struct Writer {
    Interfaces const& interfaces;

    void operator()(igmp::QuerierChanged const& event) const {
        log::line(Level::notice, "igmp", "{}: querier is {}{}", interfaces.name(event.interface),
                  to_string(event.querier), event.ours ? " (we)" : "");
    }
    void operator()(igmp::WrongVersion const& event) const {
        log::line(Level::warning, "igmp", "{}: {} queries with version {}, which is not ours",
                  interfaces.name(event.interface), to_string(event.source), event.version);
    }
    void operator()(igmp::OperatingVersionChanged const& event) const {
        log::line(Level::notice, "igmp", "{}: now works as version {}",
                  interfaces.name(event.interface), event.version);
    }
    void operator()(igmp::DuplicateAddress const& event) const {
        log::line(Level::warning, "igmp", "{}: {} sends with our address {}",
                  interfaces.name(event.interface), to_string(event.mac), to_string(event.address));
    }
    void operator()(igmp::LimitReached const& event) const {
        using Which = igmp::LimitReached::Which;
        std::string_view const what = event.which == Which::groups    ? "max_groups"
                                      : event.which == Which::sources ? "max_sources"
                                                                      : "max_entries";
        log::line(Level::warning, "igmp", "{}: {} is reached; refused for {}",
                  interfaces.name(event.interface), what, to_string(event.group));
    }
};

} // namespace

void log_event(Interfaces const& interfaces, igmp::Event const& event) {
    std::visit(Writer{interfaces}, event);
}

} // namespace mcast::control
