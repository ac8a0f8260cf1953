/* The group manager for C: the documented names of the classic group manager interface, so that a
 * routing protocol written against that interface compiles against this one. C99.
 *
 * It is a door, not a second manager: what is called here reaches the GroupManager to which the
 * host bound a door (c_door.h), and means what group_manager.h says.
 *
 * Thread. Everything here is for the control thread, on which the host bound the door; callbacks
 * arrive on it, too. On any other thread, and where no door is bound, every call fails with
 * ERROR_CAN_NOT_COMPLETE.
 *
 * Callbacks. A null callback means "not interested"; what a callback returns is ignored. The RPF
 * and the creation callback are questions: a call that changes something is refused inside them
 * with ERROR_CAN_NOT_COMPLETE, and inside the two IGMP callbacks as well. The others may call,
 * except the two forms that wait. They may come before the call that causes them has returned.
 *
 * Values. Addresses and masks are in network byte order. An address is exact (mask 0xffffffff) or
 * absent (address and mask 0); ranges are refused. Interfaces are numbered from 0, in the order of
 * the configuration. A next hop of 0 is the interface itself, another one link behind a
 * point-to-multipoint interface (memberships on one link are refused: ERROR_CAN_NOT_COMPLETE).
 * Handles are numbers, never addresses: a made-up, old or wrong one is refused with
 * ERROR_INVALID_PARAMETER, whatever it is.
 *
 * Buffers. Records lie end to end, without padding. If not even the first fits, the call fails with
 * ERROR_INSUFFICIENT_BUFFER and the size argument receives what that one record needs; otherwise
 * the size argument stays as it was. A listing answers ERROR_MORE_DATA or ERROR_NO_MORE_ITEMS,
 * and both come with records: look at the count first. A null buffer is one of size 0. Any
 * alignment will do for the call; who reads records in place aligns to 4.
 *
 * Sources: the public documentation of the group manager interface, RFC 2715 (what it means) and
 * RFC 2932 (units of the statistics).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- words of the interface; a host that has them already defines MCAST_MGM_C_OWN_TYPES */

#ifndef MCAST_MGM_C_OWN_TYPES
typedef uint8_t BYTE, *PBYTE;
typedef uint32_t DWORD, *PDWORD;
typedef uint32_t ULONG, *PULONG;
typedef int BOOL, *PBOOL;
typedef void* PVOID;
typedef void *HANDLE, **PHANDLE;
#endif

#ifndef TRUE
#define TRUE 1
#define FALSE 0
#endif

/* ---- what calls return */

#ifndef NO_ERROR
#define NO_ERROR 0u
#endif
#ifndef ERROR_NOT_ENOUGH_MEMORY
#define ERROR_NOT_ENOUGH_MEMORY 8u     /* nothing was changed */
#define ERROR_INVALID_PARAMETER 87u    /* a bad handle or argument; somebody else's interface */
#define ERROR_INSUFFICIENT_BUFFER 122u /* not one record fits */
#define ERROR_ALREADY_EXISTS 183u      /* registered already; the interface has an owner */
#define ERROR_MORE_DATA 234u           /* not a failure: there are more records */
#define ERROR_NO_MORE_ITEMS 259u       /* not a failure: these were the last records, if any */
#define ERROR_CAN_NOT_COMPLETE 1003u
#define ERROR_NOT_FOUND 1168u
#endif

/* ---- constants */

#define MGM_JOIN_STATE_FLAG 0x00000001u    /* the membership, and every entry that it matches */
#define MGM_FORWARD_STATE_FLAG 0x00000002u /* only the entry of exactly this source and group */
#define MGM_FORWARD_STATE MGM_FORWARD_STATE_FLAG

/* Which record the statistics calls write: one of the two, not both. */
#define MGM_MFE_STATS_0 0x00000001u /* MIB_IPMCAST_MFE_STATS */
#define MGM_MFE_STATS_1 0x00000002u /* MIB_IPMCAST_MFE_STATS_EX */

/* Ours. Where an entry has no incoming interface, because there is no route to its source. */
#define MGM_NO_INTERFACE 0xffffffffu
/* Ours. How much of a packet a callback sees at most: the IPv4 header and what follows it. */
#define MGM_MAX_PACKET_HEADER 128u

/* The protocol number by which IGMP is recognised. */
#define MGM_IGMP_PROTOCOL_ID 0x4137000Au

