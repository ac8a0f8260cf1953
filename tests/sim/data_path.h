// One worker of a router without its ports: the pure functions of the data plane on the router's
// own table, queues and counters, and copies of frames instead of buffers.
#pragma once

#include "frames.h"

#include "mcast/dataplane/classify.h"
#include "mcast/handoff/worker_channel.h"

#include <cstdint>
#include <unordered_map>
#include <vector>

namespace mcast::sim {

class DataPath {
public:
    DataPath(std::size_t router, handoff::Shared& shared) : router_(router), shared_(shared) {}

    void receive(IfIndex on, Packet const& packet);
    // What control sends, and parked packets that come back. True when there was any.
    bool take_injections();

    std::vector<Leaving> out;      // taken by who runs it
    std::vector<FlowKey> unwanted; // packets that came in where expected, and went nowhere
    // Copies that came back to this router. Never, if the protocol keeps its word.
    std::uint64_t loops = 0;

private:
    enum class Origin : std::uint8_t { received, reinjected };

    void judge(IfIndex on, Packet const& packet, Origin origin);
    void punt(Packet const& packet, dataplane::Verdict const& verdict, handoff::PuntClass to);
    void forward(Packet const& packet, dataplane::Verdict const& verdict,
                 handoff::Entry const& entry);
    // The interface by whose port it leaves.
    IfIndex port_of(IfIndex interface) const;
    void alert(Packet const& packet, IfIndex arrival);
    handoff::InterfaceCounters& counters(IfIndex on) {
        return shared_.workers.front()->counters->interfaces[on.index()];
    }

    std::size_t router_;
    handoff::Shared& shared_;
    std::unordered_map<std::uint64_t, Trail> parked_; // by the number of the datagram
};

} // namespace mcast::sim
