// IGMP, router side, as a machine: values in, values out. Versions 1, 2 and 3 of RFC 1112, RFC 2236
// and RFC 9776; SSM as in RFC 4604 and RFC 4607.
//
// The engine answers one question: which sources of which groups does somebody on a link want?
// Objects: an Engine owns interfaces; an interface has a querier machine (who asks on this link),
// and groups; a group has a filter mode, a timer, sources with timers, and one schedule of
// specific queries. All due times stand in one timer wheel of the engine.
//
// Life cycle: add_interface() starts querying at once when the link is up and has an address;
// receive() takes one message; expire() runs what is due; each fills an Output that the caller
// carries out afterwards. In one turn all waiting messages come before expire(), so that a report
// that was here in time is not beaten by its own timer (IGMP-169). Losing link or address, or
// remove_interface(), forgets all groups and reports each once as a Change.
//
// Snooping switches are told of this router by multicast router discovery (RFC 4286), by default
// where they cannot know it by its queries. Its delays are random, by the caller's seed.
//
// Memory. An allocation that fails in receive(), resume() or expire() costs what was being heard or
// sent, and counts as a limit that was reached; what hosts said stays, and they are asked before it
// ends (interface_memory.cpp). The other calls may throw std::bad_alloc.
//
// Not here: clock, sockets, the group manager; static groups (who configures them merges them);
// the host side, for a proxy (host.h).
//
// One thread.
#pragma once

#include "mcast/base/flow.h"
#include "mcast/base/ids.h"
#include "mcast/base/if_set.h"
#include "mcast/base/ipv4.h"
#include "mcast/base/mac.h"
#include "mcast/base/time.h"
#include "mcast/igmp/config.h"
#include "mcast/igmp/counters.h"
#include "mcast/igmp/output.h"
#include "mcast/igmp/view.h"
#include "mcast/timer/wheel.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

namespace mcast::igmp {

// One IGMP message as it arrived. IPv4 header, total length and fragments have been judged before
// (rules R1 to R3); everything else is judged here.
struct Received {
    IfIndex interface{};
    Ipv4 source{};
    Ipv4 destination{};
    std::uint8_t ttl = 0;
    bool router_alert = false;
    Mac source_mac{};
    std::span<std::uint8_t const> payload{}; // exactly the IP payload
};

// What the engine needs to know of an interface besides its configuration.
struct Link {
    Ipv4Prefix address{}; // 0.0.0.0: none
    Mac mac{};
    std::uint16_t mtu = 1500;
    bool up = true;
    // Groups that may not cross this interface (RFC 2365): reports of them are refused. A boundary
    // of any range is one for the local scope 239.255.0.0/16 too (IGMP-129).
    std::vector<Ipv4Prefix> boundaries{};
};

// What an interface wants of a group: with any_source all but `exclude`, else only `include`. Both
// are sorted, and the one that does not apply is empty.
struct Wish {
    bool any_source = false;
    std::vector<Ipv4> include{};
    std::vector<Ipv4> exclude{};

    bool empty() const { return !any_source && include.empty(); }
    bool operator==(Wish const&) const = default;
};

struct Statistics {
    Counters counted{};
    TimePoint since{};
};

class Interface;
struct Footprint;
struct Marks;

class Engine {
public:
    explicit Engine(Config config, std::uint64_t seed = 0);
    ~Engine();
    Engine(Engine const&) = delete;
    Engine& operator=(Engine const&) = delete;

