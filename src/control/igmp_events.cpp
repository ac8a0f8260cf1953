#include "igmp_events.h"

#include "mcast/base/log.h"

#include <algorithm>
#include <array>
#include <utility>

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
        static constexpr std::array k_keys = {
            std::pair{Which::groups, "max-groups"},
            std::pair{Which::sources, "max-sources"},
            std::pair{Which::entries, "max-entries"},
            std::pair{Which::memory, "max-megabytes"},
            std::pair{Which::rate, "new-state-rate"},
            std::pair{Which::host_rate, "new-state-rate-per-host"},
            std::pair{Which::host_groups, "max-groups-per-host"},
        };
        auto const* const key =
            std::ranges::find(k_keys, event.which, [](auto const& it) { return it.first; });
        log::line(Level::warning, "igmp", "{}: {} is reached; refused for {}",
                  interfaces.name(event.interface), key->second, to_string(event.group));
    }
    void operator()(igmp::GroupWarning const& event) const {
        log::line(event.above ? Level::warning : Level::notice, "igmp", "{}: {} groups of {}, {}",
                  interfaces.name(event.interface), event.groups, event.max_groups,
                  event.above ? "the limit is near" : "well below the limit again");
    }
    void operator()(igmp::UsageWarning const& event) const {
        bool const entries = event.what == igmp::UsageWarning::What::entries;
        log::line(event.above ? Level::warning : Level::notice, "igmp", "{} {} of {}, {}",
                  entries ? event.used : event.used >> 10, entries ? "groups and sources" : "KiB",
                  entries ? event.limit : event.limit >> 10,
                  event.above ? "the limit is near" : "well below the limit again");
    }
};

} // namespace

void log_event(Interfaces const& interfaces, igmp::Event const& event) {
    std::visit(Writer{interfaces}, event);
}

} // namespace mcast::control
