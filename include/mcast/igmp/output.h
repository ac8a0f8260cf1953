// What the engine wants done: values that the caller carries out after the call. Values.
#pragma once

#include "mcast/base/ids.h"
#include "mcast/base/if_set.h"
#include "mcast/base/ipv4.h"
#include "mcast/base/mac.h"
#include "mcast/wire/igmp.h"

#include <cstddef>
#include <cstdint>
#include <variant>
#include <vector>

namespace mcast::igmp {

// To be sent as RFC 9776 section 4 wants all IGMP: TTL 1, TOS 0xC0, Router Alert.
struct QueryToSend {
    IfIndex interface{};
    Ipv4 source{}; // our address there
    Ipv4 destination{};
    wire::Query query{};

    bool operator==(QueryToSend const&) const = default;
};

// Multicast router discovery, to be sent in the same way to wire::usual_destination().
struct DiscoveryToSend {
    IfIndex interface{};
    Ipv4 source{}; // our address there
    wire::Igmp message{};

    bool operator==(DiscoveryToSend const&) const = default;
};

// The wish of this interface for this group is another now: ask Engine::wish(). The same pair may
// stand in one Output more than once.
struct Change {
    IfIndex interface{};
    Ipv4 group{};

    auto operator<=>(Change const&) const = default;
};

// Worth a line in a log. What an attacker can provoke is limited in rate by the engine, per
// interface and kind; counters hold the true number.
struct QuerierChanged {
    IfIndex interface{};
    Ipv4 querier{};
    Ipv4 previous{}; // 0.0.0.0 when the interface has just come up
    bool ours = false;
};
// A general query of another version than the configured one (IGMP-34, IGMP-170).
struct WrongVersion {
    IfIndex interface{};
    Ipv4 source{};
    std::uint8_t version = 0;
};
struct OperatingVersionChanged {
    IfIndex interface{};
    std::uint8_t version = 0;
};
// Somebody else sends with our address (IGMP-31).
struct DuplicateAddress {
    IfIndex interface{};
    Ipv4 address{};
    Mac mac{};
};
struct LimitReached {
    IfIndex interface{};
    Ipv4 group{};
    enum class Which : std::uint8_t {
        groups,
        sources,
        entries,
        memory,
        rate,
        host_rate,
        host_groups,
    } which{};
    static constexpr std::size_t k_limits = static_cast<std::size_t>(Which::host_groups) + 1;
};
// The number of groups went over the configured share of max_groups, or fell well below it again.
struct GroupWarning {
    IfIndex interface{};
    bool above = false;
    std::size_t groups = 0;
    std::uint32_t max_groups = 0;
};
// The same of what all interfaces share.
struct UsageWarning {
    enum class What : std::uint8_t { entries, bytes } what{};
    bool above = false;
    std::uint64_t used = 0;
    std::uint64_t limit = 0;
};
using Event = std::variant<QuerierChanged, WrongVersion, OperatingVersionChanged, DuplicateAddress,
                           LimitReached, GroupWarning, UsageWarning>;

struct Output {
    std::vector<QueryToSend> queries;
    std::vector<DiscoveryToSend> discovery;
    std::vector<Change> changes;
    std::vector<Event> events;
    // Where memory ran out before a change could be noted: any group may have another wish there.
    IfSet unnoted;

    void clear() {
        unnoted = {};
        queries.clear();
        discovery.clear();
        changes.clear();
        events.clear();
    }
};

} // namespace mcast::igmp
