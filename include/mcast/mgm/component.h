// What a component (IGMP, a routing protocol, static routes) and the group manager say to each
// other. The only calls upward in the house are the virtual functions of this file, and
// those of observer.h, which only keep a record.
//
// Two kinds of callback, and no third:
//   news      is queued and delivered by a later GroupManager::step(). The receiver may call the
//             manager from it, except from the two gate calls: there it only notes the interface
//             (MGM-40). Nobody replays news: who registers late asks for groups() (MGM-10).
//   questions (on_rpf, on_entry_created) are answered at once, during the call or packet that
//             raised them, sometimes during a call of the very component that is asked. They may
//             not call back: a mutating call from inside a question is refused with
//             cannot_complete and counted.
// Control thread only.
#pragma once

#include "mcast/base/flow.h"
#include "mcast/base/ids.h"
#include "mcast/base/ipv4.h"
#include "mcast/mgm/route_view.h"

#include <chrono>
#include <compare>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace mcast::mgm {

// Identity is the pair: two instances of one protocol are two components (MGM-3).
struct ComponentId {
    ProtocolId protocol{};
    std::uint32_t instance = 0;

    constexpr auto operator<=>(ComponentId const&) const = default;
};
// "igmp/0", "static/0", or "0x81372719/2" for a protocol that this file does not name.
std::string to_string(ComponentId component);

// An interface as ownership sees it. `next_hop` is zero except for one link behind a
// point-to-multipoint interface; such a link can be owned, but memberships on it are refused, since
// the data path cannot send to one of them.
struct InterfaceRef {
    IfIndex index{};
    // Where there was padding: for a struct of 16 bits, padding and 32 bits that are 0, clang 19 on
    // x86-64 may use a register of which it has written the lowest 16 bits only.
    std::uint16_t zero = 0;
    Ipv4 next_hop{};

    constexpr InterfaceRef() = default;
    constexpr InterfaceRef(IfIndex at, Ipv4 link) : index(at), next_hop(link) {}
    constexpr auto operator<=>(InterfaceRef const&) const = default;
};

// (S,G), (*,G) or (*,*). A source without a group is refused (MGM-57).
struct MembershipKey {
    std::optional<Ipv4> source;
    std::optional<Ipv4> group;

    static constexpr MembershipKey any() { return {}; }
    static constexpr MembershipKey of(Ipv4 group) { return {std::nullopt, group}; }
    static constexpr MembershipKey of(FlowKey flow) { return {flow.source, flow.group}; }

    constexpr bool matches(FlowKey flow) const {
        return (!group || *group == flow.group) && (!source || *source == flow.source);
    }
    constexpr auto operator<=>(MembershipKey const&) const = default;
};
std::string to_string(MembershipKey const& key); // "(*, 239.1.1.1)"

enum class MembershipFlags : std::uint8_t {
    none = 0,
    join_state = 1,    // record the membership and update every entry that it matches
    forward_state = 2, // only switch the interface in the entry of exactly this source and group
};
constexpr MembershipFlags operator|(MembershipFlags a, MembershipFlags b) {
    return static_cast<MembershipFlags>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
constexpr bool has(MembershipFlags flags, MembershipFlags bit) {
    return (static_cast<unsigned>(flags) & static_cast<unsigned>(bit)) != 0;
}

// Why a join or prune alert is sent: somebody's membership, or the outputs of a cached entry.
enum class AlertCause : std::uint8_t { membership, entry };

// Counts the openings of one interface's gate. What IGMP re-adds carries the epoch it was told.
struct Epoch {
    std::uint64_t value{};
    constexpr auto operator<=>(Epoch const&) const = default;
};

enum class MgmError : std::uint8_t {
    already_exists,
    cannot_complete,
    invalid_parameter,
    not_found,
    no_memory, // nothing was changed; what had begun was undone
};
std::string_view name_of(MgmError code);

struct Failure {
    MgmError code{};
    std::string reason; // one sentence for people
};
template <class T = void>
using Result = std::expected<T, Failure>;

struct RpfQuery {
    FlowKey key{};
    InterfaceRef interface{}; // toward the source, by route
    Route route{};
    IfIndex arrived_on = k_no_interface;    // k_no_interface: no packet, the route was re-examined
    std::span<std::uint8_t const> packet{}; // IPv4 header and what follows it
};
// Starts as the route says; the component may name another of its own interfaces.
struct RpfDecision {
    InterfaceRef interface{};
    Ipv4 upstream{};
};

struct OutInterface {
    InterfaceRef ref{};
    bool igmp_present = false;
    bool forward = true; // clear it to refuse this flow here
};

// Every default does nothing: a component overrides what concerns it.
class ProtocolListener {
public:
    virtual ~ProtocolListener() = default;

    // Question to the owner of the interface toward the source. An answer naming an interface that
    // the component does not own is refused, counted and logged.
    virtual void on_rpf(RpfQuery const& query, RpfDecision& decision);
    // Question to each component about its own outputs of one entry, when the entry is made and
    // when an output is added to it. IGMP is asked where its membership alone is the reason.
    virtual void on_entry_created(FlowKey key, InterfaceRef arrival, std::span<OutInterface> mine);

    // News: others want this (or no longer do).
    virtual void on_join(MembershipKey const& key, AlertCause cause);
    // `interface`: whose membership ended, or for `entry` where the flow arrives. For `entry` the
    // receiver may set how long the entry refuses the flow before it asks again.
    virtual void on_prune(MembershipKey const& key, InterfaceRef interface, AlertCause cause,
                          std::chrono::seconds& entry_lifetime);
    // News to the routing owner of an interface: what IGMP added or removed there.
    virtual void on_local_join(MembershipKey const& key, InterfaceRef interface);
    virtual void on_local_leave(MembershipKey const& key, InterfaceRef interface);
    // News to who took an interface: the change is complete, no worker can see the state from
    // before, and IGMP's gate (if IGMP is there) opens now. Not sent if the lease has ended by
    // then.
    virtual void on_interface_ready(InterfaceRef interface);
    // News to the owner of an interface in wrong-interface alert mode: a packet of a known flow
    // came in there, and that is not where the flow is expected. `packet`: IPv4 header and what
    // follows it, cut to 128 bytes, valid during the call. RFC 2715 rule 2. At most one per second
    // and flow; InterfaceLease::set_wrong_interface_alerts() asks for it.
    virtual void on_wrong_interface(FlowKey key, InterfaceRef arrived_on,
                                    std::span<std::uint8_t const> packet);
};

// IGMP must be one of these; it is recognised by its protocol id.
class IgmpListener : public ProtocolListener {
public:
    // News. The gate is closed already when this is delivered: adds and removes are refused. A new
    // lease begins with an open gate and no news of it.
    virtual void on_igmp_gate_closed(InterfaceRef interface) = 0;
    // News. Note it and return; then add every membership that the link has now, with this epoch.
    virtual void on_igmp_gate_opened(InterfaceRef interface, Epoch epoch) = 0;
};

} // namespace mcast::mgm

template <>
struct std::hash<mcast::mgm::MembershipKey> {
    std::size_t operator()(mcast::mgm::MembershipKey const& key) const noexcept {
        // An absent part reads as 0.0.0.0, which is neither a source nor a group.
        return std::hash<mcast::FlowKey>{}(
            {key.source.value_or(mcast::Ipv4{}), key.group.value_or(mcast::Ipv4{})});
    }
};
