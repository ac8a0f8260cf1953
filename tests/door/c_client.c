#include "c_client.h"

#include <string.h>

CEvent c_events[C_MAX_EVENTS];
unsigned c_event_count;
CBehaviour c_behaviour;
HANDLE c_router;
HANDLE c_igmp;

static DWORD igmp_interface;
static DWORD igmp_group; /* 0: nobody has reported */
static BOOL igmp_disabled;
static BOOL igmp_must_add;

void c_forget_events(void) {
    c_event_count = 0;
}

void c_reset(void) {
    c_forget_events();
    memset(&c_behaviour, 0, sizeof c_behaviour);
    c_behaviour.refused_output = MGM_NO_INTERFACE;
    c_behaviour.rpf_interface = MGM_NO_INTERFACE;
    c_router = NULL;
    c_igmp = NULL;
    igmp_group = 0;
    igmp_disabled = FALSE;
    igmp_must_add = FALSE;
}

static CEvent* note(CKind kind, DWORD interface, DWORD next_hop) {
    static CEvent overflow;
    CEvent* event = c_event_count < C_MAX_EVENTS ? &c_events[c_event_count++] : &overflow;
    memset(event, 0, sizeof *event);
    event->kind = kind;
    event->interface = interface;
    event->next_hop = next_hop;
    return event;
}

static CEvent* note_key(CKind kind, DWORD source, DWORD source_mask, DWORD group, DWORD group_mask,
                        DWORD interface, DWORD next_hop) {
    CEvent* event = note(kind, interface, next_hop);
    event->source = source;
    event->source_mask = source_mask;
    event->group = group;
    event->group_mask = group_mask;
    return event;
}

static DWORD answer(CKind kind) {
    if (c_behaviour.inside != NULL) {
        c_behaviour.inside(kind);
    }
    return c_behaviour.callbacks_return;
}

/* ---- the router's callbacks */

static DWORD on_rpf(DWORD source, DWORD source_mask, DWORD group, DWORD group_mask,
                    PDWORD interface, PDWORD next_hop, PDWORD upstream, DWORD header_size,
                    PBYTE header, PBYTE route) {
    CEvent* event = note_key(C_RPF, source, source_mask, group, group_mask, *interface, *next_hop);
    MGM_ROUTE found;
    memcpy(&found, route, sizeof found);
    event->upstream = found.dwNextHopAddr;
    event->count = header_size;
    if (header_size != 0) {
        event->first_byte = header[0];
        header[0] = 0; /* must not reach the packet */
    }
    if (c_behaviour.rpf_interface != MGM_NO_INTERFACE) {
        *interface = c_behaviour.rpf_interface;
        *upstream = source;
    }
    return answer(C_RPF);
}

static DWORD on_created(DWORD source, DWORD source_mask, DWORD group, DWORD group_mask,
                        DWORD interface, DWORD next_hop, DWORD count, PMGM_IF_ENTRY outputs) {
    CEvent* event =
        note_key(C_CREATED, source, source_mask, group, group_mask, interface, next_hop);
    DWORD n;
    event->count = count;
    for (n = 0; n < count && n < 8; ++n) {
        event->outputs[n] = outputs[n].dwIfIndex;
        event->igmp[n] = outputs[n].bIGMP;
        if (outputs[n].dwIfIndex == c_behaviour.refused_output) {
            outputs[n].bIsEnabled = FALSE;
        }
    }
    return answer(C_CREATED);
}

static DWORD on_prune(DWORD source, DWORD source_mask, DWORD group, DWORD group_mask,
                      DWORD interface, DWORD next_hop, BOOL member, PDWORD timeout) {
    CEvent* event = note_key(C_PRUNE, source, source_mask, group, group_mask, interface, next_hop);
    event->member = member;
    event->timeout = *timeout;
    if (c_behaviour.prune_timeout != 0) {
        *timeout = c_behaviour.prune_timeout;
    }
    return answer(C_PRUNE);
}

