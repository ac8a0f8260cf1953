// The tables of RFC 9776 sections 6.4.1 and 6.4.2 as one pure function: what a group record does
// to a source filter. No times, only names of times; no I/O.
#pragma once

#include "source_set.h"

#include "mcast/igmp/view.h"
#include "mcast/wire/igmp.h"

namespace mcast::igmp {

// INCLUDE(wanted), excluded empty; or EXCLUDE(wanted, excluded), which the RFC writes (X, Y): the
// timers of wanted run, those of excluded stand at zero. INCLUDE({}) is the state of an unknown
// group.
struct SourceFilter {
    FilterMode mode = FilterMode::include;
    SourceSet wanted{};
    SourceSet excluded{};

    bool operator==(SourceFilter const&) const = default;
};

struct Transition {
    SourceFilter next{};
    SourceSet restart{};              // their timers become the group membership interval
    SourceSet to_group_timer{};       // their timers become the group timer as it was before
    bool restart_group_timer = false; // becomes the group membership interval
    SourceSet query_sources{};        // Q(G, A); empty: none
    bool query_group = false;         // Q(G)

    bool operator==(Transition const&) const = default;
};

// Precondition: the type is one of the six.
Transition apply(SourceFilter const& filter, wire::RecordType type, SourceSet const& sources);
// The same by RFC 5790 section 4, which remembers nothing excluded. Precondition besides: an
// exclude record names no sources, and nothing is excluded.
Transition apply_lite(SourceFilter const& filter, wire::RecordType type, SourceSet const& sources);

} // namespace mcast::igmp
