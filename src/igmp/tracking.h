// Which host wants what of one group: explicit host tracking, RFC 6636 sections 3 and 6. Values in
// a Group; its Interface counts hosts and memory.
//
// It serves to prove that nobody is left. The proof fails while somebody may be a member whom we
// cannot tell apart: hosts of versions 1 and 2 stay silent when another one reports, several hosts
// may stand behind 0.0.0.0, and beyond the limits hosts are not recorded.
#pragma once

#include "claim.h"
#include "source_set.h"

#include "mcast/base/ipv4.h"
#include "mcast/base/time.h"
#include "mcast/igmp/view.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace mcast::igmp {

struct TrackedSource {
    Ipv4 address{};
    TimePoint until{}; // in include mode
};

struct TrackedHost {
    Ipv4 address{};
    FilterMode mode = FilterMode::include;
    TimePoint until{};                    // in exclude mode
    std::vector<TrackedSource> sources{}; // sorted: wanted ones, or in exclude mode unwanted ones

    bool gone() const { return mode == FilterMode::include && sources.empty(); }
    TimePoint end() const;
};

struct Members {
    std::vector<TrackedHost> hosts{}; // sorted by address
    std::size_t sources = 0;          // of all hosts
    TimePoint due{};                  // no host ends before; while there are hosts
    std::optional<TimePoint> unsure_until{};

    TrackedHost const* find(Ipv4 host) const;
    // Some live host wants any source, or this one.
    bool want_any(TimePoint now) const;
    bool want(Ipv4 source, TimePoint now) const;

    // What a host says of the group. One that wants nothing any more is gone from the list.
    // Precondition: it is in the list, or it joins. std::bad_alloc, here and in expire(): nothing
    // has changed.
    void note(Claim const& claim, Ipv4 host, TimePoint until, TimePoint now);
    // Takes out hosts that have not been heard for too long; their addresses.
    std::vector<Ipv4> expire(TimePoint now);
    std::uint64_t bytes() const;
};

// Vectors may have twice the room that they need; the interface's count of groups is in it.
inline constexpr std::uint64_t k_host_bytes = 2 * sizeof(TrackedHost) + 80;
inline constexpr std::uint64_t k_tracked_source_bytes = 2 * sizeof(TrackedSource);

inline std::uint64_t Members::bytes() const {
    return hosts.size() * k_host_bytes + sources * k_tracked_source_bytes;
}

std::vector<MemberView> hosts_of(Members const& members, TimePoint now);

} // namespace mcast::igmp
