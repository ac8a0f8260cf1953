// mgm_c.h: memberships.
#include "mgm_c_door.h"

using namespace mcast::mgm;

namespace {

struct Call {
    MembershipKey key;
    InterfaceRef interface;
    MembershipFlags flags;
};

std::optional<Call> call_of(c::Masked source, c::Masked group, InterfaceRef interface,
                            DWORD flags) {
    constexpr DWORD k_all = MGM_JOIN_STATE_FLAG | MGM_FORWARD_STATE_FLAG;
    auto const key = c::key_of(source, group);
    if (!key || flags == 0 || (flags & ~k_all) != 0) {
        return std::nullopt;
    }
    return Call{*key, interface, static_cast<MembershipFlags>(flags)};
}

// By lease where there is one, with the epoch that IGMP was told; else by name, which finds out
// what is wrong.
DWORD carry_out(c::Door& door, HANDLE protocol, std::optional<Call> const& call, bool adding) {
    c::Seat* const seat = door.seat(protocol);
    if (seat == nullptr || !call) {
        return ERROR_INVALID_PARAMETER;
    }
    c::Held* const held = door.held(protocol, call->interface);
    if (held == nullptr || !held->lease.active()) {
        Registration& by_name = seat->registration;
        return c::to_c(adding ? by_name.add(call->interface, call->key, call->flags)
                              : by_name.remove(call->interface, call->key, call->flags));
    }
    auto const epoch = seat->igmp ? std::optional{held->epoch} : std::nullopt;
    return c::to_c(adding ? held->lease.add(call->key, call->flags, epoch)
                          : held->lease.remove(call->key, call->flags, epoch));
}

} // namespace

DWORD MgmAddGroupMembershipEntry(HANDLE hProtocol, DWORD dwSourceAddr, DWORD dwSourceMask,
                                 DWORD dwGroupAddr, DWORD dwGroupMask, DWORD dwIfIndex,
                                 DWORD dwIfNextHopIPAddr, DWORD dwFlags) {
    return c::enter([&](c::Door& door) {
        return carry_out(door, hProtocol,
                         call_of({dwSourceAddr, dwSourceMask}, {dwGroupAddr, dwGroupMask},
                                 c::interface_of(dwIfIndex, dwIfNextHopIPAddr), dwFlags),
                         true);
    });
}

DWORD MgmDeleteGroupMembershipEntry(HANDLE hProtocol, DWORD dwSourceAddr, DWORD dwSourceMask,
                                    DWORD dwGroupAddr, DWORD dwGroupMask, DWORD dwIfIndex,
                                    DWORD dwIfNextHopIPAddr, DWORD dwFlags) {
    return c::enter([&](c::Door& door) {
        return carry_out(door, hProtocol,
                         call_of({dwSourceAddr, dwSourceMask}, {dwGroupAddr, dwGroupMask},
                                 c::interface_of(dwIfIndex, dwIfNextHopIPAddr), dwFlags),
                         false);
    });
}
