#include "neighbor.h"

#include <algorithm>

namespace mcast::dvmrp {

namespace {

// S20: forged probes must not make us flood again and again.
constexpr Duration k_restart_pause = std::chrono::seconds{10};
constexpr Duration k_legacy_timeout = std::chrono::seconds{140};
constexpr std::uint8_t k_first_vendor_that_prunes = 11;

NeighborState next_state(Neighbor const& neighbor, Heard const& heard,
                         InterfaceConfig const& config, TimePoint now) {
    if (neighbor.barred) {
        return NeighborState::ignored;
    }
    if (!config.allow_non_pruners && !can_prune(heard.version, heard.capabilities)) {
        return NeighborState::ignored;
    }
    bool const excused =
        neighbor.two_way() && neighbor.may_omit_us_until && now < *neighbor.may_omit_us_until;
    bool const both_ways = heard.lists_us || excused || !needs_handshake(heard.version);
    return both_ways ? NeighborState::two_way : NeighborState::one_way;
}

} // namespace

bool can_prune(Version version, std::uint8_t capabilities) {
    switch (wire::dvmrp::class_of(version)) {
    case VersionClass::spec:
        return has(capabilities, wire::dvmrp::Capability::prune);
    case VersionClass::v3_3:
        // 3.3 and 3.4 prune and say nothing of it.
        return version.minor <= 4 || has(capabilities, wire::dvmrp::Capability::prune);
    case VersionClass::v3_0:
        return true;
    case VersionClass::vendor:
        return version.major >= k_first_vendor_that_prunes;
    case VersionClass::old:
        break;
    }
    return false;
}

bool needs_handshake(Version version) {
    return wire::dvmrp::class_of(version) == VersionClass::spec;
}

Duration timeout_of(Version version, InterfaceConfig const& config) {
    return wire::dvmrp::has_generation(version)
               ? config.neighbor_timeout
               : std::max(config.neighbor_timeout, k_legacy_timeout);
}

ProbeStep hear(Neighbor& neighbor, Heard const& heard, bool is_new, InterfaceConfig const& config,
               TimePoint now) {
    ProbeStep step;
    bool const other_generation = neighbor.generation && heard.generation != neighbor.generation;
    bool const other_run = other_generation || heard.version != neighbor.version;
    bool const too_soon = neighbor.restarted && now - *neighbor.restarted < k_restart_pause;
    bool const restarted = !is_new && other_run && neighbor.two_way();
    step.other_run = other_run;
    step.damped = restarted && too_soon;
    step.restarted = restarted && !too_soon;
    step.capabilities_changed = !is_new && heard.capabilities != neighbor.capabilities;
    Duration const timeout = timeout_of(heard.version, config);
    if (step.restarted) {
        neighbor.restarted = now;
        neighbor.may_omit_us_until = now + timeout;
    }
    if (!step.damped) {
        neighbor.generation = heard.generation;
        neighbor.version = heard.version;
    }
    if (heard.lists_us) {
        neighbor.may_omit_us_until.reset();
    }
    neighbor.barred = neighbor.barred && !other_run && config.ignore_excess;
    neighbor.capabilities = heard.capabilities;
    neighbor.expires = now + timeout;
    step.next = next_state(neighbor, heard, config, now);
    return step;
}

} // namespace mcast::dvmrp