/* C may pass any number for an enumeration; with a fixed type C++ may look at it, and refuse it. */
#ifdef __cplusplus
#define MGM_C_ENUM_TYPE : uint32_t
#else
#define MGM_C_ENUM_TYPE
#endif

typedef enum MGM_ENUM_TYPES MGM_C_ENUM_TYPE {
    ANY_SOURCE = 0, /* one record for each group that has any membership */
    ALL_SOURCES     /* every (*,*), (*,G) and (S,G) */
} MGM_ENUM_TYPES;

/* ---- records */

/* An output of an entry. The reserved words are 0. */
typedef struct MIB_IPMCAST_OIF {
    DWORD dwOutIfIndex;
    DWORD dwNextHopAddr;
    DWORD dwReserved;
    DWORD dwReserved1;
} MIB_IPMCAST_OIF, *PMIB_IPMCAST_OIF;

/* A forwarding entry. Times in seconds. */
typedef struct MIB_IPMCAST_MFE {
    DWORD dwGroup;
    DWORD dwSource;
    DWORD dwSrcMask;
    DWORD dwUpStrmNgbr;    /* 0: the source is directly connected, or the neighbour is unknown */
    DWORD dwInIfIndex;     /* or MGM_NO_INTERFACE */
    DWORD dwInIfProtocol;  /* who owns that interface; 0: nobody */
    DWORD dwRouteProtocol; /* this and the next two name the route to the source; all 0: none */
    DWORD dwRouteNetwork;
    DWORD dwRouteMask;
    ULONG ulUpTime;     /* since it was created, rounded down */
    ULONG ulExpiryTime; /* until it ends, or is examined for traffic if it forwards; rounded up */
    ULONG ulTimeOut; /* total of an entry that refuses its flow; idle time of one that forwards */
    ULONG ulNumOutIf;
    ULONG fFlags;                    /* reserved, 0 */
    DWORD dwReserved;                /* 0 */
    MIB_IPMCAST_OIF rgmioOutInfo[1]; /* ulNumOutIf of them, by rising interface number */
} MIB_IPMCAST_MFE, *PMIB_IPMCAST_MFE;

/* Statistics of an output of an entry. Our data path counts these per interface, not per output of
 * one entry, so that they are always 0 here: ulTtlTooLow, ulFragNeeded, ulOutDiscards. */
typedef struct MIB_IPMCAST_OIF_STATS {
    DWORD dwOutIfIndex;
    DWORD dwNextHopAddr;
    DWORD dwDialContext; /* reserved, 0 */
    ULONG ulTtlTooLow;
    ULONG ulFragNeeded;
    ULONG ulOutPackets; /* replicated to this output */
    ULONG ulOutDiscards;
} MIB_IPMCAST_OIF_STATS, *PMIB_IPMCAST_OIF_STATS;

/* Statistics of an entry. Times in HUNDREDTHS of a second. Counters are those of the flow since it
 * was first seen, over all changes of its entry, modulo 2^32. */
typedef struct MIB_IPMCAST_MFE_STATS {
    DWORD dwGroup;
    DWORD dwSource;
    DWORD dwSrcMask;
    DWORD dwUpStrmNgbr;
    DWORD dwInIfIndex;
    DWORD dwInIfProtocol;
    DWORD dwRouteProtocol;
    DWORD dwRouteNetwork;
    DWORD dwRouteMask;
    ULONG ulUpTime;
    ULONG ulExpiryTime; /* never 0: 0 would say that the entry does not age, and all of ours do */
    ULONG ulNumOutIf;
    ULONG ulInPkts; /* accepted and replicated */
    ULONG ulInOctets;
    ULONG ulPktsDifferentIf; /* came in on another interface */
    ULONG ulQueueOverflow;   /* always 0: packets wait in one queue per worker, not per entry */
    MIB_IPMCAST_OIF_STATS rgmiosOutStats[1]; /* ulNumOutIf of them */
} MIB_IPMCAST_MFE_STATS, *PMIB_IPMCAST_MFE_STATS;

