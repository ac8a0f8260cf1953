// What a new configuration or address does to an interface that runs.
#include "core.h"

namespace mcast::dvmrp {

void Core::change_link(Interface& interface, Link const& link, TimePoint now, Output& out) {
    Link const before = interface.link();
    bool const begins_anew =
        before.address != link.address || before.up != link.up || before.remote != link.remote;
    if (begins_anew && interface.enabled()) {
        stop(interface, now, out);
    }
    interface.set_link(link);
    if (begins_anew && interface.enabled()) {
        start(interface, now, out);
        return;
    }
    interface.drop_unfit(news_, out);
    trees.neighbors_changed(now); // boundaries
    carry_on(now);
}

void Core::reconfigure(Interface& interface, InterfaceConfig const& with, TimePoint now,
                       Output& out) {
    InterfaceConfig const before = interface.config();
    if (before == with) {
        return;
    }
    bool const begins_anew =
        before.force_leaf != with.force_leaf || before.point_to_point != with.point_to_point;
    if (begins_anew && interface.enabled()) {
        interface.stop(news_, out);
    }
    interface.set_config(with);
    if (begins_anew && interface.enabled()) {
        interface.start(now, out);
    } else if (interface.enabled()) {
        interface.drop_unfit(news_, out);
        if (before.netmask != with.netmask || before.probe_interval != with.probe_interval ||
            before.passive != with.passive) {
            interface.probe_due(now, out);
        }
    }
    routing.reconfigured(interface, before, now, out);
    trees.neighbors_changed(now);
    carry_on(now);
}

} // namespace mcast::dvmrp