static DWORD on_join(DWORD source, DWORD source_mask, DWORD group, DWORD group_mask, BOOL member) {
    note_key(C_JOIN, source, source_mask, group, group_mask, 0, 0)->member = member;
    return answer(C_JOIN);
}

static DWORD on_wrong_if(DWORD source, DWORD group, DWORD interface, DWORD next_hop,
                         DWORD header_size, PBYTE header) {
    CEvent* event = note_key(C_WRONG_IF, source, 0, group, 0, interface, next_hop);
    event->count = header_size;
    event->first_byte = header_size != 0 ? header[0] : 0;
    return answer(C_WRONG_IF);
}

static DWORD on_local_join(DWORD source, DWORD source_mask, DWORD group, DWORD group_mask,
                           DWORD interface, DWORD next_hop) {
    note_key(C_LOCAL_JOIN, source, source_mask, group, group_mask, interface, next_hop);
    return answer(C_LOCAL_JOIN);
}

static DWORD on_local_leave(DWORD source, DWORD source_mask, DWORD group, DWORD group_mask,
                            DWORD interface, DWORD next_hop) {
    note_key(C_LOCAL_LEAVE, source, source_mask, group, group_mask, interface, next_hop);
    return answer(C_LOCAL_LEAVE);
}

static DWORD on_ready(HANDLE protocol, DWORD interface, DWORD next_hop) {
    if (protocol == c_router) {
        note(C_READY, interface, next_hop);
    }
    return answer(C_READY);
}

/* ---- the router's calls */

DWORD c_router_start(void) {
    ROUTING_PROTOCOL_CONFIG config = {0,           on_rpf,        on_created,     on_prune, on_join,
                                      on_wrong_if, on_local_join, on_local_leave, NULL,     NULL};
    return MgmRegisterMProtocol(&config, 1, 0, &c_router);
}

DWORD c_silent_start(HANDLE* handle) {
    ROUTING_PROTOCOL_CONFIG config = {0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL};
    return MgmRegisterMProtocol(&config, 7, 0, handle);
}

DWORD c_router_take(DWORD interface) {
    DWORD code;
    note(C_TAKE, interface, 0);
    code = MgmTakeInterfaceOwnership(c_router, interface, 0);
    note(C_TAKE_RETURNED, interface, 0);
    return code;
}

DWORD c_router_release(DWORD interface) {
    DWORD code;
    note(C_RELEASE, interface, 0);
    code = MgmReleaseInterfaceOwnership(c_router, interface, 0);
    note(C_RELEASE_RETURNED, interface, 0);
    return code;
}

DWORD c_router_take_start(DWORD interface) {
    note(C_TAKE, interface, 0);
    return MgmTakeInterfaceOwnershipStart(c_router, interface, 0, on_ready);
}

DWORD c_router_join(DWORD group, DWORD interface) {
    return MgmAddGroupMembershipEntry(c_router, 0, 0, group, 0xffffffffu, interface, 0,
                                      MGM_JOIN_STATE_FLAG);
}

DWORD c_router_leave(DWORD group, DWORD interface) {
    return MgmDeleteGroupMembershipEntry(c_router, 0, 0, group, 0xffffffffu, interface, 0,
                                         MGM_JOIN_STATE_FLAG);
}

/* ---- IGMP */

static DWORD on_disable(DWORD interface, DWORD next_hop) {
    note(C_DISABLE, interface, next_hop);
    igmp_disabled = TRUE;
    igmp_must_add = FALSE; /* a change while the list waits starts it over */
    return answer(C_DISABLE);
}

static DWORD on_enable(DWORD interface, DWORD next_hop) {
    note(C_ENABLE, interface, next_hop);
    igmp_disabled = FALSE;
    igmp_must_add = TRUE; /* adding here is forbidden */
    return answer(C_ENABLE);
}