typedef struct MIB_IPMCAST_MFE_STATS_EX {
    DWORD dwGroup;
    DWORD dwSource;
    DWORD dwSrcMask;
    DWORD dwUpStrmNgbr;
    DWORD dwInIfIndex;
    DWORD dwInIfProtocol;
    DWORD dwRouteProtocol;
    DWORD dwRouteNetwork;
    DWORD dwRouteMask;
    ULONG ulUpTime;
    ULONG ulExpiryTime;
    ULONG ulNumOutIf;
    ULONG ulInPkts;
    ULONG ulInOctets;
    ULONG ulPktsDifferentIf;
    ULONG ulQueueOverflow;
    ULONG ulUninitMfe; /* always 0: an entry is complete when workers first see it */
    ULONG
    ulNegativeMfe; /* always 0: they are among ulInDiscards, the data path does not part them */
    ULONG ulInDiscards;  /* by an entry that refuses its flow, a threshold, outputs that are down */
    ULONG ulInHdrErrors; /* TTL 0 or 1 on arrival */
    ULONG ulTotalOutPackets; /* one packet to N outputs counts N */
    MIB_IPMCAST_OIF_STATS rgmiosOutStats[1];
} MIB_IPMCAST_MFE_STATS_EX, *PMIB_IPMCAST_MFE_STATS_EX;

/* Bytes of a record with n outputs: the fixed part and n elements. */
#define SIZEOF_MIB_MFE(n)                                                                          \
    (offsetof(MIB_IPMCAST_MFE, rgmioOutInfo) + (size_t)(n) * sizeof(MIB_IPMCAST_OIF))
#define SIZEOF_MIB_MFE_STATS(n)                                                                    \
    (offsetof(MIB_IPMCAST_MFE_STATS, rgmiosOutStats) + (size_t)(n) * sizeof(MIB_IPMCAST_OIF_STATS))
#define SIZEOF_MIB_MFE_STATS_EX(n)                                                                 \
    (offsetof(MIB_IPMCAST_MFE_STATS_EX, rgmiosOutStats) +                                          \
     (size_t)(n) * sizeof(MIB_IPMCAST_OIF_STATS))

/* An output in the creation callback. Clearing bIsEnabled refuses the flow there; everything else
 * that is written here is ignored. */
typedef struct MGM_IF_ENTRY {
    DWORD dwIfIndex;
    DWORD dwIfNextHopAddr;
    BOOL bIGMP; /* IGMP is on this interface */
    BOOL bIsEnabled;
} MGM_IF_ENTRY, *PMGM_IF_ENTRY;

typedef struct SOURCE_GROUP_ENTRY {
    DWORD dwSourceAddr;
    DWORD dwSourceMask;
    DWORD dwGroupAddr;
    DWORD dwGroupMask;
} SOURCE_GROUP_ENTRY, *PSOURCE_GROUP_ENTRY;

/* Ours: what pbRoute of the RPF callback points at. */
typedef struct MGM_ROUTE {
    DWORD dwRouteNetwork;
    DWORD dwRouteMask;
    DWORD dwRouteProtocol;
    DWORD dwIfIndex;
    DWORD dwNextHopAddr; /* 0: directly connected or unknown */
} MGM_ROUTE, *PMGM_ROUTE;

/* ---- callbacks */

/* Is this the interface on which you want the flow? The three in/out arguments start as the route
 * says; another interface must be one that the protocol owns, else the answer is refused. The
 * packet is absent (size 0) when only the route has changed. The route is to be read: the manager
 * keeps the one it found. */
typedef DWORD (*PMGM_RPF_CALLBACK)(DWORD dwSourceAddr, DWORD dwSourceMask, DWORD dwGroupAddr,
                                   DWORD dwGroupMask, PDWORD pdwInIfIndex,
                                   PDWORD pdwInIfNextHopAddr, PDWORD pdwUpStreamNbr,
                                   DWORD dwHdrSize, PBYTE pbPacketHdr, PBYTE pbRoute);

/* Which of your outputs should carry it? */
typedef DWORD (*PMGM_CREATION_ALERT_CALLBACK)(DWORD dwSourceAddr, DWORD dwSourceMask,
                                              DWORD dwGroupAddr, DWORD dwGroupMask,
                                              DWORD dwInIfIndex, DWORD dwInIfNextHopAddr,
                                              DWORD dwIfCount, PMGM_IF_ENTRY pmieOutIfList);

/* Nobody else wants it any more. bMemberDelete: a membership has ended, on this interface; FALSE:
 * an entry has lost its outputs, it arrives on this interface, and *pdwTimeout (900 on entry,
 * seconds) is how long it refuses the flow. */
