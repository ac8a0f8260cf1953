// mgm_c.h: registration.
#include "mgm_c_door.h"

using namespace mcast::mgm;

DWORD MgmRegisterMProtocol(PROUTING_PROTOCOL_CONFIG prpiInfo, DWORD dwProtocolId,
                           DWORD dwComponentId, HANDLE* phProtocol) {
    return c::enter([&](c::Door& door) -> DWORD {
        if (prpiInfo == nullptr || phProtocol == nullptr) {
            return ERROR_INVALID_PARAMETER;
        }
        ComponentId const id{{dwProtocolId}, dwComponentId};
        HANDLE const handle = c::Door::new_handle();
        auto const slot =
            door.seats
                .emplace(handle, std::make_unique<c::Seat>(door, handle, *prpiInfo,
                                                           id.protocol == k_igmp_protocol))
                .first;
        auto registration = door.manager.register_component(id, slot->second->listener);
        if (!registration) {
            door.seats.erase(slot);
            return c::to_c(registration);
        }
        slot->second->registration = std::move(*registration);
        *phProtocol = handle;
        return NO_ERROR;
    });
}

DWORD MgmDeRegisterMProtocol(HANDLE hProtocol) {
    return c::enter([&](c::Door& door) -> DWORD {
        c::Seat* const seat = door.seat(hProtocol);
        if (seat == nullptr) {
            return ERROR_INVALID_PARAMETER;
        }
        if (auto const ended = seat->registration.deregister(); !ended) {
            return c::to_c(ended);
        }
        std::erase_if(door.enumerations,
                      [&](auto const& one) { return one.second.protocol == hProtocol; });
        door.seats.erase(hProtocol);
        return NO_ERROR;
    });
}