static DWORD igmp_add(void) {
    note_key(C_ADD, 0, 0, igmp_group, 0xffffffffu, igmp_interface, 0);
    return MgmAddGroupMembershipEntry(c_igmp, 0, 0, igmp_group, 0xffffffffu, igmp_interface, 0,
                                      MGM_JOIN_STATE_FLAG);
}

DWORD c_igmp_start(DWORD interface) {
    ROUTING_PROTOCOL_CONFIG config = {0,    NULL, NULL, NULL,       NULL,
                                      NULL, NULL, NULL, on_disable, on_enable};
    DWORD code = MgmRegisterMProtocol(&config, MGM_IGMP_PROTOCOL_ID, 0, &c_igmp);
    igmp_interface = interface;
    return code != NO_ERROR ? code : MgmTakeInterfaceOwnership(c_igmp, interface, 0);
}

DWORD c_igmp_report(DWORD group) {
    igmp_group = group;
    return igmp_disabled ? NO_ERROR : igmp_add();
}

DWORD c_igmp_leave(void) {
    DWORD const group = igmp_group;
    igmp_group = 0;
    return igmp_disabled ? NO_ERROR
                         : MgmDeleteGroupMembershipEntry(c_igmp, 0, 0, group, 0xffffffffu,
                                                         igmp_interface, 0, MGM_JOIN_STATE_FLAG);
}

DWORD c_igmp_work(void) {
    if (!igmp_must_add || igmp_group == 0) {
        return NO_ERROR;
    }
    igmp_must_add = FALSE;
    return igmp_add();
}

/* ---- listings */

/* Returns where the last record of the buffer begins. */
static BYTE* walk(BYTE* buffer, DWORD count, CSeen seen) {
    BYTE* at = buffer;
    BYTE* last = buffer;
    while (count-- != 0) {
        MIB_IPMCAST_MFE* entry = (MIB_IPMCAST_MFE*)(void*)at;
        seen(entry, entry->rgmioOutInfo);
        last = at;
        at += SIZEOF_MIB_MFE(entry->ulNumOutIf);
    }
    return last;
}

int c_list_entries(DWORD buffer_size, CSeen seen) {
    static DWORD words[4096];
    BYTE* const buffer = (BYTE*)words;
    DWORD size = buffer_size;
    DWORD count = 0;
    DWORD code = MgmGetFirstMfe(&size, buffer, &count);
    int total = 0;
    for (;;) {
        MIB_IPMCAST_MFE start;
        BYTE* last;
        if (size != buffer_size || (code != ERROR_MORE_DATA && code != ERROR_NO_MORE_ITEMS)) {
            return -1;
        }
        last = walk(buffer, count, seen);
        total += (int)count;
        if (code == ERROR_NO_MORE_ITEMS) {
            return total;
        }
        memset(&start, 0, sizeof start);
        memcpy(&start, last, SIZEOF_MIB_MFE(0));
        code = MgmGetNextMfe(&start, &size, buffer, &count);
    }
}

int c_list_groups(MGM_ENUM_TYPES type, DWORD buffer_size, SOURCE_GROUP_ENTRY* into, int room) {
    HANDLE enumeration;
    SOURCE_GROUP_ENTRY part[16];
    int total = 0;
    DWORD code = MgmGroupEnumerationStart(c_router, type, &enumeration);
    if (code != NO_ERROR || buffer_size > sizeof part) {
        return -1;
    }
    do {
        DWORD size = buffer_size;
        DWORD count = 0;
        code = MgmGroupEnumerationGetNext(enumeration, &size, (PBYTE)part, &count);
        if (code != ERROR_MORE_DATA && code != ERROR_NO_MORE_ITEMS) {
            total = -1;
            break;
        }
        if (total + (int)count > room) {
            total = -1;
            break;
        }
        memcpy(into + total, part, count * sizeof part[0]);
        total += (int)count;
    } while (code == ERROR_MORE_DATA);
    return MgmGroupEnumerationEnd(enumeration) == NO_ERROR ? total : -1;
}
