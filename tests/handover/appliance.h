// The appliance without its configuration and sockets: real workers on their lcores, the real
// control core with IGMP, and the grace period of production. Control thread.
#pragma once

#include "streams.h"
#include "wire.h"

#include "core.h" // of control

#include "mcast/dataplane/worker.h"
#include "mcast/platform/lcores.h"
#include "mcast/platform/pools.h"
#include "mcast/platform/qsbr.h"

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace mcast::handover {

class Appliance {
public:
    explicit Appliance(Wire& wire);
    ~Appliance();

    void launch();
    // One turn of control, as the appliance does it; false when there was nothing to do.
    bool turn();
    // Hosts on east and west join what they want, by reports through the workers. Returns when the
    // manager knows of all of it.
    void join(Streams const& streams);
    // Workers first, then control. Afterwards the books must be closed: a sentence for each that
    // is not.
    void stop();
    std::vector<std::string> open_books() const;

    control::Core& core() { return core_; }
    mgm::GroupManager& manager() { return core_.manager; }
    platform::Qsbr& grace() { return grace_; }
    platform::Pools& pools() { return pools_; }
    std::uint64_t punted_misses() const;

private:
    void report(IfIndex interface, std::vector<Ipv4> const& groups);

    Wire& wire_;
    platform::Qsbr grace_;
    platform::Pools pools_;
    handoff::Shared shared_;
    control::Core core_;
    std::vector<std::unique_ptr<dataplane::Worker>> workers_;
    // EAL's waiting for a core orders memory where ThreadSanitizer does not see it; this says it
    // once more. Workers release, stop() acquires.
    std::atomic<std::size_t> running_{0};
    std::unique_ptr<platform::Lcores> lcores_;
};

} // namespace mcast::handover
