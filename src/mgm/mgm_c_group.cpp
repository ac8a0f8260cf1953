// mgm_c.h: the groups that are joined.
#include "mgm_c_door.h"

#include <cstring>

using namespace mcast::mgm;

namespace {

std::optional<GroupListing> listing_of(MGM_ENUM_TYPES type) {
    switch (type) { // C may pass any number
    case ANY_SOURCE:
        return GroupListing::per_group;
    case ALL_SOURCES:
        return GroupListing::per_source;
    default:
        return std::nullopt;
    }
}

} // namespace

DWORD MgmGroupEnumerationStart(HANDLE hProtocol, MGM_ENUM_TYPES metEnumType, HANDLE* phEnumHandle) {
    return c::enter([&](c::Door& door) -> DWORD {
        c::Seat* const seat = door.seat(hProtocol);
        auto const listing = listing_of(metEnumType);
        if (seat == nullptr || !listing || phEnumHandle == nullptr) {
            return ERROR_INVALID_PARAMETER;
        }
        auto cursor = seat->registration.groups(*listing);
        if (!cursor) {
            return c::to_c(cursor);
        }
        HANDLE const handle = c::Door::new_handle();
        door.enumerations.emplace(handle, c::Enumeration{hProtocol, std::move(*cursor)});
        *phEnumHandle = handle;
        return NO_ERROR;
    });
}

DWORD MgmGroupEnumerationGetNext(HANDLE hEnum, PDWORD pdwBufferSize, PBYTE pbBuffer,
                                 PDWORD pdwNumEntries) {
    return c::enter([&](c::Door& door) -> DWORD {
        auto const found = door.enumerations.find(hEnum);
        if (found == door.enumerations.end() || pdwBufferSize == nullptr ||
            pdwNumEntries == nullptr) {
            return ERROR_INVALID_PARAMETER;
        }
        GroupCursor& cursor = found->second.cursor;
        *pdwNumEntries = 0;
        if (cursor.done()) {
            return ERROR_NO_MORE_ITEMS;
        }
        std::size_t const room =
            (pbBuffer == nullptr ? 0 : *pdwBufferSize) / sizeof(SOURCE_GROUP_ENTRY);
        if (room == 0) {
            *pdwBufferSize = sizeof(SOURCE_GROUP_ENTRY);
            return ERROR_INSUFFICIENT_BUFFER;
        }
        for (MembershipKey const& key : cursor.next(room)) {
            c::Masked const source = c::to_c(key.source);
            c::Masked const group = c::to_c(key.group);
            SOURCE_GROUP_ENTRY const record{source.address, source.mask, group.address, group.mask};
            std::memcpy(pbBuffer, &record, sizeof record);
            pbBuffer += sizeof record;
            ++*pdwNumEntries;
        }
        return cursor.done() ? ERROR_NO_MORE_ITEMS : ERROR_MORE_DATA;
    });
}

DWORD MgmGroupEnumerationEnd(HANDLE hEnum) {
    return c::enter([&](c::Door& door) -> DWORD {
        return door.enumerations.erase(hEnum) == 1 ? NO_ERROR : ERROR_INVALID_PARAMETER;
    });
}
