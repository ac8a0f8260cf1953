#include "tunnels.h"

#include "mcast/base/log.h"

namespace mcast::control {

void Tunnels::start(TimePoint now) {
    interfaces_.for_each([&](IfIndex i) {
        if (auto const& tunnel = interfaces_.config(i).tunnel) {
            all_.insert(i);
            adjacency_.want(interfaces_.below(i), tunnel->next_hop(), now);
        }
    });
}

bool Tunnels::follow() {
    bool news = false;
    all_.for_each([&](IfIndex i) {
        Ipv4 const next_hop = interfaces_.config(i).tunnel->next_hop();
        auto const mac = adjacency_.mac_of(interfaces_.below(i), next_hop);
        if (interfaces_.set_next_hop(i, mac)) {
            news = true;
            log::line(log::Level::notice, "tunnel", "{}: {} {}", interfaces_.name(i),
                      to_string(next_hop), mac ? "is at " + to_string(*mac) : "does not answer");
        }
    });
    return news;
}

} // namespace mcast::control
