/* Two small protocols in C, written against mgm_c.h alone: a router and an IGMP. They record what
 * they are told; the tests drive them and read the record. One thread. */
#pragma once

#include "mcast/mgm/mgm_c.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum CKind {
    C_RPF,
    C_CREATED,
    C_PRUNE,
    C_JOIN,
    C_WRONG_IF,
    C_LOCAL_JOIN,
    C_LOCAL_LEAVE,
    C_DISABLE,
    C_ENABLE,
    C_READY,
    C_TAKE,
    C_TAKE_RETURNED,
    C_RELEASE,
    C_RELEASE_RETURNED,
    C_ADD
} CKind;

typedef struct CEvent {
    CKind kind;
    DWORD source;
    DWORD source_mask;
    DWORD group;
    DWORD group_mask;
    DWORD interface;
    DWORD next_hop;
    DWORD upstream; /* RPF */
    DWORD count;    /* of outputs, or of bytes of a packet header */
    BOOL member;    /* bMemberDelete, bMemberUpdate */
    DWORD timeout;
    DWORD outputs[8];
    BOOL igmp[8];
    BYTE first_byte; /* of a packet header */
} CEvent;

enum { C_MAX_EVENTS = 64 };
extern CEvent c_events[C_MAX_EVENTS];
extern unsigned c_event_count;
void c_forget_events(void);

/* How the router behaves; c_reset() makes it answer nothing and refuse nothing. */
typedef struct CBehaviour {
    DWORD callbacks_return;
    DWORD refused_output;  /* cleared in the creation callback; MGM_NO_INTERFACE: none */
    DWORD rpf_interface;   /* answered to RPF; MGM_NO_INTERFACE: what the route says */
    DWORD prune_timeout;   /* 0: left alone */
    void (*inside)(CKind); /* runs inside every callback */
} CBehaviour;
extern CBehaviour c_behaviour;
void c_reset(void);

/* The router: protocol 1 of component 0. Each returns what the door returned. */
extern HANDLE c_router;
DWORD c_router_start(void);
DWORD c_router_take(DWORD interface);    /* the documented, waiting form */
DWORD c_router_release(DWORD interface); /* the same */
DWORD c_router_take_start(DWORD interface);
DWORD c_router_join(DWORD group, DWORD interface);
DWORD c_router_leave(DWORD group, DWORD interface);
/* A router without any callback: protocol 7. */
DWORD c_silent_start(HANDLE* handle);

/* IGMP: at most one group on one interface. What is reported while it is disabled is only
 * remembered; after every enable c_igmp_work() adds it again. */
extern HANDLE c_igmp;
DWORD c_igmp_start(DWORD interface);
DWORD c_igmp_report(DWORD group);
DWORD c_igmp_leave(void);
DWORD c_igmp_work(void); /* what enable put on the list; NO_ERROR when there was nothing */

/* Lists all entries by buffers of this size, walking each by its records' lengths. Returns the
 * number of entries, or -1 when the door said something unexpected. */
typedef void (*CSeen)(MIB_IPMCAST_MFE const* entry, MIB_IPMCAST_OIF const* outputs);
int c_list_entries(DWORD buffer_size, CSeen seen);
/* The same for the groups that are joined. */
int c_list_groups(MGM_ENUM_TYPES type, DWORD buffer_size, SOURCE_GROUP_ENTRY* into, int room);

#ifdef __cplusplus
}
#endif