typedef DWORD (*PMGM_PRUNE_ALERT_CALLBACK)(DWORD dwSourceAddr, DWORD dwSourceMask,
                                           DWORD dwGroupAddr, DWORD dwGroupMask, DWORD dwIfIndex,
                                           DWORD dwIfNextHopAddr, BOOL bMemberDelete,
                                           PDWORD pdwTimeout);

/* Somebody else wants it. bMemberUpdate: by a membership; FALSE: an entry has gained outputs. */
typedef DWORD (*PMGM_JOIN_ALERT_CALLBACK)(DWORD dwSourceAddr, DWORD dwSourceMask, DWORD dwGroupAddr,
                                          DWORD dwGroupMask, BOOL bMemberUpdate);

/* A packet came in on an interface of yours where its flow is not expected, and was dropped. At
 * most one a second for each flow and interface. The header is the IPv4 header and what follows it,
 * cut to MGM_MAX_PACKET_HEADER bytes. Having this callback is what asks for it, on every interface
 * that is taken, but for single links behind a point-to-multipoint interface. */
typedef DWORD (*PMGM_WRONG_IF_CALLBACK)(DWORD dwSourceAddr, DWORD dwGroupAddr, DWORD dwIfIndex,
                                        DWORD dwIfNextHopAddr, DWORD dwHdrSize, PBYTE pbPacketHdr);

/* IGMP has added, or removed, a membership on your interface. */
typedef DWORD (*PMGM_LOCAL_JOIN_CALLBACK)(DWORD dwSourceAddr, DWORD dwSourceMask, DWORD dwGroupAddr,
                                          DWORD dwGroupMask, DWORD dwIfIndex,
                                          DWORD dwIfNextHopAddr);
typedef DWORD (*PMGM_LOCAL_LEAVE_CALLBACK)(DWORD dwSourceAddr, DWORD dwSourceMask,
                                           DWORD dwGroupAddr, DWORD dwGroupMask, DWORD dwIfIndex,
                                           DWORD dwIfNextHopAddr);

/* To IGMP alone. Disabled: adding and deleting is refused on this interface until it is enabled
 * again. Enabled: note it and return; then add every membership of the interface. */
typedef DWORD (*PMGM_DISABLE_IGMP_CALLBACK)(DWORD dwIfIndex, DWORD dwIfNextHopAddr);
typedef DWORD (*PMGM_ENABLE_IGMP_CALLBACK)(DWORD dwIfIndex, DWORD dwIfNextHopAddr);

/* Mind the order: prune stands before join. */
typedef struct ROUTING_PROTOCOL_CONFIG {
    DWORD dwCallbackFlags; /* reserved, ignored */
    PMGM_RPF_CALLBACK pfnRpfCallback;
    PMGM_CREATION_ALERT_CALLBACK pfnCreationAlertCallback;
    PMGM_PRUNE_ALERT_CALLBACK pfnPruneAlertCallback;
    PMGM_JOIN_ALERT_CALLBACK pfnJoinAlertCallback;
    PMGM_WRONG_IF_CALLBACK pfnWrongIfCallback;
    PMGM_LOCAL_JOIN_CALLBACK pfnLocalJoinCallback;
    PMGM_LOCAL_LEAVE_CALLBACK pfnLocalLeaveCallback;
    PMGM_DISABLE_IGMP_CALLBACK pfnDisableIgmpCallback;
    PMGM_ENABLE_IGMP_CALLBACK pfnEnableIgmpCallback;
} ROUTING_PROTOCOL_CONFIG, *PROUTING_PROTOCOL_CONFIG;

/* ---- registration */

/* The pair of numbers is the identity. The table of callbacks is copied. */
DWORD MgmRegisterMProtocol(PROUTING_PROTOCOL_CONFIG prpiInfo, DWORD dwProtocolId,
                           DWORD dwComponentId, HANDLE* phProtocol);
/* ERROR_CAN_NOT_COMPLETE while interfaces are owned. Ends enumerations that are still open. */
DWORD MgmDeRegisterMProtocol(HANDLE hProtocol);

/* ---- interfaces */

/* Returns when the change is complete: no worker can see the state from before, and IGMP, if it is
 * on the interface, has been disabled and enabled again. Meanwhile the host's turn function
 * runs the control core, callbacks included. Fails with ERROR_CAN_NOT_COMPLETE, and the
 * interface is not owned, when the host has set no turn function, when it gives up because a worker
 * stalls, or inside a callback. (IGMP's own coming and going waits for nothing and works anyhow.)
 */