    // False, and nothing done, when the interface is known already or check(config) has a fault.
    bool add_interface(IfIndex interface, InterfaceConfig const& config, Link const& link,
                       TimePoint now, Output& out);
    // The others do nothing for an interface that is not known.
    void remove_interface(IfIndex interface, Output& out);
    // What remove_interface() says to others, early, and nothing else.
    void farewell(IfIndex interface, Output& out);
    void set_link(IfIndex interface, bool up, TimePoint now, Output& out);
    void set_address(IfIndex interface, Ipv4Prefix address, TimePoint now, Output& out);
    // Groups behind a new boundary are removed at once.
    void set_boundaries(IfIndex interface, std::vector<Ipv4Prefix> boundaries, Output& out);
    // Keeps the groups and running deadlines. False when check(config) has a fault.
    bool reconfigure(IfIndex interface, InterfaceConfig const& config, TimePoint now, Output& out);
    // Forgets the group, or all; hosts make them known again at the next general query.
    void clear(IfIndex interface, std::optional<Ipv4> group, Output& out);
    // Forgets groups and querier, and begins as when the link comes up.
    void restart(IfIndex interface, TimePoint now, Output& out);
    // Forgets the querier, and stands for election again; groups stay.
    void elect_again(IfIndex interface, TimePoint now, Output& out);
    // What statistics() says begins at zero; counters() go on.
    void clear_statistics(IfIndex interface, TimePoint now);
    // One general query now, if we are querier; the cadence stays. False when nothing was asked.
    bool query_now(IfIndex interface, Output& out);
    // One query for this group; no timer is lowered, ours or (in version 3) another router's.
    // Nothing is asked in version 1, which knows no such query.
    bool query_now(IfIndex interface, Ipv4 group, Output& out);

    // Messages of this link were refused before they came here: what hosts answered may have been
    // among them. Timers that end are not believed until hosts had another chance, see
    // interface_overrun.cpp. Comes before expire().
    void overrun(IfIndex interface, TimePoint now);

    // Returns the work that it took, counted in looks at a record or a source. One long report can
    // be worth a hundred thousand of them: after about `allowance` it is interrupted between two
    // records, and resume() goes on. Queries may come meanwhile; a report or leave of the same link
    // has it done first.
    std::size_t receive(Received const& message, TimePoint now, Output& out,
                        std::size_t allowance = k_all);
    std::size_t resume(TimePoint now, Output& out, std::size_t allowance = k_all);
    // The rest of a report waits for resume().
    bool interrupted() const { return !interrupted_.empty(); }
    static constexpr std::size_t k_all = std::numeric_limits<std::size_t>::max();

    // Runs what is due at `now`; returns how many timers ran: `limit` at most, and fewer where
    // groups have many sources.
    std::size_t expire(TimePoint now, std::size_t limit, Output& out);
    std::optional<TimePoint> next_due() const { return wheel_.next_due(); }

    // Empty when the interface or the group is not known.
    Wish wish(IfIndex interface, Ipv4 group) const;
    // The verdict of RFC 9776 section 6.3 for one flow.
    bool wanted(IfIndex interface, FlowKey flow) const;
    // Groups with state on the interface, sorted.
    std::vector<Ipv4> groups(IfIndex interface) const;
    // The first, or the first behind `after`, in the order of groups(): a walk that bears changes.
    std::optional<Ipv4> next_group(IfIndex interface, std::optional<Ipv4> after) const;

    bool knows(IfIndex interface) const { return interfaces_.contains(interface); }
    std::optional<InterfaceView> view(IfIndex interface) const;
    std::optional<GroupView> view(IfIndex interface, Ipv4 group, TimePoint now) const;
    // The members of the group that are tracked, sorted by address.
    std::vector<MemberView> hosts(IfIndex interface, Ipv4 group, TimePoint now) const;
    // nullptr when the interface is not known. Since it was added.
    Counters const* counters(IfIndex interface) const;
    // Since it was added, or since clear_statistics().
    std::optional<Statistics> statistics(IfIndex interface) const;
    // Groups plus sources over all interfaces; bounded by Config::max_entries.
    std::uint64_t entries() const;
    // What they take in memory, about; bounded by Config::max_megabytes.
    std::uint64_t bytes() const;
    // Messages for interfaces that do not run IGMP.
    std::uint64_t not_enabled() const { return not_enabled_; }

private:
    Interface* find(IfIndex interface);
    Interface const* find(IfIndex interface) const;
    void forget_address(Ipv4 address);

    Config config_;
    std::uint64_t seed_;
    timer::Wheel wheel_;
    std::unique_ptr<Footprint> used_;
    std::unique_ptr<Marks> marks_;
    std::size_t count_ = 0; // of interfaces
    IfSet interrupted_;     // with the rest of a report
    std::uint64_t not_enabled_ = 0;
    // Our addresses, with the number of interfaces that have them (IGMP-30).
    std::unordered_map<Ipv4, unsigned> own_addresses_;
    std::map<IfIndex, std::unique_ptr<Interface>> interfaces_;
};

} // namespace mcast::igmp
