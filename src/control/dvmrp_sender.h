// DVMRP messages on their way out as frames. Whom ARP does not know is reached at the MAC from
// which it last spoke DVMRP to us. Into a tunnel go those for the group, unless its configuration
// has them beside it (DEC-24); what is for one router alone goes there as it is. Control thread
// only.
#pragma once

#include "adjacency.h"
#include "demux.h"
#include "injector.h"
#include "interfaces.h"

#include "mcast/control/counters.h"
#include "mcast/dvmrp/output.h"

#include <cstddef>
#include <map>
#include <optional>
#include <utility>

namespace mcast::control {

class DvmrpSender {
public:
    // Of neighbours that are remembered.
    static constexpr std::size_t k_max_learned = 1024;

    DvmrpSender(Interfaces const& interfaces, Adjacency& adjacency, Injector& injector,
                Counters& counters)
        : interfaces_(interfaces), adjacency_(adjacency), injector_(injector), counters_(counters) {
    }

    // While the answers to this frame are sent its sender is where it came from, on the link or
    // behind another router.
    void begin_answers(IfIndex interface, DvmrpFrame const& frame);
    void end_answers() { asker_.reset(); }
    void send(dvmrp::ToSend const& message, TimePoint now);
    void send(dvmrp::TraceToSend const& message, TimePoint now);
    void forget(IfIndex interface);

private:
    using Key = std::pair<IfIndex, Ipv4>;
    std::optional<Mac> next_hop(Key const& key) const;
    // The same, or it is counted and asked for.
    std::optional<Mac> resolve(IfIndex interface, Ipv4 next_hop, TimePoint now);
    // Of a tunnel: toward its other end.
    std::optional<Mac> resolve(IfIndex tunnel);
    void send_through(dvmrp::ToSend const& message);
    template <class Build>
    void transmit(IfIndex interface, Build build);

    Interfaces const& interfaces_;
    Adjacency& adjacency_;
    Injector& injector_;
    Counters& counters_;
    std::map<Key, Mac> learned_;
    std::optional<std::pair<Key, Mac>> asker_;
};

} // namespace mcast::control
