// What stands behind mgm_c.h: who came through, what they hold, and which handle names it.
//
// A handle is a number that is looked up; no number is used twice on one thread. Control thread.
#pragma once

#include "mgm_c_listener.h"
#include "mgm_c_words.h"

#include "mcast/mgm/c_door.h"
#include "mcast/mgm/group_manager.h"
#include "mcast/mgm/mgm_c.h"

#include <cstdint>
#include <map>
#include <memory>
#include <new>
#include <utility>

namespace mcast::mgm::c {

// An interface that a protocol has taken.
struct Held {
    InterfaceLease lease;
    PMGM_INTERFACE_READY_CALLBACK ready = nullptr;
    Epoch epoch{}; // IGMP: of the last enable that it was told of
};

// A registered protocol. Leases end before the registration, that before its listener.
struct Seat {
    Seat(Door& door, HANDLE self, ROUTING_PROTOCOL_CONFIG const& callbacks, bool is_igmp)
        : listener(door, self, callbacks), igmp(is_igmp) {}

    Listener listener;
    bool igmp;
    Registration registration;
    std::map<InterfaceRef, Held> interfaces;
};

struct Enumeration {
    HANDLE protocol;
    GroupCursor cursor;
};

class Door {
public:
    Door(GroupManager& manager_in, CDoor::Turn turn)
        : manager(manager_in), turn_(std::move(turn)) {}

    static HANDLE new_handle();

    // nullptr when nothing has this handle (any more).
    Seat* seat(HANDLE handle);
    Held* held(HANDLE protocol, InterfaceRef interface);

    // The forms that wait need a turn function, and a caller outside callbacks and turns: inside,
    // the turn that would end the waiting cannot run.
    bool may_wait() const { return turn_ && callbacks_ == 0; }
    // Turns until the interface's change is complete and what was queued by then, IGMP's enable
    // among it, is delivered. False: the host has given up, or failed, and the change goes on.
    bool finish_change(InterfaceRef interface);

    GroupManager& manager;
    std::map<HANDLE, std::unique_ptr<Seat>> seats;
    std::map<HANDLE, Enumeration> enumerations;

private:
    friend class Inside;
    bool changing(InterfaceRef interface) const;

    CDoor::Turn turn_;
    unsigned callbacks_ = 0; // in progress
};

// Lives while a callback, or the waiting for a change, is in progress.
class Inside {
public:
    explicit Inside(Door& door) : door_(door) { ++door_.callbacks_; }
    ~Inside() { --door_.callbacks_; }
    Inside(Inside const&) = delete;
    Inside& operator=(Inside const&) = delete;

private:
    Door& door_;
};

// The door of this thread; nullptr: none is bound.
Door* door_here();

// Runs f(Door&), which gives a code. No exception passes into C.
template <class F>
DWORD enter(F&& f) noexcept {
    Door* const door = door_here();
    if (door == nullptr) {
        return ERROR_CAN_NOT_COMPLETE;
    }
    try {
        return std::forward<F>(f)(*door);
    } catch (std::bad_alloc const&) {
        return ERROR_NOT_ENOUGH_MEMORY;
    } catch (...) {
        return ERROR_CAN_NOT_COMPLETE;
    }
}

} // namespace mcast::mgm::c