DWORD MgmTakeInterfaceOwnership(HANDLE hProtocol, DWORD dwIfIndex, DWORD dwIfNextHopAddr);
/* The same for giving back, except that nothing can undo it: when the host gives up, the interface
 * is released (NO_ERROR), and IGMP is enabled when the workers move on. */
DWORD MgmReleaseInterfaceOwnership(HANDLE hProtocol, DWORD dwIfIndex, DWORD dwIfNextHopAddr);

/* Ours: the same two, returning at once. The interface is owned, or released, when they return; the
 * change completes in later turns, which `pfnReady` (may be null) reports for a taking,
 * unless the interface was released before. */
typedef DWORD (*PMGM_INTERFACE_READY_CALLBACK)(HANDLE hProtocol, DWORD dwIfIndex,
                                               DWORD dwIfNextHopAddr);
DWORD MgmTakeInterfaceOwnershipStart(HANDLE hProtocol, DWORD dwIfIndex, DWORD dwIfNextHopAddr,
                                     PMGM_INTERFACE_READY_CALLBACK pfnReady);
DWORD MgmReleaseInterfaceOwnershipStart(HANDLE hProtocol, DWORD dwIfIndex, DWORD dwIfNextHopAddr);

/* The routing protocol on the interface, or IGMP where it is alone. Needs no registration. */
DWORD MgmGetProtocolOnInterface(DWORD dwIfIndex, DWORD dwIfNextHopAddr, PDWORD pdwIfProtocolId,
                                PDWORD pdwIfComponentId);

/* ---- memberships */

/* dwFlags: MGM_JOIN_STATE_FLAG, MGM_FORWARD_STATE_FLAG or both; none is refused. */
DWORD MgmAddGroupMembershipEntry(HANDLE hProtocol, DWORD dwSourceAddr, DWORD dwSourceMask,
                                 DWORD dwGroupAddr, DWORD dwGroupMask, DWORD dwIfIndex,
                                 DWORD dwIfNextHopIPAddr, DWORD dwFlags);
DWORD MgmDeleteGroupMembershipEntry(HANDLE hProtocol, DWORD dwSourceAddr, DWORD dwSourceMask,
                                    DWORD dwGroupAddr, DWORD dwGroupMask, DWORD dwIfIndex,
                                    DWORD dwIfNextHopIPAddr, DWORD dwFlags);

/* ---- entries and their statistics; listings go by group, then by source */

/* Of `pimm` only dwSource and dwGroup are read; MgmSetMfe reads dwUpStrmNgbr as well. */
DWORD MgmSetMfe(HANDLE hProtocol, PMIB_IPMCAST_MFE pmimm);
DWORD MgmGetMfe(PMIB_IPMCAST_MFE pimm, PDWORD pdwBufferSize, PBYTE pbBuffer);
DWORD MgmGetFirstMfe(PDWORD pdwBufferSize, PBYTE pbBuffer, PDWORD pdwNumEntries);
/* Those after this key, whether or not it is still there. */
DWORD MgmGetNextMfe(PMIB_IPMCAST_MFE pimmStart, PDWORD pdwBufferSize, PBYTE pbBuffer,
                    PDWORD pdwNumEntries);
DWORD MgmGetMfeStats(PMIB_IPMCAST_MFE pimm, PDWORD pdwBufferSize, PBYTE pbBuffer, DWORD dwFlags);
DWORD MgmGetFirstMfeStats(PDWORD pdwBufferSize, PBYTE pbBuffer, PDWORD pdwNumEntries,
                          DWORD dwFlags);
DWORD MgmGetNextMfeStats(PMIB_IPMCAST_MFE pimmStart, PDWORD pdwBufferSize, PBYTE pbBuffer,
                         PDWORD pdwNumEntries, DWORD dwFlags);

/* ---- groups that are joined; a snapshot of the moment of the start, in no particular order */

DWORD MgmGroupEnumerationStart(HANDLE hProtocol, MGM_ENUM_TYPES metEnumType, HANDLE* phEnumHandle);
/* ERROR_INSUFFICIENT_BUFFER skips nothing. */
DWORD MgmGroupEnumerationGetNext(HANDLE hEnum, PDWORD pdwBufferSize, PBYTE pbBuffer,
                                 PDWORD pdwNumEntries);
DWORD MgmGroupEnumerationEnd(HANDLE hEnum);

#ifdef __cplusplus
}
#endif
