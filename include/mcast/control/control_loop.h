// The control core: one turn of it, and what it answers.
//
// Objects. ControlLoop owns the group manager, the IGMP engine, and the components that sit at the
// manager's table ("igmp", "static", "proxy", "dvmrp"); it answers ARP and ping for our own
// addresses; it publishes interface snapshots and, through the manager, entries. It shares with the
// workers nothing but handoff::Shared, which outlives it.
//
// Life. Construct; start(now) publishes the interfaces, seats the components and brings IGMP up;
// step(now) again and again; farewell() while workers run; stop(now). Time only comes in as an
// argument and must not go back.
//
// A turn, in this order, each part bounded: punted DVMRP, IGMP (queries first), host frames, then
// misses (before any timer, so that a report that came in time is not beaten by the timer it should
// have refreshed: IGMP-169); IGMP's timers; memberships; the manager's own step (grace periods,
// ageing); neighbours; reclaiming retired entries and snapshots. Alerts about packets on the wrong
// interface come after the misses: they are news of what was dropped already.
//
// What it does not do: no I/O, no clock, no DPDK, no configuration syntax. Frames come by the punt
// queues and go by the inject queues. Control thread only.
#pragma once

#include "mcast/api/messages.h"
#include "mcast/base/ids.h"
#include "mcast/base/time.h"
#include "mcast/control/config.h"
#include "mcast/control/counters.h"
#include "mcast/control/port_facts.h"
#include "mcast/handoff/grace_period.h"
#include "mcast/handoff/worker_channel.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mcast::mgm {
class GroupManager;
}

namespace mcast::control {

// Asked while a reply is made; an empty function answers with nothing.
struct Reporters {
    std::function<std::vector<PortReport>()> ports;
    std::function<std::vector<PoolReport>()> pools;
    std::function<std::vector<WorkerReport>()> workers; // by WorkerId
    std::function<std::int64_t()> mbuf_balance;         // buffers taken minus buffers accounted for
    std::vector<std::uint16_t> worker_cores;            // by WorkerId
    std::string instance = "mcastd";
    std::string version;
    std::string config_toml; // the running configuration, for `show config`
    api::Json config_json;
};

// What must differ from one run to the next.
struct Seeds {
    std::uint64_t random = 0;     // of the random delays of protocols
    std::uint32_t generation = 1; // DVMRP's: wall clock in seconds, at the start
    Duration wall{};              // wall clock less the time of turns; for answers to traces alone
};

struct Core; // of this component alone

class ControlLoop {
public:
    // Preconditions: the configuration was checked (names resolve, no duplicates); `ports` is in
    // the order of the platform's configuration.
    ControlLoop(Config const& config, std::vector<PortFacts> ports, handoff::Shared& shared,
                handoff::GracePeriod& grace, Reporters reporters = {}, Seeds seeds = {});
    ~ControlLoop();
    ControlLoop(ControlLoop const&) = delete;
    ControlLoop& operator=(ControlLoop const&) = delete;

    void start(TimePoint now);
    // One turn. True when it did work: another turn may find more.
    bool step(TimePoint now);
    // When step() has something to do even if nothing is punted; nullopt: never.
    std::optional<TimePoint> next_due() const;
    // A port's link changed: outputs go or come back, IGMP is told.
    void link_changed(PortId port, bool up, TimePoint now);
    // What other routers, hosts and switches should hear before we go: that the proxy wants nothing
    // any more, that there is no router here. Workers send it, so they must run for a moment yet;
    // no step() comes after.
    void farewell();
    // IGMP down, ownership given back. No worker is needed for it.
    void stop(TimePoint now);

    // `show ...` and `explain ...`; anything else is refused by name.
    api::Reply answer(api::Request const& request, TimePoint now) const;
    // The same, and `owner take|release INTERFACE PROTOCOL`: the reply comes when the change has
    // begun; later turns complete it. And `clear igmp|dvmrp ...`, `igmp query INTERFACE [GROUP]`.
    api::Reply command(api::Request const& request, TimePoint now);

    Counters const& counters() const;

    // For protocols that the host seats beside ours, and for the C door. Between turns and from the
    // manager's own callbacks; registrations must end before the loop does.
    mgm::GroupManager& manager();

private:
    std::unique_ptr<Core> core_;
};

} // namespace mcast::control
