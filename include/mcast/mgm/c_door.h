// The host's side of the C door: binds mgm_c.h to a group manager.
//
// The functions of mgm_c.h have no argument that names a manager, so one is bound to the thread
// that calls them: the control thread, on which the manager lives. One door per thread at a time;
// two threads with a manager each (tests) do not meet.
//
// What came through the door ends with it: leases are released, registrations and enumerations end,
// their handles are dead for ever (also at a later door of this thread). The door must be
// dropped before its manager, on its own thread, and not from inside a callback or a turn.
#pragma once

#include "mcast/mgm/component.h"

#include <functional>
#include <memory>

namespace mcast::mgm {

class GroupManager;

namespace c {
class Door;
}

class CDoor {
public:
    // One turn of the control core, GroupManager::step() among it, and whatever lets workers pass.
    // The forms of take and release that wait call it until the change is complete. It bounds the
    // waiting: false gives up, as it should when a worker stalls; so does an exception.
    using Turn = std::function<bool()>;

    // Without a turn function the forms that wait are refused. already_exists: this thread has a
    // door.
    static Result<CDoor> bind(GroupManager& manager, Turn turn = {});

    ~CDoor();
    CDoor(CDoor&& other) noexcept;
    CDoor& operator=(CDoor&&) = delete;

private:
    explicit CDoor(std::unique_ptr<c::Door> door);
    std::unique_ptr<c::Door> door_;
};

} // namespace mcast::mgm
