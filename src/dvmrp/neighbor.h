// What we know of another router of a link, and what its probes do to that. No input or output.
#pragma once

#include "mcast/base/rate.h"
#include "mcast/base/time.h"
#include "mcast/dvmrp/config.h"
#include "mcast/dvmrp/output.h"
#include "mcast/timer/handle.h"
#include "mcast/wire/dvmrp.h"

#include <cstdint>
#include <optional>
#include <unordered_set>

namespace mcast::dvmrp {

using wire::dvmrp::Version;
using wire::dvmrp::VersionClass;

// Names one span of time in which a neighbour was ours, so that what was learned from it in another
// span can be told apart without looking for it. 0 names none.
using Span = std::uint32_t;

// The spans that have not ended.
class Spans {
public:
    Span begin() {
        ++last_;
        running_.insert(last_);
        return last_;
    }
    void end(Span span) { running_.erase(span); }
    bool runs(Span span) const { return running_.contains(span); }

private:
    Span last_ = 0;
    std::unordered_set<Span> running_;
};

struct Neighbor {
    Ipv4 address{};
    NeighborState state = NeighborState::one_way;
    Version version{};
    std::uint8_t capabilities = 0;
    std::optional<std::uint32_t> generation{};
    TimePoint since{}; // that it was heard first
    TimePoint expires{};
    TimePoint adjacent_since{};           // while it is two-way
    std::optional<TimePoint> restarted{}; // last acted upon
    // A restarted router has heard nobody yet: until then its probes need not list us (DEC-13).
    std::optional<TimePoint> may_omit_us_until{};
    bool told_as_non_pruner = false;
    bool barred = false; // told of too many routes; until it restarts
    Span adjacency = 0;  // while it is two-way: its routes, its dependencies
    Span memory = 0;     // since it started: its prunes, and what we told it
    Bucket messages;
    Bucket probes;
    timer::Handle timer{};

    Neighbor(Rate of_messages, Rate of_probes) : messages(of_messages), probes(of_probes) {}
    bool two_way() const { return state == NeighborState::two_way; }
};

// What a probe says of its sender.
struct Heard {
    Version version{};
    std::uint8_t capabilities = 0;
    std::optional<std::uint32_t> generation{};
    bool lists_us = false;
};

struct ProbeStep {
    bool restarted = false; // to be acted upon
    bool damped = false;    // restarted again too soon: not believed yet
    bool capabilities_changed = false;
    bool other_run = false; // than at its last probe, acted upon or not
    NeighborState next{};
};

// Section 4.2's table. Updates the fields, but leaves `state` and the spans to the caller.
ProbeStep hear(Neighbor& neighbor, Heard const& heard, bool is_new, InterfaceConfig const& config,
               TimePoint now);

// DEC-10: by the P bit, where the version has it.
bool can_prune(Version version, std::uint8_t capabilities);
// Whether it must list us before anything but probes is taken from it.
bool needs_handshake(Version version);
Duration timeout_of(Version version, InterfaceConfig const& config);

} // namespace mcast::dvmrp
