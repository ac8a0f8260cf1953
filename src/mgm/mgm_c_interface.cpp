// mgm_c.h: who has which interface.
#include "mgm_c_door.h"

using namespace mcast::mgm;

namespace {

DWORD take(c::Door& door, HANDLE protocol, InterfaceRef interface,
           PMGM_INTERFACE_READY_CALLBACK ready) {
    c::Seat* const seat = door.seat(protocol);
    if (seat == nullptr) {
        return ERROR_INVALID_PARAMETER;
    }
    // Room first: a lease that cannot be kept would have to be given back. A slot that is there
    // may hold a lease whose interface is gone.
    auto const [slot, fresh] = seat->interfaces.try_emplace(interface);
    auto lease = seat->registration.take(interface);
    if (!lease) {
        if (fresh) {
            seat->interfaces.erase(slot);
        }
        return c::to_c(lease);
    }
    Epoch const epoch = lease->epoch();
    slot->second = {std::move(*lease), ready, epoch};
    if (seat->listener.wants_wrong_interface()) {
        (void)slot->second.lease.set_wrong_interface_alerts(true);
    }
    return NO_ERROR;
}

DWORD release(c::Door& door, HANDLE protocol, InterfaceRef interface) {
    c::Held* const held = door.held(protocol, interface);
    if (held == nullptr) {
        return ERROR_INVALID_PARAMETER;
    }
    auto const released = held->lease.release();
    if (released || !held->lease.active()) {
        door.seat(protocol)->interfaces.erase(interface);
    }
    return c::to_c(released);
}

// IGMP comes and goes without a bracket.
bool waits(c::Door& door, HANDLE protocol) {
    c::Seat const* const seat = door.seat(protocol);
    return seat != nullptr && !seat->igmp;
}

} // namespace

DWORD MgmTakeInterfaceOwnership(HANDLE hProtocol, DWORD dwIfIndex, DWORD dwIfNextHopAddr) {
    return c::enter([&](c::Door& door) -> DWORD {
        InterfaceRef const interface = c::interface_of(dwIfIndex, dwIfNextHopAddr);
        bool const wait = waits(door, hProtocol);
        if (wait && !door.may_wait()) {
            return ERROR_CAN_NOT_COMPLETE;
        }
        DWORD const taken = take(door, hProtocol, interface, nullptr);
        if (taken != NO_ERROR || !wait) {
            return taken;
        }
        bool const complete = door.finish_change(interface);
        c::Held const* const held = door.held(hProtocol, interface);
        if (held == nullptr || !held->lease.active()) {
            return ERROR_CAN_NOT_COMPLETE; // released by a callback, or the interface is gone
        }
        if (!complete) {
            // Dropping the lease releases, and later if it cannot now.
            door.seat(hProtocol)->interfaces.erase(interface);
            return ERROR_CAN_NOT_COMPLETE;
        }
        return NO_ERROR;
    });
}

DWORD MgmReleaseInterfaceOwnership(HANDLE hProtocol, DWORD dwIfIndex, DWORD dwIfNextHopAddr) {
    return c::enter([&](c::Door& door) -> DWORD {
        InterfaceRef const interface = c::interface_of(dwIfIndex, dwIfNextHopAddr);
        bool const wait = waits(door, hProtocol);
        if (wait && !door.may_wait()) {
            return ERROR_CAN_NOT_COMPLETE;
        }
        DWORD const released = release(door, hProtocol, interface);
        if (released == NO_ERROR && wait) {
            (void)door.finish_change(interface);
        }
        return released;
    });
}

DWORD MgmTakeInterfaceOwnershipStart(HANDLE hProtocol, DWORD dwIfIndex, DWORD dwIfNextHopAddr,
                                     PMGM_INTERFACE_READY_CALLBACK pfnReady) {
    return c::enter([&](c::Door& door) {
        return take(door, hProtocol, c::interface_of(dwIfIndex, dwIfNextHopAddr), pfnReady);
    });
}

DWORD MgmReleaseInterfaceOwnershipStart(HANDLE hProtocol, DWORD dwIfIndex, DWORD dwIfNextHopAddr) {
    return c::enter([&](c::Door& door) {
        return release(door, hProtocol, c::interface_of(dwIfIndex, dwIfNextHopAddr));
    });
}

DWORD MgmGetProtocolOnInterface(DWORD dwIfIndex, DWORD dwIfNextHopAddr, PDWORD pdwIfProtocolId,
                                PDWORD pdwIfComponentId) {
    return c::enter([&](c::Door& door) -> DWORD {
        if (pdwIfProtocolId == nullptr || pdwIfComponentId == nullptr) {
            return ERROR_INVALID_PARAMETER;
        }
        auto const owner = door.manager.owner_of(c::interface_of(dwIfIndex, dwIfNextHopAddr));
        if (owner) {
            *pdwIfProtocolId = owner->protocol.value;
            *pdwIfComponentId = owner->instance;
        }
        return c::to_c(owner);
    });
}
