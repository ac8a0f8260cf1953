// What becomes of IGMP on an interface before the querier sees it and after: refused by the demux,
// lost in the queue from a worker, not sent, not taken by the group manager. The querier's own
// counters are in mcast/igmp/counters.h; together they are everything that is counted of IGMP.
#pragma once

#include "mcast/base/ids.h"
#include "mcast/base/time.h"
#include "mcast/control/counters.h"
#include "mcast/handoff/worker_channel.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

namespace mcast::control {

enum class IgmpLinkCount : std::uint8_t {
    // messages that the querier was never given
    fragment,
    bad_ttl,
    not_enabled,
    dvmrp,
    // the rest
    bad_ip,       // punted frames with a wrong IPv4 header: of IGMP, or of whatever they were
    punt_policed, // lost by a worker: faster than the interface's limit for IGMP
    punt_full,    // lost by a worker: no room in its queue
    queries_sent,
    queries_unsent,
    reports_sent, // as a host: of groups that the router joins, and of the proxy upstream
    reports_unsent,
    discovery_unsent,    // of what is told to snooping switches
    memberships_refused, // by the group manager
    count_
};
using IgmpLinkCounts = std::array<std::uint64_t, static_cast<std::size_t>(IgmpLinkCount::count_)>;

constexpr std::uint64_t of(IgmpLinkCounts const& counts, IgmpLinkCount which) {
    return counts[static_cast<std::size_t>(which)];
}

// Since the start of the router.
IgmpLinkCounts igmp_link_counts(Counters const& counters, handoff::Shared const& shared,
                                IfIndex interface);

// Where statistics began again by command.
class IgmpLinkBaselines {
public:
    void clear(IfIndex interface, IgmpLinkCounts const& counts, TimePoint now);
    IgmpLinkCounts since(IfIndex interface, IgmpLinkCounts counts) const;
    // nullopt: never cleared.
    std::optional<TimePoint> cleared(IfIndex interface) const;

private:
    struct Baseline {
        IgmpLinkCounts counts{};
        TimePoint at{};
    };
    std::map<IfIndex, Baseline> baselines_;
};

} // namespace mcast::control
